"""Draws tables: a header, and a line for each row, as wide as what is written in the columns."""

from __future__ import annotations

import math
from typing import Any, Final
from unicodedata import east_asian_width

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bot.cameras.chart_colours import CLEAR, ink_upon
from bot.cameras.chart_kinds import coloured, extent, fitting, left_out, lettered, of, said, short
from bot.domain.unit_times import is_moment

Json = dict[str, Any]

_ROWS, _COLUMNS, _LETTERS = 14, 12, 64
_TEXT_PT, _GAP_PT, _EDGE_PT = 9.0, 12.0, 4.0
# What is left beside the columns when they are drawn, of the panel's width and of its height.
_WIDE, _HIGH = 0.96, 0.8
_LINE_PT: Final = 15.0
# Cells that show nothing of thresholds.
_PLAIN: Final = frozenset({"auto", "string", ""})
# Cells that show how much of all there is they hold; what they were called before 9.4, too.
_BARRED: Final = frozenset({"gauge", "basic", "gradient-gauge", "lcd-gauge"})


def columns(axes: Axes, panel: Json, ink: str) -> None:
    """Draw a table: numbers at the right of their column, texts at the left, coloured where the panel colours cells."""
    axes.set_axis_off()
    table: list[Json] = panel["table"][:_COLUMNS]
    count = len(table[0]["cells"])
    wide, high = extent(axes)
    most = max(3, min(_ROWS, int(_HIGH * high / _LINE_PT) - 1))
    texts = [[_text(cell, of(panel, each)) for cell in each["cells"][:most]] for each in table]
    needed = [
        max(map(_letters, [short(each["name"], _LETTERS), *rows])) for each, rows in zip(table, texts, strict=True)
    ]
    shares = [0.6 * _TEXT_PT * letters + _GAP_PT for letters in needed]
    # Who needs no more than an equal share gets all he needs.
    widths = _shared(shares, _WIDE * wide)
    lines = max(min(count, most), 4) + 1
    common: Json = {
        "va": "center", "fontsize": _TEXT_PT, "transform": axes.transAxes, "parse_math": False, "in_layout": False,
    }  # fmt: skip
    left = 0.0
    for each, rows, width in zip(table, texts, widths, strict=True):
        numbers = any(isinstance(cell, float) for cell in each["cells"]) and not is_moment(of(panel, each)["unit"])
        x, side = ((left + width - _GAP_PT) / wide, "right") if numbers else (left / wide, "left")
        fit = width - _GAP_PT
        axes.text(x, 1 - 0.5 / lines, fitting(each["name"], fit, _TEXT_PT), ha=side, color=ink, weight="bold", **common)
        look = _reaching(of(panel, each), each["cells"])
        for row, text in enumerate(rows):
            box = (left / wide, 1 - (row + 2) / lines, (fit + _EDGE_PT) / wide, 1 / lines)
            colour = _cell(axes, box, each["cells"][row], look, ink)
            line = fitting(text, fit, _TEXT_PT, name=True)
            axes.text(x, 1 - (row + 1.5) / lines, line, ha=side, color=colour, **common)
        left += width
    for row in range(min(count, most) + 1):
        axes.axhline(1 - (row + 1) / lines, color=ink, alpha=0.15, linewidth=0.6)
    axes.set_ylim(0, 1)
    _rest(axes, count - most, len(panel["table"]) - len(table), panel, ink)


def _reaching(look: Json, cells: list[object]) -> Json:
    known = [cell for cell in cells if isinstance(cell, float) and math.isfinite(cell)]
    low = min([0.0, *known]) if look["least"] is None else look["least"]
    return {**look, "reach": (low, max(known, default=0.0) if look["most"] is None else look["most"])}


def _cell(axes: Axes, box: tuple[float, float, float, float], cell: object, look: Json, ink: str) -> str:
    """Draw what is behind a number; return the colour of the number."""
    left, bottom, width, height = box
    if not isinstance(cell, float) or (look["cell"] in _PLAIN and not look["mappings"]):
        return ink
    barred = look["cell"] in _BARRED
    ground = coloured(cell, look, ink if barred else CLEAR)
    if ground == CLEAR:
        return ink
    how: Json = {"facecolor": ground, "linewidth": 0, "transform": axes.transAxes}
    if look["cell"].startswith("color-background"):
        axes.add_patch(Rectangle((left, bottom), width, height, **how))
        return ink_upon(ground)
    low, most = look["reach"]
    if barred and most > low and math.isfinite(cell):
        part = min(max((cell - low) / (most - low), 0.0), 1.0)
        axes.add_patch(Rectangle((left, bottom + height / 6), width * part, height * 2 / 3, alpha=0.3, **how))
        return ink
    return lettered(cell, look, ink)


def _rest(axes: Axes, rows: int, more: int, panel: Json, ink: str) -> None:
    said_of = [left_out(max(rows, 0), panel), f"+{more} →" if more > 0 else ""]
    if any(said_of):
        how: Json = {"ha": "right", "va": "top", "color": ink, "fontsize": 9, "transform": axes.transAxes}
        axes.text(1, -0.02, "   ".join(filter(None, said_of)), **how)


def _text(cell: object, look: Json) -> str:
    if isinstance(cell, (int, float)):
        return said(float(cell), look)
    return short(str(cell), _LETTERS) if cell is not None else look.get("no_value", "")


def _letters(text: str) -> float:
    return sum(1.7 if east_asian_width(letter) in "WF" else 1.0 for letter in text)


def _shared(needed: list[float], whole: float) -> list[float]:
    """Divide a width: each gets what it needs, as long as that is no more than an equal part of what is left."""
    found = [0.0] * len(needed)
    left, order = whole, sorted(range(len(needed)), key=needed.__getitem__)
    for place, number in enumerate(order):
        found[number] = min(needed[number], left / (len(order) - place))
        left -= found[number]
    # And all of the place is used, as Grafana does.
    spare = max(0.0, left) / max(len(needed), 1)
    return [each + spare if math.isfinite(each) else whole / len(needed) for each in found]
