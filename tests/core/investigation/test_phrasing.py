"""What findings and rankings say in both languages, without a model."""

from __future__ import annotations

import string
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given

from bot.core.investigation.phrasing import STATEMENT, mechanism_text, statement
from bot.core.investigation.plain import plain_verdict
from bot.domain.evidence import ActionKind, Channel, Confidence, Finding, Risk, Suspect
from bot.domain.shortening import one_line
from bot.domain.telemetry import Change, ChangeKind, MetricKind
from bot.i18n import catalogue
from tests.ui.reports import DEPLOY, FINDINGS, findings, make_finding, make_ranking, rankings

LANGUAGES = ("en", "ko")
CONFIGURATION = Path(__file__).parents[3] / "config/bot.yml"
SENTENCES = sorted(key for key in catalogue("en") if key.startswith("finding.") and key != "finding.peer")
# The text of a part of a sentence, and numbers, stay; a name or a log line may be cut.
LONG = {"template", "operation", "text", "cause", "metric", "alert"}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "key",
    [
        "mechanism.unknown",
        "hint.unknown",
        *(f"action.{kind.value}" for kind in ActionKind),
        *(f"action-text.{kind.value}" for kind in ActionKind),
        *(f"confidence.{word.value}" for word in Confidence),
        *(f"risk.{word.value}" for word in Risk),
        *(f"metric.{kind.value}" for kind in MetricKind),
        *(f"change.{kind.value}" for kind in ChangeKind),
    ],
)
def test_every_word_of_the_evidence_has_a_text(language, key):
    assert key in catalogue(language)


def test_every_mechanism_has_a_hint():
    words = {kind: {key for key in catalogue("en") if key.startswith(f"{kind}.")} for kind in ("mechanism", "hint")}
    said = {key.removeprefix("mechanism.") for key in words["mechanism"]}
    assert said
    # What to look at where no service can be named.
    assert {key.removeprefix("hint.") for key in words["hint"]} == said | {"nowhere", "change"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_keeps_its_numbers_when_its_values_are_long(language, key):
    names = placeholders(catalogue(language)[key])
    values = {name: ("long words " * 100 if name in LONG else f"<{name}>") for name in names} | {"since": "03:12"}
    finding = Finding("M1", Channel.METRIC, "api", key.removeprefix("finding."), values)

    said = statement(finding, language)

    assert len(said) <= STATEMENT
    for name in names - LONG - {"peer", "since"}:
        assert f"<{name}>" in said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "api: hikaricp_pending rose from 0 to 38 since 03:00:00 UTC",
                "api logs something new, 412× in 2 min: Connection is not available after <*>ms",
                "api: GET /orders fails 31 of 40 times",
                "api: deploy 4 min before it began: v42 smaller pool",
                "web: GET / itself takes 900 ms instead of 40 ms",
            ],
        ),
        (
            "ko",
            [
                "api: 03:00:00 UTC부터 hikaricp_pending 증가, 0 → 38",
                "api: 새로운 로그 2분 동안 412회: Connection is not available after <*>ms",
                "api: GET /orders 40건 중 31건 실패",
                "api: 이상 시작 4분 전 배포: v42 smaller pool",
                "web: GET / 자체 처리 시간 40 ms → 900 ms",
            ],
        ),
    ],
)
def test_findings_are_said_in_both_languages(language, said):
    assert [statement(finding, language) for finding in FINDINGS] == said


def test_the_kind_of_a_metric_is_translated_and_a_name_of_one_is_not():
    kind = make_finding(values={"metric": "latency"})

    assert "지연 시간" in statement(kind, "ko")
    assert "hikaricp_pending" in statement(make_finding(), "ko")


def test_the_series_of_the_configuration_that_comes_with_it_have_names_in_korean():
    names = [each["name"] for each in yaml.safe_load(CONFIGURATION.read_text("utf-8"))["investigation"]["metrics"]]

    unsaid = [name for name in names if name != "up" and name in statement(make_finding(values={"metric": name}), "ko")]

    assert len(names) > 10
    assert unsaid == []


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "chat restarted just before it began"), ("ko", "chat: 이상 시작 직전 재시작")],
)
def test_what_happened_within_the_minute_happened_just_before(language, said):
    restart = make_finding("C1", "restarted", "chat", values={"minutes": "0"})

    assert statement(restart, language) == said
    assert "0" not in statement(replace(restart, key="change-before"), language)


