"""Reads what people type to find incidents (`P1 api 7d open timeout`) into what is looked for. No I/O."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.alerts import Severity
from bot.domain.durations import length_of

_OPEN = {"open": True, "firing": True, "resolved": False, "over": False, "미해소": True, "해소": False}
_MOST = timedelta(days=3660)
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Search:
    """Which incidents are meant: all words stand in title, service, cause or fix; empty means any."""

    words: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    is_open: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


def parse_search(typed: str, now: datetime) -> Search:
    """Read a filter: severities, `open` or `resolved`, a length of time, and anything else as a word."""
    words: list[str] = []
    severities: list[Severity] = []
    is_open: bool | None = None
    since: datetime | None = None
    for each in unicodedata.normalize("NFKC", typed).split():
        low = each.lower()
        if low.upper() in Severity.__members__:
            severities.append(Severity[low.upper()])
        elif low in _OPEN:
            is_open = _OPEN[low]
        elif (length := _length(low)) is not None:
            since = now - length
        else:
            words.append(each.removeprefix("service:").removeprefix("#"))
    return Search(tuple(words[:_MOST_WORDS]), tuple(severities), is_open, since)


def _length(word: str) -> timedelta | None:
    # A number alone is one of an incident.
    if word.isdecimal():
        return None
    try:
        return min(length_of(word), _MOST)
    except (ValueError, OverflowError):
        return None
