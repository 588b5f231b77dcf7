"""Describes rotations: people who take turns, by the clock on the wall of a place. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)


def wall(day: date, at: time, zone: tzinfo) -> float:
    """Return the moment of a time of day, in seconds since the epoch; one that the clocks skip is as much later."""
    return datetime.combine(day, at, zone).timestamp()


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of some days (Monday is 0): from `begins` until `ends`, on the next day if that is not later."""

    begins: time = time(0)
    ends: time = time(0)
    weekdays: frozenset[int] = frozenset(range(7))

    def on(self, day: date, zone: tzinfo) -> tuple[float, float] | None:
        """Return the part of a day as moments in seconds since the epoch, None if the day has none."""
        if day.weekday() not in self.weekdays:
            return None
        last = day if self.ends > self.begins else day + _DAY
        return wall(day, self.begins, zone), wall(last, self.ends, zone)

    def around(self, at: float, zone: tzinfo) -> tuple[float, float] | None:
        """Return the part that a moment is in."""
        today = datetime.fromtimestamp(at, zone).date()
        for day in (today, today - _DAY):
            part = self.on(day, zone)
            if part and part[0] <= at < part[1]:
                return part
        return None


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who take turns of `days` days from `start` on, at the time of the handover; within `hours` if there are any.

    People are keys of the roster. Before `start` nobody is on call.
    """

    people: tuple[str, ...]
    start: date
    days: int
    handover: time
    zone: tzinfo
    hours: Hours | None = None

    def who(self, at: float) -> tuple[str, ...]:
        """Return who is on call at a moment (seconds since the epoch); nobody outside the hours."""
        turn = self._turn(at)
        if turn < 0 or (self.hours and not self.hours.around(at, self.zone)):
            return ()
        return (self.people[turn % len(self.people)],)

    def edges(self, start: float, end: float) -> Iterator[float]:
        """Yield moments between two at which who is on call may change, in no order."""
        day = datetime.fromtimestamp(start, self.zone).date() - 2 * _DAY
        last = datetime.fromtimestamp(end, self.zone).date() + _DAY
        while day <= last:
            if (day - self.start).days % self.days == 0:
                yield wall(day, self.handover, self.zone)
            if self.hours:
                yield from self.hours.on(day, self.zone) or ()
            day += _DAY

    def _turn(self, at: float) -> int:
        day = datetime.fromtimestamp(at, self.zone).date()
        turn = (day - self.start).days // self.days
        # Of the day of a handover a part belongs to the turn before; where the clocks skip midnight even the next day's.
        while self._begins(turn) > at:
            turn -= 1
        while self._begins(turn + 1) <= at:
            turn += 1
        return turn

    def _begins(self, turn: int) -> float:
        return wall(self.start + turn * self.days * _DAY, self.handover, self.zone)
