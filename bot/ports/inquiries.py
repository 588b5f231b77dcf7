"""Names what an investigation needs beside the sources: records, changes we were told of, runbooks, the analyst."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.alerts import Severity
from bot.domain.evidence import Analysis
from bot.domain.incidents import Incident
from bot.domain.inquiries import Case, Exchange, Inquiry, Past, Rating
from bot.domain.people import Person
from bot.domain.telemetry import Change, Window


class InvestigationQueue(Protocol):
    """The list of incidents that are to be looked into, for who works it off."""

    async def admit(self, severities: Collection[Severity], since: datetime, at: datetime) -> int:
        """Put every unresolved incident of these severities on the list that was opened since then and never was on it.

        Returns how many were new.
        """
        ...

    async def ask(self, incident: int, by: Person, at: datetime, pause: timedelta) -> Inquiry:
        """Put an incident on the list again. Raises UnknownIncident, or TooSoon if the last was asked within `pause`."""
        ...

    async def take(self) -> Inquiry | None:
        """Take the next from the list and mark it as running: the most severe incident first, then the oldest."""
        ...

    async def finish(self, inquiry: Inquiry, analysis: Analysis, at: datetime) -> None:
        """Keep the outcome, have the card drawn again and the report posted, in one transaction."""
        ...

    async def fail(self, inquiry: Inquiry, reason: str) -> None:
        """Mark it as failed for good."""
        ...


class Investigations(Protocol):
    """Investigations as they are read, and what people thought of them."""

    async def load(self, inquiry: int) -> Inquiry:
        """Return an investigation by its id. Raises OutOfDate if there is none any more."""
        ...

    async def latest(self, incident: int) -> Inquiry | None:
        """Return the newest investigation of an incident that is done."""
        ...

    async def rate(self, inquiry: int, by: Person, rating: Rating, at: datetime) -> dict[Rating, int]:
        """Keep what a person thinks, instead of what they thought before, and count. Raises OutOfDate."""
        ...

    async def past(self, incident: Incident, limit: int) -> Sequence[Past]:
        """Return earlier incidents with the same title and service, newest first."""
        ...


class Exchanges(Protocol):
    """What was asked in the thread of a card, and answered."""

    async def incident_of(self, message_id: int) -> int | None:
        """Return the incident whose card this message is or was; a thread has the id of the card that it began at."""
        ...

    async def remember(self, exchange: Exchange) -> None:
        """Keep a question with its answer and its findings."""
        ...

    async def exchanges(self, incident: int, limit: int) -> Sequence[Exchange]:
        """Return the last exchanges of an incident, oldest first."""
        ...


class Changes(Protocol):
    """Deploys and other changes that CI told us of."""

    async def record(self, change: Change) -> None:
        """Keep a change; the same kind, service and id again replaces the one before."""
        ...

    async def between(self, window: Window) -> Sequence[Change]:
        """Return the changes of a stretch of time, oldest first, the newest 200 at most."""
        ...

    async def deployed(self) -> Mapping[str, float]:
        """Return when each service was last deployed, in seconds since the epoch; the latest 100 services."""
        ...


class Runbooks(Protocol):
    """What people wrote down about an alert."""

    async def read(self, url: str, title: str, service: str | None) -> str:
        """Return the text of the runbook, at most 8,000 characters, or nothing. Never raises."""
        ...

    async def page(self, name: str, language: str) -> str:
        """Return a page as people read it, at most 100,000 characters, in their language if there is one, or nothing.

        Never raises.
        """
        ...


class Analyst(Protocol):
    """Observations into a verdict."""

    async def explain(self, case: Case) -> Analysis:
        """Rank, ask the model if there is one, and judge what it said. Never raises for a model that does not answer."""
        ...
