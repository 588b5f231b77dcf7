"""When a job comes again: by the clock on the wall, also on the days when that is moved."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.jobs import Weekly

ZONES = [ZoneInfo(name) for name in ("Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")]


@pytest.mark.parametrize(
    ("after", "due"),
    [
        # Berlin skips 02:00-03:00 on 29 March 2026, and has it twice on 25 October.
        ("2026-03-28T12:00", "2026-03-29T01:30"),
        ("2026-03-29T01:30", "2026-03-30T00:30"),
        ("2026-10-24T12:00", "2026-10-25T00:30"),
        ("2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_half_past_two_on_the_days_when_clocks_are_moved(after, due):
    weekly = Weekly(time(2, 30), ZoneInfo("Europe/Berlin"))

    assert weekly.after(datetime.fromisoformat(after).replace(tzinfo=UTC)) == datetime.fromisoformat(due).replace(
        tzinfo=UTC
    )


@given(
    moment=st.integers(0, 730 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    at=st.times(),
    zone=st.sampled_from(ZONES),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
)
def test_the_next_one_is_later_on_a_day_that_was_named_and_within_a_week(moment, at, zone, weekdays):
    due = Weekly(at, zone, weekdays).after(moment)

    assert moment < due <= moment + timedelta(days=7, hours=2)
    # An hour that is skipped at midnight would be on the day after.
    assert (due - timedelta(hours=1)).astimezone(zone).weekday() in weekdays or due.astimezone(
        zone
    ).weekday() in weekdays
