"""Lookups of a model over the sources: what is asked, what comes back, and what is refused before anybody is asked."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.questions.lookups import Lookups
from bot.core.questions.queries import Unfit
from bot.domain.telemetry import Change, ChangeKind, LogLine, RangeSeries, Span, TraceSummary
from bot.errors import SourceUnavailable
from bot.ports import Delivery, Sample, Telemetry, ToolCall
from tests.builders import NOW, alertmanager_body
from tests.fakes import FakeChanges, FakeDashboards, FakeLogs, FakeMetrics, FakeTraces, HandClock
from tests.ui.world import make_world

SEOUL = ZoneInfo("Asia/Seoul")
T = NOW.timestamp()
FIRED = NOW - timedelta(minutes=40)


def make_lookups(database=None, **sources) -> Lookups:
    telemetry = Telemetry(**{"changes": FakeChanges(), **sources})
    incidents = database.incidents if database else None
    return Lookups(telemetry=telemetry, incidents=incidents, clock=HandClock(), zone=SEOUL)


async def look(lookups: Lookups, tool: str, **arguments):
    return await lookups.run(ToolCall("c1", tool, arguments), FIRED)


def test_a_source_that_is_not_there_is_not_offered():
    assert [tool.name for tool in make_lookups().tools] == ["changes", "incidents"]
    everything = make_lookups(metrics=FakeMetrics(), logs=FakeLogs(), traces=FakeTraces()).tools
    assert [tool.name for tool in everything] == [
        "metrics",
        "metrics_now",
        "logs",
        "traces",
        "trace",
        "changes",
        "incidents",
    ]
    for tool in everything:
        assert tool.schema["additionalProperties"] is False
        assert set(tool.schema["required"]) <= set(tool.schema["properties"])


async def test_a_series_is_told_by_its_course_in_local_time():
    points = [(T - 600 + 15 * n, 1000.0 + n if n < 39 else 0.123456) for n in range(40)]
    metrics = FakeMetrics(ranges={"p99": [RangeSeries({"service": "api", "job": "x"}, points)]})

    found = await look(make_lookups(metrics=metrics), "metrics", query='p99{service="api"}', minutes=30)

    [row] = found.rows
    assert (row["first"], row["last"], row["max"]) == (1000, 0.1235, 1038)
    assert row["labels"] == {"service": "api"}
    assert row["max_at"] == "11-24 11:59:30 KST"
    assert len(row["points"]) == 10
    assert (found.window.end, found.window.seconds) == (NOW, 1800)
    assert (found.key, found.query, found.found) == ("asked-series", 'p99{service="api"}', 1)
    assert found.values["result"] == "api 1000 → 0.1235 (0.1235–1038)"


async def test_no_series_is_a_result_of_its_own():
    found = await look(make_lookups(metrics=FakeMetrics()), "metrics", query="up")

    assert (found.key, found.found, found.rows) == ("asked-none", 0, ())


async def test_present_values_are_cut_after_twenty():
    metrics = FakeMetrics({"up": [Sample({"pod": str(n)}, float("nan") if n == 0 else 1.0) for n in range(50)]})

    found = await look(make_lookups(metrics=metrics), "metrics_now", query="up")

    assert (found.found, len(found.rows)) == (50, 20)
    assert found.rows[0]["value"] == "nan"


async def test_the_newest_lines_come_first():
    lines = [LogLine(T - 100 + n, "api", f"line {n}", "error") for n in range(60)]

    found = await look(make_lookups(logs=FakeLogs({"api": lines})), "logs", query='{service="api"}')

    assert (found.found, len(found.rows), found.service) == (60, 30, "api")
    assert found.rows[0]["line"] == "line 59"


async def test_traces_are_searched_and_one_is_read():
    summaries = [TraceSummary("ab" * 16, "web", "GET /", T - 60, 1234.5)]
    spans = [Span("ab" * 16, f"{n:016x}", "", "api", f"op {n}", T - 60 + n, float(n), failed=n == 5) for n in range(60)]
    lookups = make_lookups(traces=FakeTraces({"web": summaries}, spans))

    searched = await look(lookups, "traces", query='{ resource.service.name = "web" }')
    read = await look(lookups, "trace", trace_id="AB" * 16)

    assert searched.rows[0]["ms"] == 1234
    assert (read.found, len(read.rows)) == (60, 40)
    assert read.values["result"].startswith("api op 5 5; api op 59 59")
    assert [row["failed"] for row in read.rows].count(True) == 1


async def test_changes_of_ci_and_grafana_are_one_list_newest_first():
    told = FakeChanges(Change(T - 600, ChangeKind.DEPLOY, "2.5.0", "Deploy api\nmore", "api"))
    grafana = FakeDashboards()
    grafana.changes = [Change(T - 60, ChangeKind.FLAG, "dark", "Dark mode", None)]

    found = await look(make_lookups(changes=told, dashboards=grafana), "changes", minutes=60)

    assert [(row["id"], row["minutes_ago"], row["text"]) for row in found.rows] == [
        ("dark", 1, "Dark mode"),
        ("2.5.0", 10, "Deploy api"),
    ]


async def test_changes_that_are_known_are_told_although_grafana_is_down():
    told = FakeChanges(Change(T - 600, ChangeKind.DEPLOY, "2.5.0", "Deploy api", "api"))
    grafana = FakeDashboards()
    grafana.down = "HTTP 502"

    found = await look(make_lookups(changes=told, dashboards=grafana), "changes", minutes=60)

    assert [row.get("id") or row["not_seen"] for row in found.rows] == ["2.5.0", "grafana"]


async def test_nobody_says_that_there_was_no_change_while_grafana_is_down():
    grafana = FakeDashboards()
    grafana.down = "HTTP 502"

    with pytest.raises(SourceUnavailable):
        await look(make_lookups(dashboards=grafana), "changes", minutes=60)


async def test_no_change_is_said_with_the_time_that_was_looked_at():
    found = await look(make_lookups(), "changes", minutes=60)

    assert (found.key, found.values["minutes"]) == ("asked-no-changes", "60")


async def test_incidents_are_listed_once(database):
    world = make_world(database)
    for name in ("HighLatency", "DiskFilling"):
        body = alertmanager_body(name)
        kept = await database.inbox.keep("alertmanager", body, NOW)
        await world.services.respond.receive(Delivery(kept, "alertmanager", body, NOW))

    found = await look(make_lookups(database), "incidents", last=20)

    assert sorted(row["number"] for row in found.rows) == ["#1", "#2"]
    assert found.rows[0]["state"] == "firing"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("metrics", {}),
        ("metrics", {"query": "rate(x[30d])"}),
        ("metrics", {"query": "up", "minutes": 100000}),
        ("metrics", {"query": "up", "step": "1ms"}),
        ("metrics_now", {"query": '{__name__=~".+"}'}),
        ("logs", {"query": '{service=~".*"}'}),
        ("traces", {"query": "{} | rate()"}),
        ("trace", {"trace_id": "../ready"}),
        ("changes", {"query": "drop table"}),
        ("incidents", {"last": 10_000}),
        ("delete", {}),
        ("", {}),
    ],
)
async def test_hostile_arguments_reach_no_server(tool, arguments):
    metrics, logs, traces = FakeMetrics(), FakeLogs(), FakeTraces()

    with pytest.raises(Unfit):
        await look(make_lookups(metrics=metrics, logs=logs, traces=traces), tool, **arguments)

    assert metrics.asked + logs.asked + traces.asked == []
