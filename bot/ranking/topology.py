"""Metrics of services that call one another: a callee that became worse explains its caller, never the other way round.

What is asked of a callee is that its own change is large enough to account for the caller's: a database that became two
milliseconds slower does not explain a page that became four hundred slower, however unusual two milliseconds are for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bot.domain.evidence import Channel
from bot.domain.telemetry import MetricKind, Observations, Series
from bot.ranking.hits import Hit, number
from bot.ranking.metrics import LOOK_BACK_S, Deviation, deviation
from bot.ranking.stats import squash

# Standard deviations below which nothing is said, and those beyond it that count for one half.
_QUIET, _HALF = 3.0, 6.0
# A callee that accounts for half of the caller's change explains it; and this much of the caller's score is then gone.
_HALF_EXPLAINS, _EXPLAINED = 0.5, 0.8
# A surge of traffic is a symptom more often than a cause, and a series of unknown meaning says little.
_WEIGHT = {
    MetricKind.LATENCY: 1.0,
    MetricKind.ERRORS: 1.0,
    MetricKind.AVAILABILITY: 1.0,
    MetricKind.SATURATION: 0.8,
    MetricKind.TRAFFIC: 0.3,
    MetricKind.OTHER: 0.3,
}
# What the alert does not complain about may have caused it, but it needs more to be believed.
_OTHER_THAN_ALERT = 0.6
_FAILING = frozenset({MetricKind.ERRORS, MetricKind.AVAILABILITY})
_PERCENT, _RATIO = ("percent", "pct"), ("ratio", "utilization", "utilisation")

Deviations = Mapping[str, Mapping[str, Deviation]]


def deviations(seen: Observations) -> dict[str, dict[str, Deviation]]:
    """Return what left its normal, by service and series."""
    found: dict[str, dict[str, Deviation]] = defaultdict(dict)
    for series in seen.series:
        left = deviation(series, seen.fired_at)
        if left is not None and left.z > 0:
            found[series.service][series.name] = left
    return found


def metric_hits(seen: Observations, found: Deviations) -> list[Hit]:
    """Return a hit for each deviation that its service's callees do not explain."""
    alike = _alike(seen.kind)
    plain = {service: max(map(_plain, own.values()), default=0.0) for service, own in found.items()}
    worst = _Impact(seen, found, alike)
    callees: dict[str, set[str]] = defaultdict(set)
    for caller, callee in seen.edges:
        if caller != callee:
            callees[caller].add(callee)
    hits: list[Hit] = []
    for service, own in found.items():
        for left in own.values():
            strength = _plain(left) * _fits(left.series, alike)
            if strength <= 0:
                continue
            if left.series.kind in alike:
                strength *= worst.share(service, left)
                strength *= 1 - _EXPLAINED * _explained(service, left, callees[service], found, plain)
            hits.append(_hit(left, strength))
    return hits


def _plain(left: Deviation) -> float:
    return squash(left.z - _QUIET, _HALF) * _WEIGHT[left.series.kind] * _level(left)


def _alike(kind: MetricKind) -> frozenset[MetricKind]:
    if kind in _FAILING:
        return _FAILING
    return frozenset({kind}) if kind is not MetricKind.OTHER else frozenset(MetricKind)


def _fits(series: Series, alike: frozenset[MetricKind]) -> float:
    return 1.0 if series.kind in alike else _OTHER_THAN_ALERT


def _level(left: Deviation) -> float:
    """Weigh saturation by how full it is, where that is known: a CPU that went from 1 to 3 % is not saturated."""
    if left.series.kind is not MetricKind.SATURATION:
        return 1.0
    name = left.series.name.lower()
    top = 100.0 if left.series.unit == "%" or any(word in name for word in _PERCENT) else 0.0
    if not top and (left.series.unit == "ratio" or any(word in name for word in _RATIO)):
        top = 1.0 if left.after <= 1.5 else 100.0
    return min(1.0, left.after / top / 0.7) ** 2 if top else 0.7


