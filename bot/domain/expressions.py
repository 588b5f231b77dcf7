"""Finds the metrics that a PromQL reads. Pure; it reads words, not grammar, which is enough to ask whether they are there.

Source: Prometheus docs, "Querying basics" and "Operators" (2.42 to 3.14).
"""

from __future__ import annotations

import re

_STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`')
_NAMED = re.compile(r"__name__\s*(?P<how>=~|=)\s*(?P<name>\"(?:\\.|[^\"\\])*\")")
_BRACES, _BRACKETS = re.compile(r"\{[^{}]*\}"), re.compile(r"\[[^\[\]]*\]")
_LABELS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)", re.IGNORECASE)
_WORD = re.compile(r"(?<![\w:.])[A-Za-z_:][\w:]*(?!\s*\()(?![\w:])")
_KEYWORDS = frozenset(
    [
        "and",
        "or",
        "unless",
        "bool",
        "offset",
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "inf",
        "nan",
        "atan2",
    ]
)
_MOST, _LONGEST = 12, 4_000


def metrics_of(expression: str) -> str:
    """Return the metrics that an expression reads as a regular expression of RE2, without anchors; nothing if unknown."""
    if len(expression) > _LONGEST:
        return ""
    written = [_plain(match) for match in _NAMED.finditer(expression)]
    bare = _BRACKETS.sub(" ", _BRACES.sub(" ", _STRING.sub('""', expression)))
    words = [word for word in _WORD.findall(_LABELS.sub(" ", bare)) if word.lower() not in _KEYWORDS]
    # Only Prometheus itself makes it, about what fires: it ends with the alert.
    names = [name for name in dict.fromkeys([*words, *written]) if name and not name.startswith("ALERTS")]
    return "|".join(names) if len(names) <= _MOST else ""


def _plain(match: re.Match[str]) -> str:
    name = match["name"][1:-1]
    if "\\" in name:
        return ""
    return f"(?:{name})" if match["how"] == "=~" else name
