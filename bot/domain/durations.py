"""Lengths of time as people type them, in English or Korean. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from bot.errors import InvalidDuration

_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "주": timedelta(weeks=1),
    "주일": timedelta(weeks=1),
    "일": timedelta(days=1),
    "시간": timedelta(hours=1),
    "분": timedelta(minutes=1),
    "week": timedelta(weeks=1),
    "weeks": timedelta(weeks=1),
    "day": timedelta(days=1),
    "days": timedelta(days=1),
    "hour": timedelta(hours=1),
    "hours": timedelta(hours=1),
    "min": timedelta(minutes=1),
    "mins": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "minutes": timedelta(minutes=1),
}
_WORDS = {"하루": "1d", "반나절": "12h", "한시간": "1h", "한 시간": "1h", "이틀": "2d", "일주일": "1w"}
_PART = re.compile(r"(\d{1,5})\s*([a-z가-힣]+?)(?=\d|\s|$)\s*")
_UNTIL = re.compile(r"(?:until\s+)?(?:(\d{4}-\d{2}-\d{2}|today|tomorrow|오늘|내일)\s+)?(\d{1,2}):(\d{2})\s*(?:까지)?")


@dataclass(frozen=True, slots=True)
class Length:
    """How long: `ends_at`, and whether that was said as a moment (`until 18:00`) and not as a length (`2h`)."""

    ends_at: datetime
    fixed: bool
    lasts: timedelta


def parse_duration(typed: str, *, now: datetime, zone: tzinfo, least: timedelta, most: timedelta) -> Length:
    """Read `90m`, `2h30m`, `1d`, `until 18:00`, `2시간 30분`, `18:00까지`. Raises InvalidDuration, naming the bounds."""
    wanted = typed.strip().lower()
    wanted = _WORDS.get(wanted, wanted)
    until = _UNTIL.fullmatch(wanted)
    try:
        ends_at = _moment(until, now, zone) if until else now + _sum(wanted)
    except (ValueError, OverflowError) as error:
        raise InvalidDuration("errors.duration_unreadable", typed=typed.strip()[:40]) from error
    if not least <= ends_at - now <= most:
        raise InvalidDuration("errors.duration_bounds", least=brief(least), most=brief(most))
    return Length(ends_at, until is not None, ends_at - now)


def brief(length: timedelta) -> str:
    """Write a length as it could be typed: `2h30m`; seconds are left out above a minute."""
    seconds = round(length.total_seconds())
    if seconds < 60:
        return f"{seconds}s"
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def _sum(wanted: str) -> timedelta:
    total, position = timedelta(), 0
    for part in _PART.finditer(wanted):
        if part.start() != position or part[2] not in _UNITS:
            raise ValueError(wanted)
        total += int(part[1]) * _UNITS[part[2]]
        position = part.end()
    if position != len(wanted) or not total:
        raise ValueError(wanted)
    return total


def _moment(until: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    day, hour, minute = until.groups()
    local = now.astimezone(zone)
    clock = time(int(hour) % 24, int(minute)) if int(hour) <= 24 else time(int(hour), 0)
    named = {"today": local.date(), "오늘": local.date(), "tomorrow": local.date() + timedelta(days=1)}
    named["내일"] = named["tomorrow"]
    if day:
        date = named.get(day) or datetime.strptime(day, "%Y-%m-%d").date()  # noqa: DTZ007 - only its date is taken
        return datetime.combine(date, clock, zone).astimezone(now.tzinfo)
    moment = datetime.combine(local.date(), clock, zone)
    # 18:00 at seven in the evening means tomorrow.
    if moment <= local:
        moment = datetime.combine(local.date() + timedelta(days=1), clock, zone)
    return moment.astimezone(now.tzinfo)
