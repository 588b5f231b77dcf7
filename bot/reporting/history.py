"""Describes what happened in a stretch of time, as the store tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.incidents import Entry, Incident


@dataclass(frozen=True, slots=True)
class Advice:
    """What investigations have cost and how people rated them: `ratings` counts by the word of `Rating`."""

    usd: float = 0.0
    investigations: int = 0
    ratings: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class History:
    """The incidents that began in a stretch of time, oldest first, with their timelines; `cut` of them were left out."""

    incidents: tuple[Incident, ...] = ()
    entries: Mapping[int, tuple[Entry, ...]] = field(default_factory=dict[int, tuple[Entry, ...]])
    advice: Advice = field(default_factory=Advice)
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """How soon an incident is to be acknowledged and to be over; None where nobody said so."""

    acknowledge: timedelta | None = None
    resolve: timedelta | None = None


def counted(history: History) -> tuple[Incident, ...]:
    """Return the incidents that count: no tests, and not what turned out to be a part of another one."""
    return tuple(
        each for each in history.incidents if each.joined_to is None and not all(a.is_test for a in each.alerts)
    )
