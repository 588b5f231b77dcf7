"""Deviations of metrics into hits: what is worth telling of each service, and the mechanism that its name speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.evidence import Channel
from bot.domain.kinds import counts_requests, is_of_a_backlog, is_of_a_cache
from bot.domain.telemetry import MetricKind, Observations
from bot.ranking.accountable import alike
from bot.ranking.features import fullness
from bot.ranking.hits import Hit, measure
from bot.ranking.metrics import Deviation
from bot.ranking.vector import weight_of

# A surge of traffic is a symptom more often than a cause, and a series of unknown meaning says little.
_WEIGHT = {MetricKind.TRAFFIC: 0.3, MetricKind.OTHER: 0.3}
# A resource that is used more than ever counts for this much however far from its limit it is.
_FAR_FROM_LIMIT = 0.5
# Of a resource so much of whose upper half is used, and was not before, few samples say it all: it counts for at least this.
_NEARLY_FULL, _FULL = 0.8, 0.8
# Words of what counts how long, or how often, a resource was refused: its limit is reached, wherever that lies.
_REFUSED = ("throttl",)
# What the alert does not complain about is told of after what it does.
_OTHER_THAN_ALERT = 0.8
# Of what it usually answers a service that answers less than this is not there.
_THERE = 0.6
# Of what it was usually asked a service that is asked less than this is not reached (ratio).
_NOT_REACHED = 0.4
# Kinds of series that say how much waits, or for how long.
_WAITS = frozenset({MetricKind.SATURATION, MetricKind.LATENCY})
# The words of a series that counts how many of a pool are taken.
_IN_USE = ("in_use", "active", "busy")
# Of whom so much of all that is used is not used any more is not there (0..1).
_GONE = 0.8
# What changed by less than this factor is no news to a person, however steady it was before (ratio; by hand).
_NOTICED = 1.25
_MECHANISMS = {
    MetricKind.LATENCY: "latency",
    MetricKind.ERRORS: "errors",
    MetricKind.AVAILABILITY: "errors",
    MetricKind.SATURATION: "saturation",
    MetricKind.TRAFFIC: "traffic",
}
# The words of a series' name that tell more than its kind; memory has pools as well.
_WORDS = (
    ("memory", ("heap", "memory", "jvm_gc", "gc_", "swap", "rss", "메모리")),
    ("pool", ("hikaricp", "pool", "database_connections", "커넥션")),
    ("cpu", ("cpu",)),
    ("disk", ("disk", "filesystem", "storage", "iops", "디스크")),
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
    kind, far = left.series.kind, max(weight_of(left.z), left.ramp)
    if kind is MetricKind.SATURATION:
        if far > 0 and _filled_up(left):
            far = max(far, _FULL)
        # What is used more than ever says something far from its limit, and what is not used at all any more says it all.
        full = 1.0 if _is_refused(left) else fullness(left)
        return max(far * (full if left.falls else max(full, _FAR_FROM_LIMIT)), left.sank)
    if kind is MetricKind.TRAFFIC and 0 <= left.now < left.before:
        return far * max(_WEIGHT[kind], 1 - left.now / left.before)
    return far * _WEIGHT.get(kind, 1.0)


def _is_refused(left: Deviation) -> bool:
    return any(word in left.series.name.lower() for word in _REFUSED)


def _filled_up(left: Deviation) -> bool:
    known = bool(left.top) and not left.falls
    return known and fullness(left) >= _NEARLY_FULL and _noticed(left.before, left.now)


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
    if left.sank > _GONE or (series.kind is MetricKind.TRAFFIC and after < _NOT_REACHED * before):
        mechanism = "unavailable"
    elif series.kind is MetricKind.TRAFFIC and after < before:
        # To ask who sends it helps nobody.
        mechanism = "unknown"
    elif series.kind is MetricKind.TRAFFIC and not counts_requests(series.name):
        # Nor does it of what a service itself reads and writes.
        mechanism = "unknown"
    return Hit(
        Channel.METRIC,
        series.service,
        strength,
        left.onset,
        "metric-stands" if left.standing else "metric-rose" if after >= before else "metric-fell",
        values,
        f"{series.kind} {series.service}",
        mechanism if left.sank > _GONE else _word(left) or mechanism,
        series.query,
        noticed=(bool(left.top) or _noticed(before, after)) and not _better(left),
    )


def _better(left: Deviation) -> bool:
    """Tell whether a series became better after all, which is no evidence for a reader, whatever its worst samples were."""
    worse = left.series.kind in (MetricKind.LATENCY, MetricKind.ERRORS)
    return worse and not left.falls and left.now < left.before


def _noticed(before: float, after: float) -> bool:
    """Tell whether a person would call it another level, which a share of a whole that is nearly full need not be."""
    return before <= 0 or after <= 0 or max(before, after) >= _NOTICED * min(before, after)


def mechanism_of(name: str) -> str:
    """Return the mechanism that the name of a series or a rule tells, where it tells more than its kind; else nothing."""
    if is_of_a_cache(name):
        return "cache"
    low = name.lower().replace(" ", "_")
    found = next((word for word, signs in _WORDS if any(sign in low for sign in signs)), "")
    return found or ("backlog" if is_of_a_backlog(name) else "")


def _word(left: Deviation) -> str:
    word = mechanism_of(left.series.name)
    low = left.series.name.lower().replace(" ", "_")
    # How many of a pool are in use tells nothing of its end where nobody knows how large it is.
    unknown = word == "pool" and not left.top and any(sign in low for sign in _IN_USE)
    # What a queue serves, or fails to, is not what waits in it.
    served = word == "backlog" and left.series.kind not in _WAITS
    return "unknown" if unknown else "" if served else word
