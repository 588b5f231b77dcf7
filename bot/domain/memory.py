"""Finds which earlier incidents a new one resembles, and what was done then. Pure; no model is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.alerts import Severity
from bot.domain.evidence import Analysis, Channel
from bot.domain.incidents import Incident
from bot.domain.messages import MessageRef
from bot.domain.people import Person

# Rule, service, mechanism and log template say as much as one another, but that the same rule fires says twice as much.
_RULE, _OTHER = 0.4, 0.2
# The same rule at the same service, or all the rest without the rule: less than that may be chance.
ALIKE = 0.6
_MOST_TEMPLATES = 5


@dataclass(frozen=True, slots=True)
class Fix:
    """What somebody says has ended an incident."""

    words: str
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class Traits:
    """By what incidents resemble one another; `culprit` is the service that was found to be the cause."""

    rule: str
    service: str = ""
    mechanism: str = ""
    culprit: str = ""
    templates: frozenset[str] = field(default_factory=frozenset[str])


@dataclass(frozen=True, slots=True)
class Remembered:
    """An incident as it is remembered: when it was, what it was about, its cause, and what has ended it."""

    number: int
    title: str
    severity: Severity
    opened_at: datetime
    resolved_at: datetime | None
    traits: Traits
    acked_at: datetime | None = None
    flaps: int = 0
    cause: str = ""
    fix: Fix | None = None
    card: MessageRef | None = None

    @property
    def lasted(self) -> timedelta | None:
        """Return how long it was; None while it is not over."""
        return max(self.resolved_at - self.opened_at, timedelta()) if self.resolved_at else None


def traits_of(incident: Incident, analysis: Analysis | None) -> Traits:
    """Return what can be compared of an incident; without an investigation that is its rule and its service."""
    rule, service = incident.title, incident.service or ""
    lead = analysis.ranking.lead if analysis else None
    if analysis is None or lead is None:
        return Traits(rule, service)
    return Traits(rule, service, lead.mechanism, lead.service, frozenset(templates_of(analysis)))


def templates_of(analysis: Analysis) -> list[str]:
    """Return the log templates that the cause rests on, the most telling first."""
    lead = analysis.ranking.lead
    logged = [each for each in analysis.ranking.findings if each.channel is Channel.LOG and each.values.get("template")]
    theirs = [each for each in logged if lead and each.service == lead.service]
    strongest = sorted(theirs, key=lambda each: -each.score)
    return list(dict.fromkeys(each.values["template"] for each in strongest))[:_MOST_TEMPLATES]


def likeness(one: Traits, other: Traits) -> float:
    """Say how much two incidents resemble one another, 0 to 1; what was found to differ counts against it."""
    score = _RULE * (one.rule == other.rule) + _OTHER * (bool(one.service) and one.service == other.service)
    if one.mechanism and other.mechanism:
        same = (one.mechanism, one.culprit) == (other.mechanism, other.culprit)
        score += _OTHER if same else -_OTHER
    if one.templates & other.templates:
        score += _OTHER
    return max(round(score, 2), 0.0)


def alike(traits: Traits, known: Iterable[Remembered], limit: int) -> list[Remembered]:
    """Return what resembles it, the most alike first; of equally alike ones what is known to have been mended, the newest."""
    near = [each for each in known if likeness(traits, each.traits) >= ALIKE]
    order = sorted(near, key=lambda each: each.opened_at, reverse=True)
    return sorted(order, key=lambda each: (-likeness(traits, each.traits), each.fix is None))[:limit]
