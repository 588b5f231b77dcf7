"""Reads lengths of time as people type them, in English or Korean, into the moment they end. No I/O."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bot.domain.until import moment_of
from bot.errors import InvalidDuration

_SPELLINGS = {
    timedelta(weeks=1): "w week weeks 주 주일",
    timedelta(days=1): "d day days 일",
    timedelta(hours=1): "h hr hrs hour hours 시간",
    timedelta(minutes=1): "m min mins minute minutes 분",
}
_UNITS = {word: length for length, words in _SPELLINGS.items() for word in words.split()}
_PART = re.compile(r"(\d{1,5}(?:[.,]\d{1,3})?)\s*([a-z가-힣]+?)(?=\d|\s|$)\s*")
# `1h30`: a number without a unit counts the unit below the one before it; of minutes there is none.
_REST = re.compile(r"(\d{1,2})$")
_BELOW = {
    timedelta(weeks=1): timedelta(days=1),
    timedelta(days=1): timedelta(hours=1),
    timedelta(hours=1): timedelta(minutes=1),
}

_NOW = ("now", "지금")

# What people write around a length or in place of its number.
_HABITS = tuple(
    (re.compile(habit), plain)
    for habit, plain in (
        (r"^for\s+|\s*동안$", ""),
        (r"^half\s+an?\s+hour$|^반\s*시간$", "30m"),
        (r"^an?\s+(?=[a-z])", "1 "),
        (r"(?<=\d)\s+and\s+a\s+half\s+hours?$", ".5 hours"),
        (r"(?<=[a-z])\s*,?\s*and\s+(?=\d)", " "),
        (r"일주일", "1주"),
        (r"하루", "1일"),
        (r"이틀", "2일"),
        (r"사흘", "3일"),
        (r"한\s*시간", "1시간"),
        (r"두\s*시간", "2시간"),
        (r"세\s*시간", "3시간"),
        (r"네\s*시간", "4시간"),
        (r"시간\s*반$", "시간 30분"),
    )
)


@dataclass(frozen=True, slots=True)
class Length:
    """How long: `ends_at`, and whether that was said as a moment (`until 18:00`) and not as a length (`2h`)."""

    ends_at: datetime
    fixed: bool
    lasts: timedelta


def parse_duration(typed: str, *, now: datetime, zone: tzinfo, least: timedelta, most: timedelta) -> Length:
    """Read `90m`, `1.5h`, `1d`, `until monday 9:00`, `2시간 30분`, `18:00까지`. Raises InvalidDuration, naming the bounds."""
    # Korean typed on a Mac may come letter by letter, numbers and colons in full width.
    wanted = unicodedata.normalize("NFKC", typed).strip().lower()
    if wanted.isdecimal():
        raise InvalidDuration("errors.duration_bare", typed=wanted[:10])
    try:
        until = moment_of(wanted, now, zone)
        ends_at = until or now + length_of(wanted)
    except (ValueError, OverflowError) as error:
        raise InvalidDuration("errors.duration_unreadable", typed=typed.strip()[:40]) from error
    if ends_at <= now:
        raise InvalidDuration("errors.duration_past")
    if not least <= ends_at - now <= most:
        raise InvalidDuration("errors.duration_bounds", least=brief(least), most=brief(most))
    return Length(ends_at, until is not None, ends_at - now)


def parse_moment(typed: str, *, now: datetime, zone: tzinfo, most: timedelta) -> datetime:
    """Read `now`, a moment (`tomorrow 9:00`) or how far it is (`3h`). Raises InvalidDuration."""
    if typed.strip().lower() in _NOW:
        return now
    return parse_duration(typed, now=now, zone=zone, least=timedelta(), most=most).ends_at


def parse_span(begins: str, ends: str, *, now: datetime, zone: tzinfo, most: timedelta) -> tuple[datetime, datetime]:
    """Read from when to when; a length counts from the beginning, an hour without a day is the next one after it.

    Raises InvalidDuration.
    """
    start = parse_moment(begins, now=now, zone=zone, most=most)
    length = parse_duration(ends, now=now, zone=zone, least=timedelta(), most=most)
    if not length.fixed:
        return start, start + length.lasts
    if length.ends_at > start:
        return start, length.ends_at
    return start, parse_duration(ends, now=start, zone=zone, least=timedelta(), most=most).ends_at


def length_of(wanted: str) -> timedelta:
    """Read a length (`2h30m`, `2시간 반`), already in lower case. Raises ValueError or OverflowError."""
    for habit, plain in _HABITS:
        wanted = habit.sub(plain, wanted)
    total, position, last = timedelta(), 0, timedelta()
    for part in _PART.finditer(wanted):
        if part.start() != position or part[2] not in _UNITS:
            raise ValueError(wanted)
        last = _UNITS[part[2]]
        total += float(part[1].replace(",", ".")) * last
        position = part.end()
    total += _rest(wanted[position:], last)
    if not total:
        raise ValueError(wanted)
    return total


def _rest(left: str, last: timedelta) -> timedelta:
    if not left:
        return timedelta()
    if not _REST.fullmatch(left) or last not in _BELOW:
        raise ValueError(left)
    return int(left) * _BELOW[last]


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
