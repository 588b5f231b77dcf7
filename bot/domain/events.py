"""Describes what can happen to an incident, and what becomes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.alerts import Notification
from bot.domain.episodes import RECONCILED
from bot.domain.incidents import Entry, Incident, PageReason
from bot.domain.people import Person


@dataclass(frozen=True, slots=True)
class Notified:
    """The source told about the group."""

    notification: Notification
    at: datetime


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person takes it, until `until` if given."""

    by: Person
    at: datetime
    note: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """A person gives it back."""

    by: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class AckLapsed:
    """The time of the acknowledgement has come, if it still has one that is over."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Vanished:
    """The source was looked into and knows some of its alerts no more, or all of them if `fingerprints` is None."""

    at: datetime
    fingerprints: frozenset[str] | None = None
    reason: str = RECONCILED


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What was doubted is settled: of the alerts that may have ended, these are `active`."""

    at: datetime
    active: frozenset[str]


@dataclass(frozen=True, slots=True)
class Settled:
    """The time has come in which what flapped has settled, if it has not fired again since."""

    at: datetime


Event = Notified | Acknowledged | Released | AckLapsed | Vanished | Rechecked | Settled


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event makes of an incident.

    `incident` is None when there was none and none begins. `refusal` is the key of a text for the person whose wish
    had no effect. With `begins` the incident is a new one that follows the resolved one. `page` says why somebody is to
    be called, at once or at `page_at`. What is `quiet` is no news: it is drawn some time.
    """

    incident: Incident | None
    entries: tuple[Entry, ...] = ()
    page: PageReason | None = None
    refusal: str | None = None
    begins: bool = False
    page_at: datetime | None = None
    quiet: bool = False
