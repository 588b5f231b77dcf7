"""Tells how clearly a series has been getting worse all the time, which no reference shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

# A ramp rises from each part of the time to the next, by this share of its whole rise at least; each part has so many
# samples at least, of which not more than so many are looked at. In full it counts when it has grown by this factor.
_PARTS, _EVEN, _PART_FEWEST, _PART_MOST, _RAMP_FULL = 4, 0.1, 3, 40, 3.0
# A rise that is no wider than a part of the time is by itself is chance, and one of four times that counts in full (ratios);
# how wide that is, is told by all but the lowest and the highest of so many parts of it.
_CHANCE, _SURE = 1.0, 4.0
_QUARTERS = 4


def ramp_of(values: Sequence[float], sign: int, floor: float) -> float:
    """Return how clearly (0..1) values became worse from each part of the time to the next, over all of it or its later half."""
    if floor <= 0:
        return 0.0
    return max(_even(values, sign, floor), _even(values[len(values) // 2 :], sign, floor))


def _even(values: Sequence[float], sign: int, floor: float) -> float:
    size = len(values) // _PARTS
    if size < _PART_FEWEST:
        return 0.0

    every = -(-size // _PART_MOST)

    def part(at: int) -> Sequence[float]:
        begins = len(values) - size * (_PARTS - at)
        return sorted(values[begins : begins + size : every])

    def level(at: int) -> float:
        own = part(at)
        return sign * math.log(own[len(own) // 2] + floor)

    first, last = level(0), level(_PARTS - 1)
    rise = last - first
    # Most series do not rise, and need no more than that.
    if rise <= 0:
        return 0.0
    below = first
    for at in range(1, _PARTS):
        above = last if at == _PARTS - 1 else level(at)
        if above - below < _EVEN * rise:
            return 0.0
        below = above
    # How wide it is by itself: between the quartiles of a part, of which few samples have none but their ends.
    wide = sum(_width(part(at), floor) for at in range(_PARTS)) / _PARTS
    sure = (rise / wide - _CHANCE) / (_SURE - _CHANCE) if wide > 0 else 1.0
    return min(1.0, max(0.0, sure)) * min(1.0, rise / math.log(_RAMP_FULL))


def _width(part: Sequence[float], floor: float) -> float:
    quarter = len(part) // _QUARTERS
    return math.log((part[len(part) - 1 - quarter] + floor) / (part[quarter] + floor))
