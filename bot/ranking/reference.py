"""What is usual of one series, and how far a window of it stands from that; unit-free.

Levels are compared by their logarithm, with a floor in the unit of the series, so that milliseconds, bytes and ratios can stand
beside one another and what was zero cannot win by moving at all.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from bot.domain.kinds import less_is_worse
from bot.domain.telemetry import MetricKind, Series
from bot.ranking.stats import quantile

# Spread of a logarithm below which a series is constant: a twentieth up or down wakes nobody.
_STEADY = 0.05
# Standard deviations of which nothing is said.
QUIET = 2.0
# Part of the median and of the highest reference value that is added before the logarithm (ratios, no unit).
_FLOOR_MIDDLE, _FLOOR_HIGH = 0.05, 0.03
# What nobody is woken for, in the unit of the series: 5 ms, one per cent.
_FLOORS = {"s": 0.005, "ms": 5.0, "%": 1.0, "ratio": 0.01}
# The part of a whole (1 or 100) that nobody is woken for, and that of a bad value where nothing else is known (ratios).
_FLOOR_SHARE, _FLOOR_BAD = 0.01, 0.1
# Standard deviations of a normal distribution at the quantiles that the spread is read from, and between its quartiles.
_Q84, _Q95, _QUARTILES = 1.0, 1.645, 1.349
# If a window as bad comes this often in the reference (expected number), half of the deviation is believed.
_USUAL = 0.2
# A reference of so many samples is believed by one half (square root of n / (n + this)); and one of few may be steady by
# chance, so the least spread grows by this over the number of samples.
_SHORT, _BY_CHANCE = 4, 10
# So much of its deviation is believed of a window of one sample (ratio).
_ALONE = 0.7
# Of a window its worst two samples are compared, and how bad so many of them are at least: what lasts is no stray.
_WORST, _LASTING = 2, (4, 8)
_PERCENT, _PERCENT_WORDS = 100.0, ("percent", "pct", "ratio", "utilization", "utilisation")


def _levels(worst: Sequence[float]) -> list[tuple[int, float]]:
    """Return what is compared of a window, its worst samples first: the mean of two, and those that more are as bad as."""
    levels = [(min(_WORST, len(worst)), sum(worst[:_WORST]) / len(worst[:_WORST]))]
    return [*levels, *((few, worst[few - 1]) for few in _LASTING if few <= len(worst))]


def direction(series: Series) -> int:
    """Return in which direction a series becomes worse: 1, -1, or 0 if nobody can say."""
    if less_is_worse(series.name, series.kind):
        return -1
    return 0 if series.kind in (MetricKind.TRAFFIC, MetricKind.OTHER) else 1


def top_of(series: Series) -> float:
    """Return what a share is at most: 1 or 100, told by its values; 0 if it is no share."""
    low = series.name.lower()
    share = series.unit in ("%", "ratio") or any(word in low for word in _PERCENT_WORDS)
    if not share and series.kind is not MetricKind.AVAILABILITY:
        return 0.0
    return 1.0 if max([value for _, value in series.points]) <= 1.0 else _PERCENT


class Reference:
    """The usual values of a series; `top` is what a share is at most (0 if it is none)."""

    __slots__ = ("_levels", "_limits", "floor", "middle", "ordered", "series", "top")

    def __init__(self, values: Sequence[float], series: Series, top: float) -> None:
        self.ordered = sorted(values)
        self.series = series
        self.top = top
        self.middle = quantile(self.ordered, 0.5)
        self.floor = self._floor(self.ordered)
        self._limits: dict[tuple[int, int], float] = {}
        self._levels: dict[int, tuple[float, float]] = {}

    def calm(self, window: Sequence[float], sign: int) -> bool:
        """Tell whether a window stands too few standard deviations out for anything to be said of it."""
        if self.ordered[0] < 0 or not self.floor:
            return False
        worst = sorted(window, reverse=sign > 0)
        return all(sign * level <= sign * self._limit(len(window), few, sign) for few, level in _levels(worst))

    def _limit(self, window: int, few: int, sign: int) -> float:
        """Return the level of the worst few of a window from which on anything is said."""
        key = sign * window, few
        limit = self._limits.get(key)
        if limit is None:
            _, spread = self._level(sign, self.floor)
            far = sign * QUIET * self._scale(spread) / self._believed(window)
            limit = self._limits[key] = math.exp(self._expects(window, few, sign, self.floor) + far) - self.floor
        return limit

    def compared(self, window: Sequence[float], sign: int, *, inside: bool = False) -> tuple[float, float, float]:
        """Return the standard deviations, the growth of the logarithm, and the bad value that was compared.

        The window may be one of the reference itself (`inside`): that it occurs there makes it no more usual.
        """
        worst = sorted(window, reverse=sign > 0)
        bad = sum(worst[:2]) / len(worst[:2])
        reference = self.ordered
        if min(reference[0], worst[0], worst[-1]) < 0:
            shift = -min(reference[0], worst[0], worst[-1])
            shifted = Reference([value + shift for value in reference], self.series, self.top)
            z, growth, _ = shifted.compared([value + shift for value in window], sign, inside=inside)
            return z, growth, bad
        floor = self.floor or _FLOOR_BAD * max(bad, 1e-9)
        middle, spread = self._level(sign, floor)
        scale = self._scale(spread)
        z = max(
            self._usual(
                sign * (math.log(level + floor) - self._expects(len(window), few, sign, floor)) / scale,
                (level, few, len(window), sum([sign * value >= sign * level for value in window]) if inside else 0),
                sign,
            )
            for few, level in _levels(worst)
        )
        return z * self._believed(len(window)), sign * (math.log(bad + floor) - middle), bad

    def _usual(self, z: float, seen: tuple[float, int, int, int], sign: int) -> float:
        """Lower a deviation by how often so many samples of a window were as bad in the reference."""
        level, few, window, own = seen
        if z <= 0:
            return z
        reference, many = self.ordered, len(self.ordered)
        as_bad = many - bisect_left(reference, level) if sign > 0 else bisect_right(reference, level)
        share = (as_bad - own) / many
        # All of them at once come less often than one: that many ways to choose them, times their share to that power.
        often = window * share if few <= _WORST else math.comb(window, few) * share**few
        return z / (1 + often / _USUAL)

    def _expects(self, many: int, few: int, sign: int, floor: float) -> float:
        """Return the logarithm of what the worst few of so many samples usually are."""
        usual = 1 - (few - 0.5) / (many + 1) if many > 1 else 0.5
        return math.log(quantile(self.ordered, usual if sign > 0 else 1 - usual) + floor)

    def _scale(self, spread: float) -> float:
        return max(spread, _STEADY * (1 + _BY_CHANCE / len(self.ordered)))

    def _believed(self, window: int) -> float:
        """Return how much of a deviation is believed (0..1), of a window of so many samples."""
        return math.sqrt(len(self.ordered) / (len(self.ordered) + _SHORT)) * (1.0 if window > 1 else _ALONE)

    def _level(self, sign: int, floor: float) -> tuple[float, float]:
        """Return the logarithm of the middle and its spread in a direction."""
        known = self._levels.get(sign)
        if known is not None and self.floor:
            return known

        def at(share: float) -> float:
            return math.log(quantile(self.ordered, share if sign > 0 else 1 - share) + floor)

        middle = math.log(self.middle + floor)
        quartiles = (at(0.75) - at(0.25)) * sign / _QUARTILES
        found = middle, max(abs(at(0.84) - middle) / _Q84, abs(at(0.95) - middle) / _Q95, quartiles)
        self._levels[sign] = found
        return found

    def _floor(self, ordered: Sequence[float]) -> float:
        """Return what is added before the logarithm, in the unit of the series: less than that wakes nobody."""
        own = _FLOOR_MIDDLE * self.middle + _FLOOR_HIGH * quantile(ordered, 0.98)
        return own + (_FLOOR_SHARE * self.top if self.top else _FLOORS.get(self.series.unit, 0.0))
