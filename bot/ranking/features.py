"""What speaks for and against each service, as numbers of 0..1 in a fixed order: what the weights are weights of.

Nothing of it depends on a name, a unit, the order of services or how many series one has: of each kind the strongest counts.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from bot.domain.evidence import Channel
from bot.domain.telemetry import MetricKind, Observations
from bot.ranking.accountable import FAILING, alike, is_outgoing, shares
from bot.ranking.hits import Hit
from bot.ranking.metrics import Deviation
from bot.ranking.neighbours import beside_neighbours
from bot.ranking.spans import Spans
from bot.ranking.vector import AT, NAMES, SAID_BY_SPANS, Vector, weight_of

_RAMPS = frozenset({AT["alike"], AT["full"]})
# So many spans are enough to speak for a service; then this part of its series' weight remains.
_ENOUGH_SPANS, _BESIDE_SPANS = 10, 0.05
# A resource counts from this part of its limit, in full at the limit; one without a known limit by half.
_HALF_FULL, _NO_LIMIT = 0.5, 0.5
# Of what is there or not, this part must have gone.
_GONE = 0.9
# Who complains about another service is in trouble, and yet hardly its cause.
_COMPLAINT = 0.5
# The part of what is recorded of a caller that a callee in more trouble explains.
_FOLLOWS = 0.4
# What began within this after a change is held against it, and nothing that began later than that; a clock or a rare sample
# may have it begin so much before (seconds).
_SOON_S, _RECENT_S, _AFTERWARDS_S = 600.0, 1800.0, 60.0
# From this on (0..1) it is plain that a service that was changed stands out (by hand).
_PLAINLY = 0.5


def vectors(
    seen: Observations,
    found: Mapping[str, Sequence[Deviation]],
    requests: Mapping[str, float],
    hits: Sequence[Hit],
) -> dict[str, Vector]:
    """Return a vector for each service of which anything is known; `requests` are how many each gets in a step."""
    names = _services(seen, found, hits)
    told = {name: [0.0] * len(NAMES) for name in names}
    _metrics(seen, found, requests, told)
    for hit in hits:
        if hit.blames in told:
            place = AT[_feature(hit)]
            told[hit.blames][place] = max(told[hit.blames][place], hit.strength)
    beside_neighbours(seen, found, told)
    _beside(seen, told)
    _records(_recorded(hits), seen, told)
    for name, part in _shipped(seen, found, hits).items():
        if name in told:
            told[name][AT["changed"]] = part
    return told


def _shipped(seen: Observations, found: Mapping[str, Sequence[Deviation]], hits: Sequence[Hit]) -> dict[str, float]:
    """Return how well what stands out of a service follows upon a change of it: what came before one was not made by it."""
    parts: dict[str, float] = {}
    for change in seen.changes:
        name = change.service
        if name is None or not -_AFTERWARDS_S <= seen.fired_at - change.at <= _RECENT_S:
            continue
        own = [(left.onset, weight_of(left.z)) for left in found.get(name, ())]
        own += [(hit.at, hit.strength) for hit in hits if hit.blames == name]
        best = max((weight * _soon(at - change.at) for at, weight in own), default=0.0)
        parts[name] = max(parts.get(name, 0.0), min(1.0, best / _PLAINLY))
    return parts


def _soon(later: float) -> float:
    """Return how far (0..1) what begins so long after a change may come of it."""
    if later < -_AFTERWARDS_S:
        return 0.0
    return min(1.0, max(0.0, (_RECENT_S - later) / (_RECENT_S - _SOON_S)))


def _records(recorded: Mapping[str, float], seen: Observations, told: Mapping[str, Vector]) -> None:
    left = dict(recorded)
    for caller, callee in seen.edges:
        if caller != callee and recorded.get(callee, 0.0) >= recorded.get(caller, 0.0) > 0:
            # Its own trouble follows from that of a callee in more.
            left[caller] = recorded[caller] * (1 - _FOLLOWS)
    for caller, callee in seen.edges:
        if caller in told and callee in told:
            # Who complains of one whom it calls follows that one.
            said = min(told[caller][AT["complains"]], told[callee][AT["named"]])
            told[caller][AT["follows"]] = max(told[caller][AT["follows"]], said)
    most = max(left.values(), default=0.0)
    for name, part in left.items():
        if name in told and part > 0:
            told[name][AT["recorded"]] = part
            told[name][AT["most-recorded"]] = part * (part / most) ** 2


def _recorded(hits: Sequence[Hit]) -> dict[str, float]:
    strongest: dict[str, dict[str, float]] = defaultdict(dict)
    for hit in hits:
        if hit.channel is Channel.METRIC:
            continue
        strength = hit.strength * (_COMPLAINT if _feature(hit) == "complains" else 1.0)
        own = strongest[hit.blames]
        own[hit.group] = max(own.get(hit.group, 0.0), strength)
    return {name: 1 - math.prod(1 - strength for strength in own.values()) for name, own in strongest.items()}


def _beside(seen: Observations, told: Mapping[str, Vector]) -> None:
    """Where a service writes spans, they say of latency, failures and traffic what its series say, only more exactly.

    And one that nobody calls who writes any takes no part in the requests that were traced. A store, which writes none, does.
    """
    writers = {name for name, count in Spans.of(seen.spans).counts.items() if count >= _ENOUGH_SPANS}
    if not writers:
        return
    called = {callee for caller, callee in seen.edges if caller in writers}
    elsewhere = told.keys() - called if called else set[str]()
    for name in (writers | elsewhere) & told.keys():
        for feature in SAID_BY_SPANS:
            told[name][AT[feature]] *= _BESIDE_SPANS


def _services(seen: Observations, found: Mapping[str, Sequence[Deviation]], hits: Sequence[Hit]) -> list[str]:
    names = dict.fromkeys(found)
    names |= dict.fromkeys(name for edge in seen.edges for name in edge)
    names |= dict.fromkeys(hit.blames for hit in hits)
    names |= dict.fromkeys(Spans.of(seen.spans).counts)
    return [*names, seen.service] if seen.service and seen.service not in names else list(names)


def _metrics(
    seen: Observations,
    found: Mapping[str, Sequence[Deviation]],
    requests: Mapping[str, float],
    told: Mapping[str, Vector],
) -> None:
    kinds = alike(seen.kind) or FAILING | {MetricKind.LATENCY}
    far: dict[str, float] = {}
    all_answers = {name: _answers(own) for name, own in found.items()}
    measured = set[MetricKind]().union(*all_answers.values())
    for name, own in found.items():
        vector, answers = told[name], all_answers[name]
        vector[AT["sank"]], vector[AT["busy"]], vector[AT["asks"]] = _sank(own), _busy(own), _asks(own)
        for left in own:
            place, part = _place(left, kinds)
            weight = weight_of(left.z)
            if left.series.kind in measured and is_outgoing(left.series.name):
                if place == AT["alike"]:
                    # What it waits for speaks of others, and answers are measured, if not its own: nobody may ask who polls.
                    continue
                # And what it waits for and answers as fast as ever, nobody waits for.
                weight = min(weight, answers.get(left.series.kind, 0.0))
            vector[place] = max(vector[place], weight * part)
            if place in _RAMPS:
                vector[AT["ramp"]] = max(vector[AT["ramp"]], left.ramp * part)
            if left.series.kind is not MetricKind.TRAFFIC:
                far[name] = max(far.get(name, 0.0), weight)
        vector[AT["down"]] = _down(own)
    loudest = max(far.values(), default=0.0)
    for name, most in far.items():
        told[name][AT["loudest"]] = most * (most / loudest) ** 2 if loudest > 0 else 0.0
    for name, share in shares(seen, found, requests).items():
        told[name][AT["lost"]], told[name][AT["own"]] = share.all, share.own


def _asks(own: Sequence[Deviation]) -> float:
    kinds = FAILING | {MetricKind.LATENCY}
    waits = [left.z for left in own if left.series.kind in kinds and is_outgoing(left.series.name)]
    return weight_of(max(waits, default=0.0))


def _down(own: Sequence[Deviation]) -> float:
    lost = [left for left in own if left.series.kind is MetricKind.AVAILABILITY]
    return max((weight_of(left.z) for left in lost if left.now - left.before >= _GONE * left.top), default=0.0)


def _busy(own: Sequence[Deviation]) -> float:
    used = [left.z for left in own if left.series.kind is MetricKind.SATURATION and not left.falls]
    return weight_of(max(used, default=0.0))


def _sank(own: Sequence[Deviation]) -> float:
    used = [left.sank for left in own if left.series.kind is MetricKind.SATURATION and left.before > 0]
    return sum(used) / len(used) if used else 0.0


def _answers(own: Sequence[Deviation]) -> dict[MetricKind, float]:
    """Return how far a service's own answers stand out, by kind, where they are measured."""
    found: dict[MetricKind, float] = {}
    for left in own:
        kind = left.series.kind
        if (kind is MetricKind.LATENCY or kind in FAILING) and not is_outgoing(left.series.name):
            found[kind] = max(found.get(kind, 0.0), weight_of(left.z))
    return found


