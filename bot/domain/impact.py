"""Tells what people outside notice, from the alerting service's series: how many requests fail or wait, since when. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from bot.domain.telemetry import MetricKind, Observations, Series

# Fewer fail or wait at most times, and nobody calls it a trouble.
_FAILING, _SLOW_S, _SLOWER = 0.01, 1.0, 3.0
_NEWEST = 3
# Of what it is now: less than that is before the trouble.
_BEGUN = 0.25
# What changes by less than that has not changed.
_CHANGED = 0.15

Points = Sequence[tuple[float, float]]


class Trend(StrEnum):
    """Which way it goes; each has a text `impact.<word>`."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class Impact:
    """What happens to the requests of a service: the share that fails (0..1), or how long the slowest of a hundred take (s).

    `rate` are requests a second, None if unknown; `since` is in epoch seconds.
    """

    service: str
    since: float
    trend: Trend
    failing: float | None = None
    slow_s: float | None = None
    rate: float | None = None


def impact_of(seen: Observations) -> Impact | None:
    """Say what the numbers of the alerting service mean for its users; None where they mean nothing, or there are none."""
    own = [series for series in seen.series if series.service == seen.service and series.points]
    if seen.service is None:
        return None
    rate = _now(_of(own, MetricKind.TRAFFIC, "/s"))
    errors = _of(own, MetricKind.ERRORS, "ratio", "%")
    failing = _now(errors)
    if errors and failing is not None:
        share = failing / 100 if errors.unit == "%" else failing
        if _FAILING <= share <= 1:
            return Impact(seen.service, *_story(errors.points), failing=share, rate=rate)
    slow = _slowest(own)
    if slow:
        return Impact(seen.service, *_story(slow.points), slow_s=_now(slow), rate=rate)
    return None


def _of(own: Iterable[Series], kind: MetricKind, *units: str) -> Series | None:
    return next((each for each in own if each.kind is kind and each.unit in units), None)


def _now(series: Series | None) -> float | None:
    return median(value for _, value in series.points[-_NEWEST:]) if series else None


def _slowest(own: Iterable[Series]) -> Series | None:
    """Return the duration of the slowest requests, if it is much longer than it was."""
    found = [each for each in own if each.kind is MetricKind.LATENCY and each.unit == "s" and "99" in each.name]
    for series in found:
        usual = sorted(value for _, value in series.points)[len(series.points) // 4]
        now = _now(series) or 0.0
        if now >= _SLOW_S and now >= _SLOWER * usual:
            return series
    return None


def _story(points: Points) -> tuple[float, Trend]:
    """Return since when it is about as it is now, and which way it goes."""
    now = median(value for _, value in points[-_NEWEST:])
    since = points[-1][0]
    for at, value in reversed(points):
        if value < _BEGUN * now:
            break
        since = at
    recent = [value for at, value in points if at >= since]
    third = len(recent) // 3
    if third == 0:
        return since, Trend.RISING
    before, after = (sum(part) / third for part in (recent[-2 * third : -third], recent[-third:]))
    if abs(after - before) <= _CHANGED * max(before, after):
        return since, Trend.STEADY
    return since, Trend.RISING if after > before else Trend.FALLING
