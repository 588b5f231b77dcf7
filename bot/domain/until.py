"""Reads a moment as people type it, in English or Korean (`until monday 9:00`, `내일 오전 9시까지`). No I/O."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_ONE_DAY = timedelta(days=1)

_WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "monday mon 월요일",
            "tuesday tues tue 화요일",
            "wednesday wed 수요일",
            "thursday thurs thur thu 목요일",
            "friday fri 금요일",
            "saturday sat 토요일",
            "sunday sun 일요일",
        )
    )
    for word in words.split()
}
_NEAR = {"today": 0, "tonight": 0, "tomorrow": 1, "오늘": 0, "내일": 1, "모레": 2}
_NEXT_WEEK, _THIS_WEEK = ("다음주", "담주"), ("이번주",)
# Midnight is the end of the day that is named, as 24:00 is.
_NAMED = {"noon": 12, "midday": 12, "정오": 12, "midnight": 24, "자정": 24}
_AFTERNOON, _NIGHT = ("pm", "오후", "낮", "저녁"), "밤"

_WEEKDAY = "|".join(sorted(_WEEKDAYS, key=len, reverse=True))
_DAY = (
    r"(?:on\s+)?(?:(?P<date>\d{4}-\d{1,2}-\d{1,2})"
    r"|(?P<month>\d{1,2})\s*월\s*(?P<monthday>\d{1,2})\s*일"
    rf"|(?P<near>{'|'.join(_NEAR)})"
    rf"|(?:(?P<week>next|this|다음\s*주|담주|이번\s*주)\s*)?(?P<weekday>{_WEEKDAY}))"
)
_CLOCK = (
    rf"(?:(?P<named>{'|'.join(_NAMED)})"
    rf"|(?P<before>오전|오후|새벽|아침|낮|저녁|밤)?\s*(?P<hour>\d{{1,2}})"
    r"(?::(?P<minute>\d{2})|(?P<oclock>시)(?:\s*(?:(?P<past>\d{1,2})\s*분|(?P<half>반)))?)?"
    r"\s*(?P<after>am|pm|a\.m\.|p\.m\.)?)"
)
_ENDS = r"(?P<until>(?:until|till|til|by)\s+)?"
_TAIL = r"\s*(?P<ends>까지)?"
_DAY_FIRST = re.compile(rf"{_ENDS}(?:{_DAY}(?:\s*,?\s*|\s+at\s+|t))?{_CLOCK}{_TAIL}")
_CLOCK_FIRST = re.compile(rf"{_ENDS}{_CLOCK}\s+{_DAY}{_TAIL}")


def moment_of(wanted: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Read a moment, already in lower case; None if it is none at all. Raises ValueError for a day or hour there is not.

    Without a day the next such hour is meant, with a weekday the next such day on which the hour is still to come.
    """
    read = _DAY_FIRST.fullmatch(wanted) or _CLOCK_FIRST.fullmatch(wanted)
    if read is None or not _is_moment(read):
        return None
    today = now.astimezone(zone).date()
    named = _day(read, today)
    hour, minute = _clock(read)
    found = _at(named or today, hour, minute, zone)
    if found > now:
        return found
    if named is None:
        return _at(today + _ONE_DAY, hour, minute, zone)
    # On a Monday at ten, Monday at nine is that of next week; a date means what it says.
    return _at(named + 7 * _ONE_DAY, hour, minute, zone) if read["weekday"] and not read["week"] else found


def _is_moment(read: re.Match[str]) -> bool:
    """Tell a moment from a bare number: `9` alone may be anything, `until 9` and `tomorrow 9` may not."""
    parts = ("named", "minute", "oclock", "after", "before", "until", "date", "month", "near", "weekday")
    return any(read[part] for part in parts)


def _day(read: re.Match[str], today: date) -> date | None:
    if read["date"]:
        year, month, day = map(int, read["date"].split("-"))
        return date(year, month, day)
    if read["month"]:
        found = date(today.year, int(read["month"]), int(read["monthday"]))
        # In December, January is that of the next year.
        return found if found >= today else date(today.year + 1, found.month, found.day)
    if read["near"]:
        return today + _NEAR[read["near"]] * _ONE_DAY
    return _weekday(read, today) if read["weekday"] else None


def _weekday(read: re.Match[str], today: date) -> date:
    wanted = _WEEKDAYS[read["weekday"]]
    week = re.sub(r"\s", "", read["week"] or "")
    if week in _NEXT_WEEK or week in _THIS_WEEK:
        monday = today - today.weekday() * _ONE_DAY
        return monday + (wanted + (7 if week in _NEXT_WEEK else 0)) * _ONE_DAY
    ahead = (wanted - today.weekday()) % 7
    # "Next Monday" on a Monday is not today.
    return today + (ahead or (7 if week == "next" else 0)) * _ONE_DAY


def _clock(read: re.Match[str]) -> tuple[int, int]:
    if read["named"]:
        return _NAMED[read["named"]], 0
    hour = int(read["hour"])
    minute = 30 if read["half"] else int(read["minute"] or read["past"] or 0)
    part = read["before"] or (read["after"] or "").replace(".", "")
    if hour > 12 and part and part not in (*_AFTERNOON, _NIGHT):
        # 13am, 오전 13시: either half may be the mistake.
        raise ValueError(part)
    if not part or hour > 12:
        return hour, minute
    if part == _NIGHT:
        # 밤 11시 is 23:00, 밤 12시 the end of the day, 밤 1시 an hour after it.
        return (hour + 12 if hour >= 6 else hour), minute
    return hour % 12 + (12 if part in _AFTERNOON else 0), minute


def _at(day: date, hour: int, minute: int, zone: tzinfo) -> datetime:
    if (hour, minute) == (24, 0):
        day, hour = day + _ONE_DAY, 0
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
