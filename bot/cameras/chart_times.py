"""Writes the marks of an axis of time as Grafana does: hours as long as they name a moment, with the day where they do not.

Source: packages/grafana-ui/src/components/uPlot/config/UPlotAxisBuilder.ts (11 to 13).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import matplotlib.dates as dates
from matplotlib.axes import Axes
from matplotlib.ticker import Formatter

# matplotlib counts time in days since 1970.
DAY_S: Final = 86_400.0
# The place that a mark takes below an axis.
_TICK_PT: Final = 38.0
_MARKS: Final = range(2, 9)
# What is written where marks are so many days apart at most, or all of them lie within so many.
_SECONDS, _YEAR = "%H:%M:%S", 366.0
_SECONDS_APART, _DAYS_APART, _MONTHS_APART = 45 / DAY_S, 80_000 / DAY_S, 28.0


def time_axis(axes: Axes, start: float, end: float, zone: ZoneInfo, wide: float) -> None:
    """Let an axis be about a stretch of time (seconds), where it has so many points of width."""
    axes.set_xlim(start / DAY_S, end / DAY_S)
    most = min(max(int(wide / _TICK_PT), _MARKS[0]), _MARKS[-1])
    axes.xaxis.set_major_locator(dates.AutoDateLocator(tz=zone, minticks=min(most, 4), maxticks=most))
    axes.xaxis.set_major_formatter(TimeFormatter(zone, (end - start) / DAY_S))


class TimeFormatter(Formatter):
    """Writes all marks of an axis in one way, so that none of them needs another to be understood."""

    def __init__(self, zone: ZoneInfo, span: float) -> None:
        self._zone, self._span, self._how = zone, span, "%H:%M"

    def __call__(self, x: float, pos: int | None = None) -> str:  # noqa: ARG002 - the name is matplotlib's
        """Write one mark."""
        return dates.num2date(x, tz=self._zone).strftime(self._how)

    def format_ticks(self, values: list[float]) -> list[str]:
        """Write the marks, by how far they are apart."""
        apart = min((after - before for before, after in pairwise(values)), default=self._span)
        self._how = _written(apart, self._span)
        return super().format_ticks(values)


def _written(apart: float, span: float) -> str:
    if apart <= _SECONDS_APART:
        return _SECONDS
    # A last day of a few milliseconds more is a day, too.
    if span < 1.0001:
        return "%H:%M"
    if apart <= _DAYS_APART:
        return "%m/%d %H:%M"
    return "%m/%d" if apart < _MONTHS_APART or span <= _YEAR else "%Y-%m"
