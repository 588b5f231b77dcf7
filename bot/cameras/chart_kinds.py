"""Draws panels that are no lines: last values as tiles or as a table, and heatmaps of a histogram's buckets."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final
from unicodedata import east_asian_width

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like

from bot.domain.shortening import one_line, shorten
from bot.domain.units import format_value

Json = dict[str, Any]

_DAY_S: Final = 86_400.0
_COLOURS: Final = {
    "green": "#73bf69", "yellow": "#fade2a", "orange": "#ff9830", "red": "#f2495c", "blue": "#5794f2", "purple": "#b877d9",
}  # fmt: skip
_TILES, _ROWS, _LONGEST = 12, 14, 60
_UNKNOWN: Final = "#888888"
_TABLE_PT: Final = 9.5
# What of a whole belongs to whom, or how much each has: bars show it, a line over time is something else.
BARRED: Final = frozenset({"bargauge", "barchart", "piechart"})


def colour_of(name: str) -> str:
    """Return a colour that can be drawn for one of Grafana's names."""
    if name.startswith("#") and len(name) in (4, 7):
        return name if is_color_like(name) else _UNKNOWN
    return _COLOURS.get(name.rpartition("-")[2], _UNKNOWN)


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


def reduced(values: list[float], calculation: str) -> float:
    """Return what stands for a series: its last value, or what the panel calculates of it."""
    ways: Json = {"max": max, "min": min, "sum": math.fsum, "mean": lambda all_: math.fsum(all_) / len(all_)}
    if calculation in ways:
        return ways[calculation](values)
    return values[0] if calculation in ("first", "firstNotNull") else values[-1]


def of(panel: Json, series: Json) -> Json:
    """Return the look of one series: the panel's, but for what is its own."""
    return {**panel, **series["own"]}


def said(value: float, panel: Json) -> str:
    """Return what a panel says of a value: the text that it is mapped to, or the value in its unit."""
    text = next((text for low, high, text, _ in panel["mappings"] if low <= value <= high and text), "")
    return short(text, 24) or format_value(value, panel["unit"], panel["decimals"])


def coloured(value: float, panel: Json, ink: str) -> str:
    """Return the colour that the panel's mappings, or else its thresholds, give a value."""
    found = next((colour for low, high, _, colour in panel["mappings"] if low <= value <= high and colour), "")
    found = found or panel["colour"]
    if found:
        return colour_of(found)
    found = ink
    for start, name in panel["thresholds"]:
        if start is None or value >= start:
            found = colour_of(name)
    return found


def tiles(axes: Axes, panel: Json, ink: str) -> None:
    """Draw each series' value as a number, as a stat panel or a gauge has it; below it how it went, where the panel does."""
    axes.set_axis_off()
    shown = panel["series"][:_TILES]
    if not shown:
        return
    columns = min(len(shown), 6)
    rows = math.ceil(len(shown) / columns)
    how = panel["calculations"][0] if panel["calculations"] else "last"
    looks = [of(panel, series) for series in shown]
    values = [reduced([value for _, value in series["points"]], how) for series in shown]
    texts = [said(value, look) for value, look in zip(values, looks, strict=True)]
    size = min(_size_of(axes, text, columns, rows) for text in texts)
    tile_pt = extent(axes)[0] * 0.95 / columns
    for number, (series, value, text, look) in enumerate(zip(shown, values, texts, looks, strict=True)):
        x, y = (number % columns + 0.5) / columns, 1 - (number // columns + 0.5) / rows
        common: Json = {"ha": "center", "transform": axes.transAxes, "parse_math": False}
        colour = coloured(value, look, ink)
        if look["sparkline"]:
            _sparkline(
                axes, series["points"], (x - 0.47 / columns, y - 0.47 / rows, 0.94 / columns, 0.3 / rows), colour
            )
        up = 0.08 / rows if look["sparkline"] else 0.0
        axes.text(x, y + up, text, va="center", fontsize=size, color=colour, weight="bold", **common)
        if len(shown) > 1:
            name = fitting(series["name"], tile_pt, 8.5)
            # Not where the line is.
            beside = y + (0.36 if look["sparkline"] else -0.32) / rows
            axes.text(x, beside, name, va="center", fontsize=8.5, color=ink, **common)
    _more(axes, len(panel["series"]) - len(shown), panel, ink)


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


def _size_of(axes: Axes, text: str, columns: int, rows: int) -> float:
    """Return the size in points at which a text stays in its tile."""
    wide, high = extent(axes)
    # A bold digit is about two thirds of its size wide, a % nearly all of it.
    ems = sum(1.0 if letter in "%mMWG" else 0.68 for letter in text)
    return max(6.0, min(34.0, 0.85 * wide / columns / ems, 0.3 * high / rows))


def table(axes: Axes, panel: Json, ink: str) -> None:
    """Draw the last value of each series in a line of its own, the largest first; in a bar gauge with a bar as long as it."""
    axes.set_axis_off()
    last = [(each["name"], each["points"][-1][1], of(panel, each)) for each in panel["series"]]
    if not panel["columns"]:
        last.sort(key=lambda row: -row[1] if math.isfinite(row[1]) else math.inf)
    lines = max(len(last[:_ROWS]), 6)
    axes.set_xlim(0, 1)
    most = panel["most"] or max((value for _, value, _ in last if math.isfinite(value)), default=0.0)
    for number, (name, value, look) in enumerate(last[:_ROWS]):
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
        axes.text(1.0, y, text, ha="right", color=coloured(value, look, ink), **common)
        axes.axhline(1 - (number + 1) / lines, color=ink, alpha=0.15, linewidth=0.6)
    axes.set_ylim(0, 1)
    _more(axes, len(last) - _ROWS, panel, ink)


def heatmap(axes: Axes, panel: Json, step: float) -> bool:
    """Draw how much fell into each bucket at each moment; False if these are no buckets."""
    bounds = [(_bound(each["name"]), each) for each in panel["series"]]
    rows = sorted(((bound, each) for bound, each in bounds if bound is not None), key=lambda row: row[0])
    if len(rows) < 2 or len(rows) != len(bounds):
        return False
    times = sorted({at for _, each in rows for at, _ in each["points"]})
    known = [dict(each["points"]) for _, each in rows]
    values = np.array([[row.get(at, math.nan) for at in times] for row in known])
    if np.all(np.diff(np.nan_to_num(values), axis=0) >= 0):
        # Buckets of Prometheus hold all that is below them: what is shown is what each adds to the one before.
        values = np.vstack([values[:1], np.diff(values, axis=0)])
    edges = [times[0] - step / 2, *(at + step / 2 for at in times)]
    days = [at / _DAY_S for at in edges]
    axes.pcolormesh(days, np.arange(len(rows) + 1), np.ma.masked_invalid(values), cmap="inferno", shading="flat")
    axes.set_yticks(np.arange(len(rows)) + 0.5, [_named(bound, panel) for bound, _ in rows], fontsize=8)
    axes.grid(visible=False)
    return True


def _bound(name: str) -> float | None:
    written = name.rpartition("=")[2].strip('"{} ')
    try:
        return math.inf if written in ("+Inf", "Inf") else float(written)
    except ValueError:
        return None


def _named(bound: float, panel: Json) -> str:
    return "+Inf" if bound == math.inf else format_value(bound, panel["unit"], panel["decimals"])


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
