"""Writes lengths of time in the words of a language: `2.5 s` is `2.5초` in Korean, 200 s are `3 min 20 s`. Pure."""

from __future__ import annotations

import re
from typing import Final

from bot.i18n import Language, text

# Milliseconds are written as everywhere.
_KOREAN: Final = {"s": "초", "min": "분", "h": "시간", "d": "일"}
_LENGTH: Final = re.compile(r"(-?\d[\d.,]*) (s|min|h|d)(?P<words> [^\W\d].*)?")
_UNITS: Final = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


def measured(language: str, written: str) -> str:
    """Write an amount as readers of a language do; what is no length of time stays as it was written."""
    found = _LENGTH.fullmatch(written)
    return f"{found[1]}{_KOREAN[found[2]]}{found['words'] or ''}" if found and language == "ko" else written


def spelled(seconds: float, language: Language) -> str:
    """Write a length in its two largest units: `3 min 20 s`, `3분 20초`."""
    left = max(round(seconds), 0)
    parts: list[str] = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(text(language, f"time.{unit}", count=count))
    return " ".join(parts[:2]) or text(language, "time.seconds", count=0)
