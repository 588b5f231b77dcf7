"""Writes measured values as people read them: `30 s`, not `30,012 ms`. Pure; what is no number stays as it was written."""

from __future__ import annotations

import math
import re

_AMOUNT = re.compile(r"(?P<number>-?\d[\d,]*(?:\.\d+)?)\s*(?P<unit>ms|s|/s|%)?")
_TOLD = re.compile(r"(?P<number>-?\d[\d,]*(?:\.\d+)?)\s*(?P<unit>ms|s)\s+(?P<words>[^\W\d].*)")
_MS = {"ms": 1.0, "s": 1000.0}
_SECOND, _MINUTE, _HOUR, _DAY = 1_000.0, 60_000.0, 3_600_000.0, 86_400_000.0


def readable(written: str, unit: str = "") -> str:
    """Rewrite an amount (`30,012`, `0.0496 s`, `31.1 /s`) with the digits that matter; `unit` is for one without."""
    match = _AMOUNT.fullmatch(written.strip())
    if match is None:
        return written
    value, unit = float(match["number"].replace(",", "")), match["unit"] or unit
    if unit in _MS:
        return length(value * _MS[unit])
    if unit in ("/s", "%"):
        return f"{digits(value)}{unit}"
    return written


def amount(written: str) -> str:
    """Write a length of time as all others are written, with its own digits (`30 s` for `30s`), and a rate (`31/s`).

    What a rule's author wrote is compared with a threshold, so nothing is rounded but milliseconds above a second.
    A percentage stays as it was written. What words follow (`1.264s ago`) is no number to compare, and is rounded.
    """
    if told := _TOLD.fullmatch(written.strip()):
        return f"{length(float(told['number'].replace(',', '')) * _MS[told['unit']])} {told['words']}"
    match = _AMOUNT.fullmatch(written.strip())
    if match is None or match["unit"] in (None, "%"):
        return written
    number, unit = match["number"], match["unit"]
    if unit == "ms" and abs(value := float(number.replace(",", ""))) >= _SECOND:
        return length(value)
    return f"{number}{unit}" if unit == "/s" else f"{number} {unit}"


def length(ms: float) -> str:
    """Write a length of time that was measured, in milliseconds: `0.5 ms`, `155 ms`, `7.3 s`, `2.5 min`, `3.1 h`."""
    if not math.isfinite(ms):
        return digits(ms)
    size = abs(ms)
    # Rounded first, or 999.7 ms would be 1000 ms.
    if round(size) < _SECOND:
        return f"{digits(ms)} ms"
    if round(size / _SECOND) < 2 * _MINUTE / _SECOND:
        return f"{digits(ms / _SECOND)} s"
    if round(size / _MINUTE) < 2 * _HOUR / _MINUTE:
        return f"{digits(ms / _MINUTE)} min"
    if round(size / _HOUR) < 2 * _DAY / _HOUR:
        return f"{digits(ms / _HOUR)} h"
    return f"{digits(ms / _DAY)} d"


def digits(value: float) -> str:
    """Write a number as whole from ten on, and below it with one decimal, or two digits that matter; `nan` and `inf` by name."""
    size = abs(value)
    if not math.isfinite(value):
        return f"{value:g}"
    if size >= 10 or value == round(value):
        return f"{value:.0f}"
    return f"{value:.1f}".removesuffix(".0") if size >= 1 else f"{value:.2g}"
