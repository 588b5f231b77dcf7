"""Reads what the authors of alerts wrote for people: texts, holes of templates, values and numbers. No I/O."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

# What Go's templates, Grafana's and Prometheus' write where there is nothing to write, and a template that was never run.
_HOLE: Final = re.compile(
    r"\[no value\]|<no value>|<nil>|%![^\s(]?\([^)]*\)|<error expanding template[^>]*>|\{\{.*?\}\}|\$\{[\w.]+\}|\*UNKNOWN\*"
    r"|\{[A-Z]+\.[A-Z0-9.]+\}",
    re.DOTALL,
)
# Words that stand for nothing when they are all there is.
_NOTHING: Final = frozenset({"nan", "null", "undefined", "none", "n/a", "-", "tbd", "todo", "[]", "{}", '""'})

# Where people write what has happened, best first.
_TEXTS: Final = (
    *("summary", "description", "message", "msg", "title", "subject", "details", "detail", "text", "info", "body"),
    *("alert_message", "reason", "note", "impact", "error"),
)
# Annotations that are no text for people: addresses, values, what programs tell each other.
_NOT_TEXTS: Final = re.compile(
    r"^__|url|uri|link|runbook|playbook|dashboard|panel|^value|threshold|^unit|^grafana_|image|logo|color|icon|uid|^id$"
)

# How Grafana writes all values of a rule at once: [ var='B' labels={instance=a} value=81.5 ], also for {{ $value }}.
_DUMPED: Final = re.compile(
    r"\[\s*var='(?P<name>[^']*)'(?:\s+metric='[^']*')?\s+labels=\{[^}]*\}(?:\s+type='[^']*')?\s+value=(?P<value>[^\s\]]+)\s*\]"
)
# How Grafana names the numbers of classic conditions: B0, B1.
_CLASSIC: Final = re.compile(r"[A-Z]+\d+")
_MOST_VALUES: Final = 4
_LONG_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
# As Go writes a float that nobody has rounded: a fraction without end, or 1.2e+06; not dates, versions and addresses.
_UNROUNDED: Final = re.compile(r"(?<![\w.:/-])-?\d+(?:\.\d{8,}(?![\de:/-]|\.\d)|(?:\.\d+)?e\+\d{2,3}(?![\w:/-]|\.\d))")
_SCALES: Final = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"))


def clean(written: str) -> str:
    """Return a text; nothing if a template left a hole in it."""
    return "" if _HOLE.search(written) or written.strip().lower() in _NOTHING else written.strip()


def note(annotations: Mapping[str, str], *names: str) -> str:
    """Return the first of these annotations that says something, without regard to case."""
    written = _lowered(annotations)
    return next((written[name] for name in names if clean(written.get(name, ""))), "")


def texts(annotations: Mapping[str, str]) -> tuple[str, ...]:
    """Return what was written for people, the summary first; what a template left unfilled only if there is no better."""
    written = {name: _UNROUNDED.sub(_few_digits, _undumped(value)) for name, value in _lowered(annotations).items()}
    found = [written[name] for name in _TEXTS if written.get(name)]
    # An annotation of a name of people's own is better than no word at all.
    found = found or [value for name, value in sorted(written.items()) if " " in value and not _NOT_TEXTS.search(name)]
    filled = [each for each in found if clean(each)]
    holed = [_HOLE.sub("?", each) for each in found[:1] if clean(_HOLE.sub("", each))]
    return _without_repetition(filled) or tuple(holed)


def reading(annotations: Mapping[str, str], values: Mapping[str, float]) -> str | None:
    """Say the current value: what the author wrote, else what Grafana measured, by name where that is several things."""
    unit = note(annotations, "unit", "units")
    written = _undumped(note(annotations, "value", "current_value", "currentvalue", "current", "last_value"))
    if written:
        return _rounded(written)
    told = _told(values)
    if not told:
        return None
    if len(set(told.values())) == 1 or all(_CLASSIC.fullmatch(name) for name in told):
        return f"{short(next(iter(told.values())))} {unit}".strip()
    return ", ".join(f"{name} {short(number)}" for name, number in list(told.items())[:_MOST_VALUES])


def dumped_values(written: str) -> dict[str, float]:
    """Read the values out of Grafana's `valueString`, for the versions that send nothing else."""
    found = {each["name"]: _float(each["value"]) for each in _DUMPED.finditer(written)}
    return {name: number for name, number in found.items() if number is not None}


def short(number: float) -> str:
    """Write a number with four digits that count: `1834`, `12,346`, `0.3125`, `85.9 G`."""
    size = abs(number)
    if size >= 1e6:
        scale, sign = next(((scale, sign) for scale, sign in _SCALES if size >= scale), (1.0, ""))
        return f"{number / scale:.4g} {sign}" if size < 1e18 else f"{number:.3g}"
    if size >= 10_000:
        return f"{number:,.0f}"
    return f"{number:.4g}"


def _lowered(annotations: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value.strip() for name, value in annotations.items() if not name.startswith("__")}


def _told(values: Mapping[str, float]) -> dict[str, float]:
    """Return the values that say something: the condition itself is 0 or 1, and the last of them."""
    told = dict(values)
    last = max(told, default="")
    if len(told) > 1 and told[last] in (0.0, 1.0) and not _CLASSIC.fullmatch(last):
        del told[last]
    return told


def _undumped(written: str) -> str:
    """Put numbers in the place of Grafana's dump of all values."""
    found = list(_DUMPED.finditer(written))
    if not found:
        return written
    alone = len(found) == 1
    return _DUMPED.sub(lambda each: _one(each["value"]) if alone else f"{each['name']} {_one(each['value'])}", written)


def _one(written: str) -> str:
    number = _float(written)
    return written if number is None else short(number)


def _few_digits(found: re.Match[str]) -> str:
    """Write a number in prose with as many digits as anybody reads; what stands before the point is all kept."""
    number = float(found[0])
    if not math.isfinite(number):
        return found[0]
    if "e+" in found[0]:
        return short(number)
    return f"{number:.2f}" if abs(number) >= 1 else f"{number:.3g}"


def _float(written: str) -> float | None:
    try:
        number = float(written)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _rounded(written: str) -> str:
    """Shorten numbers of more digits than anybody reads, such as 0.30000000000000004; others stay as they are."""

    def shorter(found: re.Match[str]) -> str:
        digits = found[0].lstrip("-").replace(".", "")
        long = ("." in found[0] and len(digits) > 5) or "e" in found[0].lower()
        return short(float(found[0])) if long else found[0]

    # Only a lone number with its unit: dates and addresses have digits too.
    return re.sub(rf"^{_LONG_NUMBER.pattern}(?=\s*[^\d\s.:-]{{0,6}}$)", shorter, written)


def _without_repetition(found: list[str]) -> tuple[str, ...]:
    """Leave out what another text says word for word."""
    kept: list[str] = []
    for each in dict.fromkeys(found):
        if not any(each in other for other in kept):
            kept.append(each)
    return tuple(kept)
