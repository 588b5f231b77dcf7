"""Draws numbers as PNGs, in a process of its own: JSON comes in by stdin, the images go out by stdout, one after the other.

matplotlib takes some 60 MiB and a second to load; here they are given back when the picture is done, and a drawing that
hangs can be killed. The shape of the JSON is what `bot.cameras.charts` sends.
"""

from __future__ import annotations

import io
import itertools
import json
import sys
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, cast
from zoneinfo import ZoneInfo

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image

from bot.cameras.chart_bars import table
from bot.cameras.chart_colours import page
from bot.cameras.chart_kinds import BARRED, extent, fitting, heatmap, left_out, short, written
from bot.cameras.chart_layout import headings_of, height_of, is_small, lines_of, parts_of
from bot.cameras.chart_lines import LegendLine, lines
from bot.cameras.chart_reducing import called, reduced, unit_of
from bot.cameras.chart_states import STATES, states
from bot.cameras.chart_tables import columns
from bot.cameras.chart_texts import text
from bot.cameras.chart_tiles import tiles
from bot.cameras.chart_times import time_axis
from bot.domain.shortening import one_line, without_middle

Json = dict[str, Any]

_DPI: Final = 100
# Whatever of these is installed draws Korean; the last draws everything else.
_FONTS: Final = (
    "Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "NanumBarunGothic", "Malgun Gothic", "UnDotum", "DejaVu Sans",
)  # fmt: skip
# Of a panel: its title, and the place for the values of the axis.
_TITLE_PT, _AXIS_PT = 11, 48.0
# Of a legend: rows at most and of the panel's height, size and line, its mark, and a letter (Korean ones are wider).
_LEGEND_ROWS, _LEGEND_PART = 12, 0.32
_LEGEND_PT, _LEGEND_LINE_PT, _HANDLE_PT, _LETTER_PT = 8.5, 12.0, 26.0, 4.9
_LEGEND_COLUMNS, _NAME_LETTERS, _LONGEST = 6, 12, 60
# Beside the axis: how wide a panel must be for it, how much of it a legend takes at most, and what stands above.
_LEAST_BESIDE_PT, _BESIDE_PART, _HEAD_PT = 330.0, 0.4, 30.0


class StripTitle(NamedTuple):
    """How a title is written: how high its strip is, the size of its letters, and whether it stands in the middle."""

    high: int
    size: float
    centred: bool


_TITLED, _HEADED = StripTitle(44, 14, centred=True), StripTitle(34, 12, centred=False)
# How far what is written stands from the edge of its panel, and half of what is between two panels.
_EDGE_PT, _GAP_PT = 8.0, 2.0
# What is taller is shown in several images, as by the browser.
_TALLEST_PX: Final = 4000


def draw(drawing: Json) -> bytes:
    """Draw all panels and return PNGs, one after the other."""
    colours = page(drawing["theme"])
    panels: list[Json] = drawing["panels"]
    mpl.rcParams.update(cast("Any", style(colours)))
    lines = lines_of(panels, drawing["width"])
    strips = [_words(drawing["title"], _TITLED, drawing, colours)]
    for heading, line in zip(headings_of(lines), lines, strict=True):
        strips += [_words(heading, _HEADED, drawing, colours)] if heading else []
        strips.append(_line(line, drawing, colours))
    return b"".join(map(_png, _stacks(strips, _TALLEST_PX * drawing["scale"])))


def _line(line: list[Json], drawing: Json, colours: Json) -> Image.Image:
    """Draw the panels that stand side by side."""
    figure = _figure(height_of(line), drawing, colours)
    figure.set_layout_engine("constrained", h_pad=0.08, w_pad=0.1)
    for part, panel in zip(parts_of(figure, line), line, strict=True):
        _panel(part, panel, drawing, colours)
    return _painted(figure)


def _words(text: str, how: StripTitle, drawing: Json, colours: Json) -> Image.Image:
    """Draw a title, of the dashboard or of a row of it."""
    figure = _figure(how.high, drawing, colours)
    line = fitting(text, 72 * drawing["width"] / _DPI - 2 * _EDGE_PT, how.size)
    where: Json = {"ha": "center"} if how.centred else {"ha": "left"}
    x = 0.5 if how.centred else _EDGE_PT / (72 * drawing["width"] / _DPI)
    figure.text(x, 0.5, line, va="center", fontsize=how.size, parse_math=False, **where)
    return _painted(figure)


def _figure(height: int, drawing: Json, colours: Json) -> Figure:
    # A figure for each line: a layout of all panels at once takes longer with each of them than with the one before.
    size = (drawing["width"] / _DPI, height / _DPI)
    return Figure(figsize=size, dpi=_DPI * drawing["scale"], facecolor=colours["page"])


def _painted(figure: Figure) -> Image.Image:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.frombytes("RGBA", canvas.get_width_height(physical=True), bytes(canvas.buffer_rgba())).convert("RGB")


