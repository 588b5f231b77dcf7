"""Systems that are watched since the fault began: what is bad by itself is said, and more history never makes it worse."""

from dataclasses import replace

import pytest

from bench.cases import load
from bench.generator.incident import begun, made, written
from bot.domain.evidence import LIKELY, Unknown
from bot.domain.telemetry import Change, ChangeKind, LogLine, MetricKind, Observations, Series, Span
from bot.ranking.rank import rank

FIRED = 1_790_000_000.0
# Nothing was recorded before.
BEGAN = FIRED - 20


def level(service: str, name: str, kind: MetricKind, value: float, unit: str = "", since: float = BEGAN) -> Series:
    return Series(service, name, kind, [(since + 2 * at, value) for at in range(int((FIRED + 40 - since) / 2))], unit)


def logged(service: str, message: str, every_s: float = 0.2, since: float = BEGAN) -> list[LogLine]:
    return [
        LogLine(since + every_s * at, service, message, "error") for at in range(int((FIRED + 40 - since) / every_s))
    ]


def seen(*series: Series, **more: object) -> Observations:
    lines = more.get("lines", [])
    windows = [(BEGAN, FIRED + 40)] if lines else []
    found = Observations(
        "shop", MetricKind.ERRORS, FIRED, series=series, edges=[("front", "shop")], log_windows=windows
    )
    return replace(found, **more)  # type: ignore[arg-type]


FAILING = level("shop", "http error ratio", MetricKind.ERRORS, 0.7, "ratio")
WELL = level("front", "http error ratio", MetricKind.ERRORS, 0.0, "ratio")
FULL = level("shop", "hikaricp pool used", MetricKind.SATURATION, 1.0, "ratio")


def test_a_pool_at_its_limit_is_said_though_nobody_saw_it_otherwise():
    ranking = rank(seen(FAILING, WELL, FULL))

    assert ranking.lead
    assert (ranking.lead.service, ranking.lead.mechanism) == ("shop", "pool")
    assert (ranking.unknown, ranking.watched_s) == (Unknown.SHORT, 20)
    assert {finding.key for finding in ranking.findings if finding.channel == "M"} == {"metric-stands"}


def test_what_rests_on_no_past_is_never_called_likely():
    lines = logged("shop", "java.sql.SQLTransientConnectionException: Connection is not available, request timed out")
    ranking = rank(seen(FAILING, WELL, FULL, lines=lines))

    assert ranking.lead
    assert ranking.lead.score < LIKELY
    assert "something new" not in {finding.key for finding in ranking.findings}
    assert not {finding.key for finding in ranking.findings} & {"log-new", "log-grown", "metric-rose"}


def test_what_says_the_same_of_everybody_all_the_time_says_nothing_of_one():
    broken = [level(name, "success ratio", MetricKind.AVAILABILITY, 0.0, "ratio") for name in ("shop", "front", "mail")]

    ranking = rank(seen(FAILING, WELL, *broken))

    assert "success ratio" not in {finding.values.get("metric") for finding in ranking.findings}
    assert ranking.abstained


@pytest.mark.parametrize(
    ("name", "said"), [("container memory usage", False), ("jvm heap", True), ("memory working set", True)]
)
def test_memory_that_holds_files_as_long_as_there_is_room_is_not_short(name, said):
    ranking = rank(seen(FAILING, WELL, level("shop", name, MetricKind.SATURATION, 0.99, "ratio")))

    assert (name in {finding.values.get("metric") for finding in ranking.findings}) == said


def test_a_cache_that_answers_most_of_what_it_is_asked_fails_nobody():
    hits = level("cache", "cache hit ratio", MetricKind.AVAILABILITY, 0.9, "ratio")

    assert {finding.service for finding in rank(seen(FAILING, WELL, hits)).findings} == {"shop"}


def test_requests_that_fail_alone_accuse_nobody_and_it_is_said_why():
    # Who fails may be let down by somebody of whom nothing is known.
    ranking = rank(seen(FAILING, WELL))

    assert (ranking.abstained, ranking.unknown) == (True, Unknown.SHORT)


def test_an_alert_that_nothing_shows_accuses_nobody_however_loud_a_bystander_is():
    calm = level("shop", "http error ratio", MetricKind.ERRORS, 0.0, "ratio")
    lines = logged("mail", "NullPointerException: template is null")

    assert rank(
        seen(calm, WELL, level("mail", "http error ratio", MetricKind.ERRORS, 0.9, "ratio"), lines=lines)
    ).abstained


def test_a_complaint_that_names_a_service_speaks_against_that_one():
    lines = [
        *logged("shop", "NullPointerException: coupon is null"),
        *logged(
            "front", "shop 호출 실패\norg.springframework.web.client.HttpServerErrorException$InternalServerError: 500"
        ),
    ]
    ranking = rank(seen(FAILING, level("front", "http error ratio", MetricKind.ERRORS, 0.3, "ratio"), lines=lines))

    assert ranking.lead
    assert ranking.lead.service == "shop"


