"""Reads the first things that a runbook tells a person to do, and makes its name an address. No I/O.

Runbooks are written by people for people, so this reads what they usually look like (lists below a heading such as
"First checks") and nothing more; a runbook without a list has no steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from bot.domain.shortening import one_line, shorten

STEPS, STEP = 3, 150

_READ, _LINE = 20_000, 1_000
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?P<words>.+?)[ \t#]*$")
# People also write a heading as a bold line of its own.
_BOLD = re.compile(r" {0,3}(?:\*\*|__)(?P<words>[^*_]{1,120})(?:\*\*|__):?[ \t]*$")
_ITEM = re.compile(r"(?P<indent>[ \t]{0,12})(?:[-*+]|\d{1,3}[.)])[ \t]{1,4}(?:\[[ xX]\][ \t]{1,4})?(?P<words>\S.*)$")
_FENCE = re.compile(r"[ \t]{0,12}(?:```|~~~)")
_FIRST = re.compile(
    r"\b(?:(?:first|initial|immediate|quick)\s(?:\w{1,20}\s)?(?:checks?|steps?|actions?|response|things?|look|aid)"
    r"|(?:check|do|look)\s(?:\w{1,20}\s){0,2}first|triage|first\sresponse)\b"
    r"|먼저|우선\s?(?:확인|조치|할)|(?:초기|초동|긴급|즉시|1차|첫)\s?(?:확인|조치|대응|점검|할)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--(?:[^<-]|-(?!->)|<(?!!--))*-->")
_LINK = re.compile(r"!?\[(?P<words>[^\[\]]{0,300})\]\((?P<to>[^()\s]{0,600})(?:\s[^()]{0,200})?\)")
_ADDRESS = re.compile(r"<(https?://[^<>\s]{1,600})>")
_TAG = re.compile(
    r"</?(?:a|b|br|code|div|em|i|kbd|p|pre|small|span|strong|sub|sup|u)(?:\s[^<>]{0,300})?/?>", re.IGNORECASE
)
_EMPHASIS = re.compile(r"\*\*|__(?=\S)|(?<=\S)__|`{1,3}|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")


@dataclass(frozen=True, slots=True)
class RunbookPages:
    """Where people read the runbooks: the address of their folder (`{page}` in it is the name), names by their `key_of`."""

    base: str = ""
    names: Mapping[str, str] = field(default_factory=dict[str, str])

    def address(self, *wanted: str) -> str:
        """Return the address of the first page that there is, by its own address, an alert's name or a service's."""
        found = next((self.names[key] for name in wanted if (key := key_of(name)) in self.names), "")
        if not found or not self.base:
            return ""
        page = quote(found)
        return self.base.replace("{page}", page) if "{page}" in self.base else f"{self.base.rstrip('/')}/{page}"


def key_of(name: str) -> str:
    """Return what an address, an alert and a file have in common: `…/high-error-rate-5xx.md` is `HighErrorRate5xx`."""
    try:
        path = urlsplit(name[:2_000]).path if "/" in name else name
    except ValueError:
        return ""
    last = path.rstrip("/").rsplit("/", 1)[-1].removesuffix(".md")
    return "".join(letter for letter in last.casefold() if letter.isalnum())


@dataclass(slots=True)
class _List:
    """A list of the runbook, with the words of the heading it stands below."""

    heading: str
    indent: int
    items: list[str] = field(default_factory=list[str])


def steps_of(markdown: str) -> tuple[str, ...]:
    """Return the first steps, three at most, each one line of at most 150 characters without formatting.

    They are those of the first list below a heading that says "first checks" or the like ("먼저 확인할 것"), else of the
    first list that is no table of contents.
    """
    found = [(each.heading, steps) for each in _lists(_COMMENT.sub("", markdown[:_READ])) if (steps := _steps(each))]
    wanted = next((steps for heading, steps in found if _FIRST.search(heading)), None)
    return wanted or next((steps for _, steps in found), ())


def _steps(each: _List) -> tuple[str, ...]:
    said = (_plain(item) for item in each.items if not _leads_elsewhere(item))
    return tuple(shorten(words, STEP) for words in said if any(map(str.isalnum, words)))[:STEPS]


def _lists(markdown: str) -> Sequence[_List]:
    lists: list[_List] = []
    heading, current = "", None
    for line in _outside_code(markdown.splitlines()):
        if not line.strip():
            continue
        titled = _HEADING.match(line) or _BOLD.match(line)
        item = None if titled else _ITEM.match(line)
        if titled:
            heading, current = titled["words"], None
        elif item is None:
            # A line that is not indented is a paragraph, and ends the list.
            current = _continued(current, line)
        elif current is None or len(item["indent"]) < current.indent:
            current = _List(heading, len(item["indent"]), [item["words"]])
            lists.append(current)
        elif len(item["indent"]) <= current.indent + 1:
            current.items.append(item["words"])
        # What is indented further explains the step above it.
    return lists


def _continued(current: _List | None, line: str) -> _List | None:
    if current is None or not line[:1].isspace():
        return None
    if len(current.items[-1]) < _LINE:
        current.items[-1] += f" {line.strip()}"
    return current


def _outside_code(lines: Iterable[str]) -> Iterable[str]:
    inside = False
    for line in lines:
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            yield line[:_LINE]


def _leads_elsewhere(item: str) -> bool:
    """Tell whether an item is only a link into the same page: a line of a table of contents."""
    link = _LINK.match(item.strip())
    return link is not None and link.end() == len(item.strip()) and link["to"].startswith("#")


def _plain(item: str) -> str:
    words = _TAG.sub("", _ADDRESS.sub(r"\1", _LINK.sub(lambda link: link["words"], item[:_LINE])))
    return one_line(_EMPHASIS.sub("", words))
