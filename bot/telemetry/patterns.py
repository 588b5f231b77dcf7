"""Matches patterns of silences as Alertmanager and Grafana do: by RE2, which Go's own module implements.

Source: Alertmanager's pkg/labels/matcher.go: a pattern is compiled as `^(?:pattern)$`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast

import re2

_KEPT = 1000


def full_match(pattern: str, value: str) -> bool | None:
    """Tell whether the pattern fits the whole value; None for a pattern that the servers would refuse."""
    try:
        compiled = _compiled(pattern)
        return bool(compiled and compiled.search(value)) if compiled else None
    except UnicodeEncodeError:
        # Half a character: nothing that a server could have told us.
        return None


@lru_cache(_KEPT)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    options = re2.Options()
    # It would write the mistake to the console as well.
    options.log_errors = False
    try:
        return cast("re.Pattern[str]", re2.compile(f"^(?:{pattern})$", options))
    except re2.error:
        return None


def matches(pattern: str, value: str) -> bool:
    """Tell whether a pattern of a dashboard fits, as Grafana reads it: `/part/i`, or the whole value without slashes.

    A pattern that RE2 does not know (one that looks around, say) fits nothing.
    """
    inner, flags = pattern, ""
    if pattern.startswith("/"):
        inner, _, flags = pattern[1:].rpartition("/")
    inline = "".join(flag for flag in "ims" if flag in flags)
    found = f"(?{inline}:{inner})" if inline else f"(?:{inner})"
    return full_match(f"(?s:.*){found}(?s:.*)" if pattern.startswith("/") else found, value) is True
