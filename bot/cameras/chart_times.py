"""Writes the marks of an axis of time as Grafana does: hours as long as they name a moment, with the day where they do not.

Source: packages/grafana-ui/src/components/uPlot/config/UPlotAxisBuilder.ts (11 to 13).
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import matplotlib.dates as dates
from matplotlib.axes import Axes
from matplotlib.ticker import Formatter

# matplotlib counts time in days since 1970.
DAY_S: Final = 86_400.0
# The place that a mark takes below an axis: each of its letters, and what is between two marks.
_LETTER_PT, _GAP_PT = 5.0, 13.0
# How many marks, at least and at most: as many as can be.
_MARKS: Final = [(least, most) for least in (4, 2, 1) for most in range(8, max(least, 2) - 1, -1)]
# What is written where marks are so many days apart at most, or all of them lie within so many.
_SECONDS, _YEAR = "%H:%M:%S", 366.0
_SECONDS_APART, _DAYS_APART, _MONTHS_APART = 45 / DAY_S, 80_000 / DAY_S, 28.0


def time_axis(axes: Axes, start: float, end: float, zone: ZoneInfo, wide: float) -> None:
    """Let an axis be about a stretch of time (seconds), where it has so many points of width."""
    axes.set_xlim(start / DAY_S, end / DAY_S)
    axes.xaxis.set_major_locator(_locator(start / DAY_S, end / DAY_S, zone, wide))
    axes.xaxis.set_major_formatter(TimeFormatter(zone, (end - start) / DAY_S))


def _locator(low: float, high: float, zone: ZoneInfo, wide: float) -> dates.AutoDateLocator:
    """Return what puts as many marks on an axis (days) as have a place there as they are written."""
    for least, most in _MARKS:
        locator = dates.AutoDateLocator(tz=zone, minticks=least, maxticks=most)
        try:
            with warnings.catch_warnings():
                # It warns of a number of marks that it has no round distance for.
                warnings.simplefilter("error")
                places: list[float] = list(
                    locator.tick_values(dates.num2date(low, tz=zone), dates.num2date(high, tz=zone))
                )
        except UserWarning:
            continue
        apart = min((after - before for before, after in pairwise(places)), default=high - low)
        letters = len(dates.num2date(low).strftime(_written(apart, high - low)))
        if apart / (high - low) * wide >= letters * _LETTER_PT + _GAP_PT:
            return locator
    least, most = _MARKS[-1]
    return dates.AutoDateLocator(tz=zone, minticks=least, maxticks=most)


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
