"""Draws numbers over time: lines, steps, bars and points, one upon another or not, each on the axis of its unit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter, SymmetricalLogLocator

from bot.cameras.chart_colours import colour_of, of_palette
from bot.cameras.chart_kinds import coloured, of, written
from bot.cameras.chart_marks import bounds, exemplars, thresholds
from bot.cameras.chart_scales import UnitFormatter, UnitLocator
from bot.cameras.chart_times import DAY_S

Json = dict[str, Any]
Points = list[tuple[float, float]]

_STEPS: Final = {"": "default", "before": "steps-pre", "after": "steps-post"}
_FILLS: Final[dict[str, Any]] = {"": None, "before": "pre", "after": "post"}
# What is further from nothing is drawn there, and written as it is: an axis takes twice the span, and on a logarithmic scale,
# which goes as near to nothing as it goes away from it, a part of all its powers.
_FURTHEST, _FURTHEST_POWER = 1e300, 1e150
# Between bars there is some place, unless they are so thin that it would flicker.
_BAR, _MOST_BARS = 0.8, 60
# Bars that the panel fills less than this are seen all the same: of many, Grafana's outlines are what is seen.
_LEAST_FILL, _WHOLE_FILL = 0.35, 100
# On a logarithmic scale, so that they are apart.
_MARKS: Final = 8
# A second unit has an axis at the right, each further one so far beside it.
_BESIDE_PT: Final = 52.0


@dataclass(frozen=True, slots=True)
class LegendLine:
    """What was drawn of a series, for the legend: its look, and its values as they were asked."""

    name: str
    values: list[float]
    look: Json
    handle: Any


def lines(axes: Axes, panel: Json, step: float) -> list[LegendLine]:
    """Draw all series of a panel, thresholds and axes."""
    looks = [of(panel, series) for series in panel["series"]]
    sides = list(dict.fromkeys(map(_side, looks)))
    drawn: dict[int, LegendLine] = {}
    for number, side in enumerate(sides):
        own = [place for place, look in enumerate(looks) if _side(look) == side]
        look = looks[own[0]]
        whole = axes if number == 0 else _beside(axes, number)
        _scale(whole, look)
        shown, values = _all_on(whole, panel["series"], looks, own, step)
        drawn |= shown
        bounds(whole, look, [looks[place] for place in own], values)
        _marks(whole, _shared(look))
        if number == 0:
            thresholds(whole, panel)
            exemplars(whole, panel)
        # Lines go before bars, whichever axis they stand on.
        whole.set_zorder(0 if all(looks[place]["bars"] for place in own) else 1)
    axes.patch.set_visible(False)
    if not sides:
        axes.set_yticks([])
    return [drawn[place] for place in sorted(drawn)]


def _side(look: Json) -> tuple[Any, ...]:
    """Return what series must share to stand on one axis, as in Grafana."""
    return _shared(look)["unit"], look["right"], look["base"], look["linear_below"]


def _beside(axes: Axes, number: int) -> Axes:
    other = axes.twinx()
    other.spines["top"].set_visible(False)
    other.spines["right"].set_position(("outward", _BESIDE_PT * (number - 1)))
    other.grid(visible=False)
    return other


def _scale(axes: Axes, look: Json) -> None:
    if look["base"] and look["linear_below"]:
        axes.set_yscale("symlog", base=look["base"], linthresh=look["linear_below"])
    elif look["base"]:
        # Nothing and less than that have no place on it; a line to them would be a lie.
        axes.set_yscale("log", base=look["base"], nonpositive="mask")


def _shared(look: Json) -> Json:
    """Return the look of an axis: shares of a hundred percent are no amounts of the panel's unit."""
    shares = look["stacking"] == "percent" and look["unit"] != "percentunit"
    return {**look, "unit": "percent"} if shares else look


def _marks(axes: Axes, look: Json) -> None:
    if look["base"]:
        locator = _symmetrical(look) if look["linear_below"] else LogLocator(base=look["base"], numticks=_MARKS)
        axes.yaxis.set_major_locator(locator)
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.yaxis.set_major_locator(UnitLocator(look["unit"], look["decimals"]))
    axes.yaxis.set_major_formatter(UnitFormatter(lambda value, digits: written(value, look, trim=True, digits=digits)))


def _symmetrical(look: Json) -> SymmetricalLogLocator:
    locator = SymmetricalLogLocator(base=look["base"], linthresh=look["linear_below"])
    locator.set_params(numticks=_MARKS)
    return locator


def _all_on(
    axes: Axes, series: Sequence[Json], looks: list[Json], own: list[int], step: float
) -> tuple[dict[int, LegendLine], list[float]]:
    """Draw series upon one axis; return them, and all values that have a place on it."""
    drawn: dict[int, LegendLine] = {}
    bases = _upon_one_another({place: _drawable(series[place]["points"], looks[place]) for place in own}, looks)
    values = [value for points, _ in bases.values() for _, value in points]
    floor = _floor(looks[own[0]], values)
    for place in own:
        (points, base), look = bases[place], looks[place]
        colour = _colour(look, points, place)
        handle = _line(axes, points, [max(each, floor) for each in base], colour, look, step)
        drawn[place] = LegendLine(series[place]["name"], [value for _, value in series[place]["points"]], look, handle)
        # An area is filled down to the end of the axis; what is stacked, and bars, are as long as they are large.
        values += base if look["bars"] or look["stacking"] != "none" else []
        values += [floor] if math.isfinite(floor) and (look["bars"] or look["fill"]) else []
    return drawn, values


