"""Hits into findings: at most twenty, numbered by channel, each with where to see it for oneself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from bot.domain.evidence import Channel, Finding
from bot.domain.shortening import short_id
from bot.domain.telemetry import ChangeKind, Observations, Window
from bot.ranking.changes import Accused
from bot.ranking.hits import Hit
from bot.ranking.spans import Spans
from bot.ranking.standing import AGAIN

# Findings that anybody reads.
MOST = 20
# How many of the first suspect, of the next three, and of each other one.
_OF_LEAD, _OF_NEXT, _OF_REST = 8, 3, 1
_OF_GROUP = 2
_CHANGES = 3
_FAINT = 0.05
_CHANGE_FAINT = 0.1
# What else fires stands behind what was measured (strength; by hand).
_ALSO = 0.2
# A chart or a log search opens this much before the onset and ends this much after the alert (seconds).
_BEFORE_S, _AFTER_S = 600.0, 300.0


def mint(
    seen: Observations,
    hits: Sequence[Hit],
    order: Sequence[str],
    changes: Sequence[Accused],
    named: Accused | None,
    onset: float,
    telling: Mapping[str, Hit] | None = None,
) -> tuple[tuple[Finding, ...], dict[str, list[str]]]:
    """Return the findings, of each service first what is `telling` of how it fails, and their ids by service."""
    chosen = _chosen(hits, order, telling or {})
    # Who is started again and again is told of once.
    again = {hit.blames for hit in hits if hit.key == AGAIN}
    changes = [each for each in changes if each.change.kind is not ChangeKind.RESTART or each.service not in again]
    room = MOST - min(_CHANGES, len(changes)) - min(2, len(seen.also_firing))
    counts: Counter[Channel] = Counter()
    findings: list[Finding] = []
    ids: dict[str, list[str]] = defaultdict(list)
    window = Window.between(onset - _BEFORE_S, seen.fired_at + _AFTER_S)

    def add(channel: Channel, service: str, key: str, values: dict[str, str], score: float, query: str = "") -> None:
        counts[channel] += 1
        name = f"{channel.value}{counts[channel]}"
        findings.append(Finding(name, channel, service, key, values, round(score, 3), query, window))
        ids[service].append(name)

    for hit in chosen[:room]:
        values = {"service": hit.blames, "since": str(round(hit.at)), **hit.values}
        query = hit.query or (_example(seen, hit) if hit.channel is Channel.TRACE else "")
        add(hit.channel, hit.blames, hit.key, values, hit.strength, query)
    for each in _worth(changes, named):
        values = {
            "kind": each.change.kind.value,
            "service": each.service or "",
            "id": short_id(each.change.id),
            "text": each.change.text.split("\n", 1)[0],
            "minutes": str(max(0, round((onset - each.shipped_at) / 60))),
        }
        key = "restarted" if each.change.kind.value == "restart" else "change-before"
        add(Channel.CHANGE, each.service or "", key, values, min(1.0, each.score / 2))
    for title in seen.also_firing[:2]:
        add(Channel.ALERT, "", "also-firing", {"alert": title, "service": ""}, _ALSO)
    return tuple(findings), ids


def _worth(changes: Sequence[Accused], named: Accused | None) -> Sequence[Accused]:
    """Choose the changes to show: the one that is named first, then those that somebody would ask about."""
    first = [named] if named else []
    return [*first, *(each for each in changes if each is not named and each.score > _CHANGE_FAINT)][:_CHANGES]


def _chosen(hits: Sequence[Hit], order: Sequence[str], telling: Mapping[str, Hit]) -> list[Hit]:
    """Choose the hits that anybody reads; what tells how a service fails is among them, however faint."""
    place = {name: index for index, name in enumerate(order)}
    own: dict[str, list[Hit]] = defaultdict(list)
    for hit in sorted(hits, key=lambda hit: (-hit.strength, hit.key, sorted(hit.values.items()))):
        if hit.strength > _FAINT and hit.blames in place:
            own[hit.blames].append(hit)
    chosen: list[Hit] = []
    for name in order:
        most = _OF_LEAD if place[name] == 0 else _OF_NEXT if place[name] <= 3 else _OF_REST
        groups: Counter[str] = Counter()
        kept: list[Hit] = []
        known = own.get(name, [])
        told = telling.get(name)
        shown = [hit for hit in known if hit.noticed] or known
        for hit in sorted(shown, key=lambda hit: hit is not told):
            groups[hit.group] += 1
            if groups[hit.group] <= _OF_GROUP and len(kept) < most:
                kept.append(hit)
        chosen.extend(kept)
    return chosen


def _example(seen: Observations, hit: Hit) -> str:
    """Find a trace that shows it: the longest, or a failed, span after the onset."""
    caller, operation = hit.values.get("caller"), hit.values.get("operation")
    best, longest = "", -1.0
    service, known = caller or hit.blames, Spans.of(seen.spans).by_operation
    keys = [(service, operation)] if operation else [key for key in known if key[0] == service]
    for span in (span for key in keys for span in known.get(key, ())):
        if span.start < hit.at:
            continue
        weight = span.duration_ms + (1e9 if span.failed else 0.0)
        if weight > longest:
            best, longest = span.trace_id, weight
    return best
