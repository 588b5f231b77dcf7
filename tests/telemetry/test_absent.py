"""What is not configured has nothing, and says so when somebody wants something of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.telemetry import Window
from bot.errors import Refused
from bot.i18n import text
from bot.ports import AlertSource, Dashboards, Metrics
from bot.telemetry.absent import AbsentAlertSource, AbsentDashboards, AbsentMetrics

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(minutes=30), NOW)


async def test_what_is_absent_has_nothing():
    alerts: AlertSource = AbsentAlertSource()
    metrics: Metrics = AbsentMetrics()
    dashboards: Dashboards = AbsentDashboards()

    for source in (alerts, metrics, dashboards):
        await source.ping()
    await dashboards.annotate("acknowledged", ("bongsu",), NOW)

    assert [*await alerts.alerts(), *await alerts.rules(), *await alerts.silences()] == []
    assert [*await metrics.query("up"), *await dashboards.search()] == []
    assert [*await metrics.query_range("up", WINDOW, 15, 10), *await dashboards.annotations(WINDOW)] == []
    assert {metrics.name, dashboards.name} == {"prometheus", "grafana"}


async def test_a_silence_that_nobody_would_keep_is_refused_with_what_to_set():
    with pytest.raises(Refused) as caught:
        await AbsentAlertSource().create_silence([], NOW, NOW, "x", "y")
    with pytest.raises(Refused):
        await AbsentAlertSource().expire_silence("s1")

    assert "ALERTMANAGER_URL" in text("en", caught.value.key, **caught.value.values)
