"""Reads JSON of webhooks, one alert after the other: a broken one loses only what is broken. No I/O.

Python reads a whole JSON document in one piece, during which no other thread runs; a body of some megabytes would hold up
the event loop even from a thread of its own. Read some alerts at a time, the others get their turn in between.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

from bot.errors import InvalidNotification

# What is kept of a body, and what of a larger one is still read, for the number of its alerts and for its end.
KEPT_BYTES: Final = 8 * 1024 * 1024
READ_BYTES: Final = 64 * 1024 * 1024

_SPACE: Final = re.compile(r"[ \t\r\n]*")
# An alert that cannot be read is counted by the one key that each has once.
_EACH_HAS: Final = re.compile(r'"startsAt"\s*:')
# Lenient: a control character within a text is no reason to lose an alert.
_DECODER: Final = json.JSONDecoder(strict=False)
# As much is read in one piece, which takes a millisecond.
_BULK: Final = 128 * 1024
_OPENING: Final = re.compile(r'\{\s*"[^"\\]*"\s*:')
# Places at which the rest of a broken body may go on.
_MOST_TRIES: Final = 200


# What stands before the alerts and one of them, into what is kept of it.
Made = Callable[[dict[str, Any], Any], Any]


@dataclass(slots=True)
class Body:
    """A body in parts: `top` without its alerts, the alerts themselves, how many more there were, whether it broke off."""

    top: dict[str, Any] = field(default_factory=dict[str, Any])
    alerts: list[Any] = field(default_factory=list[Any])
    missing: int = 0
    broken: bool = False


def read_body(body: bytes, most_alerts: int, made: Made = lambda _top, value: value) -> Body:
    """Read a body; of more than so many alerts the others are only counted. Raises InvalidNotification.

    Each alert is kept as `made` makes it, which is given what stands before the alerts: that of thousands only a few are in
    the memory as they were written takes half the time.
    """
    return _Reader(_decoded(body), most_alerts, made).read()


def holds(body: bytes, wanted: Callable[[dict[str, Any], Any], bool]) -> bool:
    """Look no further into a body than its first alert that is wanted; it is asked with what stands before its alerts."""
    seeker = _Seeker(_decoded(body), wanted)
    seeker.read()
    return seeker.found


def cut_body(body: bytes, left_out: int = 0, most_bytes: int = KEPT_BYTES) -> bytes:
    """Return a body with as many of its alerts as fit, and the number of the others. Raises InvalidNotification.

    Of a body from whose midst something is gone already, `left_out` alerts were there.
    """
    # Grafana's texts over all alerts are as large as they are, and nobody reads them.
    reader = _Cutter(_decoded(body), most_bytes * 3 // 4)
    found = reader.read()
    top = {name: value for name, value in found.top.items() if len(json.dumps(value)) <= most_bytes // 64}
    top["truncatedAlerts"] = left_out + found.missing + number_of(top.get("truncatedAlerts"))
    rest = json.dumps(top)[1:]
    return f'{{"alerts":[{",".join(reader.kept)}],{rest}'.encode("utf-8", "replace")


def number_of(value: object) -> int:
    """Read a count, whatever it was written as."""
    try:
        number = float(cast("Any", value))
    except (TypeError, ValueError, OverflowError):
        return 0
    return int(number) if 0 < number < 1_000_000 else 0


class _Reader:
    """Goes through the text of a body once."""

    # Whether alerts may be taken without the place of each.
    _in_bulk = True

    def __init__(self, text: str, most_alerts: int, made: Made = lambda _top, value: value) -> None:
        self._text = text
        self._most = most_alerts
        self._made = made
        self._at = 0
        self._found = Body()

    def read(self) -> Body:
        """Read it."""
        try:
            if self._next() != "{":
                raise self._refusal()
            self._at += 1
            self._members()
        except (ValueError, IndexError, RecursionError) as error:
            if isinstance(error, InvalidNotification):
                raise
            self._salvage()
        return self._found

    def take(self, value: object, start: int, end: int) -> bool:
        """Keep an alert, which stands from `start` to `end`; return whether there was room."""
        del start, end
        if len(self._found.alerts) >= self._most:
            return False
        self._found.alerts.append(self._made(self._found.top, value))
        return True

    def _members(self) -> None:
        while (sign := self._next()) != "}":
            if sign == ",":
                self._at += 1
                continue
            name, self._at = _DECODER.raw_decode(self._text, self._at)
            if not isinstance(name, str) or self._next() != ":":
                raise ValueError("no member")
            self._at += 1
            if self._next() == "[" and name == "alerts":
                self._at += 1
                self._items()
            else:
                self._found.top[name], self._at = _DECODER.raw_decode(self._text, self._at)

    def _items(self) -> None:
        while (sign := self._next()) != "]":
            if sign == ",":
                self._at += 1
                continue
            if self._in_bulk and self._several():
                continue
            value, end = _DECODER.raw_decode(self._text, self._at)
            if not self.take(value, self._at, end):
                self._found.missing += 1
            self._at = end
        self._at += 1

    def _several(self) -> bool:
        """Read many alerts in one piece, where it is plain at which sign one ends; what is wrong is read one by one."""
        opening = _OPENING.match(self._text, self._at)
        if opening is None:
            return False
        # Within a text the quotation mark would be escaped; within a list of an alert the piece would be no JSON.
        ends = [self._text.rfind(f"{sign}{opening[0]}", self._at, self._at + _BULK) for sign in ("},", "}, ")]
        end = max(ends) + 1
        if end <= self._at:
            return False
        try:
            values = _DECODER.decode(f"[{self._text[self._at : end]}]")
        except (ValueError, RecursionError):
            self._in_bulk = False
            return False
        self._found.missing += sum(not self.take(value, self._at, end) for value in values)
        self._at = end
        return True

    def _next(self) -> str:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at]

    def _salvage(self) -> None:
        """Count what comes after the place where it broke, and read on behind the alerts."""
        self._found.broken = True
        self._found.missing += sum(1 for _ in _EACH_HAS.finditer(self._text, self._at)) or 1
        closings = (found.start() for found in re.finditer(r"\]", self._text[self._at :]))
        for place in itertools.islice(reversed(list(closings)), _MOST_TRIES):
            try:
                rest = json.loads('{"alerts":[' + self._text[self._at + place :], strict=False)
            except (ValueError, RecursionError):
                continue
            if len(rest) > 1:
                self._found.top |= {name: value for name, value in rest.items() if name != "alerts"}
                return

    def _refusal(self) -> InvalidNotification:
        try:
            json.loads(self._text)
        except (ValueError, RecursionError):
            return InvalidNotification("body", "is not JSON")
        return InvalidNotification("body", "is not an object")


class _Enough(Exception):
    """What was looked for is found."""


class _Seeker(_Reader):
    """Ends at the first alert that is wanted."""

    _in_bulk = False

    def __init__(self, text: str, wanted: Callable[[dict[str, Any], Any], bool]) -> None:
        super().__init__(text, 0)
        self.found = False
        self._wanted = wanted

    def read(self) -> Body:
        """Read as far as needed."""
        try:
            return super().read()
        except _Enough:
            self.found = True
            return self._found

    def take(self, value: object, start: int, end: int) -> bool:
        """Look at an alert."""
        del start, end
        if self._wanted(self._found.top, value):
            raise _Enough
        return True


class _Cutter(_Reader):
    """Keeps the alerts as they stand, as many as there is room for."""

    _in_bulk = False

    def __init__(self, text: str, room: int) -> None:
        super().__init__(text, 0)
        self.kept: list[str] = []
        self._room = room

    def take(self, value: object, start: int, end: int) -> bool:
        """Keep the text of an alert."""
        del value
        written = self._text[start:end]
        self._room -= 1 + (len(written) if written.isascii() else len(written.encode("utf-8", "replace")))
        if self._room < 0:
            return False
        self.kept.append(written)
        return True


def _decoded(body: bytes) -> str:
    # A wrong byte within a label is no reason to lose its alert.
    return body.decode(json.detect_encoding(body), "replace")
