"""Writes measured lengths of time in the unit's word of a language: `2.5 s` is `2.5초` in Korean. Pure."""

from __future__ import annotations

import re
from typing import Final

# Milliseconds are written as everywhere.
_KOREAN: Final = {"s": "초", "min": "분"}
_LENGTH: Final = re.compile(r"(-?\d[\d.,]*) (s|min)(?P<words> [^\W\d].*)?")


def measured(language: str, written: str) -> str:
    """Write an amount as readers of a language do; what is no length of time stays as it was written."""
    found = _LENGTH.fullmatch(written)
    return f"{found[1]}{_KOREAN[found[2]]}{found['words'] or ''}" if found and language == "ko" else written
