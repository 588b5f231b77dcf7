"""Draws what stands for each series in a line of its own, with a bar where its kind has bars."""

from __future__ import annotations

import math
from typing import Any, Final

from matplotlib.axes import Axes

from bot.cameras.chart_kinds import (
    BARRED,
    PALETTED,
    coloured,
    extent,
    fitting,
    lettered,
    more,
    numbers_of,
    paletted,
    said,
)

Json = dict[str, Any]

_ROWS: Final = 14
_TEXT_PT, _GAP_PT = 9.5, 8.0
# So much of a panel's width its lines take.
_WIDE: Final = 0.95
# How wide a letter of a value is, of its size.
_LETTER: Final = 0.62
_ORDERED: Final = BARRED - {"piechart"}


def table(axes: Axes, panel: Json, ink: str) -> None:
    """Draw what stands for each series in a line of its own, those of a whole or of nothing else the largest first."""
    axes.set_axis_off()
    last = [
        (name, value, paletted(look, panel["kind"], number))
        for number, (name, _, value, look) in enumerate(numbers_of(panel))
    ]
    ranked = _ranked(last, panel)[:_ROWS]
    lines = max(len(ranked), 6)
    texts = [said(value, look) for _, value, look in ranked]
    wide = _WIDE * extent(axes)[0]
    # Values stand beside the bars, never upon them, where they could not be read.
    room = 1 - min((max(map(len, texts), default=0) * _TEXT_PT * _LETTER + _GAP_PT) / wide, 0.5)
    axes.set_xlim(0, 1 / room)
    axes.set_ylim(0, 1)
    low, most = _ends(panel, [value for _, value, _ in last if math.isfinite(value)])
    for number, ((name, value, look), text) in enumerate(zip(ranked, texts, strict=True)):
        y = 1 - (number + 0.5) / lines
        # Texts have the place that there is: a long one makes no room for itself.
        common: Json = {
            "va": "center", "fontsize": _TEXT_PT, "transform": axes.transAxes, "parse_math": False, "in_layout": False,
        }  # fmt: skip
        if panel["kind"] in BARRED and most > low and value > low:
            bar: Json = {"color": coloured(value, look, ink), "alpha": 0.3, "linewidth": 0}
            axes.barh(y, min((value - low) / (most - low), 1.0), height=0.8 / lines, **bar)
        axes.text(0.0, y, fitting(name, room * wide - _GAP_PT, _TEXT_PT, name=True), ha="left", color=ink, **common)
        colour = ink if panel["kind"] in PALETTED else lettered(value, look, ink)
        axes.text(1.0, y, text, ha="right", color=colour, **common)
        axes.axhline(1 - (number + 1) / lines, color=ink, alpha=0.15, linewidth=0.6)
    more(axes, len(last) - _ROWS, panel, ink)


def _ranked(last: list[tuple[str, float, Json]], panel: Json) -> list[tuple[str, float, Json]]:
    ranked = sorted(last, key=lambda row: -row[1] if math.isfinite(row[1]) else math.inf)
    if panel["kind"] in _ORDERED or panel["columns"]:
        # In the order of the panel, as in Grafana; where not all have a place, the largest.
        shown = {id(row) for row in ranked[:_ROWS]}
        ranked = [row for row in last if id(row) in shown]
    return ranked


def _ends(panel: Json, known: list[float]) -> tuple[float, float]:
    """Return from where to where bars reach: of a pie each is as long as its part of the whole."""
    if panel["kind"] == "piechart":
        return 0.0, math.fsum(each for each in known if each > 0)
    low = min(0.0, *known, 0.0) if panel["least"] is None else panel["least"]
    return low, max(known, default=0.0) if panel["most"] is None else panel["most"]
