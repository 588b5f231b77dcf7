"""The ranking: which service most probably began it, by which mechanism, since when, and on what evidence; no model.

Each channel says how far a service left its own normal (0..1); channels are capped, so that none wins by shouting, and
joined as independent doubts. Where nothing stands out the ranking abstains, and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from bot.domain.evidence import Channel, Ranking, Suspect
from bot.domain.telemetry import Change, ChangeKind, MetricKind, Observations
from bot.ranking.changes import Accused, accused, culprit
from bot.ranking.findings import mint
from bot.ranking.hits import Hit
from bot.ranking.logs import log_hits
from bot.ranking.topology import deviations, metric_hits
from bot.ranking.traces import trace_hits
from bot.redaction.redact import Redactor

_CAPS = {Channel.METRIC: 0.7, Channel.LOG: 0.9, Channel.TRACE: 0.95}
# Where spans were read, they say of latency and errors what a metric says, only more exactly.
_BESIDE_SPANS = 0.3
# What is down writes no spans, and a full disk or heap stands in none.
_BESIDE = {"unavailable": 1.0, "pool": 0.6, "memory": 0.6, "cpu": 0.6, "disk": 0.6, "saturation": 0.6}
# Who complains about another service is in trouble, and yet hardly its cause.
_COMPLAINT = 0.5
# Below this nobody is accused.
_ABSTAIN = 0.2
# Deviations from this strength on are trouble of one's own or from elsewhere.
_TROUBLED = 0.3
# A change that stands out makes its service more suspect by this at most: it can tip the scale, not win alone.
_CHANGED = 0.15
# How much a hit of each mechanism says about *how* a service fails: a full pool explains slowness, not the other way round.
_TELLS = {
    "disk": 1.6,
    "dependency": 0.8,
    "pool": 1.6,
    "memory": 1.4,
    "unavailable": 1.3,
    "cpu": 1.6,
    "network": 1.0,
    "code": 1.0,
    "errors": 0.7,
    "saturation": 0.6,
    "latency": 0.5,
    "traffic": 0.4,
}
_MOST_SUSPECTS = 60
# The part of a caller's score that a callee in more trouble explains.
_FOLLOWS = 0.4


def rank(seen: Observations, redactor: Redactor | None = None) -> Ranking:
    """Rank the services of what was observed; log lines that it quotes are without secrets."""
    hits = all_hits(seen, (redactor or Redactor()).text)
    scores = _explained(_scores(_accusing(hits, seen), beside_spans=bool(seen.spans)), seen.edges)
    # Who is not accused may still be told about.
    scores = dict.fromkeys((hit.blames for hit in hits), 0.0) | scores
    order = sorted(scores, key=lambda name: (-scores[name], name))
    lead = order[0] if order and scores[order[0]] > 0 else None
    onset = _onset(hits, lead, seen.fired_at)
    changes = accused(seen, hits, lead, onset)
    named = culprit(changes)
    if named is not None and named.service in scores:
        scores[named.service] = min(0.99, scores[named.service] + _CHANGED * (1 - scores[named.service]))
        order.sort(key=lambda name: (-scores[name], name))
        lead = order[0]
    abstained = lead is None or scores[lead] < _ABSTAIN
    affected = () if abstained else _affected(seen, hits, lead)
    chosen = None if abstained else _shipped(named)
    findings, ids = mint(seen, hits, order, changes, named, onset)
    suspects = tuple(
        Suspect(name, round(scores[name], 4), _mechanism(hits, name, named, seen), tuple(ids.get(name, ())))
        for name in order[:_MOST_SUSPECTS]
        if scores[name] > 0
    )
    return Ranking(
        onset_at=onset,
        suspects=suspects,
        findings=findings,
        abstained=abstained,
        affected=affected,
        culprit=chosen,
        harmless=_harmless(seen, None if abstained else lead, affected),
    )


def all_hits(seen: Observations, hide: Callable[[str], str] = str) -> list[Hit]:
    """Return what every channel reports."""
    found = deviations(seen)
    return [
        *metric_hits(seen, found),
        *trace_hits(seen.spans, seen.fired_at, seen.span_windows),
        *log_hits(seen.lines, seen.spans, seen.fired_at, seen.log_windows, hide=hide),
    ]


def _accusing(hits: Sequence[Hit], seen: Observations) -> Sequence[Hit]:
    """Choose the hits that may accuse: where nothing fires, loud lines are noise unless something else is wrong there."""
    if seen.alerting:
        return hits
    symptoms = _scores([hit for hit in hits if not _only_loud(hit)], beside_spans=bool(seen.spans))
    return [hit for hit in hits if not _only_loud(hit) or symptoms.get(hit.blames, 0.0) >= _ABSTAIN]


def _only_loud(hit: Hit) -> bool:
    """Tell whether it is a line that says of no failure of its service, however often."""
    return hit.channel is Channel.LOG and hit.mechanism in ("errors", "dependency") and hit.group.startswith("plain ")


def _harmless(seen: Observations, lead: str | None, affected: Sequence[str]) -> tuple[str, ...]:
    """Return the service in question if it is well; one that alerts is not, unless nothing stands out at all."""
    if not seen.service or seen.service == lead or seen.service in affected:
        return ()
    if not any(each.service == seen.service for each in (*seen.series, *seen.lines, *seen.spans)):
        # Nobody can say that of a service of which nothing was seen.
        return ()
    return (seen.service,) if lead is None or not seen.alerting else ()


def _scores(hits: Sequence[Hit], *, beside_spans: bool) -> dict[str, float]:
    strongest: dict[str, dict[tuple[Channel, str], float]] = defaultdict(dict)
    for hit in hits:
        strength = hit.strength
        if beside_spans and hit.channel is Channel.METRIC:
            strength *= _BESIDE.get(hit.mechanism, _BESIDE_SPANS)
        if hit.mechanism == "dependency" and hit.channel is Channel.LOG:
            strength *= _COMPLAINT
        own = strongest[hit.blames]
        key = hit.channel, hit.group
        own[key] = max(own.get(key, 0.0), strength)
    scores: dict[str, float] = {}
    for service, own in strongest.items():
        doubts: dict[Channel, float] = defaultdict(lambda: 1.0)
        for (channel, _), strength in own.items():
            doubts[channel] *= 1 - strength
        doubt = 1.0
        for channel, left in doubts.items():
            doubt *= 1 - min(_CAPS[channel], 1 - left)
        scores[service] = 1 - doubt
    return scores


def _explained(scores: dict[str, float], edges: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Lower a caller whose callee is in more trouble: its own trouble follows from that."""
    return {
        name: score
        * (
            1
            - _FOLLOWS * any(caller == name != callee and scores.get(callee, 0.0) >= score for caller, callee in edges)
        )
        for name, score in scores.items()
    }


