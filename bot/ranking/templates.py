"""Log lines into templates: what varies is masked, what frameworks put before the words is left out.

Lines are counted by a template that masks every field. What a person reads keeps the words of a sentence that follow a colon
where all lines have the same there: `dial tcp: lookup db: no such host` is known by just these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

# Characters of a line that are made a template, of a template that are shown, and of a line that are kept as an example.
_READ, _SHOWN, _SAMPLE = 300, 90, 400
# What a value begins with is looked at first, because most letters begin none.
_VALUE = re.compile(
    r"(?=[\da-fA-F+\-\"'])(?:"
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}|\b[0-9a-fA-F]{12,64}\b|(?<![A-Za-z])[-+]?\d[\d.,:/_TZ-]*"
    r"|\"[^\"]{0,200}\"|'[^']{0,200}')"
)
# What follows a colon or an equals sign is a value, unless it is the class of an exception.
_FIELD = re.compile(r"([:=：]\s?)(?![\w.$]*(?:Exception|Error))[^\s\[\](){},;:=]+")
# What frameworks put before the words: time, level, process, thread, trace and logger, up to the colon.
_COLON = " : "
_HEADER = re.compile(rf"^[^\n]{{0,60}}\b(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b[^\n]{{0,160}}?{_COLON}")
# A word in the middle of a sentence: what a field holds ends with it.
_GOES_ON = re.compile(r" (?:[^\W\d_]|[#*])")
# The class of an exception with what it says, at the beginning of a line; and the one that another was caused by.
_THROWN = r"(?:[\w$]+\.)*([A-Z][\w$]*(?:Exception|Error|Throwable)\b[^\n]*)"
_RAISED = re.compile(rf"^{_THROWN}", re.MULTILINE)
_CAUSE = re.compile(rf"^Caused by: {_THROWN}", re.MULTILINE)


def said(message: str) -> str:
    """Return a message without what frameworks put before it."""
    return _HEADER.sub("", message) if _COLON in message else message


def _masked(found: re.Match[str]) -> str:
    return f"{found[1]}*"


def template(message: str) -> str:
    """Mask what varies, and keep the first words of the first line."""
    return _short(_FIELD.sub(_masked, _head(message)).strip())


def shown(alike: Sequence[str], hide: Callable[[str], str] = str) -> str:
    """Return the template of lines as a person reads it, made of what `hide` leaves of the first of them."""
    head = _head(hide(alike[0][:_SAMPLE]))
    lines = [list(_words_after(_head(message))) for message in alike]
    same = [words[0] if len(set(words)) == 1 else "" for words in zip(*lines, strict=False)]
    own = list(_words_after(head))
    # Where something was hidden nothing tells which field is which.
    kept = iter(same if len(own) == len(lines[0]) else [])

    def masked(found: re.Match[str]) -> str:
        word = next(kept, "")
        return found[0] if word and word == _word(found, head) else _masked(found)

    return _short(_FIELD.sub(masked, head).strip())


def _head(message: str) -> str:
    return _VALUE.sub("#", said(message[:_READ].split("\n", 1)[0]))


def _words_after(head: str) -> Iterator[str]:
    return (_word(found, head) for found in _FIELD.finditer(head))


def _word(found: re.Match[str], head: str) -> str:
    """Return what follows a colon if a sentence goes on with it, nothing if it may be a value."""
    word = found[0][len(found[1]) :]
    return (
        word
        if found[1][-1].isspace() and found[1][0] != "=" and word.isalpha() and _GOES_ON.match(head, found.end())
        else ""
    )


def _short(shown: str) -> str:
    """Cut a line that is shown after a whole word."""
    return shown if len(shown) <= _SHOWN else (shown[:_SHOWN].rsplit(" ", 1)[0].rstrip() or shown[:_SHOWN]) + "…"


def root_of(message: str) -> str:
    """Return the exception that began a stack trace, without its package: the deepest cause, or the one there is."""
    causes = _CAUSE.findall(message)
    # Java names the cause last; Python raises last what nobody caught.
    thrown = causes[-1:] or _RAISED.findall(message)[-1 if "Traceback (most recent call last)" in message else 0 :][:1]
    return _short(thrown[0].strip()) if thrown else ""
