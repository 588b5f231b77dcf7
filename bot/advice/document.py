"""Writes an incident as the JSON document that a model reads: redacted, without mentions, as long as it may be.

All that comes from outside stands in strings of that document, never beside them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from bot.domain.evidence import Finding, Ranking
from bot.domain.inquiries import Case, Past
from bot.domain.shortening import shorten
from bot.redaction.redact import Redactor, unmentioned

_TITLE, _SUMMARY, _LABEL, _STATEMENT, _WORDS, _NAME, _RUNBOOK = 200, 400, 120, 240, 160, 80, 3000
_SUSPECTS, _LABELS, _EDGES, _SERVICES, _GAPS, _FIRING, _PAST, _AFFECTED = 5, 20, 40, 60, 10, 10, 5, 12
# Fewer findings than these cannot hold up a cause and an alternative.
_FEWEST_FINDINGS, _FEWEST_ROWS = 4, 12
# A piece of a runbook that is shorter than this says nothing.
_PIECE = 200
_SEARCHED = 2_000
_LAST_RESORT = (60, 30, 15, 8)


def tokens(text: str) -> int:
    """Estimate tokens without a tokenizer, rather too many than too few.

    English words take a token for four letters or more, so 3.5 is careful; digits and punctuation, of which JSON is full,
    come in ones and twos; a Hangul syllable takes about one token, and anything else up to two.
    """
    letters = marks = syllables = others = 0
    for char in text:
        if char.isascii():
            if char.isalpha() or char == " ":
                letters += 1
            else:
                marks += 1
        elif "가" <= char <= "힣":
            syllables += 1
        else:
            others += 1
    return math.ceil(letters / 3.5 + marks / 2 + syllables * 1.1 + others * 2)


@dataclass(frozen=True, slots=True)
class Hand:
    """Takes anybody's words so that they can do no harm in the document."""

    redactor: Redactor

    def words(self, said: str, limit: int) -> str:
        """Return them redacted, without mentions, on one line."""
        # Beyond that nothing is shown, even if much of it is replaced by something shorter.
        return self.cut(self.redactor.text(said, _SEARCHED + limit), limit)

    def cut(self, redacted: str, limit: int) -> str:
        """Return what is redacted already without mentions, on one line."""
        return shorten(" ".join(unmentioned(redacted).split()), limit)

    def page(self, said: str, limit: int) -> str:
        """Return them redacted, without mentions, with their lines."""
        return unmentioned(self.redactor.text(said))[:limit].rstrip()

    def each(self, said: Iterable[str], limit: int, most: int) -> list[str]:
        """Return the first of several words."""
        return [self.words(one, limit) for one in list(said)[:most]]

    def labels(self, labels: Mapping[str, str]) -> dict[str, str]:
        """Return labels redacted, also by their names."""
        redacted = self.redactor.labels(dict(list(labels.items())[:_LABELS]), _SEARCHED)
        return {self.cut(name, _NAME): self.cut(value, _LABEL) for name, value in redacted.items()}


