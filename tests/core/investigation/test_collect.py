"""All sources around an incident at once; the ones that do not answer are named."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest

from bot.core.investigation.collect import Collector, subject_of
from bot.domain.alerts import AlertStatus
from bot.domain.owners import Catalogue, Service
from bot.domain.plans import MetricQuery, Plan
from bot.domain.selectors import own_series, quoted
from bot.domain.telemetry import Change, ChangeKind, Gap, LogLine, MetricKind, RangeSeries, Span, TraceSummary
from bot.ports import Telemetry
from tests.builders import NOW, make_alert, make_incident
from tests.fakes import FakeChanges, FakeDashboards, FakeLogs, FakeMetrics, FakeTraces, HandClock

AT = NOW.timestamp()
PLAN = Plan(
    metrics=(
        MetricQuery("p99", "p99{$selector}[$rate]", MetricKind.LATENCY, "s"),
        MetricQuery("disk", "node_disk", MetricKind.SATURATION),
    ),
    deadline_s=20.0,
)
CATALOGUE = Catalogue(
    {
        "api": Service("api", "API", depends_on=("db",)),
        "db": Service("db", "DB", metrics='job="db"', logs='app="db"', traces='resource.x = "db"'),
        "web": Service("web", "Web", depends_on=("api",)),
    }
)


def collector(plan: Plan = PLAN, **parts: object) -> Collector:
    given: dict[str, object] = {
        "metrics": FakeMetrics(),
        "logs": FakeLogs(),
        "traces": FakeTraces(),
        "dashboards": FakeDashboards(),
        "changes": FakeChanges(),
    }
    telemetry = Telemetry(**(given | parts))  # type: ignore[arg-type]
    return Collector(telemetry=telemetry, catalogue=CATALOGUE, plan=plan, clock=HandClock())


def incident():
    made = make_incident()
    return replace(made, service="api", alerts=tuple(replace(alert, starts_at=NOW) for alert in made.alerts))


async def test_every_source_is_asked_for_the_service_and_its_neighbours():
    points = ((AT - 60, 1.0), (AT, 2.0))
    metrics = FakeMetrics(
        ranges={
            'p99{service="api"}': [RangeSeries({}, points)],
            'p99{job="db"}': [RangeSeries({}, points)],
            "node_disk": [RangeSeries({"instance": "host-1:9100"}, points)],
            'process_start_time_seconds{service="api"}': [RangeSeries({}, ((AT - 60, AT - 9000), (AT, AT - 30)))],
        }
    )
    logs = FakeLogs({'{app="db"}': [LogLine(AT - 10, "db", "out of disk", "error")]})
    span = Span("t1", "a", "", "api", "GET /", AT - 20, 5.0)
    child = Span("t1", "b", "a", "mail", "POST /", AT - 20, 4.0)
    traces = FakeTraces(
        {'resource.service.name = "api"': [TraceSummary("t1", "api", "GET /", AT - 20, 5.0)]}, [span, child]
    )
    dashboards = FakeDashboards()
    dashboards.changes = [Change(AT - 300, ChangeKind.FLAG, "f", "flag on", "api")]

    seen = await collector(metrics=metrics, logs=logs, traces=traces, dashboards=dashboards).collect(
        incident(), ["Other"]
    )

    assert {(each.service, each.name, each.unit) for each in seen.series} == {
        ("api", "p99", "s"),
        ("db", "p99", "s"),
        ("host-1:9100", "disk", ""),
    }
    assert 'p99{service="web"}[1m]' in metrics.asked
    assert [line.message for line in seen.lines] == ["out of disk"]
    assert set(seen.edges) == {("api", "db"), ("web", "api"), ("api", "mail")}
    # The restart belongs to no deploy: a flag is none, but it is as near as one.
    assert {change.kind for change in seen.changes} >= {ChangeKind.FLAG}
    # Tempo cannot search the moment of the alert yet.
    assert (seen.also_firing, seen.gaps) == (("Other",), (Gap("tempo", "young"),))


@pytest.mark.parametrize(("how", "reason"), [("down", "unavailable"), ("hangs", "timeout")])
@pytest.mark.parametrize("name", ["metrics", "logs", "traces"])
async def test_a_source_that_does_not_answer_is_named_and_waited_for_no_longer_than_its_deadline(name, how, reason):
    ill = {"metrics": FakeMetrics(), "logs": FakeLogs(), "traces": FakeTraces()}[name]
    setattr(ill, how, "no route" if how == "down" else True)

    plan = replace(PLAN, deadline_s=60.0 if how == "down" else 5.0)
    seen = await collector(plan, **{name: ill}).collect(incident(), [])

    assert [(gap.source, gap.reason) for gap in seen.gaps] == [(ill.name, reason)]


async def test_what_is_not_configured_is_named():
    seen = await collector(metrics=None, logs=None, traces=None, dashboards=None).collect(incident(), [])

    assert {(gap.source, gap.reason) for gap in seen.gaps} == {
        (name, "not_configured") for name in ("prometheus", "loki", "tempo")
    }


async def test_of_a_service_that_is_too_loud_only_complaints_are_counted():
    loud = FakeLogs({'{service="api"}': [LogLine(AT - n / 20, "api", "GET /", "info") for n in range(3000)]})

    await collector(logs=loud).collect(incident(), [])

    assert any("(?i)(error" in query for query in loud.asked)


async def test_of_what_is_too_loud_even_so_only_the_stretch_that_was_read_is_known():
    complaints = [LogLine(AT - n / 20, "api-svc", "order failed", "error") for n in range(18_000)]

    seen = await collector(logs=FakeLogs({'{service="api"}': complaints})).collect(incident(), [])

    assert Gap("loki", "truncated") in seen.gaps
    (before, after) = seen.cut_log_windows["api-svc"]
    assert (before[1] - before[0], AT - after[0]) == (pytest.approx(100, abs=1), pytest.approx(100, abs=1))
    assert "db" not in seen.cut_log_windows


@pytest.mark.parametrize(
    ("expression", "series"),
    [
        ("rate(x[5m]) > 0.5", "rate(x[5m])"),
        ("sum by (a) (x) >= bool 1e3", "sum by (a) (x)"),
        ('x{a=">"} == 0', 'x{a=">"}'),
        ("1 - a / b > 0.8 <= 0.95", ""),
        ("a > 1 and b > 2", ""),
        ("vector(1)", ""),
    ],
)
def test_the_alerts_own_series_is_what_stands_before_its_comparison(expression, series):
    from urllib.parse import quote

    alert = replace(make_alert(), generator_url=f"http://p:9090/graph?g0.expr={quote(expression)}&g0.tab=1")

    assert own_series(alert) == series


def test_a_label_cannot_leave_its_quotes():
    assert quoted('a"} or vector(1) \\\n') == '"a\\"} or vector(1) \\\\\\n"'


def test_the_lead_is_read_first_then_what_it_talks_to():
    assert collector().services("api") == ("api", "db", "web")
    assert collector().services(None) == ("api", "db", "web")
    assert timedelta(0) < PLAN.look_back


async def test_the_own_series_of_an_alert_that_names_no_service_are_of_what_they_say_and_of_no_other_service():
    alert = make_alert(
        "DiskFull",
        labels={"instance": "db-1:9100", "service": ""},
        generator_url="http://p:9090/graph?g0.expr=disk_used+%3E+9",
    )
    found = [RangeSeries({"instance": "db-1:9100"}, ((AT - 60, 1.0), (AT, 9.5)))]
    nameless = replace(incident(), service=None, alerts=(replace(alert, starts_at=NOW),))

    seen = await collector(PLAN, metrics=FakeMetrics(ranges={"disk_used": found})).collect(nameless, [])

    assert {(each.service, each.name) for each in seen.series} == {("db-1:9100", "DiskFull")}


def test_what_is_looked_into_is_of_the_alert_that_speaks_for_all_now():
    over = make_alert(status=AlertStatus.RESOLVED, ends_at=NOW)
    renamed = make_alert(labels={"service": "checkout"})

    found = subject_of(replace(incident(), alerts=(over, renamed)))

    assert (found.service, found.labels["service"]) == ("checkout", "checkout")


@pytest.mark.parametrize(
    ("expression", "service", "missed"),
    [
        # Asked by Grafana of a cloud: nothing links to what it measures.
        ("", None, True),
        ("disk_free > 5", None, False),
        ("", "api", False),
    ],
)
async def test_that_nothing_was_read_of_what_an_alert_without_a_service_measures_is_said(expression, service, missed):
    made = incident()
    link = f"http://p/graph?g0.expr={quote(expression)}&g0.tab=1" if expression else ""
    labels = {"alertname": "RdsCpu"} | ({"service": service} if service else {})
    alert = replace(made.alerts[0], labels=labels, about=service or "", generator_url=link)
    metrics = FakeMetrics(ranges={"disk_free": [RangeSeries({}, ((AT - 60, 1.0), (AT, 2.0)))]})

    seen = await collector(metrics=metrics).collect(replace(made, service=service, alerts=(alert,)), ())

    assert (Gap("alert", "elsewhere", "") in seen.gaps) == missed


async def test_what_has_come_again_is_compared_with_what_was_before_it_first_came():
    minutes = [NOW - timedelta(minutes=number) for number in range(120, -1, -1)]
    metrics = FakeMetrics(
        ranges={'p99{service="api"}': [RangeSeries({}, tuple((each.timestamp(), 1.0) for each in minutes))]}
    )
    logs = FakeLogs({'{service="api"}': [LogLine(each.timestamp(), "api", "told", "info") for each in minutes]})
    first = NOW - timedelta(minutes=20)

    seen = await collector(metrics=metrics, logs=logs).collect(replace(incident(), opened_at=first), [])

    assert seen.first_at == first.timestamp()
    assert seen.series[0].points[0][0] == (first - PLAN.look_back).timestamp()
    (before, recent) = seen.log_windows
    assert before == (AT - 35 * 60, AT - 25 * 60)
    assert recent[0] == AT - 5 * 60
    assert not [line for line in seen.lines if before[1] < line.at < recent[0]]
    (*_, usual) = sorted(seen.span_windows, reverse=True) or (before,)
    assert usual[0] <= before[0]


async def test_what_was_first_there_long_ago_says_nothing_of_what_is_usual_now():
    seen = await collector().collect(replace(incident(), opened_at=NOW - timedelta(hours=3)), [])

    assert seen.first_at is None
