"""Tells whether a moment lies in the times in which an Alertmanager or a Grafana mutes.

Source: Alertmanager's package timeinterval (0.25 to 0.35), which Grafana uses as well.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from bot.telemetry.shapes import obj

_WEEKDAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS: Final = tuple(name.lower() for name in calendar.month_name)
_HOUR: Final = 60
_MOST_DAYS: Final = 31


def covers(intervals: object, at: datetime) -> bool | None:
    """Tell whether a moment lies in any of the intervals; None if they cannot be read."""
    try:
        # All of them: one that cannot be read may be the one that covers it.
        inside = [_inside(obj(each), at) for each in _list(intervals)]
    except (ValueError, TypeError, KeyError, OSError):
        return None
    return any(inside)


def _inside(interval: Mapping[str, Any], at: datetime) -> bool:
    local = at.astimezone(_zone(interval.get("location")))
    minute = local.hour * _HOUR + local.minute
    times = [
        (_minute(obj(each)["start_time"]), _minute(obj(each)["end_time"])) for each in _list(interval.get("times"))
    ]
    return (
        (not times or any(begin <= minute < end for begin, end in times))
        and _on_weekday(interval.get("weekdays"), local.isoweekday() % 7)
        and _within(interval.get("months"), _month, local.month)
        and _within(interval.get("years"), int, local.year)
        and _on_day(interval.get("days_of_month"), local)
    )


def _within(ranges: object, read: Callable[[str], int], value: int) -> bool:
    found = [_range(each, read) for each in _list(ranges)]
    return not found or any(begin <= value <= end for begin, end in found)


def _on_weekday(ranges: object, day: int) -> bool:
    found = [_range(each, _weekday) for each in _list(ranges)]
    # friday:monday goes round the end of the week, from Alertmanager 0.35 on; those before refuse to start with it.
    return not found or any((day - begin) % 7 <= (end - begin) % 7 for begin, end in found)


def _on_day(ranges: object, at: datetime) -> bool:
    length = calendar.monthrange(at.year, at.month)[1]
    found = [_range(each, int) for each in _list(ranges)]
    if any(not 1 <= abs(day) <= _MOST_DAYS for pair in found for day in pair):
        raise ValueError(ranges)
    # -1 is the last day of the month; what begins after its end is none of its days.
    days = [(length + begin + 1 if begin < 0 else begin, length + end + 1 if end < 0 else end) for begin, end in found]
    return not days or any(begin <= at.day <= end for begin, end in days)


def _range(written: object, read: Callable[[str], int]) -> tuple[int, int]:
    begin, _, end = str(written).strip().lower().partition(":")
    return read(begin), read(end or begin)


def _weekday(name: str) -> int:
    return _WEEKDAYS.index(name)


def _month(name: str) -> int:
    number = int(name) if name.isdecimal() else _MONTHS.index(name)
    if not 1 <= number < len(_MONTHS):
        raise ValueError(name)
    return number


def _minute(written: object) -> int:
    # YAML reads 17:30 without quotes as a number to the base of 60, which is the minute.
    if isinstance(written, int):
        return written
    hour, minute = str(written).split(":")
    return int(hour) * _HOUR + int(minute)


def _zone(name: object) -> tzinfo:
    # "Local" is where the server stands, and it does not say where that is.
    if name == "Local":
        raise ValueError(name)
    return ZoneInfo(str(name)) if name else UTC


def _list(written: object) -> list[Any]:
    if written is None:
        return []
    if not isinstance(written, list):
        raise TypeError(written)
    return cast("list[Any]", written)