def test_the_cause_of_a_stack_trace_stays_when_the_words_before_it_are_cut():
    head = "Servlet.service() for servlet [dispatcherServlet] in context with path [] threw exception"
    new = make_finding("L1", "log-new", "chat", values={"template": head, "count": "14", "seconds": "15"})

    said = statement(replace(new, values={**new.values, "root": "OutOfMemoryError: Java heap space"}), "en")

    assert said.endswith("… — OutOfMemoryError: Java heap space")
    assert len(said) <= 200


def test_lengths_of_time_have_the_word_of_the_language():
    slow = make_finding(values={"metric": "p99", "before": "155 ms", "after": "30012 ms"})

    assert "155 ms to 30 s" in statement(slow, "en")
    assert "155 ms → 30초" in statement(slow, "ko")


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (
            make_finding(
                "C1", "change-before", "", values={"kind": "commit", "id": "a1b2", "text": "", "minutes": "9"}
            ),
            "commit 9 min before it began: a1b2",
        ),
        (make_finding("A1", "also-firing", "", values={"alert": "DiskFull"}), "DiskFull fires as well"),
        (
            make_finding("H1", "happened-before", values={"number": "7", "when": "2026-11-20", "cause": ""}),
            "The same alert fired before, #7 (2026-11-20)",
        ),
        (
            make_finding("T1", "span-failed", values={"operation": "q", "failed": "2", "total": "3", "peer": "db"}),
            "api: q fails 2 of 3 times (it talks to db)",
        ),
    ],
)
def test_a_value_that_is_not_there_leaves_no_hole(finding, said):
    assert statement(finding, "en") == said


def test_a_finding_of_another_version_is_still_a_sentence():
    assert statement(replace(make_finding(), key="metric-danced"), "en") == "api is not as usual"
    assert "–" in statement(replace(make_finding(), values={}), "en")


@given(finding=findings)
def test_no_words_make_a_sentence_of_two_lines_or_more_than_200_characters(finding):
    for language in LANGUAGES:
        said = statement(finding, language)

        assert 0 < len(said) <= STATEMENT
        assert said == " ".join(said.split())
        assert not {"\x1b", "\x00", "\u202e", "\u200b"} & set(said)
        said.encode("utf-8")


@given(ranking=rankings)
def test_any_ranking_becomes_a_verdict_that_names_only_its_own_findings(ranking):
    for language in LANGUAGES:
        verdict = plain_verdict(ranking, language)

        assert (verdict.cause is None) == (verdict.confidence is Confidence.INCONCLUSIVE)
        known = {finding.id for finding in ranking.findings}
        assert {name for claim in verdict.why for name in claim.findings} <= known
        assert verdict.actions
        said = [claim.text for claim in (*verdict.why, *verdict.blast_radius)] + [each.text for each in verdict.actions]
        assert all(len(words) <= STATEMENT for words in said)


def test_a_clear_lead_with_two_kinds_of_evidence_is_likely():
    verdict = plain_verdict(make_ranking(), "en")

    assert verdict.confidence is Confidence.LIKELY
    assert verdict.cause
    assert verdict.cause.text == "connection pool of api is exhausted, after deploy v42"
    assert verdict.cause.findings == ("M1", "L1", "T1", "C1")
    assert [claim.findings for claim in verdict.why] == [("M1",), ("L1",), ("T1",), ("C1",)]
    assert [(claim.service, claim.findings) for claim in verdict.blast_radius] == [("web", ("T2",))]


def test_what_is_right_less_often_than_likely_means_is_only_possible():
    verdict = plain_verdict(make_ranking(suspects=(Suspect("api", 0.79, "pool", ("M1", "L1")),), culprit=None), "en")

    assert verdict.confidence is Confidence.POSSIBLE


