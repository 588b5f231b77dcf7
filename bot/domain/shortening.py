"""Cuts anybody's words to a length, and puts them on one line; what Discord needs beside that is `ui/limits`. Pure."""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
# A word longer than this is cut like any text.
_WORD = 24
# A hash, which a number of a build is not, and so many characters of it.
_HASH, _SHORT_HASH = re.compile(r"(?=.*[a-f])[0-9a-f]{13,64}"), 12


def shorten(words: str, limit: int) -> str:
    """Return at most so many characters; what was cut ends with an ellipsis."""
    return words if len(words) <= limit else words[: limit - 1].rstrip() + ELLIPSIS


def without_middle(words: str, limit: int) -> str:
    """Return at most so many characters of what is told apart by its end, as paths and names of machines are."""
    head = (limit - 1) // 2
    return words if len(words) <= limit else words[:head].rstrip() + ELLIPSIS + words[head + 1 - limit :].lstrip()


def whole_words(words: str, limit: int) -> str:
    """Return at most so many characters, cut between two words if that takes no more than a word away."""
    if len(words) <= limit:
        return words
    kept = words[: limit - 1]
    space = kept.rfind(" ")
    whole = words[limit - 1].isspace() or space < len(kept) - _WORD
    return (kept if whole else kept[:space]).rstrip() + ELLIPSIS


def short_id(name: str) -> str:
    """Shorten a hash, which is found by its beginning; any other id is found by all of it."""
    return name[:_SHORT_HASH] if _HASH.fullmatch(name) else name


def one_line(words: str) -> str:
    """Return the words on one line, without what is invisible."""
    spaced = (" " if char.isspace() else char for char in words)
    return " ".join("".join(char for char in spaced if unicodedata.category(char)[0] != "C").split())
