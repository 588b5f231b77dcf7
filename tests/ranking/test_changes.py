"""Which change may have begun it: where it was shipped, when, and what it touches."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evidence import Channel
from bot.domain.telemetry import Change, ChangeKind, MetricKind, Observations
from bot.ranking.changes import Accused, accused, culprit
from bot.ranking.hits import Hit

FIRED = 1_790_000_000.0
ONSET = FIRED - 120
EDGES = (("shop", "stock"), ("web", "shop"))
LOST = Hit(Channel.LOG, "shop", 0.9, ONSET, "log-new", {"template": "payment token expired for wallet"})
GUILTY = "feat: wallet\nfiles: pay/token.py\n-    renew(payment_token)\n-    check(wallet)"
HARMLESS = "feat: banner\nfiles: ui/banner.py\n+    colour = blue"


def change(
    text: str = "v1",
    minutes: float = 5,
    kind: ChangeKind = ChangeKind.DEPLOY,
    service: str | None = "shop",
    **more: str,
) -> Change:
    return Change(ONSET - 60 * minutes, kind, more.get("id", text[:12]), text, service)


def found(*changes: Change, hits: tuple[Hit, ...] = (LOST,), lead: str | None = "shop") -> list[Accused]:
    return accused(Observations("web", MetricKind.ERRORS, FIRED, edges=EDGES, changes=changes), hits, lead, ONSET)


def score(*changes: Change, hits: tuple[Hit, ...] = (LOST,)) -> float:
    return found(*changes, hits=hits)[0].score


def test_what_takes_away_what_the_symptom_speaks_of_is_suspected_before_what_came_later():
    guilty, latest = change(GUILTY, 9), change(HARMLESS, 1)

    assert [each.change for each in found(latest, guilty)] == [guilty, latest]
    assert culprit(found(latest, guilty), "shop") == found(latest, guilty)[0]


@pytest.mark.parametrize(
    ("service", "place"), [("shop", 1.0), ("stock", 0.9), ("web", 0.5), ("mail", 0.25), (None, 0.25)]
)
def test_the_nearer_to_the_service_in_trouble_the_more_suspect(service, place):
    assert score(change(service=service)) == pytest.approx(place * score(change(service="shop")))


@pytest.mark.parametrize(
    ("kind", "part"), [(ChangeKind.CONFIG, 1.0), (ChangeKind.FLAG, 0.3), (ChangeKind.RESTART, 0.3)]
)
def test_a_flag_is_meant_to_be_switched_and_a_restart_is_a_symptom(kind, part):
    assert score(change(kind=kind)) == pytest.approx(part * score(change()))


@given(st.floats(0, 1300), st.floats(0.1, 100))
def test_an_older_change_is_never_more_suspect(minutes, more):
    assert score(change(minutes=minutes + more)) <= score(change(minutes=minutes))


@pytest.mark.parametrize(("minutes", "rest"), [(0, 1), (10, 1), (22, 0.5), (34, 0.25)])
def test_after_the_time_that_a_roll_out_takes_suspicion_halves(minutes, rest):
    assert score(change(minutes=minutes)) == pytest.approx(rest * score(change(minutes=0)))


@pytest.mark.parametrize("minutes", [-1.5, 24 * 60 + 1])
def test_what_came_after_it_or_a_day_ago_is_not_looked_at(minutes):
    assert found(change(minutes=minutes)) == []


def test_a_clock_may_be_wrong_by_a_minute():
    assert len(found(change(minutes=-0.9))) == 1


@given(st.lists(st.tuples(st.floats(0, 60), st.sampled_from([GUILTY, HARMLESS, "v2"])), max_size=6), st.randoms())
def test_neither_the_order_of_changes_nor_the_names_of_services_mean_anything(told, random):
    changes = [change(text, minutes, id=f"c{at}") for at, (minutes, text) in enumerate(told)]
    renamed = [replace(each, service="zz") for each in changes]
    random.shuffle(renamed)

    plain = [(each.change.id, pytest.approx(each.score)) for each in sorted(found(*changes), key=lambda a: a.change.id)]
    other = sorted(found(*renamed, lead="zz"), key=lambda each: each.change.id)
    assert [(each.change.id, each.score) for each in other] == plain


@given(st.integers(-1_000_000, 1_000_000))
def test_another_day_is_the_same(shift):
    seen = Observations("web", MetricKind.ERRORS, FIRED, edges=EDGES, changes=(change(GUILTY), change(HARMLESS, 30)))
    later = replace(seen, fired_at=FIRED + shift, changes=[replace(each, at=each.at + shift) for each in seen.changes])

    moved = accused(later, (LOST,), "shop", ONSET + shift)

    assert [(each.change.id, each.score) for each in moved] == [
        (each.change.id, pytest.approx(each.score)) for each in found(*seen.changes)
    ]


@given(st.floats(0, 0.8), st.floats(0.01, 0.2))
def test_a_stronger_symptom_never_clears_the_change_that_touches_it(strength, more):
    weak, strong = (replace(LOST, strength=each) for each in (strength, strength + more))

    assert (
        score(change(GUILTY), hits=()) <= score(change(GUILTY), hits=(weak,)) <= score(change(GUILTY), hits=(strong,))
    )


def test_what_a_log_says_counts_for_more_than_the_name_of_a_series():
    series = Hit(Channel.METRIC, "shop", 0.9, ONSET, "metric-rose", {"metric": LOST.values["template"]})

    assert score(change(GUILTY), hits=()) < score(change(GUILTY), hits=(series,)) < score(change(GUILTY))


def test_what_takes_away_is_worse_than_what_adds():
    gone = "fix: it\nfiles: a.py\n-    one(two)\n-    three(four)"

    assert score(change(gone), hits=()) > score(change(gone.replace("\n-", "\n+")), hits=())


@pytest.mark.parametrize("files", ["README.md", "docs/pay.py", "tests/test_pay.py", ".github/ci.yml", "go.sum, a.lock"])
def test_what_cannot_break_what_runs_is_hardly_suspected(files):
    code = "chore: pay\nfiles: pay.py\n-    renew(wallet)"

    assert score(change(code.replace("pay.py", files))) < 0.2 * score(change(code))
    assert score(change(code.replace("pay.py", f"{files}, pay.py"))) > 0.5 * score(change(code))


def test_a_release_of_unknown_content_is_more_suspect_than_a_content_that_says_nothing():
    assert score(change("v1.2.3")) > score(change(HARMLESS), hits=())


def commit(text: str, name: str, minutes: float = 60) -> Change:
    return Change(ONSET - 60 * minutes, ChangeKind.COMMIT, name, text)


def test_a_commit_is_judged_where_and_when_it_was_shipped():
    shipped = change("deploy", 5, service="stock", id="aaa")

    (told,) = [each for each in found(commit(GUILTY, "aaa", 600), shipped) if each.change.id == "aaa"]

    assert (told.service, told.shipped_at, told.change.kind) == ("stock", shipped.at, ChangeKind.COMMIT)
    assert told.score == pytest.approx(score(change(GUILTY, 5, service="stock")), rel=0.05)


def test_a_commit_that_nobody_shipped_is_less_suspect_most_where_others_were():
    alone = score(commit(GUILTY, "aaa", 5))
    (beside,) = [
        each.score for each in found(commit(GUILTY, "aaa", 5), change("v1", id="bbb")) if each.change.id == "aaa"
    ]

    assert beside < 0.5 * alone < alone < score(change(GUILTY))


def named(*scores: float, service: str | None = "shop") -> Accused | None:
    return culprit([Accused(change(id=f"c{at}"), each, ONSET, service) for at, each in enumerate(scores)], "shop")


@pytest.mark.parametrize(
    ("scores", "stands_out"),
    [((), False), ((0.69,), False), ((0.7,), True), ((1.5, 1.0), True), ((1.4, 1.0), False), ((3.0, 1.0, 1.0), True)],
)
def test_only_what_stands_out_is_named(scores, stands_out):
    assert (named(*scores) is not None) == stands_out


def test_what_reached_another_service_is_not_named():
    assert named(3.0, service="mail") is None
    assert named(3.0, service=None) is not None


def test_the_same_change_told_twice_does_not_stand_against_itself():
    twice = Accused(change(id="c1"), 2.0, ONSET, "shop")

    assert culprit([twice, twice], "shop") is twice