def test_a_change_of_another_service_is_not_said_to_be_the_cause():
    other = replace(DEPLOY, service="web")
    verdict = plain_verdict(make_ranking(suspects=(Suspect("api", 0.9, "pool", ("M1",)),), culprit=other), "en")

    assert verdict.cause
    assert "v42" not in verdict.cause.text


def test_a_bad_deploy_is_named_once():
    lead = Suspect("api", 0.9, "deploy", ("M1", "C1"))

    told = [plain_verdict(make_ranking(suspects=(lead,)), language).cause for language in LANGUAGES]

    assert [cause.text for cause in told if cause] == ["api is broken since deploy v42", "배포 v42 이후 api 장애"]


def test_a_change_stands_in_for_a_second_kind_of_evidence():
    suspects = (Suspect("api", 0.9, "pool", ("M1",)), Suspect("web", 0.75, "latency", ("T2",)))

    assert plain_verdict(make_ranking(suspects=suspects), "en").confidence is Confidence.LIKELY


def test_the_reasons_begin_with_the_best_of_each_channel():
    found = (
        make_finding("M1", score=0.9),
        make_finding("M2", score=0.95),
        make_finding("L1", "log-new", score=0.3),
    )
    ranking = make_ranking(findings=found, suspects=(Suspect("api", 0.9, "pool", ("M1", "M2", "L1")),))

    assert [claim.findings for claim in plain_verdict(ranking, "en").why] == [("M2",), ("L1",), ("M1",)]


def test_who_abstains_names_nobody_but_says_where_to_begin():
    verdict = plain_verdict(make_ranking(abstained=True), "en")

    assert verdict.confidence is Confidence.INCONCLUSIVE
    assert verdict.cause is None
    assert {action.kind for action in verdict.actions} == {ActionKind.INVESTIGATE}
    assert [action.text for action in verdict.actions] == [
        "Check who holds the connections of api: slow queries, leaks, pool size",
        "Look at the slowest traces of web and what it waits for",
        "Compare api before and after deploy v42",
    ]
    assert [action.findings for action in verdict.actions] == [("M1", "L1", "T1", "C1"), ("T2",), ("C1",)]


def test_where_it_cannot_tell_it_never_says_more_than_three_looks_nor_one_twice():
    many = tuple(Suspect(f"s{n}", 0.1, "latency", ("M1",)) for n in range(9))

    verdict = plain_verdict(make_ranking(abstained=True, suspects=(*many, *many)), "en")

    assert len(verdict.actions) == len({action.text for action in verdict.actions}) == 3


def test_a_service_against_which_nothing_speaks_is_no_place_to_begin_but_what_the_alert_is_about_is():
    ranking = make_ranking(abstained=True, suspects=(Suspect("web", 0.1, "unknown", ()),), findings=())
    about = Suspect("10.0.0.7:9100", 0.0, "disk", ())

    assert [each.text for each in plain_verdict(ranking, "en").actions] == [
        "Start with the alert's own query and the dashboards"
    ]
    assert [each.text for each in plain_verdict(ranking, "en", about).actions] == [
        "Check free space, inodes and I/O wait of the disk of 10.0.0.7:9100"
    ]


def test_without_any_suspect_it_begins_with_the_alert():
    verdict = plain_verdict(make_ranking(suspects=(), findings=(), affected=()), "en")

    assert verdict.actions[0].text == "Start with the alert's own query and the dashboards"


@pytest.mark.parametrize(
    ("culprit", "mechanism", "kinds"),
    [
        (DEPLOY, "pool", ["rollback", "investigate"]),
        (replace(DEPLOY, kind=ChangeKind.CONFIG), "errors", ["config-revert", "investigate"]),
        (replace(DEPLOY, kind=ChangeKind.FLAG), "errors", ["flag-off", "investigate"]),
        (replace(DEPLOY, kind=ChangeKind.COMMIT, service=None), "code", ["rollback", "investigate"]),
        (replace(DEPLOY, kind=ChangeKind.RESTART), "latency", ["investigate"]),
        (replace(DEPLOY, service="web"), "latency", ["investigate"]),
        (None, "memory", ["investigate", "restart"]),
        (None, "cpu", ["investigate", "scale"]),
        (None, "saturation", ["investigate", "scale"]),
        (None, "backlog", ["investigate"]),
        (None, "scheduling", ["investigate"]),
        (DEPLOY, "memory", ["rollback", "investigate", "restart"]),
        (None, "unheard-of", ["investigate"]),
    ],
)
def test_what_to_do_follows_from_the_change_and_the_mechanism(culprit: Change | None, mechanism, kinds):
    ranking = make_ranking(culprit=culprit, suspects=(Suspect("api", 0.9, mechanism, ("M1",)),))

    actions = plain_verdict(ranking, "en").actions

    assert [action.kind.value for action in actions] == kinds
    assert all("api" in action.text for action in actions)
    assert {action.risk for action in actions if action.kind in (ActionKind.RESTART, ActionKind.SCALE)} <= {Risk.MEDIUM}


