"""Writes moments and stretches of time as Grafana's units of dates and durations do. No I/O.

Source: packages/grafana-data/src/valueFormats/dateTimeFormatters.ts (11 to 13), and the tokens and spans of moment.js that it uses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_ISO: Final = "YYYY-MM-DD HH:mm:ss"
_US: Final = "MM/DD/YYYY h:mm:ss a"
# How a moment is written, and how if it is of today.
DATES: Final = {
    "dateTimeAsIso": (_ISO, _ISO), "dateTimeAsIsoNoDateIfToday": (_ISO, "HH:mm:ss"),
    "dateTimeAsUS": (_US, _US), "dateTimeAsUSNoDateIfToday": (_US, "h:mm:ss a"),
    # The browser's own way is nobody's here.
    "dateTimeAsLocal": (_ISO, _ISO), "dateTimeAsLocalNoDateIfToday": (_ISO, "HH:mm:ss"),
    "dateTimeAsSystem": (_ISO, _ISO), "dateTimeFromNow": ("", ""),
}  # fmt: skip
_TOKENS: Final = re.compile(r"\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|dddd|ddd|DD|D|HH|H|hh|h|mm|m|ss|s|SSS|A|a|ZZ|Z|X|x")
_TOLD: Final[dict[str, Callable[[datetime], str]]] = {
    "YYYY": lambda at: f"{at.year:04}", "YY": lambda at: f"{at.year % 100:02}",
    "MMMM": lambda at: at.strftime("%B"), "MMM": lambda at: at.strftime("%b"),
    "MM": lambda at: f"{at.month:02}", "M": lambda at: str(at.month),
    "dddd": lambda at: at.strftime("%A"), "ddd": lambda at: at.strftime("%a"),
    "DD": lambda at: f"{at.day:02}", "D": lambda at: str(at.day),
    "HH": lambda at: f"{at.hour:02}", "H": lambda at: str(at.hour),
    "hh": lambda at: f"{at.hour % 12 or 12:02}", "h": lambda at: str(at.hour % 12 or 12),
    "mm": lambda at: f"{at.minute:02}", "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02}", "s": lambda at: str(at.second),
    "SSS": lambda at: f"{at.microsecond // 1000:03}",
    "A": lambda at: "PM" if at.hour >= 12 else "AM", "a": lambda at: "pm" if at.hour >= 12 else "am",
    "ZZ": lambda at: at.strftime("%z"), "Z": lambda at: f"{at.strftime('%z')[:3]}:{at.strftime('%z')[3:]}",
    "X": lambda at: str(int(at.timestamp())), "x": lambda at: str(int(at.timestamp() * 1000)),
}  # fmt: skip
# Up to how many seconds it is said how, and how many seconds one of these is.
_ABOUT: Final = (
    (45.0, "a few seconds", 0.0), (90.0, "a minute", 0.0), (45 * 60.0, "{} minutes", 60.0), (90 * 60.0, "an hour", 0.0),
    (22 * 3600.0, "{} hours", 3600.0), (36 * 3600.0, "a day", 0.0), (26 * 86_400.0, "{} days", 86_400.0),
    (45 * 86_400.0, "a month", 0.0), (320 * 86_400.0, "{} months", 30.436875 * 86_400.0),
    (548 * 86_400.0, "a year", 0.0), (float("inf"), "{} years", 365.2425 * 86_400.0),
)  # fmt: skip
_PARTS: Final = (
    (31_536_000.0, "year"), (2_592_000.0, "month"), (604_800.0, "week"), (86_400.0, "day"), (3600.0, "hour"),
    (60.0, "minute"), (1.0, "second"), (0.001, "millisecond"),
)  # fmt: skip
_DAY: Final = 86_400


def is_moment(unit: str) -> bool:
    """Say whether a unit makes a point of time out of a number."""
    return unit in DATES or unit.startswith("time:")


def moment_of(value: float, unit: str, zone: str, now: float) -> str:
    """Write a moment, in milliseconds since 1970."""
    try:
        at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=value)
        at = at.astimezone(ZoneInfo(zone))
    except (OverflowError, ValueError):
        return "Invalid date"
    if unit == "dateTimeFromNow":
        return from_now(value / 1000 - now)
    whole, today = DATES.get(unit) or (unit.removeprefix("time:"),) * 2
    same_day = at.date() == datetime.fromtimestamp(now, at.tzinfo).date()
    return _TOKENS.sub(
        lambda token: token[1] if token[1] is not None else _TOLD[token[0]](at), today if same_day else whole
    )


def from_now(seconds: float) -> str:
    """Say how far a moment is from now, as moment.js does."""
    size = abs(seconds)
    said, one = next((said, one) for most, said, one in _ABOUT if size < most)
    words = said.format(round(size / one)) if one else said
    return f"in {words}" if seconds > 0 else f"{words} ago"


def duration_of(value: float, unit: str, decimals: int | None) -> str:
    """Write a stretch of time in words or as a clock does; empty if the unit is none of these."""
    if unit in ("dtdurations", "dtdurationms"):
        return _in_words(value, unit, decimals or 0)
    if unit in ("dthms", "dtdhms"):
        days, rest = divmod(int(abs(value)), _DAY) if unit == "dtdhms" else (0, int(abs(value)))
        clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
        return f"{f'{days} d ' if days else ''}{clock}{' ago' if value < 0 else ''}"
    if unit in ("clocks", "clockms"):
        return _clock(value * (1000 if unit == "clocks" else 1), decimals)
    return ""


def _in_words(value: float, unit: str, more: int) -> str:
    if value < 0:
        return f"{_in_words(-value, unit, more)} ago"
    left = value * (0.001 if unit == "dtdurationms" else 1.0)
    said: list[str] = []
    for size, name in _PARTS:
        # A float holds a thousandth only nearly.
        count = int(left / size + 1e-9)
        if count or said:
            said.append(f"{count} {name}{'' if count == 1 else 's'}")
            left -= count * size
        if len(said) > more:
            break
    return ", ".join(said) or ("0 milliseconds" if unit == "dtdurationms" else "0 seconds")


def _clock(milliseconds: float, decimals: int | None) -> str:
    whole = int(milliseconds) if math.isfinite(milliseconds) else 0
    if whole < 1000:
        return f"{whole:03}ms" if whole >= 0 else f"{whole}ms"
    hours, minutes, seconds = whole // 3_600_000, whole // 60_000 % 60, whole // 1000 % 60
    parts = [f"{hours}h"] if hours else []
    parts += [f"{minutes:02}m"] if hours or minutes else []
    parts += [f"{seconds:02}s", f"{whole % 1000:03}ms"]
    return ":".join(parts if decimals is None else parts[: decimals + 1])
