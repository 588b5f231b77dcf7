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
_SPREAD_AT = (0.25, 0.75, 0.84, 0.95)
# If a window as bad comes this often in the reference (expected number), half of the deviation is believed.
_USUAL = 0.2
# A reference of so many samples is believed by one half (square root of n / (n + this)); and one of few may be steady by
# chance, so the least spread grows by this over the number of samples.
_SHORT, _BY_CHANCE = 4, 10
# So much of its deviation is believed of a window of one sample (ratio).
_ALONE = 0.7
# Of a window its worst two samples are compared, and how bad so many of them are at least: what lasts is no stray.
_WORST, _LASTING = 2, (4, 8)
# Numbers that differ by less are the same (ratio), because one unit rounds up what another rounds down.
_ROUNDED = 1e-9
_PERCENT, _PERCENT_WORDS = 100.0, ("percent", "pct", "ratio", "utilization", "utilisation")


def _counts(size: int) -> tuple[int, ...]:
    """Return of how many samples of a window the levels are."""
    return (min(_WORST, size), *(few for few in _LASTING if few <= size))


def _levels(worst: Sequence[float]) -> list[tuple[int, float]]:
    """Return what is compared of a window, its worst samples first: the mean of two, and those that more are as bad as."""
    levels = [(min(_WORST, len(worst)), sum(worst[:_WORST]) / len(worst[:_WORST]))]
    return [*levels, *((few, worst[few - 1]) for few in _LASTING if few <= len(worst))]


def _about(level: float, sign: int) -> float:
    """Return a level from which on a value is as bad: what rounding adds to a mean depends on the unit."""
    return level - sign * _ROUNDED * abs(level)


def _as_bad(window: Sequence[float], level: float, sign: int) -> int:
    """Return how many samples are as bad as a level."""
    least = sign * _about(level, sign)
    return sum([sign * value >= least for value in window])


def direction(series: Series) -> int:
    """Return in which direction a series becomes worse: 1, -1, or 0 if nobody can say."""
    if less_is_worse(series.name, series.kind):
        return -1
    return 0 if series.kind in (MetricKind.TRAFFIC, MetricKind.OTHER) else 1


def top_of(series: Series, values: Sequence[float]) -> float:
    """Return what a share is at most: 1 or 100, told by its values; 0 if it is no share."""
    low = series.name.lower()
    share = series.unit in ("%", "ratio") or any(word in low for word in _PERCENT_WORDS)
    if not share and series.kind is not MetricKind.AVAILABILITY:
        return 0.0
    return 1.0 if max(values) <= 1.0 else _PERCENT


class Reference:
    """The usual values of a series; `top` is what a share is at most (0 if it is none)."""

    __slots__ = ("_least", "_levels", "_limits", "floor", "middle", "ordered", "series", "top")

    def __init__(self, values: Sequence[float], series: Series, top: float) -> None:
        self.ordered = sorted(values)
        self.series = series
        self.top = top
        self.middle = quantile(self.ordered, 0.5)
        self.floor = self._floor(self.ordered)
        self._limits: dict[tuple[int, int], float] = {}
        self._least: dict[int, float] = {}
        self._levels: dict[int, tuple[float, float]] = {}

    def calm(self, window: Sequence[float], sign: int) -> bool:
        """Tell whether a window stands too few standard deviations out for anything to be said of it."""
        if self.ordered[0] < 0 or not self.floor:
            return False
        size = len(window)
        # Most windows do not come near the lowest of the limits, and are not looked at more closely.
        least = self._least.get(sign * size)
        if least is None:
            least = self._least[sign * size] = min(sign * self._limit(size, few, sign) for few in _counts(size))
        if (max(window) if sign > 0 else -min(window)) <= least:
            return True
        worst = sorted(window, reverse=sign > 0)
        return all(sign * level <= sign * self._limit(size, few, sign) for few, level in _levels(worst))

    def _limit(self, window: int, few: int, sign: int) -> float:
        """Return the level of the worst few of a window from which on anything is said."""
        key = sign * window, few
        limit = self._limits.get(key)
        if limit is None:
            _, spread = self._level(sign, self.floor)
            far = sign * QUIET * self._scale(spread) / self._believed(window)
            limit = self._limits[key] = math.exp(self._expects(window, few, sign, self.floor) + far) - self.floor
        return limit

    def compared(self, window: Sequence[float], sign: int, *, inside: bool = False) -> tuple[float, float]:
        """Return the standard deviations, and the bad value that was compared.

        The window may be one of the reference itself (`inside`): that it occurs there makes it no more usual.
        """
        worst = sorted(window, reverse=sign > 0)
        reference = self.ordered
        if worst[0] == worst[-1] == reference[0] == reference[-1]:
            # It is what it always was.
            return 0.0, worst[0]
        bad = sum(worst[:2]) / len(worst[:2])
        if min(reference[0], worst[0], worst[-1]) < 0:
            shift = -min(reference[0], worst[0], worst[-1])
            shifted = Reference([value + shift for value in reference], self.series, self.top)
            return shifted.compared([value + shift for value in window], sign, inside=inside)[0], bad
        floor = self.floor or _FLOOR_BAD * max(bad, 1e-9)
        scale = self._scale(self._level(sign, floor)[1])
        z = max(
            self._usual(
                sign * (math.log(level + floor) - self._expects(len(window), few, sign, floor)) / scale,
                (level, few, len(window), _as_bad(window, level, sign) if inside else 0),
                sign,
            )
            for few, level in _levels(worst)
        )
        return z * self._believed(len(window)), bad

    def _usual(self, z: float, seen: tuple[float, int, int, int], sign: int) -> float:
        """Lower a deviation by how often so many samples of a window were as bad in the reference."""
        level, few, window, own = seen
        if z <= 0:
            return z
        reference, many = self.ordered, len(self.ordered)
        level = _about(level, sign)
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

        if self.ordered[0] == self.ordered[-1]:
            middle, spread = math.log(self.middle + floor), 0.0
        else:
            at = [quantile(self.ordered, share if sign > 0 else 1 - share) for share in _SPREAD_AT]
            middle, q25, q75, q84, q95 = (math.log(value + floor) for value in (self.middle, *at))
            spread = max(abs(q84 - middle) / _Q84, abs(q95 - middle) / _Q95, (q75 - q25) * sign / _QUARTILES)
        found = middle, spread
        self._levels[sign] = found
        return found

    def _floor(self, ordered: Sequence[float]) -> float:
        """Return what is added before the logarithm, in the unit of the series: less than that wakes nobody."""
        own = _FLOOR_MIDDLE * self.middle + _FLOOR_HIGH * quantile(ordered, 0.98)
        return own + (_FLOOR_SHARE * self.top if self.top else _FLOORS.get(self.series.unit, 0.0))