def test_another_explanation_says_why_it_is_not_the_cause():
    edge = make_finding("T3", "edge-slow", values={"caller": "web", "callee": "api"})
    suspects = make_ranking().suspects
    even = (suspects[0], Suspect("web", 0.6, "latency", ("T2", "M1", "L1", "C1")), Suspect("db", 0.3, "cpu", ()))

    by_caller = plain_verdict(make_ranking(findings=(*FINDINGS, edge)), "en").alternatives
    by_kinds = plain_verdict(make_ranking(), "en").alternatives
    by_score = plain_verdict(make_ranking(suspects=even), "en").alternatives

    assert [each.why_not for each in by_caller] == ["it calls api, whose trouble explains this"]
    assert [each.why_not for each in by_kinds] == ["fewer kinds of evidence: 1 instead of 4"]
    assert [each.why_not for each in by_score] == ["weaker evidence: 0.60 against 0.92"]


def test_a_mechanism_nobody_knows_is_said_as_such():
    assert mechanism_text("pool", "api", "ko") == "api 커넥션 풀 고갈"
    assert mechanism_text("gremlins", "api", "en") == mechanism_text("unknown", "api", "en")


def test_one_line_drops_what_is_invisible():
    assert one_line("a\r\n\tb\x1b[31m\u202e\ud800c") == "a b[31mc"


def test_who_waits_for_somebody_else_is_said_to_wait_and_for_what():
    waits = make_finding("T1", "span-waits", values={"operation": "POST /charges", "before": "15", "after": "8,200"})
    lead = Suspect("api", 0.9, "dependency", ("T1",))

    told = [
        plain_verdict(make_ranking(suspects=(lead,), findings=(waits,), culprit=None), language)
        for language in LANGUAGES
    ]

    assert [verdict.cause.text for verdict in told if verdict.cause] == [
        "api waits for an answer from outside: POST /charges takes 8.2 s instead of 15 ms",
        "api 외부 응답 대기: POST /charges(평소 15 ms, 지금 8.2초)",
    ]


def test_who_waits_for_a_connection_is_not_said_to_be_slow():
    values = {"operation": "HikariPool.getConnection", "before": "0.35", "after": "30,000"}
    held, lead = make_finding("T1", "span-held", values=values), Suspect("api", 0.9, "pool", ("T1",))

    verdict = plain_verdict(make_ranking(suspects=(lead,), findings=(held,), culprit=None), "en")

    assert verdict.cause
    assert verdict.cause.text.endswith(
        "pool of api is exhausted: HikariPool.getConnection waits 30 s instead of 0.35 ms"
    )
    assert verdict.why[0].text == "api: HikariPool.getConnection waits 30 s for a connection instead of 0.35 ms"


def test_where_nobody_stands_out_one_looks_at_whom_the_alert_is_about():
    other = Suspect("web", 0.4, "unknown", ())
    alerted = Suspect("api", 0.0, "unavailable", ())

    verdict = plain_verdict(make_ranking(abstained=True, suspects=(other,), findings=()), "en", alerted)

    assert [action.text for action in verdict.actions] == [
        "Check whether api runs, and why it stopped: exit code, last lines, memory"
    ]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("platform-said", {"template": "last terminated: reason=OOMKilled"}),
        ("restarts-again", {"count": "8", "seconds": "900"}),
    ],
)
def test_whom_the_platform_restarts_already_nobody_is_told_to_restart(key: str, values: dict[str, str]):
    found = replace(make_finding("L1"), key=key, values={"service": "api", **values})
    ranking = make_ranking(suspects=(Suspect("api", 0.9, "memory", ("L1",)),), findings=(found,), culprit=None)

    assert [action.kind for action in plain_verdict(ranking, "en").actions] == [ActionKind.INVESTIGATE]


