"""Writes anybody's words in a Markdown file: they read the same, but make no heading, table, link or code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from bot.domain.shortening import shorten
from bot.ui.limits import one_line

_MARKS = re.compile(r"([\\`*_{}\[\]<>|#~])")
_MOMENT = re.compile(r"<t:(\d{1,12})(?::(\w))?>")
# As Discord shows a time of day, without and with seconds.
_STYLES = {"t": "%H:%M", "T": "%H:%M:%S"}
_FENCE = re.compile(r"`{3,}")
_AT_THE_BEGINNING = re.compile(r"^(\s*)([-+=]|\d+[.)])")


def written(words: str, limit: int = 1000) -> str:
    """Return words as one line of a Markdown file."""
    line = shorten(one_line(words), limit)
    return _AT_THE_BEGINNING.sub(r"\1\\\2", _MARKS.sub(r"\\\1", line))


def row(*cells: object) -> str:
    """Return a row of a table; what is a text was written before."""
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def table(head: str, rows: Iterable[Sequence[object]]) -> list[str]:
    """Return a table, with an empty line behind it."""
    columns = head.count("|") - 1
    return [head, "|" + "---|" * columns, *(row(*each) for each in rows), ""]


def block(kind: str, lines: Sequence[str]) -> list[str]:
    """Return a block of code that nothing in it can end."""
    longest = max((len(found) for line in lines for found in _FENCE.findall(line)), default=2)
    fence = "`" * (longest + 1)
    return [f"{fence}{kind}", *lines, fence, ""]


def dated(words: str, zone: tzinfo) -> str:
    """Write moments as Discord marks them by the clock of the team: a file is read where nobody knows these marks."""

    def moment(found: re.Match[str]) -> str:
        try:
            at = datetime.fromtimestamp(int(found[1]), zone)
        except (ValueError, OverflowError, OSError):
            # Nobody's moment: somebody has typed it.
            return found[0]
        return f"{at:{_STYLES.get(found[2], '%Y-%m-%d %H:%M')}}"

    return _MOMENT.sub(moment, words)
