"""Describes scheduled jobs: what is to happen, when, and whether it happens again by itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum


class JobName(StrEnum):
    """Every kind of scheduled job there is; the process does not start without one that does each of them."""

    PRUNE = "prune"
    ESCALATE = "escalate"
    REMIND = "remind"
    HANDOVER = "handover"
    MORNING = "morning"
    COVERAGE = "coverage"
    SILENCE_ENDS = "silence-ends"
    SILENCE_UNUSED = "silence-unused"
    REPORT = "report"
    MAINTENANCE = "maintenance"
    DOUBLES = "doubles"


@dataclass(frozen=True, slots=True)
class Planned:
    """A job to be: of a kind and a key that are never used again, done once at `due_at` or as soon after as possible.

    `payload` is stored as JSON.
    """

    name: JobName
    key: str
    due_at: datetime
    payload: Mapping[str, object] = field(default_factory=dict[str, object])
    incident: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job whose time has come; with `attempts` > 1 an earlier attempt may have done all or part of it."""

    id: int
    name: JobName
    key: str
    due_at: datetime
    payload: Mapping[str, object]
    attempts: int
    incident: int | None = None

    @property
    def again(self) -> bool:
        """Whether it was begun before."""
        return self.attempts > 1


@dataclass(frozen=True, slots=True)
class Weekly:
    """A time of day in a time zone, on some days of the week (Monday is 0)."""

    at: time
    zone: tzinfo
    weekdays: frozenset[int] = frozenset(range(7))

    def after(self, moment: datetime) -> datetime:
        """Return the first such moment after another one; a time that the clocks skip is as much later."""
        day = moment.astimezone(self.zone).date()
        for days in range(9):
            date = day + timedelta(days=days)
            due = datetime.combine(date, self.at, self.zone)
            # Aware times of one zone are compared by their faces: only as moments do they have an order.
            if date.weekday() in self.weekdays and due.timestamp() > moment.timestamp():
                return due.astimezone(moment.tzinfo)
        raise ValueError("no day of the week")
