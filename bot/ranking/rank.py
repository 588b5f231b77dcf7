"""The ranking: which service most probably began it, by which mechanism, since when, and on what evidence; no model.

Every channel says how far each service left its own normal; `features` makes numbers of that, and `odds` probabilities, with
weights that were set on made incidents. Where no service stands out enough to be named the ranking abstains, and says so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.evidence import POSSIBLE, Channel, Finding, Ranking, Suspect
from bot.domain.telemetry import Observations
from bot.ranking.absence import absence_hits
from bot.ranking.accountable import requests_of
from bot.ranking.changes import accused, culprit
from bot.ranking.earlier import plainly
from bot.ranking.features import vectors
from bot.ranking.findings import mint
from bot.ranking.hits import Hit
from bot.ranking.logs import log_hits
from bot.ranking.mechanisms import mechanism
from bot.ranking.metrics import Deviation, Looked, deviations
from bot.ranking.moment import Moment
from bot.ranking.odds import Odds, odds
from bot.ranking.presumed import KnownPast, presumed
from bot.ranking.spans import Spans
from bot.ranking.standing import outright, restart_hits, standing_hits, with_standing
from bot.ranking.statements import statement_hits
from bot.ranking.topology import metric_hits
from bot.ranking.traces import trace_hits
from bot.ranking.vector import Vector
from bot.redaction.redact import Redactor

# Deviations from this strength on are trouble of one's own or from elsewhere, and below this one nobody is troubled (0..1).
_TROUBLED, _NORMAL = 0.3, 0.1
# Suspects that are ordered, and services that are named as affected (a bound on what is read).
_MOST_SUSPECTS, _MOST_AFFECTED = 60, 12
# Reasons why a source that should have answered did not; what it might have said takes this part of the sureness (ratio).
_SILENT = frozenset({"timeout", "unavailable", "failed", "rejected"})
_UNHEARD = 0.9
# Fewer spans of a service than this before the alert's window are no reference.
_FEWEST_OLDER = 5
# Of how sure a first place is this part is believed where it rests on what is normal elsewhere, which need not be so here: such
# a one is never called likely (ratio; by hand).
_PRESUMED = 0.75
# A suspect that is this much less probable than the first is none (ratio).
_FAINT = 0.001


def rank(seen: Observations, redactor: Redactor | None = None) -> Ranking:
    """Rank the services of what was observed; log lines that it quotes are without secrets."""
    seen = replace(seen, spans=Spans.of(seen.spans))
    past, hide = KnownPast.of(seen), (redactor or Redactor()).text
    known = _known(seen, hide)
    sure = _Order.of(seen, known)
    if sure.abstained and past.unknown:
        # Where the past tells nothing it is judged by what is normal anywhere.
        known = _known(seen, hide, past=past)
        presumed_one = _Order.of(seen, known, _PRESUMED)
        if outright(presumed_one.hits, presumed_one.lead, seen):
            sure = presumed_one
        else:
            sure = replace(sure, hits=presumed_one.hits)
    hits, lead, scores = sure.hits, sure.lead, sure.scores
    onset = _onset(hits, lead, seen.fired_at)
    changes = accused(seen, hits, lead, onset)
    named = None if sure.abstained else culprit(changes, lead, hits)
    weighed = [*metric_hits(seen, known.looked.found), *known.accusing]
    troubled = {hit.blames for hit in weighed if hit.strength >= _NORMAL}
    ways = {name: mechanism(hits, name, named, seen) for name in sure.names[:_MOST_SUSPECTS]}
    telling = {name: hit for name, (_, hit) in ways.items() if hit}
    findings, ids = mint(seen, hits, sure.names, changes, named, onset, telling)
    return Ranking(
        onset_at=onset,
        suspects=tuple(
            Suspect(
                name,
                round(scores[name], 4),
                ways[name][0],
                tuple(ids.get(name, ())),
                _told_by(findings, telling.get(name)),
            )
            for name in sure.names[:_MOST_SUSPECTS]
            if scores[name] > _FAINT * scores[sure.names[0]]
        ),
        findings=findings,
        abstained=sure.abstained,
        affected=() if sure.abstained else _affected(seen, weighed, lead),
        culprit=named.change if named else None,
        # Who is fine nobody knows where nobody knows what is normal.
        harmless=() if past.why else _harmless(seen, troubled, None if sure.abstained else lead),
        unknown=past.why,
        watched_s=round(past.watched_s),
    )


@dataclass(frozen=True, slots=True)
class _Order:
    """Who is suspect, the most probable first, by how much, on which hits; and whether that is too little to say."""

    names: Sequence[str]
    scores: Mapping[str, float]
    hits: Sequence[Hit]
    abstained: bool

    @property
    def lead(self) -> str | None:
        """The first."""
        return self.names[0] if self.names else None

    @classmethod
    def of(cls, seen: Observations, known: _Known, believed: float = 1.0) -> _Order:
        """Weigh what is known; so much of its sureness is believed."""
        chances = odds(*known.told, spans=known.spans)
        order = sorted(chances.services, key=lambda name: (-chances.services[name], name))
        scores = {name: believed * score for name, score in _scores(chances, order, seen).items()}
        moved = metric_hits(seen, known.looked.found)
        lead = order[0] if order else None
        # Where it stands in the topology makes nobody a culprit without something that speaks against it.
        own = max((hit.strength for hit in (*moved, *known.accusing) if hit.blames == lead), default=0.0)
        abstained = lead is None or scores[lead] < POSSIBLE or own < _TROUBLED
        return cls(order, scores, [*moved, *known.gone, *known.recorded], abstained)


def vectors_of(
    seen: Observations, names: Sequence[str]
) -> tuple[dict[str, Vector], Sequence[Vector], Sequence[Sequence[Vector]], bool]:
    """Return what the weights are set on: the vector of each service, and those that series alone show, now and earlier.

    And whether any spans were listened to. `names` are all that lines may speak of.
    """
    known = _known(replace(seen, spans=Spans.of(seen.spans)), str, names)
    return *known.told, known.spans


@dataclass(frozen=True, slots=True)
class _Known:
    """All that is known before it is weighed: `told` are the vectors now, and those of series alone now and earlier."""

    looked: Looked
    recorded: Sequence[Hit]
    gone: Sequence[Hit]
    accusing: Sequence[Hit]
    told: tuple[dict[str, Vector], Sequence[Vector], Sequence[Sequence[Vector]]]
    spans: bool


def _known(
    seen: Observations, hide: Callable[[str], str], names: Sequence[str] | None = None, past: KnownPast | None = None
) -> _Known:
    """Gather what is known; with `past`, which tells too little, also what is bad wherever it is seen."""
    heard = _heard(seen)
    looked = deviations(heard)
    requests = requests_of(seen, looked.moment)
    names = names or sorted(_subjects(seen) | {line.service for line in seen.lines})
    recorded = [*_recorded(seen, hide, names), *restart_hits(seen, hide)]
    if past is not None:
        looked = presumed(seen, looked, requests, past.unknown)
        recorded = with_standing(recorded, standing_hits(seen, hide, names), past.unknown)
    gone = absence_hits(seen.series, looked.moment)
    accusing = [*_accusing(recorded, looked.found, seen), *gone]
    told = vectors(heard, looked.found, requests, accusing), *plainly(seen, looked, requests)
    return _Known(looked, recorded, gone, accusing, told, bool(heard.spans))


def _heard(seen: Observations) -> Observations:
    """Leave out the spans of services that wrote too few before the alert's window to say what is usual of them.

    Series must tell it then, and are not outweighed by spans that cannot.
    """
    if not seen.spans or not seen.series:
        return seen
    start, spans = Moment.of(seen).start, Spans.of(seen.spans)
    older = Counter[str]()
    for (name, _), starts in spans.starts.items():
        older[name] += bisect_left(starts, start)
    mute = {name for name in spans.counts if older[name] < _FEWEST_OLDER}
    return replace(seen, spans=spans.without(mute)) if mute else seen


def _recorded(seen: Observations, hide: Callable[[str], str], names: Sequence[str]) -> list[Hit]:
    """Return what spans and lines say."""
    return [
        *trace_hits(seen.spans, seen.fired_at, seen.span_windows, names=names),
        *statement_hits(seen.lines, seen.fired_at, hide, names, _subjects(seen)),
        *log_hits(
            seen.lines, seen.spans, seen.fired_at, seen.log_windows, hide=hide, names=names, cut=seen.cut_log_windows
        ),
    ]


def _subjects(seen: Observations) -> set[str]:
    """Return of whom more is known than what they write."""
    names = {series.service for series in seen.series} | {name for edge in seen.edges for name in edge}
    return names | set(Spans.of(seen.spans).counts) | ({seen.service} if seen.service else set())


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


def _told_by(findings: Sequence[Finding], hit: Hit | None) -> str:
    """Return the id of what a hit has become, if that is told."""
    if hit is None:
        return ""
    own = (each for each in findings if each.service == hit.blames and each.key == hit.key)
    return next((each.id for each in own if hit.values.items() <= each.values.items()), "")


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