def test_where_the_time_goes_is_said_of_a_slow_system():
    spans = [
        Span(f"{at}", f"{at}-{name}", parent, service, operation, BEGAN + at / 5, took, kind=kind)
        for at in range(200)
        for name, parent, service, operation, took, kind in (
            ("a", "", "shop", "POST /pay", 7050.0, "server"),
            ("b", f"{at}-a", "shop", "POST /charges", 7000.0, "client"),
        )
    ]
    slow = level("shop", "http p99", MetricKind.LATENCY, 7.2, "s")
    ranking = rank(seen(slow, kind=MetricKind.LATENCY, spans=spans, span_windows=[(BEGAN, FIRED + 20)]))

    assert ranking.lead
    assert (ranking.lead.service, ranking.lead.mechanism) == ("shop", "dependency")
    assert "span-waits-stands" in {finding.key for finding in ranking.findings}


def test_who_is_started_again_and_again_is_said_at_any_age_with_its_last_words():
    times = [FIRED - 100 + 20 * at for at in range(6)]
    changes = [Change(at, ChangeKind.RESTART, str(at), "", "shop") for at in times]
    lines = [LogLine(at - 1, "shop", "closing\nCaused by: java.net.ConnectException: refused", "error") for at in times]
    up = level("shop", "up", MetricKind.AVAILABILITY, 0.0, since=FIRED - 2400)
    ranking = rank(seen(up, kind=MetricKind.OTHER, changes=changes, lines=lines, log_windows=[(FIRED - 900, FIRED)]))

    told = {finding.key: finding.values for finding in ranking.findings}
    assert ranking.lead
    assert (ranking.lead.service, ranking.lead.mechanism) == ("shop", "unavailable")
    assert told["restarts-again"]["count"] == "6"
    assert told["log-last-words"]["root"].startswith("ConnectException")
    assert "restarted" not in told


def test_a_rolling_restart_of_three_instances_is_none():
    changes = [Change(FIRED - 60 + 20 * at, ChangeKind.RESTART, str(at), "", "shop") for at in range(3)]
    ups = [level("shop", f"up {at}", MetricKind.AVAILABILITY, 1.0, since=FIRED - 2400) for at in range(3)]

    assert "restarts-again" not in {finding.key for finding in rank(seen(*ups, changes=changes)).findings}


def test_of_a_system_that_was_as_bad_all_along_that_is_said_and_nothing_is_concluded_from_it():
    ranking = rank(
        seen(
            *(
                replace(each, points=level("", "", each.kind, each.points[0][1], since=FIRED - 2400).points)
                for each in (FAILING, WELL, FULL)
            )
        )
    )

    assert ranking.unknown is Unknown.SICK
    assert ranking.watched_s == 2400
    # Who always fails a little would be accused of all that others do.
    assert ranking.lead is None
    assert ranking.harmless == ()


def test_what_was_bad_and_has_become_worse_is_not_said_to_be_as_it_was():
    slow = level("shop", "p99", MetricKind.LATENCY, 6.0, "s", since=FIRED - 2400)
    worse = [(at, 4 * value if at >= FIRED - 120 else value) for at, value in slow.points]
    asked = replace(seen(slow), kind=MetricKind.LATENCY)

    assert rank(asked).unknown is Unknown.SICK
    assert rank(replace(asked, series=[replace(slow, points=worse)])).unknown is None


def test_of_a_system_that_is_hardly_known_nobody_is_called_fine():
    calm = level("shop", "http error ratio", MetricKind.ERRORS, 0.0, "ratio")

    assert rank(seen(calm, WELL, alerting=False)).harmless == ()
    assert rank(
        seen(replace(calm, points=level("", "", calm.kind, 0.0, since=FIRED - 2400).points), alerting=False)
    ).harmless == ("shop",)


@pytest.mark.parametrize("healthy_s", [0, 10, 60, 240, 600, 1800])
def test_more_history_of_a_full_pool_never_makes_the_answer_worse(healthy_s):
    def since(series: Series, well: float) -> Series:
        before = [(BEGAN - healthy_s + 2 * at, well) for at in range(healthy_s // 2)]
        return replace(series, points=[*before, *series.points])

    lead = rank(seen(since(FAILING, 0.0), since(WELL, 0.0), since(FULL, 0.1))).lead

    assert lead
    assert lead.service == "shop"


def test_made_incidents_that_begin_with_the_fault_are_seldom_said_wrongly(tmp_path):
    wrong = right = 0
    for number in range(10):
        incident = made(31, number, "young")
        lead = rank(load(written(incident, tmp_path / str(number)))).lead
        root = incident.truth["root_service"]
        wrong += lead is not None and lead.service != root
        right += lead is not None and lead.service == root

    assert wrong <= max(1, right)


def test_nothing_of_a_made_incident_remains_of_before_it_was_watched():
    incident = made(31, 1)
    since = incident.times[len(incident.times) // 2]
    young = begun(incident, since)

    assert min(young.times) >= since
    assert {len(column) for column in young.metrics.values()} == {len(young.times)}
    assert all(line["ts"] >= since for line in young.lines)
