"""Which hits are told of, how many, in which order, and what they open."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evidence import Channel
from bot.domain.telemetry import Change, ChangeKind, MetricKind, Observations, Span
from bot.ranking.changes import Accused
from bot.ranking.findings import MOST, mint
from bot.ranking.hits import Hit

FIRED = 1_790_000_000.0
ONSET = FIRED - 120
SERVICES = [f"s{n}" for n in range(8)]
HITS = st.lists(
    st.builds(
        lambda channel, blames, strength, group: Hit(
            channel, blames, strength, ONSET, "k", {"n": f"{strength}"}, group
        ),
        st.sampled_from([Channel.METRIC, Channel.LOG, Channel.TRACE]),
        st.sampled_from([*SERVICES, "unknown"]),
        st.floats(0, 1),
        st.sampled_from(["a", "b", "c", "d", "e"]),
    ),
    max_size=60,
)


def hit(strength: float, blames: str = "s0", group: str = "", **values: str) -> Hit:
    return Hit(Channel.METRIC, blames, strength, ONSET, "metric-rose", values, group)


def accused(score: float, name: str = "c1", kind: ChangeKind = ChangeKind.DEPLOY, minutes: float = 9) -> Accused:
    change = Change(ONSET - 60 * minutes, kind, name, f"feat: {name}\nbody", "s0")
    return Accused(change, score, change.at, "s0")


def seen(**more) -> Observations:
    return Observations("s0", MetricKind.LATENCY, FIRED, **more)


def minted(hits=(), changes=(), named=None, order=SERVICES, **more):
    return mint(seen(**more), hits, order, changes, named, ONSET)


@given(HITS, st.integers(0, 6), st.integers(0, 5))
def test_at_most_twenty_each_found_by_its_id_at_its_service(hits, changes, firing):
    told, ids = minted(
        hits, [accused(2.0, f"c{n}") for n in range(changes)], also_firing=[f"alert {n}" for n in range(firing)]
    )

    assert len(told) <= MOST
    assert sorted(each.id for each in told) == sorted(name for own in ids.values() for name in own)
    assert all(each.id in ids[each.service] for each in told)
    assert len({each.id for each in told}) == len(told)


@given(HITS, st.randoms())
def test_the_order_of_hits_means_nothing(hits, random):
    distinct = list({(each.strength, each.blames, each.channel): each for each in hits}.values())
    shuffled = list(distinct)
    random.shuffle(shuffled)

    def told(found):
        return sorted((each.service, each.score) for each in minted(found)[0])

    assert told(shuffled) == told(distinct)


@given(HITS, st.floats(0.06, 1))
def test_the_strongest_of_the_first_suspect_is_always_told_first(hits, strength):
    told, _ = minted([*hits, hit(strength)])

    assert told[0].service == "s0"
    assert told[0].score == round(max(each.strength for each in [*hits, hit(strength)] if each.blames == "s0"), 3)


def test_ids_count_within_their_channel():
    log = Hit(Channel.LOG, "s1", 0.5, ONSET, "log-new")
    told, ids = minted([hit(0.9, group="a"), hit(0.8, group="b"), log], [accused(2.0)], also_firing=["Disk"])

    assert [each.id for each in told] == ["M1", "M2", "L1", "C1", "A1"]
    assert ids == {"s0": ["M1", "M2", "C1"], "s1": ["L1"], "": ["A1"]}


def test_the_first_suspect_has_room_for_eight_the_next_three_for_three_and_others_for_one():
    hits = [hit(0.9 - n / 100, name, group=f"g{n}") for name in SERVICES[:6] for n in range(10)]
    told, _ = minted(hits)

    assert [sum(each.service == name for each in told) for name in SERVICES[:6]] == [8, 3, 3, 3, 1, 1]


def test_two_views_of_one_deviation_are_enough_and_the_strongest_are_kept():
    told, _ = minted([hit(strength, group="latency") for strength in (0.3, 0.9, 0.6)] + [hit(0.2, group="errors")])

    assert [each.score for each in told] == [0.9, 0.6, 0.2]


@pytest.mark.parametrize("faint", [hit(0.05), hit(0.9, "unknown")])
def test_the_faint_and_what_speaks_against_nobody_are_not_told(faint):
    assert minted([faint])[0] == ()


def test_at_most_three_changes_the_named_one_first_and_none_that_says_nothing():
    several = [accused(2.0 - n / 10, f"c{n}") for n in range(5)]
    told, _ = minted((), several, several[2])

    assert [each.values["id"] for each in told] == ["c2", "c0", "c1"]
    assert minted((), [accused(0.1)])[0] == ()
    assert [each.score for each in minted((), [accused(0.5), accused(9.0)])[0]] == [0.25, 1.0]


def test_a_change_is_told_by_its_first_line_its_age_and_whether_it_is_a_restart():
    told, _ = minted(
        (), [accused(2.0, "abcdef0123456789", minutes=9.4), accused(1.0, kind=ChangeKind.RESTART, minutes=-1)]
    )

    assert told[0].values | {"id": "", "text": ""} == {
        "kind": "deploy", "service": "s0", "id": "", "text": "", "minutes": "9"
    }  # fmt: skip
    assert (told[0].values["id"], told[0].values["text"]) == ("abcdef012345", "feat: abcdef0123456789")
    assert [each.key for each in told] == ["change-before", "restarted"]
    assert told[1].values["minutes"] == "0"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("9f2c1ab07d5e4c338a61b0f4d2e7c9a8b1f03d5e", "9f2c1ab07d5e"),
        ("2.5.0-a4115ee1", "2.5.0-a4115ee1"),
        ("20261129034512", "20261129034512"),
        ("7b0c6b1e-93a0-4a53-9d5c-3c1e0f1f2a77", "7b0c6b1e-93a0-4a53-9d5c-3c1e0f1f2a77"),
        ("checkout-2026-11-29T03-45", "checkout-2026-11-29T03-45"),
    ],
)
def test_an_id_is_told_so_that_it_can_be_found(name, shown):
    told, _ = minted((), [accused(2.0, name)])

    assert told[0].values["id"] == shown


def test_a_change_that_nobody_would_notice_is_told_only_where_nothing_else_is():
    down = hit(0.3, group="up")
    barely = replace(hit(0.9, group="p95", before="244 ms", after="290 ms"), noticed=False)

    assert [each.score for each in minted([down, barely])[0]] == [0.3]
    assert [each.score for each in minted([barely])[0]] == [0.9]


def test_what_fires_besides_is_told_twice_at_most_and_keeps_its_room():
    hits = [hit(0.9 - n / 100, name, group=f"g{n}") for name in SERVICES for n in range(10)]
    told, _ = minted(hits, [accused(2.0, f"c{n}") for n in range(3)], also_firing=["A", "B", "C"])

    assert len(told) == MOST
    assert [each.values["alert"] for each in told if each.channel is Channel.ALERT] == ["A", "B"]
    assert sum(each.channel is Channel.CHANGE for each in told) == 3


def test_what_is_opened_begins_before_the_onset_and_ends_after_the_alert():
    (told,), _ = minted([hit(0.9)])

    assert told.window.start == datetime.fromtimestamp(ONSET - 600, UTC)
    assert told.window.end == datetime.fromtimestamp(FIRED + 300, UTC)


def span(trace: str, at: float, took: float, *, failed: bool = False, operation: str = "GET /", service: str = "s0"):
    return Span(trace, f"{trace}a", "", service, operation, at, took, failed)


@pytest.mark.parametrize(
    ("spans", "trace"),
    [
        ([span("t1", ONSET + 1, 10), span("t2", ONSET + 2, 30), span("t3", ONSET + 3, 20)], "t2"),
        ([span("t1", ONSET + 1, 10, failed=True), span("t2", ONSET + 2, 3000)], "t1"),
        ([span("t1", ONSET - 60, 9000), span("t2", ONSET + 2, 30)], "t2"),
        ([span("t1", ONSET + 1, 9000, operation="POST /"), span("t2", ONSET + 2, 30)], "t2"),
        ([span("t1", ONSET + 1, 9000, service="s1"), span("t2", ONSET + 2, 30)], "t2"),
        ([span("t1", ONSET - 60, 9000)], ""),
    ],
    ids=["the longest", "a failed one", "since the onset", "of its operation", "of its service", "none"],
)
def test_a_trace_that_shows_it_is_opened(spans, trace):
    slow = Hit(Channel.TRACE, "s0", 0.9, ONSET, "span-slow", {"operation": "GET /"})
    (told,), _ = minted([slow], spans=spans)

    assert told.query == trace


def test_of_a_slow_edge_the_caller_s_trace_is_opened():
    slow = Hit(Channel.TRACE, "s1", 0.9, ONSET, "edge-slow", {"caller": "s0", "callee": "s1"})
    (told,), _ = minted([slow], spans=[span("t1", ONSET + 1, 10), span("t2", ONSET + 1, 90, service="s1")])

    assert told.query == "t1"
