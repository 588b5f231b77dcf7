"""Describes incidents: one firing episode of an alert group, from first firing to resolved. No I/O.

`bot.domain.lifecycle` holds the state machine; here are the things it turns over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.alerts import Alert, Severity
from bot.domain.labels import place_of
from bot.domain.people import Person


class State(StrEnum):
    """Where an incident stands."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class EntryKind(StrEnum):
    """What a line of the timeline tells; each has a text `timeline.<kind>`."""

    OPENED = "opened"
    JOINED = "joined"
    PARTLY_RESOLVED = "partly_resolved"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    SEVERITY_RAISED = "severity_raised"
    ACKNOWLEDGED = "acknowledged"
    TAKEN_OVER = "taken_over"
    RELEASED = "released"
    ACK_LAPSED = "ack_lapsed"
    SILENCED = "silenced"
    UNSILENCED = "unsilenced"
    SILENCE_LOST = "silence_lost"
    INVESTIGATED = "investigated"
    FIXED = "fixed"
    MERGED = "merged"
    MERGED_INTO = "merged_into"
    SPLIT = "split"
    SPLIT_FROM = "split_from"
    ESCALATED = "escalated"
    FLAPPING = "flapping"
    SETTLED = "settled"


class PageReason(StrEnum):
    """Why somebody is called after the first card; each has a text `page.<reason>`.

    First come those that call the most people: of several one is said.
    """

    SEVERITY_RAISED = "severity_raised"
    OPENED = "opened"
    ACK_LAPSED = "ack_lapsed"
    REOPENED = "reopened"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Ack:
    """Who has it, since when, and until when if the acknowledgement lapses by itself."""

    by: Person
    at: datetime
    note: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: who did what, when; `detail` are the values of its text."""

    at: datetime
    kind: EntryKind
    actor: Person
    detail: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Incident:
    """One firing episode of an alert group; number 0 means not stored yet."""

    group: str
    source: str
    title: str
    service: str | None
    severity: Severity
    state: State
    alerts: tuple[Alert, ...]
    opened_at: datetime
    number: int = 0
    version: int = 0
    ack: Ack | None = None
    first_ack_at: datetime | None = None
    resolved_at: datetime | None = None
    end_reason: str | None = None
    flaps: int = 0
    truncated: int = 0
    paged_at: datetime | None = None
    external_url: str = ""
    origin: str = ""
    reopened_at: datetime | None = None
    # The service that explains the others, as far as it is known, and when another service or rule joined last.
    cause: str | None = None
    joined_at: datetime | None = None
    # The incident that this one has become a part of.
    joined_to: int | None = None
    # Somebody took it out of another one; it never joins again.
    apart: bool = False
    # When it fired again lately; since when and until when it flaps, and how often it fired again meanwhile.
    fired_again: tuple[datetime, ...] = ()
    flapping_since: datetime | None = None
    flapping_until: datetime | None = None
    flapped: int = 0

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that fire now, oldest first."""
        return tuple(sorted((alert for alert in self.alerts if alert.firing), key=lambda alert: alert.starts_at))

    @property
    def began_at(self) -> datetime:
        """When the trouble of now began: the last time it came again, else the first."""
        return self.reopened_at or self.opened_at

    @property
    def closed_at(self) -> datetime:
        """When we heard that it is over, which may be long after it was."""
        heard = [alert.seen_at for alert in self.alerts if alert.seen_at]
        return max([self.resolved_at or self.opened_at, *heard])

    @property
    def ended(self) -> tuple[Alert, ...]:
        """The alerts that have ended in the trouble of now."""
        over = [alert for alert in self.alerts if not alert.firing]
        return tuple(alert for alert in over if alert.seen_at is None or alert.seen_at >= self.began_at)

    @property
    def doubted_at(self) -> datetime | None:
        """When it was last told that something fires which had just ended, if nobody has looked since."""
        return max((alert.doubted_at for alert in self.alerts if alert.doubted_at), default=None)

    @property
    def unstated(self) -> Alert | None:
        """An alert of the trouble of now whose labels do not say how bad it is, unless it is as bad as can be anyway."""
        if self.severity is Severity.P1:
            return None
        return next((alert for alert in self.firing or self.ended or self.alerts if alert.severity is None), None)

    @property
    def is_open(self) -> bool:
        """Whether somebody may still have to act."""
        return self.state is not State.RESOLVED

    @property
    def unanswered(self) -> bool:
        """Whether nobody has said that they have what it is now: whoever had it before it came again says so anew."""
        if self.state is State.ACKNOWLEDGED:
            return self.ack is not None and self.reopened_at is not None and self.ack.at < self.reopened_at
        return self.state is State.FIRING

    @property
    def lead(self) -> Alert:
        """The alert that speaks for all: of the cause if that is known, the worst firing one, the oldest.

        Once nothing fires it is the worst of those that the incident is called by, so that its words fit its title.
        """
        over = self.ended or self.alerts
        called = [alert for alert in reversed(over) if alert.name == self.title]
        return min(self.firing or called or over[-1:], key=self.rank_of)

    def rank_of(self, alert: Alert) -> tuple[bool, int]:
        """Return the place of an alert among the others: what explains them first, then the worst."""
        return self.cause is not None and alert.service != self.cause, (alert.severity or Severity.P2).value

    def has_called(self, lost: int) -> bool:
        """Tell whether whom a first card calls was called before: by one that is `lost`, or by that it was taken from."""
        return self.paged_at is not None and (lost > 0 or self.apart)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that joined, in the order in which they did."""
        return tuple(dict.fromkeys(alert.joined.group for alert in self.alerts if alert.joined))

    @property
    def heading(self) -> str:
        """Name what fires now, the worst first; the title it began with once nothing fires."""
        firing = self.firing
        names = list(dict.fromkeys([self.lead.name, *(alert.name for alert in firing)]))
        if not firing:
            return self.title
        return names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}"

    @property
    def places(self) -> tuple[str, ...]:
        """Name the environments and clusters that it is about."""
        found = (place_of(alert.labels) for alert in self.firing or self.alerts)
        return tuple(dict.fromkeys(place for place in found if place))
