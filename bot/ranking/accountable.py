"""How much of the alert a service can account for: its own excess, in the alert's own currency, after that of its callees.

Of latency the currency is time waited for in a second, of failures failed requests in a second: change × requests. What its
callees lost is taken from what a service lost, so a caller that only waits, and a bystander on one request in a hundred,
account for little however unusual they are.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from bot.domain.kinds import counts_requests
from bot.domain.telemetry import MetricKind, Observations
from bot.ranking.metrics import Deviation
from bot.ranking.moment import Moment

Found = Mapping[str, Sequence[Deviation]]

FAILING = frozenset({MetricKind.ERRORS, MetricKind.AVAILABILITY})
# Into one unit of time, so that services measured in ms and in s can be compared.
_SECONDS = {"s": 1.0, "ms": 0.001}
# Words of series that measure what a service asks of others: OpenTelemetry's and Micrometer's clients, Envoy's upstreams.
_OUTGOING = re.compile(r"(?:^|[_.\s])(?:client|clients|outbound|outgoing|egress|upstream)(?:$|[_.\s])", re.IGNORECASE)
# Standard deviations from which a change counts in full; below it its size is noise.
_SURE = 4.0


def is_outgoing(name: str) -> bool:
    """Tell whether a series measures what a service asks of others, which speaks of those others."""
    return bool(_OUTGOING.search(name))


def alike(kind: MetricKind) -> frozenset[MetricKind]:
    """Return the kinds of series that speak of what the alert speaks of."""
    if kind in FAILING:
        return FAILING
    return frozenset({kind}) if kind is not MetricKind.OTHER else frozenset()


@dataclass(frozen=True, slots=True)
class Share:
    """Parts (0..1) of the largest excess: all that a service lost, and what of it no callee accounts for."""

    all: float
    own: float


def shares(seen: Observations, found: Found, requests: Mapping[str, float]) -> dict[str, Share]:
    """Return the share of each service in what is lost in the alert's currency (in both, if the alert names none)."""
    best: dict[str, Share] = {}
    for kinds in (frozenset({MetricKind.LATENCY}), FAILING):
        if kinds & (alike(seen.kind) or kinds):
            for name, share in _shares_of(seen, _excess(found, requests, kinds), requests).items():
                best[name] = max(best.get(name, share), share, key=lambda each: each.own)
    return best


def _shares_of(seen: Observations, excess: Mapping[str, float], requests: Mapping[str, float]) -> dict[str, Share]:
    most = max(excess.values(), default=0.0)
    if most <= 0:
        return {}
    callers: dict[str, list[str]] = defaultdict(list)
    for caller, callee in seen.edges:
        if caller != callee and caller in excess and callee in excess:
            callers[callee].append(caller)
    own = dict(excess)
    for callee, above in callers.items():
        total = sum(requests.get(caller, 1.0) for caller in above)
        for caller in above:
            part = requests.get(caller, 1.0) / total if total > 0 else 1 / len(above)
            own[caller] -= excess[callee] * part
    return {name: Share(value / most, max(0.0, own[name]) / most) for name, value in excess.items()}


def _excess(found: Found, requests: Mapping[str, float], kinds: frozenset[MetricKind]) -> dict[str, float]:
    """Return how much more each service loses in a second than usual, by the measure that most services share."""
    measures = Counter(left.series.name for own in found.values() for left in own if left.series.kind in kinds)
    excess: dict[str, float] = {}
    for name, own in found.items():
        mine = [left for left in own if left.series.kind in kinds and not is_outgoing(left.series.name)]
        if not mine:
            continue
        common = max(measures[left.series.name] for left in mine)
        left = max((each for each in mine if measures[each.series.name] == common), key=lambda each: each.z)
        sure = min(1.0, max(0.0, left.z) / _SURE)
        grown = max(0.0, left.after - left.before) / (left.top or 1.0) * _SECONDS.get(left.series.unit, 1.0)
        excess[name] = grown * sure * requests.get(name, 1.0)
    return excess


def requests_of(seen: Observations, moment: Moment) -> dict[str, float]:
    """Return the requests of each service per step, before it began or since, whichever is more: what is down has none."""
    traffic = [series for series in seen.series if series.kind is MetricKind.TRAFFIC and series.points]
    measures = Counter(series.name for series in traffic)
    found: dict[str, float] = {}
    common: dict[str, int] = {}
    for series in sorted(traffic, key=lambda series: (not counts_requests(series.name), series.name)):
        if measures[series.name] > common.get(series.service, 0):
            common[series.service] = measures[series.name]
            cut = bisect_right(series.points, (moment.until, math.inf))
            steps = max(1.0, (moment.until - series.points[0][0]) / moment.step + 1)
            # Where nobody asked there is no sample, so the sum is divided by the steps.
            before = sum(map(itemgetter(1), series.points[:cut])) / max(steps, cut)
            window = [value for at, value in series.points[cut:] if moment.start <= at <= moment.end]
            found[series.service] = max(before, sum(window) / len(window) if window else 0.0)
    return found
