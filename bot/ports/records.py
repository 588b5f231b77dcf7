"""Names what is kept in the store: inbox, incidents, audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.alerts import Notification, Severity
from bot.domain.events import Outcome
from bot.domain.incidents import Entry, Incident
from bot.domain.people import Person
from bot.domain.routing import Known
from bot.domain.triage import UNKNOWN, Triage
from bot.domain.views import MessageRef
from bot.ports.views import FirstCard


@dataclass(frozen=True, slots=True)
class Beside:
    """Which open incidents a message may join: of services, in small letters, that began since then, in these places."""

    services: frozenset[str] = frozenset()
    since: datetime | None = None
    places: frozenset[str] = frozenset()


NOTHING_BESIDE = Beside()

Decision = Callable[[Incident | None], Outcome]
Rearrangement = Callable[[Sequence[Incident]], Sequence[tuple[Incident | None, Outcome]]]
Telling = Callable[[Known], Sequence[tuple[Incident | None, Outcome]]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook body as received, kept until its card is on Discord."""

    id: int
    source: str
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """One webhook body that is not kept yet; `signature` is what it was signed with, `glance` how soon it is to be read."""

    source: str
    body: bytes
    received_at: datetime
    glance: Triage = UNKNOWN
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A kept body that was read: what it tells, what incidents make of it, when, and which it may join."""

    delivery: int
    notification: Notification
    tell: Telling
    at: datetime
    beside: Beside = NOTHING_BESIDE


@dataclass(frozen=True, slots=True)
class Taken:
    """A body was taken in; `first` is the card that is due, if there is nothing to compare it with."""

    first: FirstCard | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to what, and whether it was allowed; kept for ever."""

    at: datetime
    actor: Person
    action: str
    target: str
    allowed: bool = True
    detail: str = ""


class Inbox(Protocol):
    """Webhook bodies; `keep` returns only when the body is on disk."""

    async def keep(
        self, source: str, body: bytes, at: datetime, glance: Triage = ..., signature: str | None = None
    ) -> int:
        """Store a body and return its id; `signature` is what it was signed with."""
        ...

    async def pending(self, limit: int) -> Sequence[Delivery]:
        """Return bodies that no incident has taken in yet, the worst first, of one group the oldest first."""
        ...

    async def oldest(self) -> datetime | None:
        """Return when the body came that has waited longest for an incident to take it in."""
        ...

    async def oldest_unshown(self) -> datetime | None:
        """Return when the body came that has waited longest to be shown."""
        ...

    async def set_aside(self, source: str, body: bytes, reason: str, at: datetime) -> None:
        """Store a body that was refused, for people to look at."""
        ...

    async def of_incident(self, incident: int, limit: int) -> Sequence[Delivery]:
        """Return the last bodies that were taken into an incident, newest first."""
        ...

    async def refused(self, limit: int) -> Sequence[Delivery]:
        """Return the last bodies that nobody could read, newest first."""
        ...

    async def reject(self, delivery: int, reason: str, at: datetime) -> None:
        """Set a body aside that cannot be understood; it stays for inspection."""
        ...

    async def progress(self, word: str, since: datetime) -> str | None:
        """Tell how far the bodies that hold a word have come: the best state of those since then, None if there are none.

        Only the newest and not the largest are looked through.
        """
        ...

    async def counts(self) -> dict[str, int]:
        """Count bodies by state: `received`, `applied`, `shown`, `rejected`."""
        ...


class Incidents(Protocol):
    """Incidents with their timelines; a change, its timeline, audit and outbox rows are one transaction."""

    async def receive(
        self, delivery: int, notification: Notification, tell: Telling, at: datetime, beside: Beside = NOTHING_BESIDE
    ) -> Sequence[Outcome]:
        """Apply what a message tells to the incidents it may be about, and mark its body as taken in."""
        ...

    async def receive_some(self, arrivals: Sequence[Arrival]) -> Sequence[Sequence[Outcome]]:
        """Do the same for the first few with one commit, as many as a moment is enough for; one at least.

        Returns the outcomes of each that was done.
        """
        ...

    async def receive_at_once(
        self, posted: Posted, arrival: Arrival, draw: Callable[[FirstCard], None] | None = None
    ) -> Taken | None:
        """Keep a body and take it in with one commit; None, and nothing is kept, while another one waits to be taken in.

        `draw` is told of a first card while the commit is still under way, which may fail.
        """
        ...

    async def change(self, number: int, decide: Decision, at: datetime, audit: AuditRow | None = None) -> Outcome:
        """Apply a decision to one incident. Raises UnknownIncident."""
        ...

    async def rearrange(
        self, numbers: Sequence[int], decide: Rearrangement, at: datetime, audit: AuditRow | None = None
    ) -> Sequence[Outcome]:
        """Apply a decision to several incidents in one transaction, given in the order of their numbers.

        Raises UnknownIncident.
        """
        ...

    async def note(self, number: int, entry: Entry) -> None:
        """Add a line to the timeline and have the card drawn again."""
        ...

    async def load(self, number: int) -> Incident:
        """Return one incident. Raises UnknownIncident."""
        ...

    async def open(
        self, limit: int | None = None, *, began: tuple[datetime, datetime] | None = None
    ) -> Sequence[Incident]:
        """Return what is not resolved, newest first; no more than `limit`, and what began between two moments."""
        ...

    async def open_by_severity(self) -> Mapping[Severity, int]:
        """Count what is not resolved."""
        ...

    async def recent(self, limit: int) -> Sequence[Incident]:
        """Return the last incidents, open or not, newest first."""
        ...

    async def card(self, number: int) -> MessageRef | None:
        """Return where the card of an incident is, None if that is not known."""
        ...

    async def of_card(self, message: int) -> int | None:
        """Return the incident whose card a message is or was."""
        ...

    async def with_card(self) -> Sequence[int]:
        """Return the numbers of what is not resolved and has a card."""
        ...

    async def timeline(self, number: int) -> Sequence[Entry]:
        """Return the lines of the timeline, oldest first."""
        ...

    async def lapsed(self, at: datetime) -> Sequence[int]:
        """Return the numbers of the incidents whose acknowledgement has lapsed."""
        ...

    async def settling(self, at: datetime) -> Sequence[int]:
        """Return the numbers of the incidents that flapped and have settled by now."""
        ...

    async def doubted(self) -> Sequence[Incident]:
        """Return the incidents of which a message says that they fire although they had just ended."""
        ...

    async def redraw(self, numbers: Sequence[int], at: datetime) -> None:
        """Have the cards of these incidents drawn again."""
        ...


class AuditLog(Protocol):
    """Who did what, and who was refused."""

    async def write(self, row: AuditRow) -> None:
        """Add a row."""
        ...

    async def rows(self, limit: int) -> Sequence[AuditRow]:
        """Return the last `limit` rows, the newest first."""
        ...
