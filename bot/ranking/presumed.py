"""Judges by what is normal anywhere the systems of which too little was recorded to tell what is normal there.

Requests that fail, what is not there and a resource at its limit are bad by their level, whatever was before. A service is young
where hardly anything of it is older than the alert. Where what the alert complains of was as bad from the first sample on nobody
has seen it well, either; that is said, and nothing is concluded from it: who always fails a little is accused of all else, too.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.evidence import Unknown
from bot.domain.kinds import is_of_a_cache, less_is_worse
from bot.domain.telemetry import MetricKind, Observations, Series
from bot.ranking.accountable import FAILING, alike, is_outgoing, requests_of
from bot.ranking.metrics import Deviation, Found, Looked
from bot.ranking.moment import Moment
from bot.ranking.reference import top_of
from bot.ranking.stats import median
from bot.ranking.topology import mechanism_of
from bot.ranking.vector import standing_for

# Who was watched for less than the window of an alert before it fired is young, and nobody who was watched for twice as long
# (seconds; see `moment`).
_YOUNG_S, _GROWN_S = 300.0, 600.0
# Parts of requests that fail, or of what is not there: one in so many is where it begins to count, all of them count in full.
_FAILS = 0.02
# A resource counts from this part of its limit on, in full at the limit.
_NEARLY = 0.8
# Of so many services one measure must say the same to say nothing: two may both be down (by hand).
_SEVERAL = 3
# Memory counts by its level only where it is that which cannot be given back; the rest holds files as long as there is room
# (cAdvisor: container_memory_usage_bytes is "all memory regardless of when it was accessed").
_HELD = ("heap", "working_set", "working set", "rss")
# Nobody waits for less (seconds), and this long counts in full: half a second is where people notice, and half a minute is where
# most clients have given up.
WAITS_S, _ENDLESS_S = 0.5, 30.0
_IN_SECONDS = {"s": 1.0, "ms": 0.001}
# Of the alert's own series so much must have stood out all along (0..1) for its past to be no reference.
_SICK = 0.5
# What changed by less than this factor is the same to a person (ratio; by hand, as in `topology`).
_NOTICED = 1.25
# Of what is less young than this (0..1) enough is known to say nothing of it.
_HARDLY = 0.5


def _watched(seen: Observations) -> float | None:
    """Return for how long anything was recorded when it fired (seconds); None where nothing tells."""
    begins = [each.points[0][0] for each in seen.series if each.points]
    begins = begins or [start for start, _ in (*seen.log_windows, *seen.span_windows)]
    return max(0.0, seen.fired_at - min(begins)) if begins else None


def _youth(lasted: float) -> float:
    """Return how young (0..1) something is that has been watched for so long."""
    return min(1.0, max(0.0, (_GROWN_S - lasted) / (_GROWN_S - _YOUNG_S)))


@dataclass(frozen=True, slots=True)
class KnownPast:
    """How little (0..1) what was recorded before the alert tells of what is normal, why, and how long that was (seconds)."""

    unknown: float
    why: Unknown | None
    watched_s: float

    @classmethod
    def of(cls, seen: Observations) -> KnownPast:
        """Judge what was recorded before an alert."""
        moment = Moment.of(seen)
        lasted = _watched(seen)
        part = 0.0 if lasted is None else _youth(lasted)
        if part >= _HARDLY:
            return cls(part, Unknown.SHORT, lasted or 0.0)
        sick = _sick(seen, moment, requests_of(seen, moment))
        return cls(part, Unknown.SICK if sick else None, lasted or 0.0)


def presumed(seen: Observations, looked: Looked, requests: Mapping[str, float], unknown: float) -> Looked:
    """Judge by their level the series of services that nothing else is known to judge by; `unknown` is that of `KnownPast`."""
    young = _young(seen, unknown)
    if not young:
        return looked
    found: Found = {name: list(own) for name, own in looked.found.items()}
    same = _same_everywhere(seen)
    for series in seen.series:
        part = young.get(series.service, 0.0)
        if part > 0 and series.name not in same and (left := _stands(series, looked.moment, requests, part)):
            own = found.setdefault(series.service, [])
            known = next((each for each in own if each.series.name == series.name), None)
            if known is None:
                own.append(left)
            elif left.z > known.z:
                own[own.index(known)] = left
    # What stood out earlier was judged by what was seen before, and says nothing of a level.
    return replace(looked, found=found, earlier=() if unknown else looked.earlier)


def _young(seen: Observations, unknown: float) -> dict[str, float]:
    """Return how young each service is, where it is at all."""
    begins: dict[str, float] = {}
    for series in seen.series:
        if series.points:
            begins[series.service] = min(begins.get(series.service, math.inf), series.points[0][0])
    ages = {name: max(unknown, _youth(seen.fired_at - since)) for name, since in begins.items()}
    return {name: part for name, part in ages.items() if part > 0}


def _sick(seen: Observations, moment: Moment, requests: Mapping[str, float]) -> bool:
    """Tell whether what the alert complains of was bad before already, and has become no worse by any measure of it."""
    kinds, same = alike(seen.kind), _same_everywhere(seen)
    bad = False
    for series in seen.series:
        told = series.service == seen.service and series.kind in kinds and series.name not in same
        if not told or is_outgoing(series.name):
            continue
        before = [value for at, value in series.points if at <= moment.until]
        now = [value for at, value in series.points if moment.start <= at <= moment.end]
        if before and now and _worse(series, before, now):
            return False
        bad = bad or (bool(before) and _part(series, median(before), requests) >= _SICK)
    return bad


def _worse(series: Series, before: Sequence[float], now: Sequence[float]) -> bool:
    """Tell whether a person would call the worst quarter of its samples now worse than that of those before."""
    if series.kind is MetricKind.AVAILABILITY:
        top = top_of(series, [value for _, value in series.points])
        before, now = ([top - value for value in values] for values in (before, now))
    usual, at_worst = (sorted(values)[-1 - len(values) // 4] for values in (before, now))
    return at_worst > _NOTICED * max(usual, 0.0)


def _same_everywhere(seen: Observations) -> set[str]:
    """Return the measures that say the same of several services all the time: nobody is told from another by them."""
    values: dict[str, set[float]] = {}
    services: dict[str, set[str]] = {}
    for series in seen.series:
        if series.kind in FAILING:
            values.setdefault(series.name, set()).update(value for _, value in series.points)
            services.setdefault(series.name, set()).add(series.service)
    return {name for name, said in values.items() if len(said) == 1 and len(services[name]) >= _SEVERAL}


def _stands(series: Series, moment: Moment, requests: Mapping[str, float], young: float) -> Deviation | None:
    """Return how bad its level is since the alert's window began; None if that is nothing bad."""
    points = series.points
    low, high = bisect_left(points, (moment.start, -math.inf)), bisect_right(points, (moment.end, math.inf))
    window = [value for _, value in points[low:high]]
    if not window or is_outgoing(series.name):
        return None
    level = median(window)
    part = young * _part(series, level, requests)
    if part <= 0:
        return None
    top = top_of(series, [value for _, value in points])
    if series.kind is MetricKind.AVAILABILITY:
        level = top - level
    falls = series.kind is MetricKind.SATURATION and less_is_worse(series.name, series.kind)
    return Deviation(series, standing_for(part), points[low][0], 0.0, level, level, top, falls=falls, standing=True)