def _colour(look: Json, points: Points, place: int) -> str:
    """Return the colour of a series: its own, that of its last value where values decide, or the next of all."""
    if look["colour"]:
        return colour_of(look["colour"], look.get("theme"))
    by_number = of_palette(place, look.get("theme"))
    decided = look["scheme"] == "thresholds" or look["scheme"].startswith("continuous-")
    return coloured(points[-1][1], look, by_number) if decided and points else by_number


def _upon_one_another(points: dict[int, Points], looks: list[Json]) -> dict[int, tuple[Points, list[float]]]:
    """Return the points of each series as they are drawn, and what they stand upon."""
    bases = {place: (known, [0.0] * len(known)) for place, known in points.items()}
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place, known in points.items():
        look = looks[place]
        if look["stacking"] in ("normal", "percent"):
            # What goes down never lies upon what goes up, nor bars upon lines.
            down = not any(value > 0 for _, value in known)
            drawn = look["bars"], look["points"], look["step"]
            groups.setdefault((down, look["stacking"], look["stack_group"], *drawn), []).append(place)
    for (down, how, *_), places in groups.items():
        stacked = stacked_points([points[place] for place in places], how, looks[places[0]]["unit"], down=down)
        bases |= dict(zip(places, stacked, strict=True))
    return bases


def _drawable(points: Sequence[tuple[float, float]], look: Json) -> Points:
    most = _FURTHEST_POWER if look["base"] else _FURTHEST
    least = 1 / most if look["base"] else 0.0
    sign = -1.0 if look["negated"] else 1.0
    return [(at, sign * _within(value, least, most)) for at, value in points if math.isfinite(value)]


def _within(value: float, least: float, most: float) -> float:
    if not value:
        return value
    return math.copysign(min(max(abs(value), least), most), value)


def _floor(look: Json, values: Sequence[float]) -> float:
    """Return what bars and areas stand upon: on a logarithmic scale, which has no nothing, a power below all values."""
    if not look["base"] or look["linear_below"]:
        return -math.inf
    least = min((value for value in values if 0 < value < math.inf), default=1.0)
    below = look["base"] ** (math.ceil(math.log(least, look["base"])) - 1)
    return min(below, look["least"]) if (look["least"] or 0) > 0 else below


def stacked_points(
    series: Sequence[Sequence[tuple[float, float]]], how: str, unit: str, *, down: bool = False
) -> list[tuple[Points, list[float]]]:
    """Put series one upon another: of each its points and what they stand upon; `down` if they go below nothing.

    A moment that one of them misses is a gap in that one, and what is above lies upon what there is, as in Grafana.
    """
    known = [[(at, value) for at, value in points if math.isfinite(value)] for points in series]
    whole: dict[float, float] = {}
    for at, value in itertools.chain.from_iterable(known):
        whole[at] = whole.get(at, 0.0) + value
    # A hundred where the panel writes percent of hundred, else a part of one.
    most = (-1.0 if down else 1.0) * (1.0 if unit == "percentunit" else 100.0)
    factor = {at: most / value if how == "percent" and value else 1.0 for at, value in whole.items()}
    base = dict.fromkeys(whole, 0.0)
    found: list[tuple[Points, list[float]]] = []
    for each in known:
        points = [(at, base[at] + value * factor[at]) for at, value in each]
        found.append((points, [base[at] for at, _ in each]))
        base |= dict(points)
    return found


def _line(axes: Axes, points: Points, base: list[float], colour: str, look: Json, step: float) -> Any:
    if look["bars"]:
        days = [at / DAY_S for at, _ in points]
        heights = [value - under for (_, value), under in zip(points, base, strict=True)]
        wide = _BAR if len(points) <= _MOST_BARS else 1.0
        filled = to_rgba(colour, max(look["fill"] / 100, _LEAST_FILL))
        edge = 0.0 if look["fill"] >= _WHOLE_FILL or wide == 1.0 else look["width"]
        how: Json = {"width": step / DAY_S * wide, "facecolor": filled, "edgecolor": colour, "linewidth": edge}
        return axes.bar(days, heights, bottom=base, **how)
    gap_s = 1.5 * step if look["gap_s"] is None else max(look["gap_s"], 1.5 * step)
    days, values, floor = _with_gaps(points, base, gap_s, step)
    # A point with a gap on both sides would be no line at all.
    dots = [*range(len(values))] if look["points"] else _alone(values)
    (handle,) = axes.plot(
        days, values, color=colour, linewidth=0 if look["points"] else look["width"], drawstyle=_STEPS[look["step"]],
        marker="o" if dots else "", markevery=dots or None, markersize=4,
    )  # fmt: skip
    if look["fill"] and not look["points"]:
        axes.fill_between(
            days, values, floor, color=colour, alpha=look["fill"] / 100, linewidth=0, step=_FILLS[look["step"]]
        )
    # A line without a width is its area; the legend needs a colour all the same.
    return handle if look["width"] or look["points"] else Patch(color=colour)


def _alone(values: list[float]) -> list[int]:
    """Return the places of values that have no other one beside them."""
    around = [math.nan, *values, math.nan]
    return [
        place
        for place, (before, value, after) in enumerate(zip(around, values, around[2:], strict=False))
        if math.isnan(before) and not math.isnan(value) and math.isnan(after)
    ]


def _with_gaps(
    points: Points, base: list[float], gap_s: float, step: float
) -> tuple[list[float], list[float], list[float]]:
    """Break the line where samples are missing, as Grafana does."""
    days: list[float] = []
    values: list[float] = []
    floor: list[float] = []
    before = math.inf
    for (at, value), under in zip(points, base, strict=True):
        if at - before > gap_s:
            days.append((before + step) / DAY_S)
            values.append(math.nan)
            floor.append(under)
        days.append(at / DAY_S)
        values.append(value)
        floor.append(under)
        before = at
    return days, values, floor
