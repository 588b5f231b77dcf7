"""What a service is beside those that it calls and that call it: who waits for whom, whom somebody else accounts for."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.telemetry import MetricKind, Observations
from bot.ranking.metrics import Deviation
from bot.ranking.vector import AT, Vector, weight_of

Found = Mapping[str, Sequence[Deviation]]

_ALIKE, _FAILING, _STARVED = AT["alike"], AT["failing"], AT["starved"]
# How far a service must stand out itself for its callees to account for it (0..1).
_FOLLOWS_FROM = 0.05
# Where nobody knows who calls whom, everybody may be below.
_UNKNOWN = 0.5
# Of traffic that ends this part is taken to be left (ratio), so that its logarithm ends too.
_NO_TRAFFIC = 0.05
# By how much (logarithm) traffic falls that ends.
_ENDED = math.log((1 + _NO_TRAFFIC) / _NO_TRAFFIC)


def beside_neighbours(seen: Observations, found: Found, told: Mapping[str, Vector]) -> None:
    """Fill in all that depends on the neighbours of a service; what is known of itself stands there already."""
    callees, callers = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for caller, callee in seen.edges:
        if caller != callee:
            callees[caller].add(callee)
            callers[callee].add(caller)
    below = _below(seen.service, callees)
    _asked(told, callees, callers)
    _starved(told, found, callees, callers)
    for name, vector in told.items():
        vector[AT["follows"]] = _follows(told, callees[name], name)
        vector[AT["victims"]] = max(
            (_left_over(told, callees[each], each, name) for each in callers[name]), default=0.0
        )
        known = bool(callees[name] or callers[name])
        vector[AT["below"]] = float(name in below) if known and len(below) > 1 else _UNKNOWN
        vector[AT["apart"]] = float(not known and bool(seen.edges))
        vector[AT["alerting"]] = float(name == seen.service)


def _below(service: str | None, callees: Mapping[str, set[str]]) -> set[str]:
    """Return a service and all that it calls, directly or through others."""
    below = {service} if service else set[str]()
    queue = list(below)
    for name in queue:
        new = callees[name] - below
        queue.extend(new)
        below |= new
    return below


def _follows(told: Mapping[str, Vector], callees: set[str], name: str) -> float:
    own = told[name][_ALIKE]
    if own <= _FOLLOWS_FROM:
        return 0.0
    theirs = max(
        (
            max(told[each][_ALIKE] * _accounts(told, each, name), told[each][_STARVED])
            for each in callees
            if each in told
        ),
        default=0.0,
    )
    return min(1.0, theirs / own)


def _asked(told: Mapping[str, Vector], callees: Mapping[str, set[str]], callers: Mapping[str, set[str]]) -> None:
    """Take from what a service waits for what those answer whom it asks, and hold the rest against each of them."""
    asks = {name: vector[AT["asks"]] for name, vector in told.items() if vector[AT["asks"]] > 0}
    if not asks:
        return
    for name, vector in told.items():
        parts = [
            max(0.0, asks.get(each, 0.0) - _answered(told, callees[each] - {name}))
            for each in callers.get(name, ())
            if each in told
        ]
        vector[AT["asked"]] = sum(parts) / len(parts) if parts else 0.0
        vector[AT["asks"]] = max(0.0, vector[AT["asks"]] - _answered(told, callees.get(name, set())))


def _starved(
    told: Mapping[str, Vector],
    found: Found,
    callees: Mapping[str, set[str]],
    callers: Mapping[str, set[str]],
) -> None:
    """Compare how far the traffic of a service fell with that of its callers and of all else that those ask."""
    fell = {
        (name, left.series.name): math.log((1 + _NO_TRAFFIC) / (left.now / left.before + _NO_TRAFFIC))
        for name, own in found.items()
        for left in own
        if left.series.kind is MetricKind.TRAFFIC and left.before > 0 and left.now >= 0
    }
    # Who is gone asks nobody, measured or not; that whom it asked is asked less says nothing of those.
    away = {name: max(vector[AT["unmeasured"]], vector[AT["down"]]) for name, vector in told.items()}
    gone = {name: _ENDED * part for name, part in away.items()}
    for name, vector in told.items():
        above = callers.get(name, set())
        if any(away.get(each) for each in above):
            vector[AT["fell"]] *= 1 - sum(away.get(each, 0.0) for each in above) / len(above)
        beside = set[str]().union(*(callees.get(each, set()) for each in above)) - above - {name}
        for left in found.get(name, ()) if above else ():
            own = fell.get((name, left.series.name), 0.0)
            if own > 0:
                usual = max(0.0, _mean(fell, above, left, gone), _mean(fell, beside, left))
                vector[_STARVED] = max(vector[_STARVED], weight_of(left.z) * min(1.0, max(0.0, own - usual)))


def _mean(
    fell: Mapping[tuple[str, str], float],
    names: Iterable[str],
    left: Deviation,
    gone: Mapping[str, float] | None = None,
) -> float:
    gone = gone or {}
    known = [
        max(fell.get((name, left.series.name), 0.0), gone.get(name, 0.0))
        for name in sorted(names)
        if (name, left.series.name) in fell or gone.get(name)
    ]
    return sum(known) / len(known) if known else 0.0


def _answered(told: Mapping[str, Vector], names: Iterable[str]) -> float:
    return max((max(told[name][_ALIKE], told[name][_FAILING]) for name in names if name in told), default=0.0)


def _accounts(told: Mapping[str, Vector], callee: str, caller: str) -> float:
    """Return which part of what a caller lost a callee's loss accounts for: half of it is enough, as measures differ."""
    theirs, own = told[callee][AT["lost"]], told[caller][AT["lost"]]
    return min(1.0, 2 * theirs / own) if own > 0 else 1.0


def _left_over(told: Mapping[str, Vector], callees: set[str], caller: str, name: str) -> float:
    """Return how far a caller stands out beyond all that it calls but this one."""
    if caller not in told:
        return 0.0
    others = max((told[each][_ALIKE] for each in callees if each != name and each in told), default=0.0)
    # What stands out by itself was measured, and must have lost enough; a network that delays shows at the caller only.
    part = _accounts(told, name, caller) if told[name][_ALIKE] > _FOLLOWS_FROM else 1.0
    return max(0.0, told[caller][_ALIKE] - others) * part
