"""Reads stretches of time as people type them (`15m`, `today`, `2026-11-20 14:00..15:00`) into a window. No I/O."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.domain.durations import brief, length_of
from bot.domain.telemetry import Window
from bot.errors import InvalidDuration

LEAST = timedelta(minutes=1)
MOST = timedelta(days=92)
_DAY = timedelta(days=1)

_DAYS = {"today": 0, "오늘": 0, "yesterday": 1, "어제": 1}
# What people write before a length, or Grafana in its addresses.
_LAST = re.compile(r"^(?:last|past|now-|지난|최근)\s*")
_PARTS = re.compile(r"\s*(?:\.\.\.?|…|~|–|—|\bto\b)\s*")
_MOMENT = re.compile(
    r"(?:(?P<date>\d{4}-\d{2}-\d{2})|(?P<word>today|yesterday|오늘|어제))?"
    r"(?:(?(date)(?:\s+|t)|(?(word)\s+))(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time; one that is `moving` was said as "the last so long" and ends now, whenever that is."""

    window: Window
    moving: bool


def last(length: timedelta, now: datetime) -> Span:
    """Return the last so long."""
    return Span(Window(now - length, now), moving=True)


def parse_range(typed: str, *, now: datetime, zone: tzinfo) -> Span:
    """Read a stretch of time in the zone of the team. Raises InvalidDuration, naming what can be typed.

    What lies in the future is cut off; a stretch without an end lasts a day, or until now.
    """
    wanted = unicodedata.normalize("NFKC", typed).strip().lower()
    try:
        span = _read(wanted, now.astimezone(UTC), zone)
    except (ValueError, OverflowError) as error:
        raise InvalidDuration("errors.range_unreadable", typed=typed.strip()[:60]) from error
    if span.window.start >= now:
        raise InvalidDuration("errors.range_future")
    end = min(span.window.end, now.astimezone(UTC))
    span = Span(Window(span.window.start, end), span.moving)
    if not LEAST <= end - span.window.start <= MOST:
        raise InvalidDuration("errors.duration_bounds", least=brief(LEAST), most=brief(MOST))
    return span


def _read(wanted: str, now: datetime, zone: tzinfo) -> Span:
    parts = _PARTS.split(wanted)
    if len(parts) == 2:
        return Span(_between(parts[0], parts[1], now, zone), moving=False)
    if len(parts) > 2:
        raise ValueError(wanted)
    found = _MOMENT.fullmatch(wanted)
    if found and (found["date"] or found["word"]) and not found["hour"]:
        day = _day(found, now, zone)
        return Span(Window(_midnight(day, zone), _midnight(day + _DAY, zone)), moving=False)
    length = length_of(_LAST.sub("", wanted))
    if length > MOST:
        raise InvalidDuration("errors.duration_bounds", least=brief(LEAST), most=brief(MOST))
    return last(length, now)


def _between(first: str, second: str, now: datetime, zone: tzinfo) -> Window:
    began, ended = _MOMENT.fullmatch(first), _MOMENT.fullmatch(_clock(now, zone) if second == "now" else second)
    if not began or not ended or not first or not second:
        raise ValueError(f"{first}..{second}")
    day = _day(began, now, zone)
    until = _day(ended, now, zone) if ended["date"] or ended["word"] else day
    start = _at(began, day, zone)
    # The end of a day is meant by a day alone.
    end = _at(ended, until, zone) if ended["hour"] else _midnight(until + _DAY, zone)
    if end <= start and not (ended["date"] or ended["word"]):
        # 23:00..01:00 goes over midnight.
        end = _at(ended, until + _DAY, zone)
    if not (began["date"] or began["word"]) and start >= now:
        # A time alone is one that has been: 14:00..15:00 at nine in the morning was yesterday.
        start, end = start - _DAY, end - _DAY
    if end <= start:
        raise ValueError(f"{first}..{second}")
    return Window(start, end)


def _clock(now: datetime, zone: tzinfo) -> str:
    return f"{now.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _day(found: re.Match[str], now: datetime, zone: tzinfo) -> date:
    if found["date"]:
        return date.fromisoformat(found["date"])
    return now.astimezone(zone).date() - _DAY * _DAYS.get(found["word"] or "", 0)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _at(found: re.Match[str], day: date, zone: tzinfo) -> datetime:
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if (hour, minute, second) == (24, 0, 0):
        return _midnight(day + _DAY, zone)
    return datetime.combine(day, time(hour, minute, second), zone).astimezone(UTC)
