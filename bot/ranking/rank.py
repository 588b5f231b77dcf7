"""The ranking: which service most probably began it, by which mechanism, since when, and on what evidence; no model.

Every channel says how far each service left its own normal; `features` makes numbers of that, and `odds` probabilities, with
weights that were set on made incidents. Where no service stands out enough to be named the ranking abstains, and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from bot.domain.evidence import POSSIBLE, Channel, Ranking, Suspect
from bot.domain.telemetry import ChangeKind, MetricKind, Observations
from bot.ranking.accountable import requests_of
from bot.ranking.changes import Accused, accused, culprit
from bot.ranking.earlier import plainly
from bot.ranking.features import Vector, vectors
from bot.ranking.findings import mint
from bot.ranking.hits import Hit
from bot.ranking.logs import log_hits
from bot.ranking.metrics import Deviation, deviations
from bot.ranking.odds import Odds, odds
from bot.ranking.statements import statement_hits
from bot.ranking.topology import metric_hits
from bot.ranking.traces import trace_hits
from bot.redaction.redact import Redactor

# Deviations from this strength on are trouble of one's own or from elsewhere, and below this one nobody is troubled (0..1).
_TROUBLED, _NORMAL = 0.3, 0.1
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
_OTHER_TELLS = 0.3
# Suspects that are ordered, and services that are named as affected (a bound on what is read).
_MOST_SUSPECTS, _MOST_AFFECTED = 60, 12
# Reasons why a source that should have answered did not; what it might have said takes this part of the sureness (ratio).
_SILENT = frozenset({"timeout", "unavailable", "failed", "rejected"})
_UNHEARD = 0.9
# A suspect that is this much less probable than the first is none (ratio).
_FAINT = 0.001


def rank(seen: Observations, redactor: Redactor | None = None) -> Ranking:
    """Rank the services of what was observed; log lines that it quotes are without secrets."""
    looked = deviations(seen)
    found = looked.found
    recorded = _recorded(seen, (redactor or Redactor()).text)
    accusing = _accusing(recorded, found, seen)
    requests = requests_of(seen, looked.moment)
    chances = odds(vectors(seen, found, requests, accusing), *plainly(seen, looked, requests), spans=bool(seen.spans))
    order = sorted(chances.services, key=lambda name: (-chances.services[name], name))
    hits = [*metric_hits(seen, found), *recorded]
    scores = _scores(chances, order, seen)
    lead = order[0] if order else None
    weighed = [*metric_hits(seen, found), *accusing]
    # Where it stands in the topology makes nobody a culprit without something that speaks against it.
    own = max((hit.strength for hit in weighed if hit.blames == lead), default=0.0)
    abstained = lead is None or scores[lead] < POSSIBLE or own < _TROUBLED
    onset = _onset(hits, lead, seen.fired_at)
    changes = accused(seen, hits, lead, onset)
    named = None if abstained else culprit(changes, lead, hits)
    troubled = {hit.blames for hit in weighed if hit.strength >= _NORMAL}
    affected = () if abstained else _affected(seen, weighed, lead)
    findings, ids = mint(seen, hits, order, changes, named, onset)
    return Ranking(
        onset_at=onset,
        suspects=tuple(
            Suspect(name, round(scores[name], 4), _mechanism(hits, name, named, seen), tuple(ids.get(name, ())))
            for name in order[:_MOST_SUSPECTS]
            if scores[name] > _FAINT * scores[order[0]]
        ),
        findings=findings,
        abstained=abstained,
        affected=affected,
        culprit=named.change if named else None,
        harmless=_harmless(seen, troubled, None if abstained else lead),
    )


def vectors_of(
    seen: Observations, names: Sequence[str]
) -> tuple[dict[str, Vector], Sequence[Vector], Sequence[Sequence[Vector]]]:
    """Return what the weights are set on: the vector of each service, and those that series alone show, now and earlier.

    `names` are all that lines may speak of.
    """
    looked = deviations(seen)
    accusing = _accusing(_recorded(seen, str, names), looked.found, seen)
    requests = requests_of(seen, looked.moment)
    return vectors(seen, looked.found, requests, accusing), *plainly(seen, looked, requests)


def _recorded(seen: Observations, hide: Callable[[str], str], names: Sequence[str] | None = None) -> list[Hit]:
    """Return what spans and lines say."""
    known = names or _names(seen)
    return [
        *trace_hits(seen.spans, seen.fired_at, seen.span_windows),
        *statement_hits(seen.lines, seen.fired_at, hide, known, _subjects(seen)),
        *log_hits(seen.lines, seen.spans, seen.fired_at, seen.log_windows, hide=hide, names=known),
    ]


def _names(seen: Observations) -> list[str]:
    return sorted(_subjects(seen) | {line.service for line in seen.lines})


def _subjects(seen: Observations) -> set[str]:
    """Return of whom more is known than what they write."""
    names = {series.service for series in seen.series} | {name for edge in seen.edges for name in edge}
    return names | {span.service for span in seen.spans} | ({seen.service} if seen.service else set())


def _scores(chances: Odds, order: Sequence[str], seen: Observations) -> dict[str, float]:
    """Say how sure the first is, and of the others how probable they are beside it."""
    first = chances.services[order[0]] if order else 1.0
    silent = {gap.source for gap in seen.gaps if gap.reason in _SILENT}
    sure = chances.sure * _UNHEARD ** len(silent)
    return {name: sure * chances.services[name] / first for name in order}


def _accusing(recorded: Sequence[Hit], found: Mapping[str, Sequence[Deviation]], seen: Observations) -> Sequence[Hit]:
    """Choose the hits that may accuse: where nothing fires, loud lines are noise unless something else is wrong there."""
    if seen.alerting:
        return recorded
    symptoms = {hit.blames for hit in metric_hits(seen, found) if hit.strength >= _TROUBLED}
    symptoms |= {hit.blames for hit in recorded if not _only_loud(hit) and hit.strength >= _TROUBLED}
    return [hit for hit in recorded if not _only_loud(hit) or hit.blames in symptoms]


def _only_loud(hit: Hit) -> bool:
    """Tell whether it is a line that says of no failure of its service, however often."""
    return hit.channel is Channel.LOG and hit.mechanism in ("errors", "dependency") and hit.group.startswith("plain ")


def _harmless(seen: Observations, troubled: set[str], lead: str | None) -> tuple[str, ...]:
    """Return the service in question if it was seen, does not alert, and is normal in all that was seen of it."""
    name = seen.service
    if not name or seen.alerting or name == lead or name in troubled:
        return ()
    known = any(each.service == name for each in (*seen.series, *seen.lines, *seen.spans))
    return (name,) if known else ()


def _onset(hits: Sequence[Hit], lead: str | None, fired_at: float) -> float:
    own = [hit for hit in hits if hit.blames == lead]
    if not own:
        return fired_at
    enough = 0.5 * max(hit.strength for hit in own)
    return min(fired_at, *(hit.at for hit in own if hit.strength >= enough))


def _mechanism(hits: Sequence[Hit], service: str, named: Accused | None, seen: Observations) -> str:
    votes: Mapping[str, float] = defaultdict(float)
    best: dict[str, float] = defaultdict(float)
    for hit in hits:
        if hit.blames == service and hit.mechanism:
            best[hit.mechanism] = max(best[hit.mechanism], hit.strength)
    votes = {mechanism: strength * _TELLS.get(mechanism, _OTHER_TELLS) for mechanism, strength in best.items()}
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
    troubled = {hit.blames for hit in hits if hit.strength >= _TROUBLED}
    alerting = [seen.service] if seen.service and seen.alerting else []
    troubled.update(alerting)
    return tuple(name for name in upstream[1:] if name in troubled)[:_MOST_AFFECTED] or tuple(
        name for name in alerting if name != lead
    )
