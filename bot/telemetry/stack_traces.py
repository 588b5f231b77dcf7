"""Tells which lines are one stack trace: those of Java, Node, .NET, Python, Go and PHP, written line by line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.telemetry.levels import level_of

# Lines that continue whatever stands before them: Java's, Node's, .NET's.
_CONTINUES: Final = re.compile(
    r"\t|\s+at |\s*\.\.\. \d+ (?:more|common frames)|\s*(?:Caused by|Suppressed|Wrapped by): ?| +---(?:> | End of )"
)
_THROWN: Final = re.compile(r"(?:[\w$]+\.)+[\w$]*(?:Exception|Error|Throwable)(?::|\s*$)")
_PYTHON: Final = "Traceback (most recent call last):"
# Within a trace of Python: its frames, what leads from one exception to the next, and the exception behind the frames.
_OF_PYTHON: Final = re.compile(
    r"  |> File |\s*$|Traceback \(most|During handling of the above|The above exception was the"
)
_RAISED: Final = re.compile(r"[A-Za-z_][\w.]*(?:: |$)")
# loguru leaves a line free before it.
_RAISED_LATER: Final = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception)(?:: |$)")
# Go and PHP: the line that begins a trace, and those within it.
_OTHERS: Final = (
    (
        re.compile(r"panic: |fatal error: |goroutine \d+ \["),
        re.compile(r"\s*$|panic: |\[signal |goroutine \d+ \[|created by |[\w./*(){}\[\]·-]+\(.*\)$|exit status \d+$"),
    ),
    (re.compile(r".*PHP [A-Z][a-z ]+: |Stack trace:$"), re.compile(r"Stack trace:$|#\d+ |  thrown in ")),
)
_BAD: Final = ("error", "critical", "fatal")


def is_of_a_trace(line: str) -> bool:
    """Tell whether a line begins or continues a trace of Java's kind."""
    return bool(_CONTINUES.match(line) or _THROWN.match(line))


def continues(parts: Sequence[str], line: str) -> bool:
    """Tell whether a line continues the event of these lines."""
    if _CONTINUES.match(line):
        return True
    first = parts[0]
    # The exception itself stands right after the message, and nowhere else.
    if len(parts) == 1 and not is_of_a_trace(first) and _THROWN.match(line):
        return True
    if line.startswith(_PYTHON):
        # Python writes it after an error that was logged; what nobody caught follows any line at all.
        return (len(parts) == 1 and level_of({}, first) in _BAD) or _in_python(parts)
    if _in_python(parts):
        raised = _RAISED if parts[-1].startswith("  ") else _RAISED_LATER
        return bool(_OF_PYTHON.match(line) or ((raised is _RAISED or not parts[-1].strip()) and raised.match(line)))
    return any(begins.match(first) and within.match(line) for begins, within in _OTHERS)


def _in_python(parts: Sequence[str]) -> bool:
    # It is the first line, or the one after the message.
    return any(part.startswith(_PYTHON) for part in parts[:2])
