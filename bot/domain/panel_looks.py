"""How a panel shows its numbers, and what of it is otherwise for some of its series. No I/O.

Source: Grafana's documentation, "Time series: Graph styles, Axis options" and "Configure field overrides" (11 to 13).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Threshold:
    """From this value on the colour changes; `value` is None for the colour below all others."""

    value: float | None
    colour: str


@dataclass(frozen=True, slots=True)
class ValueMapping:
    """What a panel says instead of a value from `low` to `high`; without a text it is only coloured."""

    low: float
    high: float
    text: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """What of the look is otherwise (`changes`, by the names of Look's fields) for the series that it is about.

    `matcher` is Grafana's: byName, byNames, byRegexp or byFrameRefID; `about` are names, a pattern, or a query's letter.
    `inverted` is about all others.
    """

    matcher: str
    about: tuple[str, ...]
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How a panel shows its numbers: `style` of thresholds is off, line, dashed, area …, `stacking` none, normal, percent.

    `base` is that of a logarithmic scale (0 for a linear one), `linear_below` where such a scale is linear about nothing;
    `step` is before or after where a line goes in steps; `gap_s` is how long a series may be silent without a gap in its line
    (None: two steps). `negated` draws below nothing what is above it. `name` is what a series is called instead of its own,
    `columns` what the values of each query are called in a table of several, by its letter.
    """

    unit: str = ""
    decimals: int | None = None
    least: float | None = None
    most: float | None = None
    soft_least: float | None = None
    soft_most: float | None = None
    centred: bool = False
    base: float = 0.0
    linear_below: float = 0.0
    thresholds: tuple[Threshold, ...] = ()
    style: str = "off"
    stacking: str = "none"
    fill: int = 0
    width: float = 1.4
    bars: bool = False
    points: bool = False
    step: str = ""
    gap_s: float | None = None
    negated: bool = False
    hidden: bool = False
    right: bool = False
    colour: str = ""
    name: str = ""
    sparkline: bool = False
    legend: bool = True
    legend_table: bool = False
    calculations: tuple[str, ...] = ()
    mappings: tuple[ValueMapping, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    overrides: tuple[Override, ...] = ()

    def of(self, name: str, ref: str, matches: Callable[[str, str], bool]) -> Look:
        """Return the look of one series, by its name and its query's letter; `matches` tries a pattern on a name."""
        changes: dict[str, Any] = {}
        for each in self.overrides:
            if _is_about(each, name, ref, matches):
                changes |= each.changes
        return replace(self, overrides=(), **changes)


def _is_about(override: Override, name: str, ref: str, matches: Callable[[str, str], bool]) -> bool:
    if override.matcher == "byRegexp":
        found = any(matches(pattern, name) for pattern in override.about)
    else:
        found = (ref if override.matcher == "byFrameRefID" else name) in override.about
    return found is not override.inverted
