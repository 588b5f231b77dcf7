"""Cuts anybody's words to a length, and puts them on one line; what Discord needs beside that is `ui/limits`. Pure."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"
# A word longer than this is cut like any text.
_WORD = 24


def shorten(words: str, limit: int) -> str:
    """Return at most so many characters; what was cut ends with an ellipsis."""
    return words if len(words) <= limit else words[: limit - 1].rstrip() + ELLIPSIS


def whole_words(words: str, limit: int) -> str:
    """Return at most so many characters, cut between two words if that takes no more than a word away."""
    if len(words) <= limit:
        return words
    kept = words[: limit - 1]
    space = kept.rfind(" ")
    whole = words[limit - 1].isspace() or space < len(kept) - _WORD
    return (kept if whole else kept[:space]).rstrip() + ELLIPSIS


def one_line(words: str) -> str:
    """Return the words on one line, without what is invisible."""
    spaced = (" " if char.isspace() else char for char in words)
    return " ".join("".join(char for char in spaced if unicodedata.category(char)[0] != "C").split())