def test_more_is_added_at_once_only_where_more_is_asked():
    lead = Suspect("api", 0.9, "cpu", ("M1", "M2"))
    full = make_finding(values={"metric": "process cpu"})

    def first(other: Finding) -> ActionKind:
        return plain_verdict(make_ranking(suspects=(lead,), findings=(full, other), culprit=None), "en").actions[0].kind

    assert first(make_finding("M2", values={"metric": "http_requests_per_second"})) is ActionKind.SCALE
    assert first(make_finding("M2", "metric-fell", values={"metric": "http_requests"})) is ActionKind.INVESTIGATE
    assert first(make_finding("M2", values={"metric": "network_receive_bytes"})) is ActionKind.INVESTIGATE


def test_what_tells_the_mechanism_is_the_first_reason_however_faint():
    found = (make_finding("M1", score=0.9), make_finding("T1", "span-slow", score=0.8), make_finding("M2", score=0.1))
    lead = Suspect("api", 0.9, "cpu", ("M1", "T1", "M2"), tells="M2")

    why = plain_verdict(make_ranking(findings=found, suspects=(lead,)), "en").why

    assert [claim.findings for claim in why] == [("M2",), ("M1",), ("T1",)]


@pytest.mark.parametrize("mechanism", ["latency", "errors"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_sent_to_traces_that_cannot_be_read(mechanism, language):
    lead = Suspect("api", 0.9, mechanism, ("M1",))

    def steps(ranking, *, traced: bool) -> str:
        return plain_verdict(ranking, language, traced=traced).actions[-1].text

    for ranking in (
        make_ranking(suspects=(lead,)),
        make_ranking(suspects=(lead,), findings=FINDINGS[:1], abstained=True),
    ):
        assert ("trace" in steps(ranking, traced=True)) or ("트레이스" in steps(ranking, traced=True))
        assert "trace" not in steps(ranking, traced=False)
        assert "트레이스" not in steps(ranking, traced=False)


def test_who_was_only_changed_is_not_unwell_and_a_flag_is_no_deploy():
    flag = make_finding("C2", "change-before", "web", values={"kind": "flag", "id": "new_rail", "text": "off->on"})
    suspects = (Suspect("web", 0.3, "unknown", ("C2",)), Suspect("api", 0.2, "latency", ("M1",)))
    ranking = make_ranking(abstained=True, suspects=suspects, findings=(FINDINGS[0], flag))

    assert [action.text for action in plain_verdict(ranking, "en").actions] == [
        "Look at the slowest traces of api and what it waits for",
        "Compare web before and after flag new_rail",
    ]


@pytest.mark.parametrize(
    ("minutes", "english", "korean"),
    [
        ("9", "9 min", "9분"),
        ("360", "6 h", "6시간"),
        ("95", "1 h 35 min", "1시간 35분"),
        ("1500", "1 d 1 h", "1일 1시간"),
    ],
)
@pytest.mark.parametrize("key", ["change-before", "restarted", "asked-no-changes"])
def test_a_length_beyond_an_hour_is_said_in_hours(key, minutes, english, korean):
    found = make_finding("C1", key, values={"minutes": minutes})

    assert f"{english} " in f"{statement(found, 'en').replace(')', ' ')} "
    assert korean in statement(found, "ko")


def test_what_nobody_logs_any_more_is_said_to_be_gone():
    values = {"operation": "GET /", "before": "85.7", "template": "served"}
    gone = make_finding("L1", "log-missing", values={**values, "after": "0"})

    assert statement(gone, "en") == "api: GET / no longer logs this (85.7% did): served"
    assert "only 12%" in statement(replace(gone, values={**gone.values, "after": "12"}), "en")
