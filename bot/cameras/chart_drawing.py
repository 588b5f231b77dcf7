"""Numbers into a PNG, in a process of its own: JSON comes in by stdin, the image goes out by stdout.

matplotlib takes some 60 MiB and a second to load; here they are given back when the picture is done, and a drawing that
hangs can be killed. The shape of the JSON is `Drawing` in `bot.cameras.charts`.
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
from matplotlib.colors import is_color_like
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.domain.units import format_value

Json = dict[str, Any]

_DPI: Final = 100
# matplotlib counts time in days since 1970.
_DAY_S: Final = 86_400.0
_ROW_PX: Final = {1: 640, 2: 420}
# Whatever of these is installed draws Korean; the last draws everything else.
_FONTS: Final = (
    "Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "NanumBarunGothic", "Malgun Gothic", "UnDotum", "DejaVu Sans",
)  # fmt: skip
_DARK: Final = {"back": "#181b1f", "ink": "#ccccdc", "grid": "#2c3036"}
_LIGHT: Final = {"back": "#ffffff", "ink": "#24292e", "grid": "#e4e5e6"}
_CYCLE: Final = (
    "#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0", "#37872d", "#fade2a",
    "#447ebc", "#c15c17", "#890f02", "#0a437c", "#6d1f62", "#584477",
)  # fmt: skip
_COLOURS: Final = {
    "green": "#73bf69", "yellow": "#fade2a", "orange": "#ff9830", "red": "#f2495c", "blue": "#5794f2", "purple": "#b877d9",
}  # fmt: skip
_LABEL_LENGTH, _LEGEND_ROWS = 60, 12


def draw(drawing: Json) -> bytes:
    """Draw all panels and return a PNG."""
    colours = _LIGHT if drawing["theme"] == "light" else _DARK
    panels: list[Json] = drawing["panels"]
    columns = min(len(panels), 2)
    rows = math.ceil(len(panels) / columns)
    mpl.rcParams.update(cast("Any", _style(colours)))
    height = rows * _ROW_PX[columns] + 60
    figure = Figure(figsize=(drawing["width"] / _DPI, height / _DPI), dpi=_DPI * drawing["scale"])
    figure.set_layout_engine("constrained", h_pad=0.12, w_pad=0.12)
    figure.suptitle(drawing["title"], fontsize=14, parse_math=False)
    for number, panel in enumerate(panels, 1):
        _panel(figure.add_subplot(rows, columns, number), panel, drawing, colours)
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor=colours["back"])
    return out.getvalue()


def _style(colours: Json) -> Json:
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


def _panel(axes: Axes, panel: Json, drawing: Json, colours: Json) -> None:
    axes.set_title(_short(panel["title"]), loc="left", fontsize=11, parse_math=False)
    axes.grid(visible=True, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    zone = ZoneInfo(drawing["zone"])
    axes.set_xlim(drawing["start"] / _DAY_S, drawing["end"] / _DAY_S)
    locator = dates.AutoDateLocator(tz=zone, maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=zone))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: format_value(value, panel["unit"], panel["decimals"]))
    )
    if panel["note"]:
        middle: Json = {"ha": "center", "va": "center", "transform": axes.transAxes, "parse_math": False}
        axes.text(0.5, 0.5, _short(panel["note"], 160), fontsize=13, wrap=True, **middle)
        axes.set_yticks([])
        return
    _series(axes, panel, drawing["step"])
    _bounds(axes, panel)
    _thresholds(axes, panel)
    _legend(axes, panel, colours)


def _series(axes: Axes, panel: Json, step: float) -> None:
    below: dict[float, float] = {}
    for number, series in enumerate(panel["series"]):
        colour = _CYCLE[number % len(_CYCLE)]
        points: list[tuple[float, float]] = [(at, value) for at, value in series["points"]]
        base: list[float] | float = 0.0
        if panel["stacking"] == "normal":
            base = [below.get(at, 0.0) for at, _ in points]
            points = [(at, value + below.get(at, 0.0)) for at, value in points]
            below.update(points)
        label = _label(series["name"], [value for _, value in series["points"]], panel)
        _line(axes, points, base, {"color": colour, "label": label}, panel, step)


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
    steps = [(low if value is None else value, _colour(name)) for value, name in panel["thresholds"]]
    dashes = "--" if panel["style"].startswith("dashed") else "-"
    for number, (value, colour) in enumerate(steps):
        top = steps[number + 1][0] if number + 1 < len(steps) else high
        if "area" in panel["style"] and value < high and top > low:
            axes.axhspan(max(value, low), min(top, high), color=colour, alpha=0.12, linewidth=0)
        if panel["thresholds"][number][0] is not None and panel["style"] != "area":
            axes.axhline(value, color=colour, linestyle=dashes, linewidth=1.2)
    axes.set_ylim(low, max(high, *(value * 1.05 for value, _ in steps)) if panel["most"] is None else high)


def _legend(axes: Axes, panel: Json, colours: Json) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if not panel["legend"] or not handles:
        return
    more = len(handles) - _LEGEND_ROWS
    shown = axes.legend(
        handles[:_LEGEND_ROWS],
        labels[:_LEGEND_ROWS],
        loc="upper left",
        bbox_to_anchor=(0, -0.08),
        ncols=2 if len(handles) > 3 else 1,
        fontsize=8.5,
        frameon=False,
        title=f"+{more}" if more > 0 else None,
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
    shown = _short(name).lstrip("_") or "–"
    return f"{shown}   {'  '.join(parts)}" if parts else shown


def _colour(name: str) -> str:
    if name.startswith("#") and len(name) in (4, 7):
        return name if is_color_like(name) else "#888888"
    return _COLOURS.get(name.rpartition("-")[2], "#888888")


def _short(text: str, longest: int = _LABEL_LENGTH) -> str:
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
