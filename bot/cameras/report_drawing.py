"""Draws a report's numbers as one PNG, in a process of its own: JSON comes in by stdin, the image goes out by stdout.

The shape of the JSON is what `bot.cameras.report_charts` sends: all words come with it, in the reader's language.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any, Final, cast

import matplotlib as mpl

mpl.use("Agg")

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.cameras.chart_colours import DARK
from bot.cameras.chart_drawing import style
from bot.cameras.chart_kinds import short

Json = dict[str, Any]

_DPI: Final = 100
# Discord shows it 550 pixels wide: what is written must still be read then.
_SIZE: Final = (9.6, 6.8)
_NIGHT: Final = ((0, 7), (22, 24))
_CALM, _HOT = "#22252b", "#f2495c"
_ACKNOWLEDGED, _RESOLVED, _TARGET = "#8ab8ff", "#5794f2", "#fade2a"
_SAVED, _LEFT, _UNTUNED = "#73bf69", "#ff780a", "#8e8e9a"
_BAR: Final = 0.36
_LONGEST_RULE: Final = 22


def draw(drawing: Json) -> bytes:
    """Draw the calls by hour, how soon was answered, and the noisiest rules; return a PNG."""
    mpl.rcParams.update(cast("Any", style(DARK)))
    figure = Figure(figsize=_SIZE, dpi=_DPI * drawing["scale"])
    figure.set_layout_engine("constrained", h_pad=0.12, w_pad=0.12)
    figure.suptitle(short(drawing["title"], 120), fontsize=14)
    above, below = cast("Any", figure.subfigures(2, 1, height_ratios=[1.1, 1.0]))
    _hours(above.subplots(), drawing["hours"])
    left, right = below.subplots(1, 2)
    _times(left, drawing["times"])
    _rules(right, drawing["rules"])
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor=DARK["back"])
    return out.getvalue()


def _headed(axes: Axes, words: str) -> None:
    axes.set_title(short(words), loc="left", fontsize=11)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)


def _hours(axes: Axes, hours: Json) -> None:
    _headed(axes, hours["title"])
    counts: list[list[int]] = hours["counts"]
    most = max(max(row) for row in counts)
    colours = LinearSegmentedColormap.from_list("calls", [_CALM, "#7a2a3a", _HOT])
    grid = axes.pcolormesh(range(25), range(8), counts, cmap=colours, vmin=0, vmax=max(most, 1))
    grid.set_edgecolor(DARK["back"])
    grid.set_linewidth(2)
    for day, row in enumerate(counts):
        for hour, count in enumerate(row):
            if count:
                axes.text(hour + 0.5, day + 0.5, str(count), ha="center", va="center", fontsize=9, color="#ffffff")
    axes.invert_yaxis()
    axes.set_yticks([day + 0.5 for day in range(7)], hours["days"])
    axes.set_xticks([hour + 0.5 for hour in range(24)], [f"{hour:02}" for hour in range(24)])
    # The nights are marked below the hours, where no number stands.
    for start, end in _NIGHT:
        axes.axvspan(start, end, ymin=-0.012, ymax=0.0, color=_ACKNOWLEDGED, clip_on=False, linewidth=0)


def _times(axes: Axes, times: Json) -> None:
    _headed(axes, times["title"])
    rows: list[Json] = times["rows"]
    if not rows:
        _nothing(axes, times["none"])
        return
    axes.set_xscale("symlog", linthresh=60)
    for place, row in enumerate(rows):
        for offset, name, colour in ((-_BAR / 2, "mtta", _ACKNOWLEDGED), (_BAR / 2, "mttr", _RESOLVED)):
            _time(axes, place + offset, row[name], colour)
    for name, colour in (("mtta", _ACKNOWLEDGED), ("mttr", _RESOLVED)):
        axes.barh([0], [0], color=colour, label=times[name])
    axes.set_yticks(range(len(rows)), [row["name"] for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    longest = max(row[name][part] for row in rows for name in ("mtta", "mttr") for part in ("p90", "target"))
    marks = [mark for mark in _MARKS if mark[0] <= longest * 1.6][-5:]
    axes.set_xticks([seconds for seconds, _ in marks], [words for _, words in marks])
    axes.minorticks_off()
    axes.set_xlim(0, max(longest * 3, 120))
    axes.grid(visible=True, axis="x", linewidth=0.6)
    axes.set_axisbelow(True)
    _legend(axes)


_MARKS: Final = (
    (60, "1m"), (300, "5m"), (900, "15m"), (3600, "1h"), (4 * 3600, "4h"), (86_400, "1d"), (7 * 86_400, "7d"),
)  # fmt: skip


def _time(axes: Axes, place: float, took: Json, colour: str) -> None:
    if took["median"]:
        axes.barh([place], [took["median"]], height=_BAR, color=colour)
        axes.plot([took["median"], took["p90"]], [place, place], color="#ccccdc", linewidth=1.2)
        axes.annotate(took["words"], (max(took["p90"], took["target"]), place), xytext=(5, 0), textcoords="offset points",
                      va="center", fontsize=8.5)  # fmt: skip
    if took["target"]:
        height = _BAR / 2
        axes.plot([took["target"]] * 2, [place - height, place + height], color=_TARGET, linewidth=2.2)


def _rules(axes: Axes, rules: Json) -> None:
    _headed(axes, rules["title"])
    rows: list[Json] = rules["rows"]
    if not rows:
        _nothing(axes, rules["none"])
        return
    places = range(len(rows))
    left = [row["left"] for row in rows]
    axes.barh(places, left, color=[_LEFT if row["tuned"] else _UNTUNED for row in rows])
    axes.barh(places, [row["saved"] for row in rows], left=left, color=_SAVED)
    for place, row in enumerate(rows):
        axes.annotate(row["words"], (row["left"] + row["saved"], place), xytext=(5, 0),
                      textcoords="offset points", va="center", fontsize=8.5)  # fmt: skip
    axes.set_yticks(list(places), [short(row["name"], _LONGEST_RULE) for row in rows])
    axes.set_ylim(max(len(rows), 3) - 0.4, -0.6)
    axes.set_xlim(0, max(row["left"] + row["saved"] for row in rows) * 1.35)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axes.grid(visible=True, axis="x", linewidth=0.6)
    axes.set_axisbelow(True)
    for name, colour in (("saved", _SAVED), ("left", _LEFT), ("untuned", _UNTUNED)):
        if any(row["tuned"] is (name != "untuned") for row in rows):
            axes.barh([0], [0], color=colour, label=rules[name])
    _legend(axes)


def _legend(axes: Axes) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, frameon=False, fontsize=8.5)


def _nothing(axes: Axes, words: str) -> None:
    axes.set_axis_off()
    axes.text(0.5, 0.5, words, ha="center", va="center", fontsize=13, transform=axes.transAxes)


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
