"""The few robust statistics that the ranking needs; standard library only, because numpy alone costs what the bot weighs."""

from __future__ import annotations

import math
from collections.abc import Sequence

# MAD of a normal distribution times this is its standard deviation.
_MAD = 1.4826


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values, between neighbours by proportion."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Sequence[float]) -> float:
    """Return the median of unsorted values, at least one."""
    return quantile(sorted(values), 0.5)


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Return median and robust standard deviation (the larger of MAD and IQR, each scaled to a normal distribution)."""
    ordered = sorted(values)
    middle = quantile(ordered, 0.5)
    mad = _MAD * median([abs(value - middle) for value in ordered])
    iqr = (quantile(ordered, 0.75) - quantile(ordered, 0.25)) / 1.349
    return middle, max(mad, iqr)


def squash(value: float, half: float) -> float:
    """Map 0.. to 0..1 so that `half` becomes one half; what is not positive is 0."""
    return value / (value + half) if value > 0 else 0.0


def shares_differ(before: int, of_before: int, after: int, of_after: int) -> float:
    """Return by how many standard deviations two shares differ (positive: it grew), with half a count added to each cell."""
    first = (before + 0.5) / (of_before + 1)
    second = (after + 0.5) / (of_after + 1)
    pooled = (before + after + 1) / (of_before + of_after + 2)
    error = math.sqrt(max(pooled * (1 - pooled), 1e-9) * (1 / (of_before + 1) + 1 / (of_after + 1)))
    return (second - first) / error


def rates_differ(before: float, seconds_before: float, after: float, seconds_after: float) -> float:
    """Return by how many standard deviations a count exceeds what its rate before foretells; variance-stabilised Poisson.

    Counts of real events come in bursts, so a tenth of the expectation is added to the error.
    """
    if seconds_before <= 0 or seconds_after <= 0:
        return 0.0
    expected = (before + 0.5) * seconds_after / seconds_before
    difference = 2 * (math.sqrt(after + 0.375) - math.sqrt(expected + 0.375))
    # An expectation that rests on a short baseline is itself uncertain.
    error = math.sqrt(1 + seconds_after / seconds_before + 0.1 * min(expected, 100))
    return difference / error
