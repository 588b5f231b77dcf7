"""What speaks for and against each service, as numbers of 0..1 in a fixed order: what the weights are weights of.

Nothing of it depends on a name, a unit, the order of services or how many series one has: of each kind the strongest counts.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from bot.domain.evidence import Channel
from bot.domain.telemetry import MetricKind, Observations
from bot.ranking.accountable import FAILING, alike, is_outgoing, shares
from bot.ranking.hits import Hit
from bot.ranking.metrics import Deviation
from bot.ranking.reference import QUIET

Vector = list[float]

NAMES = (
    "alike",  # series of the alert's kind stand out
    "lost",  # its part of the largest excess in the alert's currency
    "own",  # what of that no callee accounts for
    "failing",  # latency or failures that the alert does not speak of stand out
    "full",  # a resource is near its limit and was not
    "rose",  # traffic rose
    "fell",  # traffic fell
    "moved",  # a series of unknown meaning stands out
    "down",  # it, or one of it, is not there any more
    "ramp",  # such a series, or how full a resource is, has been getting worse all the time
    "loudest",  # its farthest series beside the farthest of all
    "follows",  # a callee stands out as much, in the alert's kind
    "victims",  # a caller stands out that nobody else accounts for
    "line-bad",  # error lines that are new or grew
    "line-plain",  # other lines that are new, grew or are missing
    "complains",  # lines that say of somebody else's failure
    "named",  # others' lines name it
    "edge",  # time lost between it and its neighbours
    "inside",  # time lost inside it
    "failed",  # spans that failed, nothing below them did
    "missing",  # calls that no longer arrive
    "waits",  # spans that wait for somebody who writes none
    "platform",  # its platform says so
    "recorded",  # all that lines and spans say against it, joined as independent doubts
    "most-recorded",  # the same beside the most that is said against anybody
    "alerting",  # it is the one that alerts
    "below",  # the alerting service calls it, directly or through others
    "apart",  # it calls nobody and nobody calls it, where others do
    "changed",  # something was shipped to it within the last half hour
)
_AT = {name: place for place, name in enumerate(NAMES)}
_RAMPS = frozenset({_AT["alike"], _AT["full"]})
# What spans say as well, where a service writes them.
SAID_BY_SPANS = ("alike", "lost", "own", "failing", "rose", "fell", "moved", "loudest", "follows", "victims")
# So many spans are enough to speak for a service; then this part of its series' weight remains.
_ENOUGH_SPANS, _BESIDE_SPANS = 10, 0.05
# Standard deviations that count in full (the logarithm of what lies between these and `QUIET`).
_FULL = 60.0
# A resource counts from this part of its limit, in full at the limit; one without a known limit by half.
_HALF_FULL, _NO_LIMIT = 0.5, 0.5
_FOLLOWS_FROM = 0.05
# Of what is there or not, this part must have gone.
_GONE = 0.9
# Who complains about another service is in trouble, and yet hardly its cause.
_COMPLAINT = 0.5
# The part of what is recorded of a caller that a callee in more trouble explains.
_FOLLOWS = 0.4
_RECENT_S = 1800.0
# Where nobody knows who calls whom, everybody may be below.
_UNKNOWN = 0.5


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
    _topology(seen, told)
    _beside(seen, told)
    for hit in hits:
        if hit.channel is not Channel.METRIC and hit.blames in told:
            place = _AT[_feature(hit)]
            told[hit.blames][place] = max(told[hit.blames][place], hit.strength)
    _records(_recorded(hits), seen, told)
    for change in seen.changes:
        if change.service in told and -60 <= seen.fired_at - change.at <= _RECENT_S:
            told[change.service][_AT["changed"]] = 1.0
    return told


def _records(recorded: Mapping[str, float], seen: Observations, told: Mapping[str, Vector]) -> None:
    left = dict(recorded)
    for caller, callee in seen.edges:
        if caller != callee and recorded.get(callee, 0.0) >= recorded.get(caller, 0.0) > 0:
            # Its own trouble follows from that of a callee in more.
            left[caller] = recorded[caller] * (1 - _FOLLOWS)
    most = max(left.values(), default=0.0)
    for name, part in left.items():
        if name in told and part > 0:
            told[name][_AT["recorded"]] = part
            told[name][_AT["most-recorded"]] = part * (part / most) ** 2


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
    counts = Counter(span.service for span in seen.spans)
    writers = {name for name, count in counts.items() if count >= _ENOUGH_SPANS}
    if not writers:
        return
    called = {callee for caller, callee in seen.edges if caller in writers}
    elsewhere = told.keys() - called if called else set[str]()
    for name in (writers | elsewhere) & told.keys():
        for feature in SAID_BY_SPANS:
            told[name][_AT[feature]] *= _BESIDE_SPANS


def weight_of(z: float) -> float:
    """Return how far standard deviations count, 0..1: tenfold is a step, not ten steps."""
    return min(1.0, math.log1p(max(0.0, z - QUIET)) / math.log1p(_FULL - QUIET))


def _services(seen: Observations, found: Mapping[str, Sequence[Deviation]], hits: Sequence[Hit]) -> list[str]:
    names = dict.fromkeys(found)
    names |= dict.fromkeys(name for edge in seen.edges for name in edge)
    names |= dict.fromkeys(hit.blames for hit in hits)
    names |= dict.fromkeys(span.service for span in seen.spans)
    return [*names, seen.service] if seen.service and seen.service not in names else list(names)


def _metrics(
    seen: Observations,
    found: Mapping[str, Sequence[Deviation]],
    requests: Mapping[str, float],
    told: Mapping[str, Vector],
) -> None:
    kinds = alike(seen.kind) or FAILING | {MetricKind.LATENCY}
    far: dict[str, float] = {}
    for name, own in found.items():
        vector = told[name]
        answers = _answers(own)
        for left in own:
            place, part = _place(left, kinds)
            weight = weight_of(left.z)
            if left.series.kind in answers and is_outgoing(left.series.name):
                if place == _AT["alike"]:
                    # What it waits for speaks of others, and its own answers are measured.
                    continue
                # And what it waits for and answers as fast as ever, nobody waits for.
                weight = min(weight, answers[left.series.kind])
            vector[place] = max(vector[place], weight * part)
            if place in _RAMPS:
                vector[_AT["ramp"]] = max(vector[_AT["ramp"]], left.ramp * part)
            if left.series.kind is not MetricKind.TRAFFIC:
                far[name] = max(far.get(name, 0.0), weight)
            if left.series.kind is MetricKind.AVAILABILITY and left.now - left.before >= _GONE * left.top:
                vector[_AT["down"]] = max(vector[_AT["down"]], weight)
    loudest = max(far.values(), default=0.0)
    for name, most in far.items():
        told[name][_AT["loudest"]] = most * (most / loudest) ** 2 if loudest > 0 else 0.0
    for name, share in shares(seen, found, requests).items():
        told[name][_AT["lost"]], told[name][_AT["own"]] = share.all, share.own


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
        return _AT["alike"], 1.0
    if kind is MetricKind.SATURATION:
        return _AT["full"], fullness(left)
    if kind in FAILING or kind is MetricKind.LATENCY:
        return _AT["failing"], 1.0
    if kind is MetricKind.TRAFFIC:
        return _AT["fell" if left.falls else "rose"], 1.0
    return _AT["moved"], 1.0


def fullness(left: Deviation) -> float:
    """Return how full a resource is (0..1), a middle value where its limit is not known."""
    if not left.top:
        return _NO_LIMIT
    part = left.now / left.top
    part = 1 - part if left.falls else part
    return min(1.0, max(0.0, (part - _HALF_FULL) / (1 - _HALF_FULL)))


def _topology(seen: Observations, told: Mapping[str, Vector]) -> None:
    callees, callers = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for caller, callee in seen.edges:
        if caller != callee:
            callees[caller].add(callee)
            callers[callee].add(caller)
    below = {seen.service} if seen.service else set[str]()
    queue = list(below)
    for name in queue:
        queue.extend(sorted(callees[name] - below))
        below |= callees[name]
    place = _AT["alike"]
    for name, vector in told.items():
        own = vector[place]
        theirs = max(
            (told[each][place] * _accounts(told, each, name) for each in callees[name] if each in told), default=0.0
        )
        vector[_AT["follows"]] = min(1.0, theirs / own) if own > _FOLLOWS_FROM else 0.0
        vector[_AT["victims"]] = max(
            (_left_over(told, callees[each], each, name) for each in callers[name]), default=0.0
        )
        known = bool(callees[name] or callers[name])
        vector[_AT["below"]] = float(name in below) if known and len(below) > 1 else _UNKNOWN
        vector[_AT["apart"]] = float(not known and bool(seen.edges))
        vector[_AT["alerting"]] = float(name == seen.service)


def _accounts(told: Mapping[str, Vector], callee: str, caller: str) -> float:
    """Return which part of what a caller lost a callee's loss accounts for: half of it is enough, as measures differ."""
    theirs, own = told[callee][_AT["lost"]], told[caller][_AT["lost"]]
    return min(1.0, 2 * theirs / own) if own > 0 else 1.0


def _left_over(told: Mapping[str, Vector], callees: set[str], caller: str, name: str) -> float:
    """Return how far a caller stands out beyond all that it calls but this one."""
    place = _AT["alike"]
    if caller not in told:
        return 0.0
    others = max((told[each][place] for each in callees if each != name and each in told), default=0.0)
    # What stands out by itself was measured, and must have lost enough; a network that delays shows at the caller only.
    part = _accounts(told, name, caller) if told[name][place] > _FOLLOWS_FROM else 1.0
    return max(0.0, told[caller][place] - others) * part


def _feature(hit: Hit) -> str:
    if hit.key == "platform-said":
        return "platform"
    if hit.key == "log-names":
        return "named"
    if hit.channel is Channel.TRACE:
        by_key = {"edge-slow": "edge", "span-failed": "failed", "calls-missing": "missing"}
        return by_key.get(hit.key) or ("waits" if hit.mechanism == "dependency" else "inside")
    if hit.mechanism == "dependency":
        return "complains"
    return "line-plain" if hit.group.startswith("plain ") else "line-bad"
