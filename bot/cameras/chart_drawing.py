"""Draws numbers as a PNG, in a process of its own: JSON comes in by stdin, the image goes out by stdout.

matplotlib takes some 60 MiB and a second to load; here they are given back when the picture is done, and a drawing that
hangs can be killed. The shape of the JSON is what `bot.cameras.charts` sends.
"""

from __future__ import annotations

import io
import json
import math
import sys
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.dates as dates
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FuncFormatter

from bot.cameras.chart_kinds import BARRED, colour_of, extent, fitting, heatmap, left_out, short, table, tiles
from bot.cameras.chart_layout import height_of, is_small, lines_of, widths_of
from bot.cameras.chart_scales import UnitLocator
from bot.domain.units import format_value

Json = dict[str, Any]

_DPI: Final = 100
# matplotlib counts time in days since 1970.
_DAY_S: Final = 86_400.0
# Whatever of these is installed draws Korean; the last draws everything else.
_FONTS: Final = (
    "Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "NanumBarunGothic", "Malgun Gothic", "UnDotum", "DejaVu Sans",
)  # fmt: skip
DARK: Final = {"back": "#181b1f", "ink": "#ccccdc", "grid": "#2c3036"}
_LIGHT: Final = {"back": "#ffffff", "ink": "#24292e", "grid": "#e4e5e6"}
_CYCLE: Final = (
    "#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0", "#37872d", "#fade2a",
    "#447ebc", "#c15c17", "#890f02", "#0a437c", "#6d1f62", "#584477",
)  # fmt: skip
# Of a panel: its title, the place for the values of the axis, and for each time below it.
_TITLE_PT, _AXIS_PT, _TICK_PT = 11, 48.0, 38.0
# Of a legend: rows at most and of the panel's height, size and line, its mark, and a letter (Korean ones are wider).
_LEGEND_ROWS, _LEGEND_PART = 12, 0.32
_LEGEND_PT, _LEGEND_LINE_PT, _HANDLE_PT, _LETTER_PT = 8.5, 12.0, 44.0, 4.9


def draw(drawing: Json) -> bytes:
    """Draw all panels and return a PNG."""
    colours = _LIGHT if drawing["theme"] == "light" else DARK
    panels: list[Json] = drawing["panels"]
    mpl.rcParams.update(cast("Any", style(colours)))
    lines = lines_of(panels, drawing["width"])
    heights = [height_of(line) for line in lines]
    figure = Figure(figsize=(drawing["width"] / _DPI, (sum(heights) + 50) / _DPI), dpi=_DPI * drawing["scale"])
    figure.set_layout_engine("constrained", h_pad=0.08, w_pad=0.1)
    figure.suptitle(short(drawing["title"], 120), fontsize=14, parse_math=False)
    for strip, line in zip(_parts(figure, len(lines), heights=heights), lines, strict=True):
        for part, panel in zip(_parts(strip, len(line), across=widths_of(line)), line, strict=True):
            _panel(part, panel, drawing, colours)
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor=colours["back"])
    return out.getvalue()


def _parts(
    whole: Any, count: int, *, across: list[int] | None = None, heights: list[int] | None = None
) -> list[SubFigure]:
    """Divide a figure into parts, each with a legend of its own."""
    made: Any = whole.subfigures(
        1 if across else count, count if across else 1, squeeze=False, height_ratios=heights, width_ratios=across
    )
    return list(made.flat)


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
    title = fitting(panel["title"], extent(axes)[0] - _AXIS_PT, _TITLE_PT)
    axes.set_title(title, loc="left", fontsize=_TITLE_PT, parse_math=False)
    if panel["note"]:
        axes.set_axis_off()
        middle: Json = {"ha": "center", "va": "center", "transform": axes.transAxes, "parse_math": False}
        axes.text(0.5, 0.5, short(panel["note"], 160), fontsize=13, wrap=True, **middle)
    elif is_small(panel):
        tiles(axes, panel, colours["ink"])
    elif panel["kind"] == "table" or panel["kind"] in BARRED:
        table(axes, panel, colours["ink"])
    else:
        _over_time(part, axes, panel, drawing, colours)


def _over_time(part: SubFigure, axes: Axes, panel: Json, drawing: Json, colours: Json) -> None:
    axes.grid(visible=True, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    zone = ZoneInfo(drawing["zone"])
    axes.set_xlim(drawing["start"] / _DAY_S, drawing["end"] / _DAY_S)
    ticks = max(2, min(8, int((extent(axes)[0] - _AXIS_PT) / _TICK_PT)))
    locator = dates.AutoDateLocator(tz=zone, minticks=min(ticks, 4), maxticks=ticks)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=zone))
    if panel["kind"] == "heatmap" and heatmap(axes, panel, drawing["step"]):
        return
    axes.yaxis.set_major_locator(UnitLocator(panel["unit"], panel["decimals"]))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: format_value(value, panel["unit"], panel["decimals"]))
    )
    _series(axes, panel, drawing["step"])
    _bounds(axes, panel)
    _thresholds(axes, panel)
    _legend(part, axes, panel, colours)