def _place(left: Deviation, kinds: frozenset[MetricKind]) -> tuple[int, float]:
    kind = left.series.kind
    if kind in kinds:
        return AT["alike"], 1.0
    if kind is MetricKind.SATURATION:
        return AT["full"], fullness(left)
    if kind in FAILING or kind is MetricKind.LATENCY:
        return AT["failing"], 1.0
    if kind is MetricKind.TRAFFIC:
        return AT["fell" if left.after < left.before else "rose"], 1.0
    return AT["moved"], 1.0


def fullness(left: Deviation) -> float:
    """Return how full a resource is (0..1), a middle value where its limit is not known."""
    if not left.top:
        return _NO_LIMIT
    part = left.now / left.top
    part = 1 - part if left.falls else part
    return min(1.0, max(0.0, (part - _HALF_FULL) / (1 - _HALF_FULL)))


def _feature(hit: Hit) -> str:
    if hit.channel is Channel.METRIC:
        return "unmeasured"
    if hit.key in ("platform-said", "restarts-again", "log-last-words"):
        return "platform"
    if hit.key == "log-names":
        return "named"
    if hit.channel is Channel.TRACE:
        by_key = {"edge-slow": "edge", "span-failed": "failed", "call-failed": "missing", "calls-missing": "missing"}
        return by_key.get(hit.key) or ("waits" if hit.mechanism == "dependency" else "inside")
    if hit.mechanism == "dependency":
        return "complains"
    return "line-plain" if hit.group.startswith("plain ") else "line-bad"
