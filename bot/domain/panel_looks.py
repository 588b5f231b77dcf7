"""Describes how a panel shows its numbers, and what of it is otherwise for some of its series. No I/O.

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
    """What a panel says instead of a value from `low` to `high` (NaN: of one that is no number); without a text only coloured."""

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
class PanelLook:
    """How a panel shows its numbers: `style` of thresholds is off, line, dashed, area …, `stacking` none, normal, percent.

    Series are stacked one upon another within a `stack_group`. `base` is that of a logarithmic scale (0 for a linear one), `linear_below` where such a scale is linear about nothing;
    `step` is before or after where a line goes in steps; `gap_s` is how long a series may be silent without a gap in its line
    (None: two steps). Thresholds are `shares` if they are percentages of the span of values. `scheme` is what chooses colours
    where none is set: thresholds, palette (one after the other), none, continuous-… (along the span), or what its kind has. `negated` draws below nothing what is above it. `calculations` are what a legend says of each series, which stands `legend_beside` the axis or below,
    `reduce` what stands for it where single numbers do. `no_value` is what a panel says where there is nothing. `name` is what a series is called instead of its own, `cell` how a cell of a table shows its colour (auto: not at all),
    `background` if the colour is that of what is behind a number, `text_mode` whether it is shown with its name, `fields` a pattern of the names of those that are,
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
    shares: bool = False
    scheme: str = ""
    style: str = "off"
    stacking: str = "none"
    stack_group: str = ""
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
    legend_beside: bool = False
    calculations: tuple[str, ...] = ()
    reduce: tuple[str, ...] = ("lastNotNull",)
    mappings: tuple[ValueMapping, ...] = ()
    no_value: str = ""
    cell: str = "auto"
    background: bool = False
    text_mode: str = "auto"
    fields: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    overrides: tuple[Override, ...] = ()

    def of(self, name: str, ref: str, matches: Callable[[str, str], bool | None]) -> PanelLook:
        """Return the look of one series, by its name and its query's letter; `matches` tries a pattern on a name, or None."""
        changes: dict[str, Any] = {}
        for each in self.overrides:
            if _is_about(each, name, ref, matches):
                changes |= each.changes
        return replace(self, overrides=(), **changes)


def _is_about(override: Override, name: str, ref: str, matches: Callable[[str, str], bool | None]) -> bool:
    if override.matcher == "byRegexp":
        tried = [matches(pattern, name) for pattern in override.about]
        # Of a pattern that cannot be read nobody knows what it is about, and so not what it is not about either.
        return None not in tried and any(tried) is not override.inverted
    return ((ref if override.matcher == "byFrameRefID" else name) in override.about) is not override.inverted