class _Impact:
    """How much of the alert a service could account for: the size of its change, and how much traffic it concerns."""

    def __init__(self, seen: Observations, found: Deviations, alike: frozenset[MetricKind]) -> None:
        self._alert = found.get(seen.service or "", {})
        self._traffic = _traffic(seen)
        # Where an alert says what is wrong, its kind has one unit; bytes and ratios cannot be compared.
        self._apart = len(alike) == len(MetricKind)
        self._most: dict[str, float] = defaultdict(float)
        for service, own in found.items():
            for left in own.values():
                if left.series.kind in alike and left.z > _QUIET:
                    size = left.delta * self._traffic.get(service, 1.0)
                    self._most[self._unit(left)] = max(self._most[self._unit(left)], size)

    def share(self, service: str, left: Deviation) -> float:
        """Return 0..1; what cannot be compared counts in full."""
        own = self._alert.get(left.series.name)
        size = 1.0
        if own is not None and own.z > 1 and own.delta > 0:
            size = min(1.0, left.delta / own.delta) ** 0.5
        most = self._most.get(self._unit(left), 0.0)
        if most > 0 and self._traffic:
            size *= min(1.0, left.delta * self._traffic.get(service, 1.0) / most) ** 0.25
        return size

    def _unit(self, left: Deviation) -> str:
        return f"{left.series.kind} {left.series.unit}" if self._apart else ""


def _traffic(seen: Observations) -> dict[str, float]:
    most: dict[str, float] = {}
    for series in seen.series:
        if series.kind is MetricKind.TRAFFIC:
            recent = [value for at, value in series.points if at >= seen.fired_at - LOOK_BACK_S]
            if recent:
                most[series.service] = max(most.get(series.service, 0.0), sum(recent) / len(recent))
    return most


def _explained(
    service: str, left: Deviation, callees: Sequence[str] | set[str], found: Deviations, plain: Mapping[str, float]
) -> float:
    best = 0.0
    for callee in callees:
        theirs = found.get(callee, {}).get(left.series.name)
        if theirs is None or left.delta <= 0 or not plain[service]:
            continue
        accounts = min(1.0, theirs.delta / (_HALF_EXPLAINS * left.delta))
        best = max(best, accounts * min(1.0, plain[callee] / plain[service]))
    return best


def _hit(left: Deviation, strength: float) -> Hit:
    series = left.series
    # Of a kind whose less is worse the values were turned round for the comparison; a person reads them as they are.
    points = [value for at, value in series.points if at >= left.onset]
    before = sorted(value for at, value in series.points if at < left.onset)
    after = sum(points) / len(points)
    usual = before[len(before) // 2]
    values = {
        "metric": series.name,
        "before": _measure(usual, series.unit),
        "after": _measure(after, series.unit),
    }
    mechanism = {
        MetricKind.LATENCY: "latency",
        MetricKind.ERRORS: "errors",
        MetricKind.AVAILABILITY: "errors",
        MetricKind.SATURATION: "saturation",
        MetricKind.TRAFFIC: "traffic",
    }.get(series.kind, "unknown")
    if series.kind is MetricKind.AVAILABILITY and after < 0.6 * usual:
        mechanism = "unavailable"
    key = "metric-rose" if after >= usual else "metric-fell"
    group = f"{series.kind} {series.service}"
    return Hit(
        Channel.METRIC,
        series.service,
        strength,
        left.onset,
        key,
        values,
        group,
        _word(series.name) or mechanism,
        series.query,
    )


def _measure(value: float, unit: str) -> str:
    return (
        f"{number(value)} {unit}".rstrip()
        if unit not in ("%", "ratio")
        else f"{number(value)}{unit.replace('ratio', '')}"
    )


# The words of a series' name that tell more than its kind; memory has pools as well.
_WORDS = (
    ("memory", ("heap", "memory", "jvm_gc", "gc_", "swap", "rss")),
    ("pool", ("hikaricp", "pool", "database_connections")),
    ("cpu", ("cpu",)),
    ("disk", ("disk", "filesystem", "storage", "iops")),
)


def _word(name: str) -> str:
    low = name.lower().replace(" ", "_")
    return next((word for word, signs in _WORDS if any(sign in low for sign in signs)), "")
