"""Deviations of metrics into hits: what is worth telling of each service, and the mechanism that its name speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.evidence import Channel
from bot.domain.telemetry import MetricKind, Observations
from bot.ranking.accountable import alike
from bot.ranking.features import fullness, weight_of
from bot.ranking.hits import Hit, measure
from bot.ranking.metrics import Deviation

# A surge of traffic is a symptom more often than a cause, and a series of unknown meaning says little.
_WEIGHT = {MetricKind.TRAFFIC: 0.3, MetricKind.OTHER: 0.3}
# What the alert does not complain about is told of after what it does.
_OTHER_THAN_ALERT = 0.8
# Of what it usually answers a service that answers less than this is not there.
_THERE = 0.6
_MECHANISMS = {
    MetricKind.LATENCY: "latency",
    MetricKind.ERRORS: "errors",
    MetricKind.AVAILABILITY: "errors",
    MetricKind.SATURATION: "saturation",
    MetricKind.TRAFFIC: "traffic",
}
# The words of a series' name that tell more than its kind; memory has pools as well.
_WORDS = (
    ("memory", ("heap", "memory", "jvm_gc", "gc_", "swap", "rss")),
    ("pool", ("hikaricp", "pool", "database_connections")),
    ("cpu", ("cpu",)),
    ("disk", ("disk", "filesystem", "storage", "iops")),
)


def metric_hits(seen: Observations, found: Mapping[str, Sequence[Deviation]]) -> list[Hit]:
    """Return a hit for each deviation that says anything."""
    kinds = alike(seen.kind) or frozenset(MetricKind)
    return [
        _hit(left, strength)
        for own in found.values()
        for left in own
        if (strength := _strength(left) * (1.0 if left.series.kind in kinds else _OTHER_THAN_ALERT)) > 0
    ]


def _strength(left: Deviation) -> float:
    full = fullness(left) if left.series.kind is MetricKind.SATURATION else 1.0
    return max(weight_of(left.z), left.ramp) * _WEIGHT.get(left.series.kind, 1.0) * full


def _hit(left: Deviation, strength: float) -> Hit:
    series = left.series
    before, after = left.before, left.now
    if series.kind is MetricKind.AVAILABILITY:
        # What is lost was compared; a person reads what is left.
        before, after = left.top - before, left.top - after
    values = {"metric": series.name, "before": measure(before, series.unit), "after": measure(after, series.unit)}
    mechanism = _MECHANISMS.get(series.kind, "unknown")
    if series.kind is MetricKind.AVAILABILITY and after < _THERE * before:
        mechanism = "unavailable"
    return Hit(
        Channel.METRIC,
        series.service,
        strength,
        left.onset,
        "metric-rose" if after >= before else "metric-fell",
        values,
        f"{series.kind} {series.service}",
        _word(series.name) or mechanism,
        series.query,
    )


def _word(name: str) -> str:
    low = name.lower().replace(" ", "_")
    return next((word for word, signs in _WORDS if any(sign in low for sign in signs)), "")
