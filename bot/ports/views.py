"""Names what is kept of an incident that its card shows, as it was at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.incidents import Entry, Incident, PageReason
from bot.domain.inquiries import Inquiry
from bot.domain.jobs import Job
from bot.domain.memory import Fix, Remembered
from bot.domain.views import SilenceRow
from bot.ports.outbox import Task


@dataclass(frozen=True, slots=True)
class Kept:
    """An incident and what else is kept of it.

    `inquiry` is its last investigation, `near` is what may resemble it while it is open and `fix` what has ended it,
    `escalation` what happens next; `silences` are all in force; `promised` are calls that were not made yet, by their tasks.
    """

    incident: Incident
    inquiry: Inquiry | None
    timeline: Sequence[Entry]
    silences: Sequence[SilenceRow]
    near: Sequence[Remembered]
    fix: Fix | None
    escalation: Job | None
    promised: Mapping[int, PageReason]


@dataclass(frozen=True, slots=True)
class FirstCard:
    """A card that is due once the incident it shows is on the disk; nothing else that nobody has seen waits for its channel."""

    task: Task
    kept: Kept


class Views(Protocol):
    """Everything that is kept of an incident and shown, read at once: a card waits for it."""

    async def read(self, number: int, at: datetime) -> Kept:
        """Return what is kept of an incident. Raises UnknownIncident."""
        ...
