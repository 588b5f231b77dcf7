"""Hides what an operator wants hidden besides: patterns of the configuration, which may be anything.

They are matched by RE2, whose time grows with the length of the text alone: an innocent `(a+)+$` would hold up every card
for minutes with Python's own module. What RE2 cannot promise that for (look-around, references back) it refuses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from bot.errors import ConfigurationError
from bot.i18n import Phrase

if TYPE_CHECKING:
    from bot.redaction.patterns import RedactionRule

_HOW = "patterns are RE2's (https://github.com/google/re2/wiki/Syntax), without look-around and references back"


def own_rule(name: str, pattern: str) -> RedactionRule:
    """Compile a pattern of the configuration. Raises ConfigurationError if nobody can read it, or if it fits everywhere."""
    # Here, because few configure patterns, and its library is a megabyte and a half; our own table is compiled when loaded.
    import re2

    from bot.redaction.patterns import RedactionRule

    options = re2.Options()
    # It would write the mistake to the console as well.
    options.log_errors = False
    try:
        compiled = cast("re.Pattern[str]", re2.compile(pattern, options))
    except (re2.error, UnicodeEncodeError) as error:
        raise _mistake(name, f"{_said(error)}; {_HOW}") from error
    if compiled.fullmatch(""):
        raise _mistake(name, "it fits nothing at all, and so everywhere")
    kind = re.sub(r"[^a-z]+", "-", name.lower()).strip("-")[:30]
    return RedactionRule(kind if len(kind) > 1 else "own", compiled, lambda value, whole: not value or not whole)


def _said(error: Exception) -> str:
    words = error.args[0] if error.args else ""
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)


def _mistake(name: str, problem: str) -> ConfigurationError:
    return ConfigurationError("errors.configuration", mistakes=Phrase("mistake.redact", name=name, problem=problem))