class Document:
    """What the model is told, and how it is made shorter: first what people wrote before, last what was measured."""

    def __init__(self, case: Case, ranking: Ranking, statements: Mapping[str, str], hand: Hand) -> None:
        seen = case.observations
        self._labels = list(hand.labels(seen.labels).items())
        self._runbook = hand.page(case.runbook, _RUNBOOK)
        self._past = [_past(past, hand) for past in case.past[:_PAST]]
        self._findings = [_finding(finding, statements, hand) for finding in ranking.findings]
        self._topology = _topology(case, ranking, hand)
        self._services = hand.each(dict.fromkeys((*_involved(case, ranking), *case.services)), _NAME, _SERVICES)
        self._gaps = [
            {"source": hand.words(gap.source, _NAME), "why": hand.words(f"{gap.reason} {gap.detail}", _WORDS)}
            for gap in seen.gaps[:_GAPS]
        ]
        self._incident = _incident(case, ranking, hand)
        self._ranking = _ranking(ranking, hand)
        self._needed = set(ranking.suspects[0].findings[:2] if ranking.suspects else ())

    def within(self, room: int) -> str:
        """Return the document as JSON of at most `room` tokens."""
        said = _json(self._parts())
        while tokens(said) > room and self._shorten():
            said = _json(self._parts())
        for longest in _LAST_RESORT:
            # Somebody named everything with a line of emoji.
            if tokens(said) <= room:
                break
            said = _json(_clipped(self._parts(), longest))
        return said

    def _parts(self) -> dict[str, object]:
        known = {finding["id"] for finding in self._findings}
        suspects = [{**each, "findings": [name for name in names if name in known]} for each, names in self._ranking[1]]
        return {
            "incident": {**self._incident, "labels": dict(self._labels)},
            "ranking": {**self._ranking[0], "suspects": suspects},
            "findings": self._findings,
            "topology": self._topology,
            "services": self._services,
            "not_seen": self._gaps,
            "past": self._past,
            "runbook": self._runbook,
        }

    def _shorten(self) -> bool:
        """Leave out a little more; False if nothing may be left out any more."""
        if self._runbook:
            half = len(self._runbook) // 2
            self._runbook = self._runbook[:half].rstrip() if half > _PIECE else ""
        elif self._past:
            self._past.pop()
        elif self._labels:
            self._labels.pop()
        elif len(self._findings) > _FEWEST_FINDINGS:
            spare = [finding for finding in self._findings if finding["id"] not in self._needed]
            self._findings.remove(min(spare, key=lambda finding: float(finding["score"])))
        elif len(self._topology) + len(self._services) + len(self._gaps) > _FEWEST_ROWS:
            longest: list[Any] = max(self._topology, self._services, self._gaps, key=len)
            del longest[len(longest) * 2 // 3 :]
        else:
            return False
        return True


def _json(parts: object) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _clipped(part: object, longest: int) -> object:
    if isinstance(part, str):
        return part[:longest]
    if isinstance(part, dict):
        return {str(name): _clipped(value, longest) for name, value in cast("dict[str, object]", part).items()}
    if isinstance(part, list):
        return [_clipped(value, longest) for value in cast("list[object]", part)]
    return part


def _incident(case: Case, ranking: Ranking, hand: Hand) -> dict[str, object]:
    seen = case.observations
    return {
        "number": case.number,
        "severity": case.severity.name,
        "title": hand.words(case.title, _TITLE),
        "summary": hand.words(seen.summary, _SUMMARY),
        "service": hand.words(seen.service or "", _NAME),
        "kind": seen.kind.value,
        "fired_at": _moment(seen.fired_at),
        "onset_at": _moment(ranking.onset_at),
        "also_firing": hand.each(seen.also_firing, _NAME, _FIRING),
    }


def _ranking(ranking: Ranking, hand: Hand) -> tuple[dict[str, object], list[tuple[dict[str, object], Sequence[str]]]]:
    """Return what is said of the ranking, and its suspects with the ids of their findings."""
    culprit = ranking.culprit
    said: dict[str, object] = {
        "abstained": ranking.abstained,
        "affected": hand.each(ranking.affected, _NAME, _AFFECTED),
        "harmless": hand.each(ranking.harmless, _NAME, _AFFECTED),
        "culprit": culprit
        and {
            "kind": culprit.kind.value,
            "id": hand.words(culprit.id, _NAME),
            "service": hand.words(culprit.service or "", _NAME),
            "text": hand.words(culprit.text, _WORDS),
            "at": _moment(culprit.at),
        },
    }
    suspects: list[tuple[dict[str, object], Sequence[str]]] = [
        (
            {"service": hand.words(each.service, _NAME), "score": round(each.score, 2), "mechanism": each.mechanism},
            each.findings,
        )
        for each in ranking.suspects[:_SUSPECTS]
    ]
    return said, suspects


def _finding(finding: Finding, statements: Mapping[str, str], hand: Hand) -> dict[str, str]:
    return {
        "id": finding.id,
        "service": hand.words(finding.service, _NAME),
        "channel": finding.channel.value,
        "score": f"{finding.score:.2f}",
        "statement": hand.words(statements.get(finding.id, ""), _STATEMENT),
    }


def _involved(case: Case, ranking: Ranking) -> list[str]:
    named = [case.observations.service or "", *(suspect.service for suspect in ranking.suspects), *ranking.affected]
    return [name for name in (*named, *(finding.service for finding in ranking.findings)) if name]


def _topology(case: Case, ranking: Ranking, hand: Hand) -> list[list[str]]:
    """Return the calls, those first in which somebody has a part whom the findings speak of."""
    involved = set(_involved(case, ranking))
    near = sorted(case.observations.edges, key=lambda edge: -len(involved & set(edge)))
    return [hand.each(edge, _NAME, 2) for edge in near[:_EDGES]]


def _past(past: Past, hand: Hand) -> dict[str, object]:
    return {
        "number": past.number,
        "opened_at": f"{past.opened_at.astimezone(UTC):%Y-%m-%d %H:%M}",
        "cause": hand.words(past.cause, _WORDS),
        "people_said": past.rating.value if past.rating else "",
    }


def _moment(epoch: float) -> str:
    return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%d %H:%M:%S} UTC"
