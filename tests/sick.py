"""Sources for an investigation over fakes: a service whose requests became slow, one that is well, one that is loud."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.plans import MetricQuery, Plan
from bot.domain.telemetry import LogLine, MetricKind, RangeSeries
from tests.builders import NOW
from tests.fakes import FakeLogs, FakeMetrics
from tests.ui.world import World

AT = NOW.timestamp()
PLAN = Plan(metrics=(MetricQuery("p99", "p99{$selector}", MetricKind.LATENCY, "s"),), deadline_s=60.0)


def points(before: float, after: float) -> tuple[tuple[float, float], ...]:
    """Forty minutes at 15 s, worse for the last two."""
    moments = [AT - 2400 + 15 * step for step in range(160)]
    return tuple((at, (after if at > AT - 120 else before) * (1 + 0.01 * (at % 4))) for at in moments)


def let_see(world: World) -> tuple[FakeMetrics, FakeLogs]:
    """Give the investigation sources: api became slow, chat is well and logs a lot."""
    metrics = FakeMetrics(
        ranges={
            'p99{service="api"}': [RangeSeries({}, points(0.2, 4.0))],
            'p99{service="chat"}': [RangeSeries({}, points(0.2, 0.2))],
        }
    )
    calm = [LogLine(AT - 800 + n, "chat", f"GET /rooms {n}", "info") for n in range(800)]
    loud = [LogLine(AT - 120 + n / 9, "chat", f"Cache miss for key {n}", "warn") for n in range(1080)]
    logs = FakeLogs({'{service="chat"}': [*calm, *loud]})
    collector = world.services.investigating._collector
    collector._telemetry = replace(collector._telemetry, metrics=metrics, logs=logs)
    collector._plan = PLAN
    return metrics, logs