def _onset(hits: Sequence[Hit], lead: str | None, fired_at: float) -> float:
    own = [hit for hit in hits if hit.blames == lead]
    if not own:
        return fired_at
    enough = 0.5 * max(hit.strength for hit in own)
    return min(fired_at, *(hit.at for hit in own if hit.strength >= enough))


def _shipped(named: Accused | None) -> Change | None:
    return named.change if named else None


def _mechanism(hits: Sequence[Hit], service: str, named: Accused | None, seen: Observations) -> str:
    votes: Mapping[str, float] = defaultdict(float)
    best: dict[str, float] = defaultdict(float)
    for hit in hits:
        if hit.blames == service and hit.mechanism:
            best[hit.mechanism] = max(best[hit.mechanism], hit.strength)
    votes = {mechanism: strength * _TELLS.get(mechanism, 0.3) for mechanism, strength in best.items()}
    word = max(votes, key=lambda name: votes[name], default="unknown")
    shipped = named is not None and named.service == service and named.change.kind is not ChangeKind.RESTART
    if shipped and word in ("code", "errors", "latency", "unknown", "unavailable"):
        return "deploy"
    if word == "errors" and seen.kind is MetricKind.LATENCY and "latency" in votes:
        return "latency"
    return word


def _affected(seen: Observations, hits: Sequence[Hit], lead: str | None) -> tuple[str, ...]:
    """Return who suffers: services that call the lead, directly or through others, and left their normal as well."""
    callers: dict[str, set[str]] = defaultdict(set)
    for caller, callee in seen.edges:
        callers[callee].add(caller)
    upstream: list[str] = [lead] if lead else []
    for name in upstream:
        upstream.extend(sorted(callers[name] - set(upstream)))
    troubled = {hit.blames for hit in _accusing(hits, seen) if hit.strength >= _TROUBLED}
    alerting = [seen.service] if seen.service and seen.alerting else []
    troubled.update(alerting)
    return tuple(name for name in upstream[1:] if name in troubled)[:12] or tuple(
        name for name in alerting if name != lead
    )
