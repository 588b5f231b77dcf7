"""Lengths of time as people type them, in English or Korean, into the moment they end. No I/O."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from bot.errors import InvalidDuration

_SPELLINGS = {
    timedelta(weeks=1): "w week weeks 주 주일",
    timedelta(days=1): "d day days 일",
    timedelta(hours=1): "h hr hrs hour hours 시간",
    timedelta(minutes=1): "m min mins minute minutes 분",
}
_UNITS = {word: length for length, words in _SPELLINGS.items() for word in words.split()}
_PART = re.compile(r"(\d{1,5})\s*([a-z가-힣]+?)(?=\d|\s|$)\s*")

# What people write around a length or in place of its number.
_HABITS = tuple(
    (re.compile(habit), plain)
    for habit, plain in (
        (r"^for\s+|\s*동안$", ""),
        (r"일주일", "1주"),
        (r"하루", "1일"),
        (r"이틀", "2일"),
        (r"사흘", "3일"),
        (r"한\s*시간", "1시간"),
        (r"두\s*시간", "2시간"),
        (r"세\s*시간", "3시간"),
        (r"시간\s*반$", "시간 30분"),
    )
)

_UNTIL = re.compile(
    r"(?:until\s+)?"
    r"(?:(?P<day>\d{4}-\d{2}-\d{2}|today|tomorrow|오늘|내일)[\st]+)?"
    r"(?P<before>오전|오후)?\s*(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})|시(?:\s*(?P<past>\d{1,2})분)?|(?=\s*[ap]m))"
    r"\s*(?P<after>am|pm)?\s*(?:까지)?"
)
_TOMORROW = ("tomorrow", "내일")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Length:
    """How long: `ends_at`, and whether that was said as a moment (`until 18:00`) and not as a length (`2h`)."""

    ends_at: datetime
    fixed: bool
    lasts: timedelta


def parse_duration(typed: str, *, now: datetime, zone: tzinfo, least: timedelta, most: timedelta) -> Length:
    """Read `90m`, `2h30m`, `1d`, `until 18:00`, `2시간 30분`, `18:00까지`. Raises InvalidDuration, naming the bounds."""
    # Korean typed on a Mac may come letter by letter, numbers and colons in full width.
    wanted = unicodedata.normalize("NFKC", typed).strip().lower()
    if wanted.isdecimal():
        raise InvalidDuration("errors.duration_bare", typed=wanted[:10])
    until = _UNTIL.fullmatch(wanted)
    try:
        ends_at = _moment(until, now, zone) if until else now + length_of(wanted)
    except (ValueError, OverflowError) as error:
        raise InvalidDuration("errors.duration_unreadable", typed=typed.strip()[:40]) from error
    if ends_at <= now:
        raise InvalidDuration("errors.duration_past")
    if not least <= ends_at - now <= most:
        raise InvalidDuration("errors.duration_bounds", least=brief(least), most=brief(most))
    return Length(ends_at, until is not None, ends_at - now)


def length_of(wanted: str) -> timedelta:
    """Read a length (`2h30m`, `2시간 반`), already in lower case. Raises ValueError or OverflowError."""
    for habit, plain in _HABITS:
        wanted = habit.sub(plain, wanted)
    total, position = timedelta(), 0
    for part in _PART.finditer(wanted):
        if part.start() != position or part[2] not in _UNITS:
            raise ValueError(wanted)
        total += int(part[1]) * _UNITS[part[2]]
        position = part.end()
    if position != len(wanted) or not total:
        raise ValueError(wanted)
    return total


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


def _moment(until: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    day = until["day"]
    date = now.astimezone(zone).date()
    if day and day[0].isdecimal():
        date = datetime.strptime(day, "%Y-%m-%d").date()  # noqa: DTZ007 - only its date is taken
    elif day in _TOMORROW:
        date += _DAY
    hour, minute = _hour(until), int(until["minute"] or until["past"] or 0)
    if (hour, minute) == (24, 0):
        date, hour = date + _DAY, 0
    moment = datetime.combine(date, time(hour, minute), zone).astimezone(UTC)
    # 18:00 at seven in the evening means tomorrow; with a day it means what it says.
    if day is None and moment <= now:
        moment = datetime.combine(date + _DAY, time(hour, minute), zone).astimezone(UTC)
    return moment


def _hour(until: re.Match[str]) -> int:
    hour = int(until["hour"])
    half = until["before"] or until["after"]
    if half is None or hour > 12:
        return hour
    return hour % 12 + (12 if half in ("오후", "pm") else 0)
