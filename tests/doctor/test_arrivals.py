"""What arrives of each service, and what is said when nothing does; on real parts in tests/e2e/test_verify.py."""

from __future__ import annotations

import pytest

from bot.doctor.arrivals import ServiceArrivals
from bot.doctor.lines import Level, LineWriter
from bot.domain.owners import Catalogue, Service
from bot.domain.plans import Plan
from bot.domain.telemetry import LogLine, TraceSummary
from bot.ports import Sample
from tests.builders import NOW
from tests.fakes import FakeLogs, FakeMetrics, FakeTraces

CATALOGUE = Catalogue(
    {
        "api": Service("api", "API"),
        "chat": Service("chat", "Chat", metrics='job="chat"', logs='app="chat"', traces='resource.app = "chat"'),
    }
)


@pytest.fixture
def arrivals():
    return ServiceArrivals(LineWriter("en"), CATALOGUE, Plan(), lambda: NOW)


async def test_metrics_are_counted_without_what_prometheus_writes_itself(arrivals):
    query = 'count({service="api",__name__!~"up|scrape_.+|ALERTS|ALERTS_FOR_STATE"})'

    (finding,) = await arrivals.metrics(FakeMetrics({query: [Sample({}, 42.0)]}), "api")

    assert (finding.level, finding.subject, finding.words) == (Level.OK, "metrics of api", "42 series")


@pytest.mark.parametrize(("age_s", "level"), [(7, Level.OK), (299, Level.OK), (301, Level.WRONG)])
async def test_the_newest_line_of_five_minutes_tells_its_age_and_nothing_else(arrivals, age_s, level):
    line = LogLine(at=NOW.timestamp() - age_s, service="api", message="secret", level="info")

    (finding,) = await arrivals.logs(FakeLogs({'{service="api"}': [line]}), "api")

    assert finding.level is level
    assert "secret" not in finding.words
    assert level is Level.WRONG or finding.words == f"newest line {age_s} s old"


@pytest.mark.parametrize(("age_s", "level"), [(60, Level.OK), (899, Level.OK), (901, Level.WRONG)])
async def test_a_trace_of_a_quarter_of_an_hour_is_enough(arrivals, age_s, level):
    trace = TraceSummary("a" * 32, "api", "GET /", NOW.timestamp() - age_s, 3.0)

    (finding,) = await arrivals.traces(FakeTraces({'{ resource.service.name = "api" }': [trace]}), "api")

    assert finding.level is level


@pytest.mark.parametrize(
    ("kind", "source", "selector"),
    [
        ("metrics", FakeMetrics, '{job="chat"}'),
        ("logs", FakeLogs, '{app="chat"}'),
        ("traces", FakeTraces, '{ resource.app = "chat" }'),
    ],
)
async def test_what_does_not_arrive_is_wrong_and_names_the_selector(arrivals, kind, source, selector):
    (finding,) = await getattr(arrivals, kind)(source(), "chat")

    assert finding.level is Level.WRONG
    assert f"for {selector}." in finding.words
    assert f"`{kind}` in config/services.yml" in finding.words
