"""Counts whom the bot has called, and when: at night, on weekends, in the zone of the team."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final

from bot.domain.alerts import Severity
from bot.domain.incidents import Entry, EntryKind, Incident
from bot.domain.owners import Owner
from bot.reporting.history import History, counted

# Somebody who is called in these hours was asleep.
NIGHT_BEGINS, NIGHT_ENDS = 22, 7
_WEEKEND: Final = frozenset({5, 6})
_CALLS: Final = frozenset(
    {EntryKind.OPENED, EntryKind.REOPENED, EntryKind.SEVERITY_RAISED, EntryKind.ACK_LAPSED, EntryKind.ESCALATED}
)
_CALLED: Final = (Severity.P1, Severity.P2)
# What calls sooner than that after the last call is the same call (`bot.domain.lifecycle`).
_APART: Final = timedelta(minutes=5)
_PERSON: Final = re.compile(r"<@!?(\d{1,20})>")


@dataclass(frozen=True, slots=True)
class PagedCall:
    """One call: when, by the clock of the team, of which incident, and which people of Discord it named."""

    at: datetime
    number: int
    people: tuple[int, ...] = ()

    @property
    def at_night(self) -> bool:
        """Whether it was at night."""
        return self.at.hour >= NIGHT_BEGINS or self.at.hour < NIGHT_ENDS

    @property
    def at_weekend(self) -> bool:
        """Whether it was on a Saturday or Sunday."""
        return self.at.weekday() in _WEEKEND


@dataclass(frozen=True, slots=True)
class Burden:
    """How often somebody was called, and how often of that at night and on weekends; `person` is an id of Discord."""

    person: int
    pages: int
    nights: int
    weekends: int


@dataclass(frozen=True, slots=True)
class Load:
    """All calls; `hours` counts them by day of the week (Monday is 0) and hour."""

    pages: int = 0
    nights: int = 0
    weekends: int = 0
    people: tuple[Burden, ...] = ()
    hours: Mapping[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])

    @property
    def worst_hour(self) -> tuple[int, int] | None:
        """The hour of the day with the most calls, and how many; None where no hour stands out."""
        by_hour: Counter[int] = Counter()
        for (_, hour), count in self.hours.items():
            by_hour[hour] += count
        found = by_hour.most_common(2)
        if not found or found[0][1] < 3 or (len(found) > 1 and found[0][1] == found[1][1]):
            return None
        return found[0]


def pages_of(
    history: History, owners: Callable[[Incident], Sequence[Owner]], zone: Callable[[Incident], tzinfo]
) -> list[PagedCall]:
    """Return the calls of all incidents, each in the zone of its team; what called nobody is none."""
    return [page for each in counted(history) for page in _of(each, history.entries.get(each.number, ()), owners, zone)]


def load_of(pages: Iterable[PagedCall]) -> Load:
    """Count calls; who was called most comes first."""
    listed = list(pages)
    theirs: dict[int, list[PagedCall]] = {}
    for page in listed:
        for person in page.people:
            theirs.setdefault(person, []).append(page)
    burdens = [Burden(person, len(each), *_odd(each)) for person, each in theirs.items()]
    hours = Counter((page.at.weekday(), page.at.hour) for page in listed)
    nights, weekends = _odd(listed)
    order = sorted(burdens, key=lambda burden: (-burden.pages, -burden.nights, burden.person))
    return Load(len(listed), nights, weekends, tuple(order), dict(hours))


def _odd(pages: Sequence[PagedCall]) -> tuple[int, int]:
    return sum(page.at_night for page in pages), sum(page.at_weekend for page in pages)


def _of(
    incident: Incident,
    entries: Sequence[Entry],
    owners: Callable[[Incident], Sequence[Owner]],
    zone: Callable[[Incident], tzinfo],
) -> list[PagedCall]:
    pages: list[PagedCall] = []
    last: datetime | None = None
    level = _first_level(incident, entries)
    for entry in entries:
        level = _level(entry, "after") or level
        people = _people(incident, entry, owners, level)
        # The steps of a chain are called each for itself.
        soon = last is not None and entry.at - last < _APART and entry.kind is not EntryKind.ESCALATED
        if people is None or soon:
            continue
        last = entry.at
        pages.append(PagedCall(entry.at.astimezone(zone(incident)), incident.number, people))
    return pages


def _first_level(incident: Incident, entries: Sequence[Entry]) -> Severity:
    """Return how bad it was before it got worse."""
    return next((level for entry in entries if (level := _level(entry, "before"))), incident.severity)


def _level(entry: Entry, when: str) -> Severity | None:
    raised = entry.kind is EntryKind.SEVERITY_RAISED
    return Severity.__members__.get(entry.detail.get(when, "")) if raised else None


def _people(
    incident: Incident, entry: Entry, owners: Callable[[Incident], Sequence[Owner]], level: Severity
) -> tuple[int, ...] | None:
    """Return whom a line of the timeline has called; None if it has called nobody."""
    if entry.kind not in _CALLS:
        return None
    if entry.kind is EntryKind.ESCALATED:
        return tuple(dict.fromkeys(int(number) for number in _PERSON.findall(entry.detail.get("who", ""))))
    if incident.paged_at is None or level not in _CALLED:
        return None
    return tuple(owner.id for owner in owners(incident) if not owner.is_role)