def _part(series: Series, level: float, requests: Mapping[str, float]) -> float:
    """Return how far a level counts by itself: 0..1."""
    kind = series.kind
    if kind in FAILING and not is_of_a_cache(series.name):
        return _failing(series, level, requests)
    if kind is MetricKind.SATURATION:
        if mechanism_of(series.name) == "memory" and not any(word in series.name.lower() for word in _HELD):
            return 0.0
        top = top_of(series, [value for _, value in series.points])
        full = level / top if top else 0.0
        full = 1 - full if top and less_is_worse(series.name, kind) else full
        return min(1.0, max(0.0, (full - _NEARLY) / (1 - _NEARLY)))
    if kind is MetricKind.LATENCY and series.unit in _IN_SECONDS:
        return _between(level * _IN_SECONDS[series.unit], WAITS_S, _ENDLESS_S)
    return 0.0


def _failing(series: Series, level: float, requests: Mapping[str, float]) -> float:
    top = top_of(series, [value for _, value in series.points])
    if series.kind is MetricKind.AVAILABILITY:
        share = (top - level) / top
    elif top:
        share = level / top
    else:
        # A rate of failures is a part of the requests.
        asked = requests.get(series.service, 0.0)
        share = level / asked if asked > 0 else 0.0
    return min(1.0, math.log1p(max(0.0, share) / _FAILS) / math.log1p(1 / _FAILS))


def _between(value: float, low: float, high: float) -> float:
    """Return where a value lies between two, by its logarithm: 0..1."""
    return min(1.0, math.log(value / low) / math.log(high / low)) if value > low else 0.0
