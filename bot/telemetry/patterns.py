"""Matches patterns of silences as Alertmanager and Grafana do: by RE2, which Go's own module implements.

Source: Alertmanager's pkg/labels/matcher.go: a pattern is compiled as `^(?:pattern)$`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, cast

from bot.domain.tables import Patterns

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
    # Here, because most who run Bongsu have no pattern to match for days, and it takes a megabyte.
    import re2

    options = re2.Options()
    # It would write the mistake to the console as well.
    options.log_errors = False
    try:
        return cast("re.Pattern[str]", re2.compile(f"^(?:{pattern})$", options))
    except re2.error:
        return None


def matches(pattern: str, value: str) -> bool | None:
    """Tell whether a pattern of a dashboard fits, as Grafana reads it: `/part/i`, or the whole value without slashes.

    None for a pattern that RE2 does not know (one that looks around, say).
    """
    inner, flags = pattern, ""
    if pattern.startswith("/"):
        inner, _, flags = pattern[1:].rpartition("/")
    inline = "".join(flag for flag in "ims" if flag in flags)
    found = f"(?{inline}:{inner})" if inline else f"(?:{inner})"
    return full_match(f"(?s:.*){found}(?s:.*)" if pattern.startswith("/") else found, value)


def replaced(pattern: str, to: str, text: str) -> str | None:
    """Return a text with what fits replaced, `$1` being a group, as JavaScript does; None for a pattern that RE2 does not know."""
    inner, flags = pattern, "g"
    if pattern.startswith("/"):
        inner, _, flags = pattern[1:].rpartition("/")
    inline = "".join(flag for flag in "ims" if flag in flags)
    try:
        compiled = _searched(f"(?{inline}:{inner})" if inline else inner)
        if compiled is None:
            return None
        return compiled.sub(lambda found: _filled(to, found), text, count=0 if "g" in flags else 1)
    except UnicodeEncodeError:
        return None


_PLACE: Final = re.compile(r"\$(\d{1,2}|&|\$|<\w+>)")


def _filled(to: str, found: re.Match[str]) -> str:
    def one(place: re.Match[str]) -> str:
        name = place[1]
        if name == "$":
            return "$"
        try:
            return found[0 if name == "&" else int(name) if name.isdigit() else name[1:-1]] or ""
        except IndexError:
            return place[0]

    return _PLACE.sub(one, to)


@lru_cache(_KEPT)
def _searched(pattern: str) -> re.Pattern[str] | None:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return cast("re.Pattern[str]", re2.compile(pattern, options))
    except re2.error:
        return None


TABLE_PATTERNS: Final = Patterns(matches, replaced)
