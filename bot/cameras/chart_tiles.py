"""Draws what stands for each series as a number in a tile of its own, as a stat panel or a gauge has it."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.offsetbox import AnnotationBbox, DrawingArea
from matplotlib.patches import Rectangle, Wedge

from bot.cameras.chart_colours import CLEAR, ink_upon, page
from bot.cameras.chart_kinds import coloured, extent, fitting, lettered, more, numbers_of, paletted, said, short

Json = dict[str, Any]

_TILES, _TILES_WIDE = 12, 6
# Of a tile: how far its name is from its value, of the height that a panel has without its title; the name's letters, and a gap.
_APART, _WITHOUT_TITLE, _NAME_PT, _GAP_PT = 0.32, 0.75, 8.5, 1.5
_LARGEST_PT, _LEAST_PT = 34.0, 5.0
# A gauge goes from here to here (degrees), is so thick, and so large in its tile.
_FROM, _TO, _THICK, _ROUND = 215.0, -35.0, 0.22, 0.44
# Units of which the whole is known.
_WHOLES: Final = {"percent": 100.0, "percentunit": 1.0}


def tiles(axes: Axes, panel: Json, ink: str) -> None:
    """Draw each series' value as a number, below it how it went or around it how much of the whole it is, where the panel does."""
    axes.set_axis_off()
    numbers = numbers_of(panel)
    shown = [
        (name, series, value, paletted(look, panel["kind"], number))
        for number, (name, series, value, look) in enumerate(numbers[:_TILES])
    ]
    if not shown:
        return
    texts = [short(name, 24) if look["text_mode"] == "name" else said(value, look) for name, _, value, look in shown]
    named = any(_is_named(look["text_mode"], len(shown)) for *_, look in shown)
    size, columns = max(
        (min(_size_of(axes, text, wide, math.ceil(len(shown) / wide), named=named) for text in texts), wide)
        for wide in range(1, min(len(shown), _TILES_WIDE) + 1)
    )
    rows = math.ceil(len(shown) / columns)
    for number, ((name, series, value, look), text) in enumerate(zip(shown, texts, strict=True)):
        x, y = (number % columns + 0.5) / columns, 1 - (number // columns + 0.5) / rows
        _tile(axes, (x, y, columns, rows), (name if _is_named(look["text_mode"], len(shown)) else "", text, size),
              (series, value, look), ink)  # fmt: skip
    more(axes, len(numbers) - len(shown), panel, ink)


def _tile(
    axes: Axes,
    place: tuple[float, float, int, int],
    words: tuple[str, str, float],
    shown: tuple[Json, float, Json],
    ink: str,
) -> None:
    (x, y, columns, rows), (name, text, size), (series, value, look) = place, words, shown
    common: Json = {"ha": "center", "va": "center", "transform": axes.transAxes, "parse_math": False}
    colour, beside = lettered(value, look, ink, large=True), ink
    ground = coloured(value, look, CLEAR)
    if look["background"] and ground != CLEAR:
        box = (x - 0.49 / columns, y - 0.49 / rows), 0.98 / columns, 0.98 / rows
        axes.add_patch(Rectangle(*box, facecolor=ground, linewidth=0, transform=axes.transAxes))
        colour = beside = ink_upon(ground)
    if look["sparkline"]:
        _sparkline(axes, series["points"], (x - 0.47 / columns, y - 0.47 / rows, 0.94 / columns, 0.3 / rows), colour)
    if look["kind"] == "gauge" and (part := _part_of_whole(value, look)) is not None:
        size = min(size, _gauge(axes, place, part, look, colour, text))
    up = 0.08 / rows if look["sparkline"] else 0.0
    if look["text_mode"] != "none":
        axes.text(x, y + up, text, fontsize=size, color=colour, weight="bold", **common)
    if name:
        # Not where the line is.
        there = y + (up * rows + _APART if look["sparkline"] else -_APART) / rows
        line = fitting(name, extent(axes)[0] * 0.95 / columns, _NAME_PT, name=True)
        axes.text(x, there, line, fontsize=_NAME_PT, color=beside, **common)


def _part_of_whole(value: float, look: Json) -> float | None:
    """Return how much of a whole a value is; None where nobody says how much that is."""
    low = look["least"] or 0.0
    most = _WHOLES.get(look["unit"]) if look["most"] is None else look["most"]
    if most is None or most <= low or not math.isfinite(value):
        return None
    return min(max((value - low) / (most - low), 0.0), 1.0)


def _gauge(axes: Axes, place: tuple[float, float, int, int], part: float, look: Json, colour: str, text: str) -> float:
    """Draw an arc around a number, and return the size at which the number stays in it."""
    x, y, columns, rows = place
    wide, high = extent(axes)
    radius = min(_ROUND * wide / columns, _ROUND * _WITHOUT_TITLE * high / rows)
    area = DrawingArea(2 * radius, 2 * radius)
    until = _FROM - (_FROM - _TO) * part
    for start, end, shade in ((_TO, _FROM, page(look.get("theme"))["grid"]), (until, _FROM, colour)):
        ring: Json = {"width": _THICK * radius, "facecolor": shade, "linewidth": 0}
        area.add_artist(Wedge((radius, radius), radius, start, end, **ring))
    box = AnnotationBbox(area, (x, y), xycoords="axes fraction", frameon=False, pad=0.0)
    box.set_in_layout(False)
    axes.add_artist(box)
    return max(_LEAST_PT, 2 * (1 - _THICK) * radius * 0.85 / _ems(text))


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


def _ems(text: str) -> float:
    # A bold digit is about two thirds of its size wide, a % nearly all of it.
    return sum(1.0 if letter in "%mMWG" else 0.68 for letter in text) or 1.0


def _size_of(axes: Axes, text: str, columns: int, rows: int, *, named: bool = False) -> float:
    """Return the size in points at which a text stays in its tile."""
    wide, high = extent(axes)
    # What stands beside it in the same column leaves no more for lines than that.
    tall = 0.3 * high / rows
    if named:
        # Its middle and that of its name are so far from each other; half of either is between them, and a gap.
        tall = min(tall, 2 * (_APART * _WITHOUT_TITLE * high / rows - _GAP_PT) - _NAME_PT)
    return max(_LEAST_PT, min(_LARGEST_PT, 0.85 * wide / columns / _ems(text), tall))
