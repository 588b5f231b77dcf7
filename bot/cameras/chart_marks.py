"""Draws what an axis has beside its series: its ends, thresholds, exemplars.

Source: uPlot's rangeNum, and packages/grafana-ui/src/components/uPlot/config/UPlotScaleBuilder.ts (11 to 13).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from matplotlib.axes import Axes

from bot.cameras.chart_colours import colour_of, of_palette
from bot.cameras.chart_times import DAY_S

Json = dict[str, Any]

# An axis of nothing but nothing reaches to here, to all of it where that is known; of others so much is left at either end.
_WHOLE, _ROOM = 100.0, 0.05
# What is no whole power only because a logarithm is not exact.
_NEAR: Final = 1e-9
# The place of their colour (blue) among those of series.
_EXEMPLARS: Final = 5


def bounds(axes: Axes, look: Json, looks: list[Json], values: Sequence[float]) -> None:
    """Let an axis reach from where to where the panel says, or Grafana would for these values."""
    low, high = _powers(axes, look, values) if look["base"] else _linear(look, looks, values)
    low = look["least"] if look["least"] is not None and (look["least"] > 0 or not look["base"]) else low
    high = look["most"] if look["most"] is not None else high
    if low < high:
        axes.set_ylim(low, high)


def _linear(look: Json, looks: list[Json], values: Sequence[float]) -> tuple[float, float]:
    whole = 1.0 if look["unit"] == "percentunit" else _WHOLE
    least, most = min(values, default=0.0), max(values, default=0.0)
    low, high = _reach(least, most, whole)
    shares = [each["stacking"] == "percent" for each in looks]
    high = (whole if all(shares) else max(whole, high)) if any(shares) else high
    # What is no further than a soft end lets the axis end there, without a place beyond.
    soft = look["soft_least"]
    low = low if soft is None or soft > least else soft
    soft = look["soft_most"]
    high = high if soft is None or soft < most else soft
    if look["centred"]:
        return -max(abs(low), abs(high)), max(abs(low), abs(high))
    return low, high


def _powers(axes: Axes, look: Json, values: Sequence[float]) -> tuple[float, float]:
    """Return from which power to which a logarithmic axis reaches: without two there is no mark on it."""
    known = [value for value in values if value > 0]
    if look["linear_below"] or not known:
        return axes.get_ylim()
    low, high = (math.log(end(known), look["base"]) for end in (min, max))
    low, high = math.floor(low + _NEAR), math.ceil(high - _NEAR)
    return look["base"] ** low, look["base"] ** max(high, low + 1)


def _reach(least: float, most: float, whole: float) -> tuple[float, float]:
    """Return from where to where an axis reaches for values: what is level lies in its middle, nothing at its end."""
    if least == most:
        return min(0.0, 2 * most), max(0.0, 2 * most) if most else whole
    # A little more at both ends, but no place below nothing where nothing is less than that, nor above where nothing is more.
    room = (most - least) * _ROOM
    low, high = least - room, most + room
    return 0.0 if low < 0 <= least else low, 0.0 if high > 0 >= most else high


def exemplars(axes: Axes, panel: Json) -> None:
    """Draw single requests as diamonds; what is beyond the axis stands at its end, as in Grafana."""
    low, high = axes.get_ylim()
    dots = [(at / DAY_S, min(max(value, low), high)) for at, value in panel.get("exemplars", ())]
    if dots:
        across, up = zip(*dots, strict=True)
        colour = of_palette(_EXEMPLARS, panel.get("theme"))
        axes.scatter(across, up, s=14, marker="D", color=colour, alpha=0.8, linewidth=0, zorder=3, clip_on=False)
        axes.set_ylim(low, high)


def thresholds(axes: Axes, panel: Json) -> None:
    """Draw from which value on which colour counts, as lines or areas."""
    if panel["style"] == "off":
        return
    low, high = axes.get_ylim()
    steps = [
        (low if value is None else value, colour_of(name, panel.get("theme"))) for value, name in panel["thresholds"]
    ]
    dashes = "--" if panel["style"].startswith("dashed") else "-"
    for number, (value, colour) in enumerate(steps):
        top = steps[number + 1][0] if number + 1 < len(steps) else high
        if "area" in panel["style"] and value < high and top > low:
            axes.axhspan(max(value, low), min(top, high), color=colour, alpha=0.12, linewidth=0)
        if panel["thresholds"][number][0] is not None and panel["style"] != "area":
            axes.axhline(value, color=colour, linestyle=dashes, linewidth=1.2)
    # What is far above all values stays out of sight, as in Grafana: lines would be flat for its sake.
    axes.set_ylim(low, high)