def _stacks(strips: list[Image.Image], tallest: float) -> Iterator[Image.Image]:
    """Put strips below one another, in as many images as it takes; none is cut."""
    waiting: list[Image.Image] = []
    for strip in [*strips, None]:
        high = sum(each.height for each in waiting)
        if waiting and (strip is None or high + strip.height > tallest):
            whole = Image.new("RGB", (max(each.width for each in waiting), high))
            for each, top in zip(
                waiting, itertools.accumulate((one.height for one in waiting), initial=0), strict=False
            ):
                whole.paste(each, (0, top))
            yield whole
            waiting = []
        waiting += [strip] if strip else []


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def style(colours: Json) -> Json:
    """Return how all is written and coloured: with whatever font draws Korean here."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    ink, back = colours["ink"], colours["back"]
    return {
        "font.family": [name for name in _FONTS if name in known],
        "axes.facecolor": back,
        "axes.edgecolor": colours["grid"],
        "axes.labelcolor": ink,
        "axes.unicode_minus": False,
        "grid.color": colours["grid"],
        "text.color": ink,
        # A dollar in somebody's title is a dollar, no formula.
        "text.parse_math": False,
        "xtick.color": ink,
        "ytick.color": ink,
    }


def _panel(part: SubFigure, panel: Json, drawing: Json, colours: Json) -> None:
    axes = part.subplots()
    wide, high = extent(axes)
    part.add_artist(_frame(wide, high, part, colours))
    # At the edge of the panel, wherever its axis begins: as in Grafana, titles of a column stand below one another.
    title = fitting(panel["title"], wide - 2 * _EDGE_PT, _TITLE_PT)
    part.suptitle(title, x=_EDGE_PT / wide, ha="left", fontsize=_TITLE_PT, parse_math=False)
    panel = {**panel, "zone": drawing["zone"], "theme": drawing["theme"], "now": drawing.get("now", drawing["end"])}
    if panel["note"]:
        axes.set_axis_off()
        middle: Json = {"ha": "center", "va": "center", "transform": axes.transAxes, "parse_math": False}
        axes.text(0.5, 0.5, short(panel["note"], 160), fontsize=13, wrap=True, **middle)
    elif panel["kind"] == "text":
        text(axes, panel, colours["ink"])
    elif is_small(panel):
        tiles(axes, panel, colours["ink"])
    elif panel.get("table"):
        columns(axes, panel, colours["ink"])
    elif panel["kind"] == "table" or panel["kind"] in BARRED:
        table(axes, panel, colours["ink"])
    else:
        _over_time(part, axes, panel, drawing, colours)


def _frame(wide: float, high: float, part: SubFigure, colours: Json) -> Rectangle:
    """Return what a panel stands on, with a gap to those beside it."""
    across, up = _GAP_PT / wide, _GAP_PT / high
    return Rectangle(
        (across, up), 1 - 2 * across, 1 - 2 * up, transform=part.transSubfigure, facecolor=colours["back"],
        edgecolor=colours["grid"], linewidth=0.8, zorder=-1,
    )  # fmt: skip


def _over_time(part: SubFigure, axes: Axes, panel: Json, drawing: Json, colours: Json) -> None:
    # A panel may be about another stretch of time than the others.
    times: Json = panel.get("times", drawing)
    axes.grid(visible=True, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    # What is nothing all the time is a line upon the axis, not below it.
    axes.spines["bottom"].set_zorder(1)
    time_axis(axes, times["start"], times["end"], ZoneInfo(drawing["zone"]), extent(axes)[0] - _AXIS_PT)
    if panel["kind"] in STATES:
        states(axes, panel, times["step"], times["end"], colours["ink"])
    elif panel["kind"] == "heatmap":
        heatmap(axes, panel, times["step"])
    else:
        _legend(part, axes, panel, colours, lines(axes, panel, times["step"]))


def _legend(part: SubFigure, axes: Axes, panel: Json, colours: Json, drawn: list[LegendLine]) -> None:
    if not panel["legend"] or not drawn:
        return
    # In a place of its own below the axis or beside it, and never wider than the panel is.
    wide, high = extent(axes)
    beside = panel["legend_beside"] and wide >= _LEAST_BESIDE_PT
    wide = wide * _BESIDE_PART if beside else wide
    letters = int((wide - _HANDLE_PT) / _LETTER_PT)
    labels = [_label(each.name, each.values, each.look, letters) for each in drawn]
    columns = max(1, min(_LEGEND_COLUMNS, int(wide / (max(map(len, labels)) * _LETTER_PT + _HANDLE_PT))))
    columns = columns if len(drawn) > 1 and not panel["legend_table"] and not beside else 1
    rows = (high - _HEAD_PT) / _LEGEND_LINE_PT if beside else min(_LEGEND_ROWS, _LEGEND_PART * high / _LEGEND_LINE_PT)
    most = columns * max(2, int(rows))
    handles, labels = [each.handle for each in drawn], [short(label, max(8, letters)) for label in labels]
    if len(drawn) > most or panel["cut"]:
        # In the last place, which one of them loses where there is no other.
        kept = min(len(drawn), most - 1)
        handles, labels = handles[:kept], [*labels[:kept], left_out(len(drawn) - kept, panel)]
        handles.append(Line2D([], [], linewidth=0))
    shown = part.legend(
        handles,
        labels,
        loc="outside right upper" if beside else "outside lower left",
        ncols=columns,
        fontsize=_LEGEND_PT,
        frameon=False,
        handlelength=1.3,
        handletextpad=0.5,
        columnspacing=1.2,
        alignment="left",
        labelcolor=colours["ink"],
    )
    for each in shown.get_texts():
        each.set_parse_math(False)


def _label(name: str, values: list[float], panel: Json, letters: int = _LONGEST) -> str:
    parts = [
        f"{called(calculation)}: "
        + written(reduced(values, calculation), panel, unit=unit_of(calculation, panel["unit"]))
        for calculation in panel["calculations"]
    ]
    # matplotlib leaves labels out that begin so.
    told = f"   {'  '.join(parts)}" if parts else ""
    # The values of a long name are not cut off with its end.
    room = min(_LONGEST, max(_NAME_LETTERS, letters - len(told)))
    return (without_middle(one_line(name), room).lstrip("_") or "–") + told


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
