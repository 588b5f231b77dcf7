"""Describes investigations as they are asked for and kept: once per incident by itself, again when a person asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.alerts import Severity
from bot.domain.evidence import Analysis, Finding
from bot.domain.people import Person
from bot.domain.telemetry import Observations


class InquiryState(StrEnum):
    """How far an investigation is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Rating(StrEnum):
    """What a person thinks of a report; each has a text `rating.<word>`."""

    USEFUL = "useful"
    USELESS = "useless"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One investigation of an incident; `asked_by` is None when Bongsu began by itself, `analysis` None until it is done."""

    id: int
    incident: int
    asked_by: Person | None
    asked_at: datetime
    state: InquiryState
    attempts: int = 0
    finished_at: datetime | None = None
    analysis: Analysis | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier incident of the same rule: when, what was said to be the cause, and whether people called that useful."""

    number: int
    opened_at: datetime
    service: str
    cause: str = ""
    rating: Rating | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that a person asked in a thread, and what was answered; its findings can be named by later answers."""

    incident: int
    asked_by: Person
    asked_at: datetime
    question: str
    answer: str
    findings: tuple[Finding, ...] = ()
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked into: what fires, or a service that a person asks about (then `alerting` is False).

    `series` is the PromQL that the alert compares, nothing if that is not known. `first_at` is when the trouble was first
    there, if it has come again.
    """

    service: str | None
    at: datetime
    name: str = ""
    summary: str = ""
    series: str = ""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    alerting: bool = True
    first_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What an analyst is given: an incident, what the sources told about it, and what people wrote down before.

    `services` are the names that may be named; `runbook` is its text, `runbook_url` where a person reads it. Where a person
    asked about a service there is no incident, and `number` is 0.
    """

    number: int
    severity: Severity
    title: str
    observations: Observations
    services: tuple[str, ...] = ()
    runbook: str = ""
    runbook_url: str = ""
    past: tuple[Past, ...] = ()
