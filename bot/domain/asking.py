"""Describes questions that people ask in the thread of a card, what is looked up for them, what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.evidence import Analysis, Channel, Claim, Finding
from bot.domain.incidents import Incident
from bot.domain.inquiries import Exchange
from bot.domain.people import Person
from bot.domain.telemetry import Window

# The most that one question may cost, unless the settings say otherwise (USD).
QUESTION_USD = 0.02


@dataclass(frozen=True, slots=True)
class Heard:
    """A message in a thread that mentions Bongsu; `words` are what it says beside the mention."""

    thread: int
    message: int
    by: Person
    words: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about an incident, with its last investigation and what was asked before, oldest first."""

    incident: Incident
    question: str
    at: datetime
    analysis: Analysis | None = None
    earlier: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class LookupResult:
    """What one lookup found, as the source told it: nothing of it is safe to show yet.

    `rows` are what is worth telling, `found` how many there were. `values` are those of the text `finding.<key>`.
    """

    channel: Channel
    key: str
    query: str
    window: Window
    rows: tuple[Mapping[str, object], ...]
    found: int
    service: str = ""
    values: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Answered:
    """What is answered: sentences that name findings, and the findings that were made for it.

    `known` are earlier findings worth showing beside them. `silent` is the reason (text `silent.<silent>`) why it
    ended early, `missed` the sources that did not answer, `struck` how many sentences did not hold; `question` is what
    was asked, without secrets.
    """

    question: str = ""
    claims: tuple[Claim, ...] = ()
    findings: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()
    silent: str = ""
    missed: tuple[str, ...] = ()
    struck: int = 0
    model: str = ""
    steps: int = 0
    usd: float = 0.0
    seconds: float = 0.0