def _series(axes: Axes, panel: Json, step: float) -> None:
    below: dict[float, float] = {}
    stacked = panel["stacking"] in ("normal", "percent")
    for number, series in enumerate(stacked_points(panel) if stacked else panel["series"]):
        colour = _CYCLE[number % len(_CYCLE)]
        points: list[tuple[float, float]] = [(at, value) for at, value in series["points"]]
        base: list[float] | float = 0.0
        if stacked:
            base = [below.get(at, 0.0) for at, _ in points]
            points = [(at, value + below.get(at, 0.0)) for at, value in points]
            below.update(points)
        label = _label(series["name"], [value for _, value in panel["series"][number]["points"]], panel)
        _line(axes, points, base, {"color": colour, "label": label}, panel, step)


def stacked_points(panel: Json) -> list[Json]:
    """Return series that can be put one upon another: a moment that one of them misses is nothing, not a gap in all above."""
    times = sorted({at for series in panel["series"] for at, _ in series["points"]})
    known = [dict(series["points"]) for series in panel["series"]]
    whole = {at: math.fsum(each.get(at, 0.0) for each in known) for at in times}
    percent = panel["stacking"] == "percent"
    # A hundred where the panel writes percent of hundred, else a part of one.
    most = 1.0 if panel["unit"] == "percentunit" else 100.0
    return [
        {
            "name": series["name"],
            "points": [(at, each.get(at, 0.0) * (most / whole[at] if percent and whole[at] else 1.0)) for at in times],
        }
        for series, each in zip(panel["series"], known, strict=True)
    ]


def _line(
    axes: Axes, points: list[tuple[float, float]], base: list[float] | float, how: Json, panel: Json, step: float
) -> None:
    if panel["bars"]:
        days = [at / _DAY_S for at, _ in points]
        heights = [value - (base[i] if isinstance(base, list) else base) for i, (_, value) in enumerate(points)]
        axes.bar(days, heights, width=step / _DAY_S * 0.8, bottom=base, **how)
        return
    days, values, floor = _with_gaps(points, base, step)
    # A single point would be no line at all.
    axes.plot(days, values, linewidth=1.4, marker="o" if len(points) == 1 else "", **how)
    if panel["fill"] or panel["stacking"] == "normal":
        axes.fill_between(days, values, floor, color=how["color"], alpha=max(panel["fill"], 10) / 100, linewidth=0)


def _with_gaps(
    points: list[tuple[float, float]], base: list[float] | float, step: float
) -> tuple[list[float], list[float], list[float]]:
    """Break the line where samples are missing, as Grafana does."""
    days: list[float] = []
    values: list[float] = []
    floor: list[float] = []
    before = math.inf
    for number, (at, value) in enumerate(points):
        under = base[number] if isinstance(base, list) else base
        if at - before > 1.5 * step:
            days.append((before + step) / _DAY_S)
            values.append(math.nan)
            floor.append(under)
        days.append(at / _DAY_S)
        values.append(value)
        floor.append(under)
        before = at
    return days, values, floor


def _bounds(axes: Axes, panel: Json) -> None:
    low, high = axes.get_ylim()
    low = panel["least"] if panel["least"] is not None else low
    high = panel["most"] if panel["most"] is not None else high
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


def _legend(part: SubFigure, axes: Axes, panel: Json, colours: Json) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if not panel["legend"] or not handles:
        return
    # In a place of its own below the axis and its date, and never wider than the panel is.
    wide, high = extent(axes)
    letters = int((wide - _HANDLE_PT) / _LETTER_PT)
    columns = max(1, min(3, int(wide / (max(map(len, labels)) * _LETTER_PT + _HANDLE_PT))))
    most = columns * max(2, min(_LEGEND_ROWS, int(_LEGEND_PART * high / _LEGEND_LINE_PT)))
    more = len(handles) - most
    shown = part.legend(
        handles[:most],
        [short(label, max(8, letters)) for label in labels[:most]],
        loc="outside lower left",
        ncols=columns if len(handles) > 1 else 1,
        fontsize=_LEGEND_PT,
        frameon=False,
        title=left_out(max(more, 0), panel) or None,
        labelcolor=colours["ink"],
    )
    for each in shown.get_texts():
        each.set_parse_math(False)


def _label(name: str, values: list[float], panel: Json) -> str:
    found: Json = {
        "last": values[-1], "lastNotNull": values[-1], "max": max(values), "min": min(values),
        "mean": math.fsum(values) / len(values), "sum": math.fsum(values), "first": values[0],
    }  # fmt: skip
    parts = [
        f"{'last' if calculation == 'lastNotNull' else calculation} "
        + format_value(found[calculation], panel["unit"], panel["decimals"])
        for calculation in panel["calculations"]
        if calculation in found
    ]
    # matplotlib leaves labels out that begin so.
    shown = short(name).lstrip("_") or "–"
    return f"{shown}   {'  '.join(parts)}" if parts else shown


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
