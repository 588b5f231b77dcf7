"""Draws panels that are no lines: last values as tiles or as a table, and heatmaps of a histogram's buckets."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final
from unicodedata import east_asian_width

import numpy as np
from matplotlib.axes import Axes

from bot.cameras.chart_colours import CLEAR, between, colour_of, of_palette
from bot.cameras.chart_reducing import called, reduced
from bot.domain.shortening import one_line, shorten
from bot.domain.units import format_value

Json = dict[str, Any]

_DAY_S: Final = 86_400.0
_TILES, _TILES_WIDE, _ROWS, _LONGEST = 12, 6, 14, 60
# Of a heatmap, dark and light: little is near the background, as in Grafana.
_SCALES: Final = ("Oranges_r", "Oranges")
_MOST_NAMES, _NAME_LETTERS = 14, 24
_TABLE_PT: Final = 9.5
# Of a tile: how far its name is from its value, of the height that a panel has without its title; the name's letters, and a gap.
_APART, _WITHOUT_TITLE, _NAME_PT, _GAP_PT = 0.32, 0.75, 8.5, 1.5
# What of a whole belongs to whom, or how much each has: bars show it, a line over time is something else.
BARRED: Final = frozenset({"bargauge", "barchart", "piechart"})
_PALETTED: Final = BARRED - {"bargauge"}
_ORDERED: Final = BARRED - {"piechart"}


def short(text: str, longest: int = _LONGEST) -> str:
    """Return a text as one line."""
    return shorten(one_line(text), longest)


def fitting(text: str, points: float, size: float) -> str:
    """Return a text as one line that is no wider than so many points, at this size of its letters."""
    line, left = short(text), points / size
    for place, letter in enumerate(line):
        left -= 1.0 if east_asian_width(letter) in "WF" else 0.6
        if left < 0:
            return f"{line[: max(1, place - 1)]}…"
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


def lettered(value: float, panel: Json, ink: str) -> str:
    """Return the colour in which a value is written: what is written can be read."""
    found = coloured(value, panel, ink)
    return ink if found == CLEAR else found


def _numbers(panel: Json) -> list[tuple[str, Json, float]]:
    """Return what stands for each series, with its name and the series; several where the panel calculates several."""
    ways: list[str] = panel["reduce"]
    return [
        (
            f"{each['name']} {called(way)}" if len(ways) > 1 else each["name"],
            each,
            reduced([value for _, value in each["points"]], way),
        )
        for each in panel["series"]
        for way in ways
    ]


def tiles(axes: Axes, panel: Json, ink: str) -> None:
    """Draw each series' value as a number, as a stat panel or a gauge has it; below it how it went, where the panel does."""
    axes.set_axis_off()
    numbers = _numbers(panel)
    shown = numbers[:_TILES]
    if not shown:
        return
    looks = [paletted(of(panel, series), panel["kind"], number) for number, (_, series, _) in enumerate(shown)]
    texts = [
        short(name, 24) if look["text_mode"] == "name" else said(value, look)
        for (name, _, value), look in zip(shown, looks, strict=True)
    ]
    named = any(_is_named(look["text_mode"], len(shown)) for look in looks)
    size, columns = max(
        (min(_size_of(axes, text, wide, math.ceil(len(shown) / wide), named=named) for text in texts), wide)
        for wide in range(1, min(len(shown), _TILES_WIDE) + 1)
    )
    rows = math.ceil(len(shown) / columns)
    tile_pt = extent(axes)[0] * 0.95 / columns
    for number, ((name, series, value), text, look) in enumerate(zip(shown, texts, looks, strict=True)):
        x, y = (number % columns + 0.5) / columns, 1 - (number // columns + 0.5) / rows
        common: Json = {"ha": "center", "transform": axes.transAxes, "parse_math": False}
        colour = lettered(value, look, ink)
        if look["sparkline"]:
            _sparkline(
                axes, series["points"], (x - 0.47 / columns, y - 0.47 / rows, 0.94 / columns, 0.3 / rows), colour
            )
        up = 0.08 / rows if look["sparkline"] else 0.0
        if look["text_mode"] != "none":
            axes.text(x, y + up, text, va="center", fontsize=size, color=colour, weight="bold", **common)
        if _is_named(look["text_mode"], len(shown)):
            # Not where the line is.
            beside = y + (up * rows + _APART if look["sparkline"] else -_APART) / rows
            axes.text(x, beside, fitting(name, tile_pt, _NAME_PT), va="center", fontsize=_NAME_PT, color=ink, **common)
    _more(axes, len(numbers) - len(shown), panel, ink)


def _is_named(mode: str, count: int) -> bool:
    """Tell whether a name stands beside a value: by itself where there are several."""
    return mode == "value_and_name" or (mode == "auto" and count > 1)


def _sparkline(axes: Axes, points: list[list[float]], place: tuple[float, float, float, float], colour: str) -> None:
    """Draw a line in a part (left, bottom, width, height) of a tile; one that is level is level there, one with a gap has it."""
    known = [(at, value) for at, value in points if math.isfinite(value)]
    if len(known) < 2:
        return
    left, bottom, width, height = place
    low, high = min(value for _, value in known), max(value for _, value in known)
    start, end = known[0][0], known[-1][0]
    step = min(after - before for (before, _), (after, _) in pairwise(known))
    across, up = [left], [bottom + height * (_part(known[0][1], low, high))]
    for (before, _), (at, value) in pairwise(known):
        if at - before > 1.5 * step:
            # Nothing is known in between.
            across.append(left + width * (before + step - start) / (end - start))
            up.append(math.nan)
        across.append(left + width * (at - start) / (end - start))
        up.append(bottom + height * _part(value, low, high))
    axes.plot(across, up, color=colour, linewidth=1.0, alpha=0.7, transform=axes.transAxes)
    axes.fill_between(across, up, bottom, color=colour, alpha=0.12, linewidth=0, transform=axes.transAxes)


def _part(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.5


def _size_of(axes: Axes, text: str, columns: int, rows: int, *, named: bool = False) -> float:
    """Return the size in points at which a text stays in its tile."""
    wide, high = extent(axes)
    # A bold digit is about two thirds of its size wide, a % nearly all of it.
    ems = sum(1.0 if letter in "%mMWG" else 0.68 for letter in text)
    # What stands beside it in the same column leaves no more for lines than that.
    tall = 0.3 * high / rows
    if named:
        # Its middle and that of its name are so far from each other; half of either is between them, and a gap.
        tall = min(tall, 2 * (_APART * _WITHOUT_TITLE * high / rows - _GAP_PT) - _NAME_PT)
    return max(5.0, min(34.0, 0.85 * wide / columns / ems, tall))


def table(axes: Axes, panel: Json, ink: str) -> None:
    """Draw what stands for each series in a line of its own, those of a whole or of nothing else the largest first."""
    axes.set_axis_off()
    last = [
        (name, value, paletted(of(panel, each), panel["kind"], number))
        for number, (name, each, value) in enumerate(_numbers(panel))
    ]
    ranked = sorted(last, key=lambda row: -row[1] if math.isfinite(row[1]) else math.inf)
    if panel["kind"] in _ORDERED or panel["columns"]:
        # In the order of the panel, as in Grafana; where not all have a place, the largest.
        shown = {id(row) for row in ranked[:_ROWS]}
        ranked = [row for row in last if id(row) in shown]
    lines = max(len(ranked[:_ROWS]), 6)
    axes.set_xlim(0, 1)
    known = [value for _, value, _ in last if math.isfinite(value)]
    # Of a pie each bar is as long as its part of the whole.
    most = math.fsum(known) if panel["kind"] == "piechart" else panel["most"] or max(known, default=0.0)
    for number, (name, value, look) in enumerate(ranked[:_ROWS]):
        y = 1 - (number + 0.5) / lines
        # Texts have the place that there is: a long one makes no room for itself.
        common: Json = {
            "va": "center", "fontsize": _TABLE_PT, "transform": axes.transAxes, "parse_math": False, "in_layout": False,
        }  # fmt: skip
        if panel["kind"] in BARRED and most > 0 and value > 0:
            bar: Json = {"color": coloured(value, look, ink), "alpha": 0.3, "linewidth": 0}
            axes.barh(y, min(value / most, 1.0), height=0.8 / lines, **bar)
        text = said(value, look)
        left_pt = extent(axes)[0] * 0.95 - len(text) * _TABLE_PT
        axes.text(0.0, y, fitting(name, left_pt, _TABLE_PT), ha="left", color=ink, **common)
        colour = ink if panel["kind"] in _PALETTED else lettered(value, look, ink)
        axes.text(1.0, y, text, ha="right", color=colour, **common)
        axes.axhline(1 - (number + 1) / lines, color=ink, alpha=0.15, linewidth=0.6)
    axes.set_ylim(0, 1)
    _more(axes, len(last) - _ROWS, panel, ink)


def paletted(look: Json, kind: str, number: int) -> Json:
    """Return a look with the colour that Grafana gives one after the other where no values decide about it."""
    by_number = look["scheme"] == "palette" or (kind in _PALETTED and not look["scheme"])
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
    days = [at / _DAY_S for at in edges]
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


def _more(axes: Axes, count: int, panel: Json, ink: str) -> None:
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
