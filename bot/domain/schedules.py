"""Tells who is on call when: layers of rotations and calendars, and what was agreed otherwise. Pure."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

# So far ahead somebody who comes next is looked for.
AHEAD = timedelta(days=35)


class Layer(Protocol):
    """Something that says who is on call; moments are seconds since the epoch."""

    def who(self, at: float) -> tuple[str, ...]:
        """Return who is on call at a moment; nobody if it says nothing about it."""
        ...

    def edges(self, start: float, end: float) -> Iterable[float]:
        """Yield moments between two at which that may change, in no order."""
        ...


@dataclass(frozen=True, slots=True)
class Stint:
    """Somebody on call from a moment until another; `name` is a key of the roster, moments are seconds since the epoch."""

    name: str
    start: float
    end: float


class Timetable:
    """A layer of stints, as a calendar lists them; those that overlap are on call together, in the order of their names."""

    def __init__(self, stints: Iterable[Stint]) -> None:
        changes: dict[float, list[tuple[int, str]]] = {}
        for stint in stints:
            if stint.end > stint.start:
                changes.setdefault(stint.start, []).append((1, stint.name))
                changes.setdefault(stint.end, []).append((-1, stint.name))
        # Years of shifts of hundreds of calendars: as numbers they take a tenth of the memory.
        self._starts, self._who = array("d"), array("I")
        self._groups: list[tuple[str, ...]] = []
        known: dict[tuple[str, ...], int] = {}
        counts: dict[str, int] = {}
        for at in sorted(changes):
            for change, name in changes[at]:
                counts[name] = counts.get(name, 0) + change
            people = tuple(sorted(name for name, count in counts.items() if count > 0))
            if people not in known:
                known[people] = len(self._groups)
                self._groups.append(people)
            self._starts.append(at)
            self._who.append(known[people])

    def who(self, at: float) -> tuple[str, ...]:
        """Return who is on call at a moment."""
        place = bisect_right(self._starts, at) - 1
        return self._groups[self._who[place]] if place >= 0 else ()

    def edges(self, start: float, end: float) -> Sequence[float]:
        """Return the moments between two at which that may change."""
        return self._starts[bisect_right(self._starts, start) : bisect_right(self._starts, end)]


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch of time in which the same people are on call; nobody, if it is a gap."""

    people: tuple[str, ...]
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """Layers, the first of which that names somebody counts, and overrides, the last of which wins over all."""

    layers: tuple[Layer, ...] = ()
    overrides: tuple[Stint, ...] = field(default=())

    def who(self, at: datetime) -> tuple[str, ...]:
        """Return who is on call at a moment."""
        return self._who(at.timestamp())

    def shifts(self, start: datetime, end: datetime) -> Iterator[Shift]:
        """Yield who is on call between two moments, without a pause; those at the ends are cut off there."""
        first, last = start.timestamp(), end.timestamp()
        edges = sorted({first, *(edge for edge in self._edges(first, last) if first < edge < last)})
        began, people = first, self._who(first)
        for edge in edges[1:]:
            now = self._who(edge)
            if now != people:
                yield Shift(people, _moment(began), _moment(edge))
                began, people = edge, now
        yield Shift(people, _moment(began), end)

    def current(self, at: datetime) -> Shift:
        """Return the shift that a moment is in, from then on, for as far ahead as we look."""
        return next(self.shifts(at, at + AHEAD))

    def coming(self, at: datetime) -> Shift | None:
        """Return the next shift of somebody else than who is on call at a moment."""
        people = self.who(at)
        return next((s for s in self.shifts(at, at + AHEAD) if s.people and set(s.people) - set(people)), None)

    def of(self, name: str, at: datetime) -> Shift | None:
        """Return the first shift of a person that has not ended at a moment."""
        return next((shift for shift in self.shifts(at, at + AHEAD) if name in shift.people), None)

    def gaps(self, start: datetime, end: datetime) -> list[Shift]:
        """Return when nobody is on call between two moments."""
        return [shift for shift in self.shifts(start, end) if not shift.people]

    def overlaps(self, start: datetime, end: datetime) -> list[Shift]:
        """Return when more than one is on call between two moments."""
        return [shift for shift in self.shifts(start, end) if len(shift.people) > 1]

    def contradictions(self) -> list[tuple[Stint, Stint]]:
        """Return the overrides that want different people at the same time; of each two the second wins."""
        pairs = ((a, b) for place, a in enumerate(self.overrides) for b in self.overrides[place + 1 :])
        return [(a, b) for a, b in pairs if a.name != b.name and a.start < b.end and b.start < a.end]

    def _who(self, at: float) -> tuple[str, ...]:
        for stint in reversed(self.overrides):
            if stint.start <= at < stint.end:
                return (stint.name,)
        for layer in self.layers:
            if people := layer.who(at):
                return people
        return ()

    def _edges(self, start: float, end: float) -> Iterator[float]:
        for stint in self.overrides:
            yield stint.start
            yield stint.end
        for layer in self.layers:
            yield from layer.edges(start, end)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
