"""Draws states over time: a row for each series, and a stretch of it for as long as it says the same."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from matplotlib.axes import Axes

from bot.cameras.chart_colours import page
from bot.cameras.chart_kinds import coloured, extent, left_out, of, paletted, said
from bot.cameras.chart_times import DAY_S
from bot.domain.shortening import one_line, without_middle

Json = dict[str, Any]
Stretch = tuple[float, float, str, str]

STATES: Final = frozenset({"state-timeline", "status-history"})
_MOST_ROWS, _NAME_LETTERS, _MOST_EDGED = 16, 24, 40
_TEXT_PT, _LETTER_PT = 8.0, 5.2
# Ink that can be read upon all of Grafana's colours.
_INK: Final = "#111217"
_PLAIN: Final = "#8e8e9a"


def states(axes: Axes, panel: Json, step: float, end: float, ink: str) -> None:
    """Draw what each series said and when."""
    rows = panel["series"][:_MOST_ROWS]
    low, high = (at * DAY_S for at in axes.get_xlim())
    points_of_a_second = extent(axes)[0] * 0.8 / max(high - low, 1.0)
    for number, series in enumerate(rows):
        y = len(rows) - 1 - number
        look = paletted(of(panel, series), panel["kind"], number)
        # What no colour is chosen for says nothing by it.
        found = list(stretches(series, look, step, end, _PLAIN))
        spans = [(start / DAY_S, (until - start) / DAY_S) for start, until, _, _ in found]
        # One thing to draw for each row: a number that never stays is a thousand stretches, and seconds otherwise.
        # Two that differ have a line between them, also where their colour is one.
        edge: Json = {"edgecolor": page(panel.get("theme"))["back"]} if len(found) <= _MOST_EDGED else {}
        axes.broken_barh(spans, (y - 0.4, 0.8), facecolors=[colour for *_, colour in found], linewidth=1.0, **edge)
        for start, until, text, _ in found:
            if len(text) * _LETTER_PT < (until - start) * points_of_a_second:
                how: Json = {"ha": "center", "va": "center", "fontsize": _TEXT_PT, "color": _INK, "parse_math": False}
                axes.text((start + until) / 2 / DAY_S, y, text, clip_on=True, **how)
    axes.set_ylim(-0.6, max(len(rows), 1) - 0.4)
    names = [without_middle(one_line(series["name"]), _NAME_LETTERS) for series in reversed(rows)]
    axes.set_yticks(range(len(rows)), names, fontsize=8, parse_math=False)
    axes.grid(visible=False)
    if left_out(len(panel["series"]) - len(rows), panel):
        where: Json = {"ha": "right", "va": "bottom", "fontsize": 9, "transform": axes.transAxes}
        axes.text(1, 1, left_out(len(panel["series"]) - len(rows), panel), color=ink, **where)


def stretches(series: Json, look: Json, step: float, end: float, ink: str) -> Iterator[Stretch]:
    """Give from when until when (seconds) it said what, and in which colour."""
    begun, before, last = 0.0, ("", ""), -math.inf
    for at, value in series["points"]:
        now = (said(value, look), coloured(value, look, ink))
        if now != before or at - last > 1.5 * step:
            if before[0]:
                yield begun, min(at, last + step), *before
            begun, before = at, now
        last = at
    if before[0]:
        yield begun, min(last + step, end), *before
