"""Describes a calendar as a layer of a schedule: what was last read of it, and how it is. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from bot.domain.schedules import Stint, Timetable

if TYPE_CHECKING:
    from bot.domain.teams import Member


class Feed:
    """A layer whose stints come from a calendar (`source`: an address or a file).

    While the calendar cannot be read the last good one counts, and `problem` says why.
    """

    def __init__(self, name: str, source: str, people: Sequence[Member], zone: tzinfo) -> None:
        self.name = name
        self.source = source
        self.people = people
        self.zone = zone
        self.problem = ""
        self.notes: tuple[str, ...] = ()
        self._timetable = Timetable(())

    def take(self, stints: Iterable[Stint], notes: Sequence[str] = ()) -> None:
        """Take over what was read; `notes` name what of it could not be."""
        self._timetable = Timetable(stints)
        self.problem, self.notes = "", tuple(notes)

    def fail(self, problem: str) -> None:
        """Keep what there was."""
        self.problem = problem

    def who(self, at: float) -> tuple[str, ...]:
        """Return who is on call at a moment."""
        return self._timetable.who(at)

    def edges(self, start: float, end: float) -> Sequence[float]:
        """Return the moments between two at which that may change."""
        return self._timetable.edges(start, end)
