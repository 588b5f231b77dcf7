"""Says how the values of panels are written and coloured; draws heatmaps of a histogram's buckets."""

from __future__ import annotations

import math
from typing import Any, Final
from unicodedata import east_asian_width

import numpy as np
from matplotlib.axes import Axes

from bot.cameras.chart_colours import CLEAR, between, colour_of, legible, of_palette
from bot.cameras.chart_reducing import called, reduced
from bot.cameras.chart_times import DAY_S
from bot.domain.shortening import one_line, shorten, without_middle
from bot.domain.units import format_value

Json = dict[str, Any]

_LONGEST: Final = 60
# Of a name: longer than this it is cut whatever there is of place, and shorter than this it has no middle to lose.
_LONGEST_NAME, _SHORT_NAME = 120, 8
# Of a heatmap, dark and light: little is near the background, as in Grafana.
_SCALES: Final = ("Oranges_r", "Oranges")
_MOST_NAMES, _NAME_LETTERS = 14, 24
# What of a whole belongs to whom, or how much each has: bars show it, a line over time is something else.
BARRED: Final = frozenset({"bargauge", "barchart", "piechart"})
PALETTED: Final = BARRED - {"bargauge"}


def short(text: str, longest: int = _LONGEST) -> str:
    """Return a text as one line."""
    return shorten(one_line(text), longest)


def fitting(text: str, points: float, size: float, *, name: bool = False) -> str:
    """Return a text as one line that is no wider than so many points, at this size of its letters.

    Of a name its end is kept, too: by that one is told from another.
    """
    line, left = short(text, _LONGEST_NAME if name else _LONGEST), points / size
    for place, letter in enumerate(line):
        left -= 1.0 if east_asian_width(letter) in "WF" else 0.6
        if left < 0:
            kept = max(1, place - 1)
            return without_middle(line, kept) if name and kept > _SHORT_NAME else f"{line[:kept]}…"
    return line


def extent(axes: Axes) -> tuple[float, float]:
    """Return how wide and how high the part of the drawing is that a panel has to itself, in points."""
    part: Any = axes.figure
    return 72 * part.bbox.width / part.dpi, 72 * part.bbox.height / part.dpi


def of(panel: Json, series: Json) -> Json:
    """Return the look of one series: the panel's, but for what is its own."""
    return {**panel, **series["own"]}


def said(value: float, panel: Json) -> str:
    """Return what a panel says of a value: the text that it is mapped to, or the value in its unit."""
    text = next((text for low, high, text, _ in panel["mappings"] if text and _maps(low, high, value)), "")
    return short(text, 24) or written(value, panel)


def written(value: float, look: Json, *, unit: str | None = None, trim: bool = False, digits: int = 3) -> str:
    """Return a number in the unit of a look, or in another one; moments in the drawing's time zone."""
    told: str = look["unit"] if unit is None else unit
    zone, now = look.get("zone", "UTC"), look.get("now", 0.0)
    return format_value(value, told, look["decimals"], trim=trim, digits=digits, zone=zone, now=now)


def _maps(low: float, high: float, value: float) -> bool:
    return low <= value <= high or (math.isnan(low) and math.isnan(value))


def coloured(value: float, panel: Json, ink: str) -> str:
    """Return the colour that the panel's mappings, or else its scheme, give a value."""
    theme, scheme = panel.get("theme"), panel["scheme"]
    found = next((colour for low, high, _, colour in panel["mappings"] if colour and _maps(low, high, value)), "")
    found = found or panel["colour"]
    if found:
        return colour_of(found, theme)
    if scheme.startswith("continuous-"):
        low, high = panel["span"]
        return between((value - low) / (high - low) if high > low else 0.0, scheme, theme)
    found = ink
    for start, name in panel["thresholds"] if scheme != "none" else ():
        if start is None or value >= start:
            found = colour_of(name, theme)
    return found


def lettered(value: float, panel: Json, ink: str, *, large: bool = False) -> str:
    """Return the colour in which a value is written: what is written can be read, in large letters sooner."""
    found = coloured(value, panel, ink)
    return ink if found in (CLEAR, ink) else legible(found, panel.get("theme"), large=large)


def numbers_of(panel: Json) -> list[tuple[str, Json, float, Json]]:
    """Return each series' name, itself, what stands for it and its look; several where the panel calculates several."""
    ways: list[str] = panel["reduce"]
    return [
        (
            f"{each['name']} {called(way)}" if len(ways) > 1 else each["name"],
            each,
            reduced([value for _, value in each["points"]], way),
            of(panel, each),
        )
        for each in panel["series"]
        for way in ways
    ]


def paletted(look: Json, kind: str, number: int) -> Json:
    """Return a look with the colour that Grafana gives one after the other where no values decide about it."""
    by_number = look["scheme"] == "palette" or (kind in PALETTED and not look["scheme"])
    if look["colour"] or not by_number:
        return look
    return {**look, "colour": of_palette(number, look.get("theme"))}


def heatmap(axes: Axes, panel: Json, step: float) -> None:
    """Draw how much fell into each bucket at each moment; of buckets that hold all below them, what each adds."""
    series: list[Json] = panel["series"]
    bounds = [_bound(each["name"]) for each in series]
    numeric = all(bound is not None for bound in bounds)
    order = sorted(range(len(series)), key=lambda place: bounds[place] or 0.0) if numeric else list(range(len(series)))
    times = sorted({at for each in series for at, _ in each["points"]})
    if not times:
        return
    known = [dict(series[place]["points"]) for place in order]
    values = np.array([[row.get(at, math.nan) for at in times] for row in known])
    if panel.get("cumulative"):
        values = np.vstack([values[:1], np.diff(values, axis=0)])
    edges = [times[0] - step / 2, *(at + step / 2 for at in times)]
    days = [at / DAY_S for at in edges]
    # Nothing in a bucket is background, as in Grafana: where much of nothing is coloured, little of something is not seen.
    shown = np.ma.masked_where(~np.isfinite(values) | (values <= 0), values)
    axes.pcolormesh(days, np.arange(len(order) + 1), shown, cmap=_SCALES[panel.get("theme") == "light"], shading="flat")
    names = [_named(bounds[place], series[place]["name"], panel) for place in order]
    # Not more names than can be told apart.
    apart = math.ceil(len(names) / _MOST_NAMES)
    axes.set_yticks((np.arange(len(order)) + 0.5)[::apart], names[::apart], fontsize=8, parse_math=False)
    axes.grid(visible=False)


def _bound(name: str) -> float | None:
    told = name.rpartition("=")[2].strip('"{} ')
    try:
        return math.inf if told in ("+Inf", "Inf") else float(told)
    except ValueError:
        return None


def _named(bound: float | None, name: str, panel: Json) -> str:
    if bound is None:
        return short(name, _NAME_LETTERS)
    return "+Inf" if bound == math.inf else written(bound, panel, trim=True)


def left_out(count: int, panel: Json) -> str:
    """Say how many are not shown; that there are still more than were asked for is said by dots."""
    return f"+{count or ''}{'…' if panel['cut'] else ''}" if count or panel["cut"] else ""


def more(axes: Axes, count: int, panel: Json, ink: str) -> None:
    """Write below a panel how many it does not show."""
    if left_out(max(count, 0), panel):
        axes.text(
            1,
            -0.04,
            left_out(max(count, 0), panel),
            ha="right",
            va="top",
            color=ink,
            fontsize=9,
            transform=axes.transAxes,
        )
