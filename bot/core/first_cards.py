"""Draws a first card while the disk is waited for, so that it goes out as soon as the incident that it shows is stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.core.viewing import Viewer
from bot.domain.alerts import Severity
from bot.domain.views import IncidentView
from bot.ports import Announcer, Task
from bot.ports.views import FirstCard

# What was read longer ago is read again: who is on call, and what is silenced, changes without any incident.
_READ_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class DueCard:
    """A first card that is due, and what it shows, as it was read at a moment."""

    task: Task
    view: IncidentView
    at: float


class FirstCards:
    """Knows the card that is due because of the last change of all incidents, until anything else changes."""

    def __init__(self, viewer: Viewer, announcer: Announcer, now: Callable[[], float] = time.monotonic) -> None:
        self._viewer = viewer
        self._announcer = announcer
        self._now = now
        self._drawn: tuple[FirstCard, DueCard] | None = None
        self._due: DueCard | None = None

    def draw(self, first: FirstCard) -> None:
        """Draw a card whose incident is not on the disk yet."""
        view = self._viewer.of(first.kept)
        self._announcer.draw(view)
        self._drawn = first, DueCard(first.task, view, self._now())

    def stored(self, first: FirstCard) -> None:
        """Take note that an incident is on the disk: its card is due."""
        if self._drawn and self._drawn[0] is first:
            self._due = self._drawn[1]

    def changed(self) -> None:
        """Forget what is due: it may not be what is to be shown any more, or not first."""
        self._due = None

    def begun(self, task: int) -> None:
        """Forget what is due if it is this, which was found by reading: it would be posted once more."""
        if self._due and self._due.task.id == task:
            self._due = None

    def take(self, lane: Collection[Severity]) -> DueCard | None:
        """Return the card that is due for these severities, once, if it is known."""
        due = self._due
        if due is None or due.task.severity not in lane:
            return None
        self._due = None
        return due if self._now() - due.at < _READ_WITHIN_S else None
