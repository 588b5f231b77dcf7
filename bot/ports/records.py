"""Names what is kept in the store: inbox, incidents, outbox, silences, audit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.alerts import Notification, Severity
from bot.domain.events import Outcome
from bot.domain.incidents import Entry, Incident, PageReason
from bot.domain.people import Person
from bot.domain.routing import Known
from bot.domain.triage import Triage
from bot.domain.views import MessageRef


@dataclass(frozen=True, slots=True)
class Beside:
    """Which open incidents a message may join: of services, in small letters, that began since then."""

    services: frozenset[str] = frozenset()
    since: datetime | None = None


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
class Arrival:
    """A kept body that was read: what it tells, what incidents make of it, when, and which it may join."""

    delivery: int
    notification: Notification
    tell: Telling
    at: datetime
    beside: Beside = NOTHING_BESIDE


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be shown on Discord: the card of an incident, a call to its owner (`page`), or a report (`inquiry`).

    `card` is where the card is, None if that is not known; with `attempts` > 0 its message may exist all the same.
    `lost` is how many of its cards are gone.
    """

    id: int
    incident: int
    page: PageReason | None
    attempts: int
    created_at: datetime
    card: MessageRef | None = None
    inquiry: int | None = None
    lost: int = 0
    severity: Severity = Severity.P2


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


class Keepsakes(Protocol):
    """Small things to remember between two lives of the process, by name."""

    async def recall(self, name: str) -> str | None:
        """Return what was remembered under a name."""
        ...

    async def remember(self, name: str, value: str) -> None:
        """Remember a value in place of the one before."""
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


class Outbox(Protocol):
    """What still has to be shown on Discord."""

    async def due(
        self, at: datetime, limit: int, severities: Collection[Severity] = ..., *, unseen: bool | None = None
    ) -> Sequence[Task]:
        """Return the tasks of incidents of these severities whose time has come; `unseen`: first cards and calls only.

        Cards and calls come before reports; of these the most severe, then what nobody has seen yet, then the oldest.
        """
        ...

    async def promised(self, incident: int) -> Mapping[int, PageReason]:
        """Return the calls that were promised and not made yet, by the numbers of their tasks."""
        ...

    async def delivered(
        self,
        task: Task,
        version: int,
        ref: MessageRef,
        at: datetime,
        *,
        called: Collection[int] | None = None,
        moved: bool = False,
    ) -> Sequence[datetime]:
        """Mark a task as done; a card that is older than its incident by now stays due.

        With `called` its message has called people: these calls are made by it, and all if it shows its incident as it is;
        what was promised since is still to be kept. With `moved` the card is now where this call is.
        Returns when the notifications came that are shown by now and were not before.
        """
        ...

    async def failed(self, task: Task, reason: str, retry_at: datetime | None) -> None:
        """Try again at `retry_at`, or give up for good if that is None."""
        ...

    async def drop(self, task: Task) -> None:
        """Give a call up, because nobody need come any more; of what got worse nobody has heard then."""
        ...

    async def hurry(self, tasks: Collection[int], at: datetime) -> None:
        """Have tasks that were put off tried again now."""
        ...

    async def forget_card(self, incident: int, at: datetime) -> None:
        """Forget where the card is, because it is gone, and have a new one posted."""
        ...

    async def waiting(self, at: datetime) -> Mapping[str, tuple[int, float]]:
        """Return what was tried in vain and waits, by the reason: how many, and for how many seconds the oldest."""
        ...

    async def lag(self, at: datetime) -> float:
        """Return the age of the oldest task that is late, pictures aside, in seconds; 0 when none is."""
        ...


class AuditLog(Protocol):
    """Who did what, and who was refused."""

    async def write(self, row: AuditRow) -> None:
        """Add a row."""
        ...

    async def rows(self, limit: int) -> Sequence[AuditRow]:
        """Return the last rows, newest first."""
        ...
