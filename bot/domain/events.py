"""What can happen to an incident, and what came of it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.alerts import Notification
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
    """The source no longer knows any of its alerts: a resolved message was lost."""

    at: datetime


Event = Notified | Acknowledged | Released | AckLapsed | Vanished


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event makes of an incident.

    `incident` is None when there was none and none begins. `refusal` is the key of a text for the person whose wish
    had no effect. With `begins` the incident is a new one that follows the resolved one.
    """

    incident: Incident | None
    entries: tuple[Entry, ...] = ()
    page: PageReason | None = None
    refusal: str | None = None
    begins: bool = False
