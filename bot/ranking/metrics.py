"""Metrics: how far a series stands from its own normal around the alert, in its bad direction; unit-free.

What is compared is the worst of a few minutes around `fired_at` with the worst of as many minutes at any other time of the
look-back, so a series that is rough, or always bad, is no news. Levels are compared by their logarithm, with a floor in the
unit of the series, so that milliseconds, bytes and ratios can stand beside one another and what was zero cannot win by
moving at all.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.domain.kinds import less_is_worse
from bot.domain.telemetry import MetricKind, Observations, Series
from bot.ranking.stats import quantile

# The window of the alert (seconds before and after it), as the published baselines take it, and two samples at least.
_BEFORE_S, _AFTER_S, _STEPS = 300.0, 180.0, 2
# The reference ends here before the alert, or at half of that where too few samples are older (seconds).
_UNTIL_S, _CLOSER_S = 600.0, 330.0
# Fewer samples than this are no reference; below this the nearer end is taken.
_FEWEST, _FEW = 3, 8
# Where too little was recorded even for that, all are parts of what was: so much before the alert is its window, and the
# reference ends before so much (shares of the time recorded before the alert).
_SHORT_WINDOW, _SHORT_UNTIL = 0.25, 0.5
# So many steps before the onset of the alert's own series the reference ends, if that is earlier.
_ONSET_STEPS = 2
# An alert's series that was bad for longer than this share of the recording has no reference left, so it is kept.
_LONGEST_SHARE = 0.5
# Spread of a logarithm below which a series is constant: a twentieth up or down wakes nobody.
_STEADY = 0.05
# Part of the median and of the highest reference value that is added before the logarithm (ratios, no unit).
_FLOOR_MIDDLE, _FLOOR_HIGH = 0.05, 0.03
# What nobody is woken for, in the unit of the series: 5 ms, one per cent.
_FLOORS = {"s": 0.005, "ms": 5.0, "%": 1.0, "ratio": 0.01}
# Standard deviations of a normal distribution at the quantiles that the spread is read from.
_Q84, _Q95 = 1.0, 1.645
# If a window as bad comes this often in the reference (expected number), half of the deviation is believed.
_USUAL = 0.2
# A reference of so many samples is believed by one half (square root of n / (n + this)); and one of few may be steady by
# chance, so the least spread grows by this over the number of samples.
_SHORT, _BY_CHANCE = 4, 10
# A series that had a sample in this share of the steps and has none in the window has stopped.
_DENSE = 0.9
# What told whether a service is there is missing from so many steps on, and this many are counted.
_MISSING, _MOST_MISSING = 3, 100
# A ramp rises from each part of the time to the next, by this share of its whole rise at least; each part has so many
# samples. In full it counts when it has grown by this factor.
_PARTS, _EVEN, _PART_FEWEST, _RAMP_FULL = 4, 0.1, 3, 3.0
_PERCENT, _PERCENT_WORDS = 100.0, ("percent", "pct", "ratio", "utilization", "utilisation")


@dataclass(frozen=True, slots=True)
class Moment:
    """Which samples count (epoch seconds): the window is [start, end], the reference all that is not after `until`."""

    fired_at: float
    start: float
    end: float
    until: float
    step: float

    @classmethod
    def of(cls, seen: Observations) -> Moment:
        """Make the one of an alert."""
        fired_at = seen.fired_at
        longest = max(seen.series, key=lambda series: len(series.points), default=None)
        times = [at for at, _ in longest.points] if longest else []
        step = _usual_step(times)
        start = fired_at - max(_BEFORE_S, _STEPS * step)
        end = fired_at + max(_AFTER_S, _STEPS * step)
        until = fired_at - max(_UNTIL_S, (_STEPS + 1) * step)
        if bisect_right(times, until) < _FEW:
            until = min(start, fired_at - _CLOSER_S)
        if times and bisect_right(times, until) < _FEWEST:
            lasted = max(0.0, fired_at - times[0])
            until = fired_at - _SHORT_UNTIL * lasted
            start = max(until, fired_at - max(_SHORT_WINDOW * lasted, _STEPS * step))
        return cls(fired_at, start, end, until, step)


@dataclass(frozen=True, slots=True)
class Deviation:
    """How a series left its normal: in standard deviations, by which growth of the logarithm, since when, from what to what.

    `before` and `after` are medians of the reference and the mean of the window, `now` that of the window since the onset, in
    the unit of the series; of what is lost (availability) all are the lost share. `falls` tells that the bad direction is down, `ramp` (0..1) how clearly it has been
    getting worse all the time, which no reference shows.
    """

    series: Series
    z: float
    growth: float
    onset: float
    before: float
    after: float
    now: float
    top: float = 0.0
    falls: bool = False
    ramp: float = 0.0


def deviations(seen: Observations) -> tuple[dict[str, list[Deviation]], Moment]:
    """Return how far every series stands from its normal, by service, and the moment that was looked at.

    Where the alert's own series were bad well before the reference ends, all is compared with what was before that.
    """
    moment = Moment.of(seen)
    told = _to_the_end(seen, moment)
    found = _all(told, moment)
    earlier = _earlier(seen, found, moment)
    if earlier is not None:
        moment = replace(moment, until=earlier)
        found = _all(told, moment)
    return found, moment


def _to_the_end(seen: Observations, moment: Moment) -> list[Series]:
    """Return all series; of a service that nothing tells to be there any more, what told so goes on with zeros.

    That is so only while others are told of, and where no other series of it goes on: one instance is replaced by another.
    """
    ends: dict[str, float] = {}
    for series in seen.series:
        if series.kind is MetricKind.AVAILABILITY and series.points:
            ends[series.service] = max(ends.get(series.service, 0.0), series.points[-1][0])
    latest = min(max(ends.values(), default=0.0), moment.end)
    gone = {name: end for name, end in ends.items() if latest - end >= _MISSING * moment.step}
    return [
        replace(series, points=(*series.points, *_zeros(gone[series.service], latest, moment.step)))
        if series.service in gone and _up_or_down(series, gone[series.service], moment)
        else series
        for series in seen.series
    ]


def _up_or_down(series: Series, end: float, moment: Moment) -> bool:
    """Tell whether it says of its service, as long as that lasts and at every step, that it is there or not."""
    if series.kind is not MetricKind.AVAILABILITY or not series.points or series.points[-1][0] < end:
        return False
    steps = (end - series.points[0][0]) / moment.step
    return len(series.points) >= _DENSE * steps and all(value in (0.0, 1.0) for _, value in series.points)


def _zeros(end: float, latest: float, step: float) -> list[tuple[float, float]]:
    return [(end + step * at, 0.0) for at in range(1, 1 + min(_MOST_MISSING, int((latest - end) // step)))]


def _all(told: Sequence[Series], moment: Moment) -> dict[str, list[Deviation]]:
    found: dict[str, list[Deviation]] = {}
    for series in told:
        left = deviation(series, moment)
        if left is not None:
            found.setdefault(series.service, []).append(left)
    return found


def _earlier(seen: Observations, found: dict[str, list[Deviation]], moment: Moment) -> float | None:
    own = [left for left in found.get(seen.service or "", ()) if left.series.kind is seen.kind and left.z > _FEWEST]
    if not own:
        return None
    worst = max(own, key=lambda left: left.z)
    until = worst.onset - _ONSET_STEPS * moment.step
    begins = worst.series.points[0][0]
    long_enough = until - begins > _LONGEST_SHARE * (moment.fired_at - begins)
    return until if until < moment.until and long_enough else None


def deviation(series: Series, moment: Moment) -> Deviation | None:
    """Compare the window of the alert with the reference; None if there are too few samples to say."""
    points = series.points
    if series.kind is MetricKind.LATENCY:
        # Where nobody asked it took no time; that is no sample, and the first request after it no rise.
        points = [point for point in points if point[1] > 0]
    cut = bisect_right(points, (moment.until, math.inf))
    low, high = bisect_left(points, (moment.start, -math.inf)), bisect_right(points, (moment.end, math.inf))
    if cut < _FEWEST:
        return None
    top = _top(series)
    lost = series.kind is MetricKind.AVAILABILITY
    values = [top - value for _, value in points] if lost else [value for _, value in points]
    window = values[low:high]
    if not window:
        if series.kind is not MetricKind.TRAFFIC or not _stopped(series, cut, moment):
            return None
        window = [0.0, 0.0]
    reference = sorted(values[:cut])
    worse = 1 if lost else _direction(series)
    best = max(_compared(reference, window, sign, series, top) for sign in ((worse,) if worse else (1, -1)))
    z, growth, bad = best
    onset = _onset(points, values, low, high, (quantile(reference, 0.5), bad))
    middle = quantile(reference, 0.5)
    ramp = _ramp(values[:high], worse, _floor(reference, series, top) or middle) if worse else 0.0
    since = values[max(low, bisect_left(points, (onset, -math.inf))) : high] or window
    after, now = sum(window) / len(window), sum(since) / len(since)
    return Deviation(series, z, growth, onset, middle, after, now, top, bad < reference[0], ramp)


def _ramp(values: Sequence[float], sign: int, floor: float) -> float:
    """Return how clearly (0..1) values became worse from each part of the time to the next, over all of it or its later half."""
    if min(values, default=0.0) < 0 or floor <= 0:
        return 0.0
    return max(_even(values, sign, floor), _even(values[len(values) // 2 :], sign, floor))


def _even(values: Sequence[float], sign: int, floor: float) -> float:
    size = len(values) // _PARTS
    if size < _PART_FEWEST:
        return 0.0
    parts = [sorted(values[len(values) - size * (_PARTS - at) :][:size]) for at in range(_PARTS)]
    levels = [sign * math.log(part[size // 2] + floor) for part in parts]
    rise = levels[-1] - levels[0]
    if rise <= 0 or min(later - earlier for earlier, later in pairwise(levels)) < _EVEN * rise:
        return 0.0
    return min(1.0, rise / math.log(_RAMP_FULL))


def _direction(series: Series) -> int:
    if less_is_worse(series.name, series.kind):
        return -1
    return 0 if series.kind in (MetricKind.TRAFFIC, MetricKind.OTHER) else 1


def _top(series: Series) -> float:
    """Return what a share is at most: 1 or 100, told by its values; 0 if it is no share."""
    low = series.name.lower()
    share = series.unit in ("%", "ratio") or any(word in low for word in _PERCENT_WORDS)
    if not share and series.kind is not MetricKind.AVAILABILITY:
        return 0.0
    return 1.0 if max(value for _, value in series.points) <= 1.0 else _PERCENT


def _compared(
    reference: Sequence[float], window: Sequence[float], sign: int, series: Series, top: float
) -> tuple[float, float, float]:
    """Return the standard deviations, the growth of the logarithm, and the bad value that was compared."""
    ordered = sorted(window, reverse=sign > 0)
    bad = sum(ordered[:2]) / len(ordered[:2])
    usual = 1 - 1.5 / (len(window) + 1) if len(window) > 1 else 0.5
    low, high = reference[0], reference[-1]
    if low < 0 or bad < 0:
        shift = -min(low, bad)
        reference, bad, low, high = [value + shift for value in reference], bad + shift, low + shift, high + shift
    floor = _floor(reference, series, top) or 0.1 * max(abs(bad), 1e-9)

    def at(share: float) -> float:
        return math.log(quantile(reference, share if sign > 0 else 1 - share) + floor)

    middle = at(0.5)
    spread = max(abs(at(0.84) - middle) / _Q84, abs(at(0.95) - middle) / _Q95, (at(0.75) - at(0.25)) * sign / 1.349)
    level = math.log(bad + floor)
    z = sign * (level - at(usual)) / max(spread, _STEADY * (1 + _BY_CHANCE / len(reference)))
    as_bad = len(reference) - bisect_left(reference, bad) if sign > 0 else bisect_right(reference, bad)
    expected = len(window) * as_bad / len(reference)
    z *= math.sqrt(len(reference) / (len(reference) + _SHORT)) / (1 + expected / _USUAL if z > 0 else 1)
    return z * (1.0 if len(window) > 1 else 0.7), sign * (level - middle), bad


def _floor(reference: Sequence[float], series: Series, top: float) -> float:
    """Return what is added before the logarithm, in the unit of the series: less than that wakes nobody."""
    own = _FLOOR_MIDDLE * quantile(reference, 0.5) + _FLOOR_HIGH * quantile(reference, 0.98)
    return own + (0.01 * top if top else _FLOORS.get(series.unit, 0.0))


def _stopped(series: Series, cut: int, moment: Moment) -> bool:
    begins = series.points[0][0]
    return cut * moment.step >= _DENSE * (moment.until - begins) and cut > _FEW


def _onset(
    points: Sequence[tuple[float, float]], values: Sequence[float], low: int, high: int, levels: tuple[float, float]
) -> float:
    """Return since when it has been nearer to the bad value than to the usual one, one good sample in between allowed."""
    usual, bad = levels
    if high <= low:
        return points[-1][0]
    half = (usual + bad) / 2
    up = bad >= usual
    place = max(range(low, high), key=lambda at: values[at] if up else -values[at])
    onset, good = place, 0
    while place >= 0 and good < 2:
        if (values[place] >= half) == up:
            onset, good = place, 0
        else:
            good += 1
        place -= 1
    return points[onset][0]


def _usual_step(times: Sequence[float]) -> float:
    steps = sorted(later - earlier for earlier, later in pairwise(times))
    return steps[len(steps) // 2] if steps else 60.0
