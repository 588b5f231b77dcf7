"""Metrics: how far a series stands from its own normal around the alert, in its bad direction; unit-free.

What is compared is the worst of a few minutes around `fired_at` with the worst of as many minutes at any other time of the
look-back, so a series that is rough, or always bad, is no news. Some of those other times are looked at in the same way as the
alert: what stood out then was no incident, so an accusation needs more.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from bot.domain.telemetry import MetricKind, Observations, Series
from bot.ranking.lasting import Rows
from bot.ranking.moment import FEW, FEWEST, Moment
from bot.ranking.ramps import ramp_of
from bot.ranking.reference import QUIET, Reference, direction, top_of

# The value of a point.
_VALUE = itemgetter(1)

# So many steps before the onset of the alert's own series the reference ends, if that is earlier.
_ONSET_STEPS = 2
# From so many standard deviations on such a series tells when it began.
_BEGAN = 3.0
# An alert's series that was bad for longer than this share of the recording has no reference left, so it is kept.
_LONGEST_SHARE = 0.5
# A series that had a sample in this share of the steps and has none in the window has stopped.
_DENSE = 0.9
# What told whether a service is there is missing from so many steps on, and this many are counted.
_MISSING, _MOST_MISSING = 3, 100
# Kinds of series of which it is told how long they stay away from where they usually are.
_LASTING = frozenset({MetricKind.LATENCY, MetricKind.ERRORS, MetricKind.AVAILABILITY})
# Numbers that differ by less are the same (ratio).
_ROUNDED = 1e-9


@dataclass(frozen=True, slots=True)
class Deviation:
    """How a series left its normal: in standard deviations, since when, from what to what.

    `before` and `after` are medians of the reference and the mean of the window, `now` that of the window since the onset,
    in the unit of the series; of what is lost (availability) all are the lost share. `falls` tells that the bad direction is
    down, `ramp` (0..1) how clearly it has been getting worse all the time, which no reference shows; `sank` (0..1) how far
    what it uses fell below all that it ever used. `standing` tells that it is judged by its level alone, and `before` is
    nothing that was seen.
    """

    series: Series
    z: float
    onset: float
    before: float
    after: float
    now: float
    top: float = 0.0
    falls: bool = False
    ramp: float = 0.0
    sank: float = 0.0
    standing: bool = False


Found = dict[str, list[Deviation]]
# Where the windows of several moments begin and end, by how series without gaps are sampled: first, last, how many.
Places = dict[tuple[float, float, int], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Looked:
    """How far every series stands from its normal, by service, at `moment`, and the same at `earlier` times."""

    found: Found
    moment: Moment
    earlier: Sequence[Found] = ()


def deviations(seen: Observations) -> Looked:
    """Return how far every series stands from its normal.

    Where the alert's own series were bad well before the reference ends, all is compared with what was before that.
    """
    moment = Moment.of(seen)
    told = _to_the_end(seen, moment)
    # Where spans tell of the same, series are hardly listened to.
    moments = [] if seen.spans else moment.earlier(told)
    looked = _all(told, moment, moments)
    until = _earlier(seen, looked.found, moment)
    if until is None:
        return looked
    moment = replace(moment, until=until)
    return _all(told, moment, moment.earlier(told) if moments else [])


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


def _all(told: Sequence[Series], moment: Moment, moments: Sequence[Moment]) -> Looked:
    found: Found = {}
    before = [(Found(), each) for each in moments]
    known: Places = {}
    # One instance is replaced by another: then what it used is used by that.
    used = {each.service for each in told if each.kind is MetricKind.SATURATION and _goes_on(each, moment)}
    for series in told:
        recorded = _Recorded.of(series, moment)
        if recorded is None:
            continue
        left = _deviation(recorded, moment, gone=series.service not in used)
        if left is not None:
            found.setdefault(series.service, []).append(left)
        places = recorded.all_places(moments, known) if moments else ()
        for (own, then), place in zip(before, places, strict=bool(moments)):
            if (stood := _earlier_deviation(recorded, then, place)) is not None:
                own.setdefault(series.service, []).append(stood)
    return Looked(found, moment, [own for own, _ in before])


def _earlier(seen: Observations, found: Found, moment: Moment) -> float | None:
    own = [left for left in found.get(seen.service or "", ()) if left.series.kind is seen.kind and left.z > _BEGAN]
    if not own:
        return None
    worst = max(own, key=lambda left: left.z)
    until = worst.onset - _ONSET_STEPS * moment.step
    begins = worst.series.points[0][0]
    long_enough = until - begins > _LONGEST_SHARE * (moment.fired_at - begins)
    return until if until < moment.until and long_enough else None


@dataclass(frozen=True, slots=True)
class _Recorded:
    """The samples of one series, as what is lost if it is an availability, and what is usual of them."""

    series: Series
    points: Sequence[tuple[float, float]]
    values: Sequence[float]
    reference: Reference
    cut: int
    worse: int
    rows: Rows | None

    @classmethod
    def of(cls, series: Series, moment: Moment) -> _Recorded | None:
        """Read a series; None if too few samples of it are older than the alert."""
        points = series.points
        values = list(map(_VALUE, points))
        if series.kind is MetricKind.LATENCY and values and min(values) <= 0:
            # Where nobody asked it took no time; that is no sample, and the first request after it no rise.
            points = [point for point in points if point[1] > 0]
            values = [value for _, value in points]
        cut = bisect_right(points, (moment.until, math.inf))
        if cut < FEWEST:
            return None
        top = top_of(series, values)
        lost = series.kind is MetricKind.AVAILABILITY
        if lost:
            values = [top - value for value in values]
        reference, worse = Reference(values[:cut], series, top), 1 if lost else direction(series)
        rows = None
        if series.kind in _LASTING and reference.floor and min(values) >= 0:
            rows = Rows(values, cut, reference.ordered, reference.floor)
        return cls(series, points, values, reference, cut, worse, rows)

    def places(self, moment: Moment) -> tuple[int, int]:
        """Return where the samples of a window begin and end."""
        return bisect_left(self.points, (moment.start, -math.inf)), bisect_right(self.points, (moment.end, math.inf))

    def all_places(self, moments: Sequence[Moment], known: Places) -> Sequence[tuple[int, int]]:
        """Return those of several windows; series without gaps that are sampled alike share them."""
        first, last, many = self.points[0][0], self.points[-1][0], len(self.points)
        if many - 1 != round((last - first) / moments[0].step):
            return [self.places(each) for each in moments]
        found = known.get((first, last, many))
        if found is None:
            found = known[first, last, many] = [self.places(each) for each in moments]
        return found

    def calm(self, window: Sequence[float]) -> bool:
        """Tell whether a window says nothing, whatever the direction."""
        if self.worse:
            return self.reference.calm(window, self.worse)
        return self.reference.calm(window, 1) and self.reference.calm(window, -1)

    def worst(self, window: Sequence[float], *, inside: bool = False) -> tuple[float, float]:
        """Compare a window with the reference in the bad direction, or in the one in which it stands farther."""
        if self.worse:
            return self.reference.compared(window, self.worse, inside=inside)
        return max(self.reference.compared(window, sign, inside=inside) for sign in (1, -1))


def _goes_on(series: Series, moment: Moment) -> bool:
    return bool(series.points) and series.points[-1][0] >= moment.start


def _deviation(recorded: _Recorded, moment: Moment, *, gone: bool) -> Deviation | None:
    """Compare the window of the alert with the reference; None if there are too few samples to say.

    `gone` tells that nothing is known any more of what its service uses.
    """
    series, values, points = recorded.series, recorded.values, recorded.points
    low, high = recorded.places(moment)
    window = values[low:high]
    if not window:
        told = series.kind is MetricKind.TRAFFIC or (gone and series.kind is MetricKind.SATURATION)
        if not told or not _stopped(series, recorded.cut, moment):
            return None
        window = [0.0, 0.0]
    reference = recorded.reference
    z, bad = recorded.worst(window)
    if recorded.rows:
        z = recorded.rows.far(low, high)
    onset = _onset(points, values, low, high, (reference.middle, bad))
    worse = recorded.worse
    below_zero = reference.ordered[0] < 0 or min(values[recorded.cut : high], default=0.0) < 0
    rises = worse and not below_zero
    ramp = ramp_of(values[:high], worse, reference.floor or reference.middle) if rises else 0.0
    since = values[max(low, bisect_left(points, (onset, -math.inf))) : high] or window
    after, now = sum(window) / len(window), sum(since) / len(since)
    falls = bad < reference.ordered[0]
    sank = _sank(window, reference.ordered[0]) if worse > 0 and series.kind is MetricKind.SATURATION else 0.0
    return Deviation(series, z, onset, reference.middle, after, now, reference.top, falls, ramp, sank)


def _earlier_deviation(recorded: _Recorded, then: Moment, place: tuple[int, int]) -> Deviation | None:
    """Compare a window of the reference with the rest of it; None if nothing in it stands out."""
    low, high = place
    window = recorded.values[low:high]
    lasts = recorded.rows.far(low, high, inside=True, least=QUIET) if recorded.rows else None
    if not window or (recorded.calm(window) if lasts is None else lasts <= QUIET):
        return None
    z, bad = recorded.worst(window, inside=True) if lasts is None else (lasts, max(window))
    after = sum(window) / len(window)
    reference = recorded.reference
    falls = bad <= reference.ordered[0]
    return Deviation(recorded.series, z, then.start, reference.middle, after, after, reference.top, falls)


def _sank(window: Sequence[float], lowest: float) -> float:
    """Return how far (0..1) the lowest two samples lie below half of what was ever seen."""
    low = sorted(window)[:2]
    return max(0.0, 1 - 2 * sum(low) / len(low) / lowest) if lowest > 0 else 0.0


def _stopped(series: Series, cut: int, moment: Moment) -> bool:
    begins = series.points[0][0]
    return cut * moment.step >= _DENSE * (moment.until - begins) and cut > FEW


def _onset(
    points: Sequence[tuple[float, float]], values: Sequence[float], low: int, high: int, levels: tuple[float, float]
) -> float:
    """Return since when it has been nearer to the bad value than to the usual one, one good sample in between allowed."""
    usual, bad = levels
    if high <= low:
        return points[-1][0]
    # One unit rounds up what another rounds down.
    half = (usual + bad) / 2 * (1 - _ROUNDED)
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
