"""The week that a report is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.reporting.weekly import week_before
from bot.domain.jobs import Weekly

HOURS = timedelta(hours=1)


@pytest.mark.parametrize(("begin", "hours"), [("2026-03-20", 167), ("2026-10-15", 169), ("2026-07-01", 168)])
def test_one_week_begins_where_the_last_one_ended(begin, hours):
    """Also when clocks are changed: an incident is counted in one report, not in two or none."""
    zone = ZoneInfo("Europe/Berlin")
    mondays = Weekly(datetime.min.time().replace(hour=9), zone, frozenset({0}))
    first = mondays.after(datetime.fromisoformat(begin).replace(tzinfo=UTC))
    second = mondays.after(first)

    window = week_before(second, zone)

    assert (window.start, window.end) == (first, second)
    assert window.end - window.start == hours * HOURS
