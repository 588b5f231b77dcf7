"""What a channel reports before anything is weighed: one deviation of one service from its own normal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.evidence import Channel


@dataclass(frozen=True, slots=True)
class Hit:
    """One deviation: `strength` 0..1 (how sure and how large), since when, and the text `finding.<key>` with its values.

    `blames` is the service that it speaks against, which is the callee where an edge is in trouble. `group` tells
    repeated views of one deviation (p95 and p99 of one histogram), of which only the strongest counts. What is not
    `noticed` is told only where nothing else is known of its service: a few per cent more prove nothing to a reader.
    """

    channel: Channel
    blames: str
    strength: float
    at: float
    key: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    group: str = ""
    mechanism: str = ""
    query: str = ""
    noticed: bool = True


def number(value: float) -> str:
    """Write a number with three digits that matter, never in scientific notation."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}".removesuffix(".0")
    if size >= 1:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.3g}" if size >= 1e-4 else f"{value:.6f}".rstrip("0").rstrip(".") or "0"


# Bytes in steps of a thousand, as disks and memory are sold; seconds below one in ms.
_SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def measure(value: float, unit: str) -> str:
    """Write a measure as people read it: 13.9 GB, not 13,958,600,000 B."""
    if unit in ("B", "B/s"):
        size, word = next((step for step in _SIZES if abs(value) >= step[0]), (1.0, "B"))
        return f"{number(value / size)} {word}{unit[1:]}"
    if unit == "s" and 0 < abs(value) < 1:
        return f"{number(1000 * value)} ms"
    if unit in ("%", "ratio"):
        return f"{number(100 * value if unit == 'ratio' else value)}%"
    return f"{number(value)} {unit}".rstrip()
