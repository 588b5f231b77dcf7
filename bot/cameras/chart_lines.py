"""Draws numbers over time: lines, steps, bars and points, one upon another or not, each on the axis of its unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, SymmetricalLogLocator

from bot.cameras.chart_kinds import colour_of, of
from bot.cameras.chart_scales import UnitLocator
from bot.domain.units import format_value

Json = dict[str, Any]
Points = list[tuple[float, float]]

# matplotlib counts time in days since 1970.
DAY_S: Final = 86_400.0
CYCLE: Final = (
    "#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0", "#37872d", "#fade2a",
    "#447ebc", "#c15c17", "#890f02", "#0a437c", "#6d1f62", "#584477",
)  # fmt: skip
_STEPS: Final = {"": "default", "before": "steps-pre", "after": "steps-post"}
_FILLS: Final[dict[str, Any]] = {"": None, "before": "pre", "after": "post"}
# Between bars there is some place, unless they are so thin that it would flicker.
_BAR, _MOST_BARS = 0.8, 60
# A second unit has an axis at the right, each further one so far beside it.
_BESIDE_PT: Final = 52.0


@dataclass(frozen=True, slots=True)
class Line:
    """What was drawn of a series, for the legend: its look, and its values as they were asked."""

    name: str
    values: list[float]
    look: Json
    handle: Any


def lines(axes: Axes, panel: Json, step: float) -> list[Line]:
    """Draw all series of a panel, thresholds and axes."""
    looks = [of(panel, series) for series in panel["series"]]
    sides = list(dict.fromkeys(map(_side, looks)))
    drawn: dict[int, Line] = {}
    for number, side in enumerate(sides):
        own = [place for place, look in enumerate(looks) if _side(look) == side]
        look = looks[own[0]]
        whole = axes if number == 0 else _beside(axes, number)
        _scale(whole, look)
        drawn |= _all_on(whole, panel["series"], looks, own, step)
        _bounds(whole, look, [looks[place] for place in own])
        _marks(whole, _shared(look))
        if number == 0:
            _thresholds(whole, panel)
    if not sides:
        axes.set_yticks([])
    return [drawn[place] for place in sorted(drawn)]


def _side(look: Json) -> tuple[Any, ...]:
    """Return what series must share to stand on one axis, as in Grafana."""
    return look["unit"], look["right"], look["base"], look["linear_below"]


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
        locator = (
            SymmetricalLogLocator(base=look["base"], linthresh=look["linear_below"])
            if look["linear_below"]
            else LogLocator(base=look["base"], numticks=8)
        )
        axes.yaxis.set_major_locator(locator)
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.yaxis.set_major_locator(UnitLocator(look["unit"], look["decimals"]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_value(value, look["unit"], look["decimals"])))


def _all_on(axes: Axes, series: Sequence[Json], looks: list[Json], own: list[int], step: float) -> dict[int, Line]:
    drawn: dict[int, Line] = {}
    groups: dict[tuple[str, bool], list[int]] = {}
    for place in own:
        if looks[place]["stacking"] in ("normal", "percent"):
            groups.setdefault((looks[place]["stacking"], looks[place]["negated"]), []).append(place)
    bases: dict[int, tuple[Points, list[float]]] = {
        place: ([(at, value) for at, value in series[place]["points"]], [0.0] * len(series[place]["points"]))
        for place in own
    }
    for (how, _), places in groups.items():
        stacked = stacked_points([series[place]["points"] for place in places], how, looks[places[0]]["unit"])
        bases |= dict(zip(places, stacked, strict=True))
    floor = _floor(looks[own[0]], [value for place in own for _, value in bases[place][0]])
    for place in own:
        (raised, base), look = bases[place], looks[place]
        sign = -1.0 if look["negated"] else 1.0
        colour = colour_of(look["colour"]) if look["colour"] else CYCLE[place % len(CYCLE)]
        base = [max(sign * each, floor) for each in base]
        handle = _line(axes, [(at, sign * value) for at, value in raised], base, colour, look, step)
        drawn[place] = Line(series[place]["name"], [value for _, value in series[place]["points"]], look, handle)
    return drawn


def _floor(look: Json, values: Sequence[float]) -> float:
    """Return what bars and areas stand upon: on a logarithmic scale, which has no nothing, a power below all values."""
    if not look["base"] or look["linear_below"]:
        return -math.inf
    least = min((value for value in values if 0 < value < math.inf), default=1.0)
    below = look["base"] ** (math.ceil(math.log(least, look["base"])) - 1)
    return min(below, look["least"]) if (look["least"] or 0) > 0 else below


def stacked_points(
    series: Sequence[Sequence[tuple[float, float]]], how: str, unit: str
) -> list[tuple[Points, list[float]]]:
    """Put series one upon another: of each its points and what they stand upon.

    A moment that one of them misses is nothing, not a gap in all above.
    """
    times = sorted({at for points in series for at, _ in points})
    known = [{at: value for at, value in points if math.isfinite(value)} for points in series]
    whole = {at: math.fsum(each.get(at, 0.0) for each in known) for at in times}
    # A hundred where the panel writes percent of hundred, else a part of one.
    most = 1.0 if unit == "percentunit" else 100.0
    base = dict.fromkeys(times, 0.0)
    found: list[tuple[Points, list[float]]] = []
    for each in known:
        factor = {at: most / whole[at] if how == "percent" and whole[at] else 1.0 for at in times}
        under = [base[at] for at in times]
        points = [(at, base[at] + each.get(at, 0.0) * factor[at]) for at in times]
        base = dict(points)
        found.append((points, under))
    return found


def _line(axes: Axes, points: Points, base: list[float], colour: str, look: Json, step: float) -> Any:
    if look["bars"]:
        days = [at / DAY_S for at, _ in points]
        heights = [value - under for (_, value), under in zip(points, base, strict=True)]
        wide = _BAR if len(points) <= _MOST_BARS else 1.0
        return axes.bar(days, heights, width=step / DAY_S * wide, bottom=base, color=colour, linewidth=0)
    gap_s = 1.5 * step if look["gap_s"] is None else max(look["gap_s"], 1.5 * step)
    days, values, floor = _with_gaps(points, base, gap_s, step)
    # A single point would be no line at all.
    dots = look["points"] or len(points) == 1
    (handle,) = axes.plot(
        days, values, color=colour, linewidth=0 if look["points"] else look["width"], drawstyle=_STEPS[look["step"]],
        marker="o" if dots else "", markersize=4,
    )  # fmt: skip
    if look["fill"] and not look["points"]:
        axes.fill_between(
            days, values, floor, color=colour, alpha=look["fill"] / 100, linewidth=0, step=_FILLS[look["step"]]
        )
    # A line without a width is its area; the legend needs a colour all the same.
    return handle if look["width"] or look["points"] else Patch(color=colour)


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


def _bounds(axes: Axes, look: Json, looks: list[Json]) -> None:
    low, high = axes.get_ylim()
    drawn = axes.dataLim
    if not look["base"]:
        # Grafana adds no place below nothing where nothing is less than that, nor above where nothing is more.
        low = 0.0 if low < 0 <= drawn.y0 else low
        high = 0.0 if high > 0 >= drawn.y1 and drawn.y0 < 0 else high
        if any(each["stacking"] == "percent" for each in looks):
            high = 1.0 if look["unit"] == "percentunit" else 100.0
        low = min(low, look["soft_least"]) if look["soft_least"] is not None else low
        high = max(high, look["soft_most"]) if look["soft_most"] is not None else high
    if look["centred"] and not look["base"]:
        low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
    low = look["least"] if look["least"] is not None and (look["least"] > 0 or not look["base"]) else low
    high = look["most"] if look["most"] is not None else high
    if low < high:
        axes.set_ylim(low, high)


def _thresholds(axes: Axes, panel: Json) -> None:
    if panel["style"] == "off":
        return
    low, high = axes.get_ylim()
    steps = [(low if value is None else value, colour_of(name)) for value, name in panel["thresholds"]]
    dashes = "--" if panel["style"].startswith("dashed") else "-"
    for number, (value, colour) in enumerate(steps):
        top = steps[number + 1][0] if number + 1 < len(steps) else high
        if "area" in panel["style"] and value < high and top > low:
            axes.axhspan(max(value, low), min(top, high), color=colour, alpha=0.12, linewidth=0)
        if panel["thresholds"][number][0] is not None and panel["style"] != "area":
            axes.axhline(value, color=colour, linestyle=dashes, linewidth=1.2)
    # What is far above all values stays out of sight, as in Grafana: lines would be flat for its sake.
    axes.set_ylim(low, high)
