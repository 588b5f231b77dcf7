"""How far a series has stayed from where it stays usually: means of several samples in a row beside all such means of before.

One sample strays as far as it likes; that several in a row do is compared with how far several in a row ever did, whether or
not a sample resembles the one before it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import sub

from bot.ranking.stats import quantile

# So many samples in a row are compared, where there are so many; and the least spread of their means (logarithm), as of samples.
_ROWS, _STEADY = (2, 4, 8), 0.05
# Of so many rows that do not overlap one half is believed (square root of n / (n + this)); of fewer than the last nothing is.
_SHORT, _FEWEST = 2, 3
# Of longer references not all rows are sorted.
_MOST = 200
# Standard deviations of a normal distribution at the quantiles that the spread is read from, and between its quartiles.
_Q84, _Q95, _QUARTILES = 1.0, 1.645, 1.349
_SPREAD_AT = (0.5, 0.25, 0.75, 0.84, 0.95)
# If a row as bad comes this often in the reference (expected number in a window), half of the deviation is believed.
_USUAL = 0.05
# Numbers that differ by less are the same, because one unit rounds up what another rounds down.
_ROUNDED = 1e-9


@dataclass(frozen=True, slots=True)
class _Usual:
    """What sums of so many samples in a row usually are, worse ones being larger: all of them sorted, and read from these."""

    ordered: Sequence[float]
    middle: float
    spread: float


class Rows:
    """Means of the logarithm of samples in a row; the first `cut` of them are the reference, `ordered` if sorted."""

    __slots__ = ("_floor", "_single", "_sums", "_usual")

    def __init__(self, values: Sequence[float], cut: int, ordered: Sequence[float], floor: float) -> None:
        logs = list(map(math.log, [value + floor for value in values]))
        self._single, self._floor = ordered, floor
        self._sums = [0.0, *accumulate(_without_strays(logs))]
        self._usual = {few: self._of(few, cut) for few in _ROWS if cut >= _FEWEST * few}

    def far(self, low: int, high: int, *, inside: bool = False, least: float = 0.0) -> float:
        """Return how many standard deviations the worst row of a window stands out; it may be one of the reference itself.

        Of what stands out less than the `least` that is returned nobody asks.
        """
        most = least
        # One sample is no row by itself, but with the one before it.
        low = max(0, min(low, high - _ROWS[0]))
        for few, usual in self._usual.items():
            size = high - low
            if size < few:
                break
            worst = max(map(sub, self._sums[low + few : high + 1], self._sums[low : high + 1 - few]))
            z = (worst - usual.middle) / usual.spread
            if z > most:
                # Rows that overlap it are as bad because it is.
                own, half = few if inside else 0, max(2, few // 2)
                often = size / few * _share(usual.ordered, worst - few * _ROUNDED, own)
                # And so often strays fall together by chance: half of a row makes it as bad.
                alone = _share(self._single, math.exp(worst / few - _ROUNDED) - self._floor, own)
                often += size * math.comb(few, half) * alone**half
                most = max(most, z / (1 + often / _USUAL))
        return most

    def _of(self, few: int, cut: int) -> _Usual:
        every = max(1, cut // _MOST)
        sums = self._sums
        ordered = sorted(map(sub, sums[few : cut + 1 : every], sums[: cut + 1 - few : every]))
        middle, q25, q75, q84, q95 = (quantile(ordered, share) for share in _SPREAD_AT)
        spread = max((q84 - middle) / _Q84, (q95 - middle) / _Q95, (q75 - q25) / _QUARTILES, few * _STEADY)
        many = cut / few
        return _Usual(ordered, middle, spread / math.sqrt(many / (many + _SHORT)))


def _share(ordered: Sequence[float], level: float, own: int) -> float:
    """Return which part of them is as bad as a level, but for so many."""
    return max(0, len(ordered) - bisect_left(ordered, level) - own) / len(ordered)


def _without_strays(values: Sequence[float]) -> Sequence[float]:
    """Lower each value to the worse one of its neighbours: one that strays by itself is gone, two in a row are not."""
    around = zip([values[1], *values[:-1]], values, [*values[1:], values[-2]], strict=True)
    # This is half of what a ranking costs, and `max` would treble it.
    return [
        value if value <= before or value <= after else before if before > after else after  # noqa: FURB136
        for before, value, after in around
    ]
