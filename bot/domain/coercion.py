"""Turns values of JSON into texts, numbers and times, whatever they were written as. No I/O."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import Any, Final, cast

_ONLY_TEXTS: Final = {str}
_MOST: Final = math.inf
# Numbers in place of a time: seconds, milliseconds, microseconds or nanoseconds since the epoch, told by their size.
_EPOCHS: Final = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))
# Grafana writes nanoseconds, Python reads microseconds.
_FRACTION: Final = re.compile(r"\.(\d{6})\d+")
# Half an hour or half a minute, which Python takes for half a second (findings/fromisoformat_half_a_minute.sh).
_HALF_AN_HOUR: Final = re.compile(r"[^T ]+[T ]\d\d(?::?\d\d)?[.,]")
# NUL and halves of surrogate pairs, as JSON escapes them; NUL itself, and halves as UTF-8 would write them.
_UNKEPT: Final = re.compile(rb"\x00|\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")
_GO_TIME: Final = re.compile(r"^(\S+ \S+ [+-]\d{4})(?: [A-Z]+)?(?: m=\S+)?$")


def text_of(value: Any) -> str:
    """Write any value as a text; what is no scalar as JSON, so that nothing of it is lost."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def texts_of(value: Any) -> dict[str, str]:
    """Return a table of texts, also of one that is written as a list of names and values; what is none has no members."""
    given = cast("dict[str, Any]", value) if isinstance(value, dict) else _paired(value)
    if set(map(type, given.values())) <= _ONLY_TEXTS:
        return given
    return {name: text_of(item) for name, item in given.items()}


def _paired(value: Any) -> dict[str, Any]:
    items = cast("list[Any]", value) if isinstance(value, list) else []
    pairs = [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]
    named = [(pair.get("name", pair.get("key")), pair.get("value")) for pair in pairs]
    return {name: item for name, item in named if isinstance(name, str)}


def numbers_of(value: Any) -> dict[str, float]:
    """Return those members of a table that are finite numbers."""
    if not isinstance(value, dict):
        return {}
    numbers: dict[str, float] = {}
    for name, item in cast("dict[str, Any]", value).items():
        # Nearly all are; thousands of alerts have some each.
        number = item if type(item) is float and -_MOST < item < _MOST else _number(item)
        if number is not None:
            numbers[name] = number
    return numbers


def _number(value: Any) -> float | None:
    """Read a finite number, also one that is written as a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def iso_time(written: str) -> datetime:
    """Read a time of ISO 8601 whose fraction, if any, is of a second. Raises ValueError."""
    if _HALF_AN_HOUR.match(written):
        raise ValueError("a fraction of an hour or a minute: " + written)
    return datetime.fromisoformat(written)


def time_of(told: str) -> datetime | None:
    """Read a time; None for what is none, however that is said."""
    # Go's own way to print a time ends with the name of its zone, and perhaps its other clock.
    written = _GO_TIME.sub(r"\1", told.strip())
    try:
        since = _number(written) if written.replace(".", "", 1).isdecimal() else None
        if since is not None:
            scale = next(scale for least, scale in _EPOCHS if since >= least)
            return datetime.fromtimestamp(since / scale, UTC) if since else None
        moment = iso_time(_FRACTION.sub(r".\1", written))
        # Go's "none", and a clock that nobody has set.
        if moment.year in (1, 1970):
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        # When it began is worth less than that it fires; the arrival stands in.
        return None


def holds_unkept(body: bytes) -> bool:
    """Tell whether JSON may hold NUL or lone surrogates, escaped or not; most does not."""
    return _UNKEPT.search(body) is not None


def cleaned(value: Any) -> Any:
    """Return a value without NUL and lone surrogates."""
    if isinstance(value, str):
        # NUL cannot be stored by PostgreSQL, and a lone surrogate cannot be written by anything.
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {cleaned(name): cleaned(item) for name, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [cleaned(item) for item in cast("list[Any]", value)]
    return value
