"""Draws what a text panel says: Markdown or HTML as plain lines, without what a browser would do with it."""

from __future__ import annotations

import textwrap
from html.parser import HTMLParser
from typing import Any, Final
from unicodedata import east_asian_width

from markdown_it import MarkdownIt
from matplotlib.axes import Axes

from bot.cameras.chart_kinds import extent
from bot.domain.shortening import one_line

Json = dict[str, Any]
Line = tuple[str, str]

_TEXT_PT, _HEAD_PT, _LEADING, _LETTER = 10.0, 13.0, 1.5, 0.55
_MOST_LINES: Final = 60
_HEADS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# What stands on lines of its own, and what nobody reads.
_BLOCKS: Final = _HEADS | {"p", "div", "li", "ul", "ol", "tr", "table", "pre", "br", "hr", "blockquote", "section"}
_UNREAD: Final = frozenset({"script", "style", "template", "head", "title", "iframe", "object", "svg", "noscript"})


class _Reader(HTMLParser):
    """Collects the lines that can be read, each with the tag it stands in."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self._words: list[str] = []
        self._tag, self._unread, self._kept = "", 0, False
        self._lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.end_line()
            self._tag = tag if tag in _HEADS else self._tag
            self._lists += [_before(dict(attrs).get("start"))] if tag == "ol" else [None] if tag == "ul" else []
            self._words += [self._mark()] if tag == "li" else []
            self._kept = self._kept or tag == "pre"
        elif tag in ("td", "th"):
            self._words.append(" · " if "".join(self._words).strip() else "")
        elif tag == "img":
            self._words.append(dict(attrs).get("alt") or "")
        elif tag in _UNREAD:
            self._unread += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end_line()
            self._tag = "" if tag in _HEADS else self._tag
            self._kept = self._kept and tag != "pre"
            self._lists = self._lists[:-1] if tag in ("ol", "ul") else self._lists
        elif tag in _UNREAD:
            self._unread = max(0, self._unread - 1)

    def handle_data(self, data: str) -> None:
        if self._unread:
            return
        first, *others = data.split("\n") if self._kept else [data]
        self._words.append(first)
        for each in others:
            self.end_line()
            self._words.append(each)

    def _mark(self) -> str:
        """Return what stands before an item: its number in a list of numbers."""
        if not self._lists or self._lists[-1] is None:
            return "• "
        self._lists[-1] += 1
        return f"{self._lists[-1]}. "

    def end_line(self) -> None:
        """Begin a new line, if anything stands on this one."""
        if line := one_line("".join(self._words)):
            self.lines.append((self._tag, line))
        self._words = []


def _before(start: str | None) -> int:
    return int(start) - 1 if start and start.isdecimal() and len(start) < 10 else 0


def lines_of_text(words: str, mode: str) -> list[Line]:
    """Return the lines that somebody reads, each with the tag of a heading or none."""
    if mode == "code":
        return [("", one_line(line)) for line in words.splitlines() if line.strip()]
    reader = _Reader()
    # What is HTML in Markdown is HTML in Grafana, too.
    reader.feed(words if mode == "html" else MarkdownIt("commonmark", {"html": True}).enable("table").render(words))
    reader.close()
    reader.end_line()
    return reader.lines


def text(axes: Axes, panel: Json, ink: str) -> None:
    """Draw as many lines as have a place; that there are more is said by dots."""
    axes.set_axis_off()
    wide, high = extent(axes)
    top, found = 1.0, list(_wrapped(lines_of_text(*panel["words"]), wide))
    for place, (tag, line) in enumerate(found):
        size = _HEAD_PT if tag in _HEADS else _TEXT_PT
        tall = size * _LEADING / (0.8 * high)
        last = place + 1 < len(found) and top - tall < tall
        how: Json = {"weight": "bold"} if tag in _HEADS else {}
        axes.text(
            0.0, top, "…" if last else line, va="top", fontsize=size, color=ink, transform=axes.transAxes,
            parse_math=False, in_layout=False, **how,
        )  # fmt: skip
        if last:
            break
        top -= tall


def _wrapped(lines: list[Line], wide: float) -> list[Line]:
    found: list[Line] = []
    for tag, line in lines[:_MOST_LINES]:
        letters = max(8, int(wide * 0.95 / ((_HEAD_PT if tag in _HEADS else _TEXT_PT) * _LETTER)))
        # Korean letters are twice as wide.
        share = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line) / len(line)
        found += [(tag, part) for part in textwrap.wrap(line, max(4, int(letters / share)))]
    return found[:_MOST_LINES]
