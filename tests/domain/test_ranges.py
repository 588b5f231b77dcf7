"""Stretches of time as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ranges import LEAST, MOST, parse_range
from bot.errors import InvalidDuration

SEOUL = ZoneInfo("Asia/Seoul")
# Six in the evening in Seoul.
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def read(typed: str, now: datetime = NOW, zone=SEOUL):
    return parse_range(typed, now=now, zone=zone)


def local(moment: datetime) -> str:
    return f"{moment.astimezone(SEOUL):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("15m", "11-25 17:45", "11-25 18:00"),
        ("6h", "11-25 12:00", "11-25 18:00"),
        ("last 2h30m", "11-25 15:30", "11-25 18:00"),
        ("now-6h", "11-25 12:00", "11-25 18:00"),
        ("지난 6시간", "11-25 12:00", "11-25 18:00"),
        ("today", "11-25 00:00", "11-25 18:00"),
        ("오늘", "11-25 00:00", "11-25 18:00"),
        ("yesterday", "11-24 00:00", "11-25 00:00"),
        ("2026-11-20", "11-20 00:00", "11-21 00:00"),
        ("2026-11-20 14:00..15:00", "11-20 14:00", "11-20 15:00"),
        ("2026-11-20T14:00..2026-11-21T02:00", "11-20 14:00", "11-21 02:00"),
        ("2026-11-19..2026-11-20", "11-19 00:00", "11-21 00:00"),
        ("2026-11-20 23:00..01:00", "11-20 23:00", "11-21 01:00"),
        ("14:00..15:00", "11-25 14:00", "11-25 15:00"),
        ("10:00..now", "11-25 10:00", "11-25 18:00"),
        # Not tonight, which has not been yet.
        ("20:00..21:00", "11-24 20:00", "11-24 21:00"),
        ("어제 10:00 ~ 11:00", "11-24 10:00", "11-24 11:00"),
        ("17:00..19:00", "11-25 17:00", "11-25 18:00"),
        ("2026-11-20 22:00..24:00", "11-20 22:00", "11-21 00:00"),
    ],
)
def test_a_stretch_is_read_in_the_time_of_the_team(typed, start, end):
    window = read(typed).window

    assert (local(window.start), local(window.end)) == (start, end)


@pytest.mark.parametrize(
    ("typed", "moving"), [("15m", True), ("last 6h", True), ("today", False), ("14:00..15:00", False)]
)
def test_only_the_last_so_long_moves_with_the_clock(typed, moving):
    assert read(typed).moving is moving


@pytest.mark.parametrize(
    "typed", ["", "x", "..", "5..6", "15", "2026-13-01", "9999-12-31..", "1..2..3", "15:00..2026-11-20", "25:00..26:00"]
)
def test_what_cannot_be_read_says_what_can_be_typed(typed):
    with pytest.raises(InvalidDuration, match="range_unreadable"):
        read(typed)


@pytest.mark.parametrize(
    ("typed", "key"),
    [("2027-01-01", "range_future"), ("2000d", "duration_bounds"), ("2025-01-01..2026-01-01", "duration_bounds")],
)
def test_what_is_not_over_or_too_long_is_refused(typed, key):
    with pytest.raises(InvalidDuration, match=key):
        read(typed)


def test_a_day_of_the_change_to_summer_time_has_23_hours():
    window = read("2026-03-29", zone=ZoneInfo("Europe/Berlin")).window

    assert window.end - window.start == timedelta(hours=23)


@given(st.text(max_size=40))
def test_no_text_raises_anything_else_and_no_stretch_leaves_the_bounds(typed):
    try:
        window = read(typed).window
    except InvalidDuration:
        return

    assert LEAST <= window.end - window.start <= MOST
    assert window.end <= NOW


@given(st.integers(1, 99_999))
def test_a_length_goes_back_by_itself_from_now(minutes):
    length = timedelta(minutes=minutes)

    span = read(f"{minutes}m")

    assert (span.window.end - span.window.start, span.window.end, span.moving) == (length, NOW, True)


@given(st.integers(2, 60 * 24 * 90), st.integers(1, 20 * 60))
def test_two_moments_written_out_are_read_back(before, minutes):
    # Wall clock of Seoul, without its zone, as people write it.
    start = NOW.astimezone(SEOUL).replace(tzinfo=None) - timedelta(minutes=before + minutes)
    end = start + timedelta(minutes=minutes)

    window = read(f"{start:%Y-%m-%d %H:%M}..{end:%Y-%m-%d %H:%M}").window

    assert window.start.astimezone(SEOUL).replace(tzinfo=None) == start
    assert window.end.astimezone(SEOUL).replace(tzinfo=None) == end
