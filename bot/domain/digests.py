"""Describes digests: one card for what is more than a channel carries; when a storm begins and is over. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from bot.domain.alerts import Severity
from bot.domain.incidents import State
from bot.domain.messages import MessageRef
from bot.domain.owners import Catalogue, Owner

# What shares a channel, by the name of the lane in which it is delivered.
LANES: Final[Mapping[str, tuple[Severity, ...]]] = {
    "urgent": (Severity.P1, Severity.P2),
    "normal": (Severity.P3, Severity.P4),
}


@dataclass(frozen=True, slots=True)
class StormRules:
    """When cards become a digest: more than `cards` new ones wait for a channel; over when so long fewer than half came."""

    cards: int = 10
    calm: timedelta = timedelta(minutes=3)


USUAL: Final = StormRules()


@dataclass(frozen=True, slots=True)
class Line:
    """One incident of a digest; `holder` is who has it."""

    number: int
    title: str
    severity: Severity
    service: str
    state: State
    opened_at: datetime
    holder: str = ""
    holder_id: int = 0
    paged_at: datetime | None = None
    flapping: bool = False
    # Somebody is to be called for it although they were called before, such as when an acknowledgement has lapsed.
    promised: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody may still have to act."""
        return self.state is not State.RESOLVED


@dataclass(frozen=True)
class Digest:
    """What a digest shows: all its incidents, whether it has calmed down, and what is still to be shown (`fresh`).

    `lost` counts its messages that are gone, `called` are the owners whom it has called.
    """

    id: int
    lane: str
    began_at: datetime
    lines: tuple[Line, ...] = ()
    calm_at: datetime | None = None
    card: MessageRef | None = None
    lost: int = 0
    called: frozenset[Owner] = frozenset()
    fresh: bool = True
    # So many have come to it within the time in which it may calm down.
    lately: int = 0

    # Of thousands, and whatever is drawn of it asks.
    @cached_property
    def open(self) -> tuple[Line, ...]:
        """Those that go on: the worst first, of these what nobody has, then the oldest."""
        going_on = [line for line in self.lines if line.is_open]
        return tuple(sorted(going_on, key=lambda line: (line.severity.value, bool(line.holder), line.opened_at)))

    @property
    def ended(self) -> int:
        """How many are over."""
        return len(self.lines) - len(self.open)

    @property
    def promises(self) -> bool:
        """Whether a call was promised for any, which is kept, or dropped where there is nobody to call."""
        return any(line.promised for line in self.lines)

    def by_severity(self) -> Mapping[Severity, int]:
        """Count those that go on."""
        return Counter(line.severity for line in self.open)

    def by_service(self) -> list[tuple[str, int]]:
        """Count those that go on, the service with the most first."""
        counts = Counter(line.service for line in self.open)
        return sorted(counts.items(), key=lambda each: (-each[1], each[0]))

    def held(self) -> list[tuple[str, list[Line]]]:
        """Return who has what, whoever has the most first."""
        holders: dict[str, list[Line]] = {}
        for line in self.open:
            if line.holder:
                holders.setdefault(line.holder, []).append(line)
        return sorted(holders.items(), key=lambda each: -len(each[1]))

    def calms(self, rules: StormRules, at: datetime) -> bool:
        """Tell whether the storm is over: hysteresis, so that it does not end and begin with each alert."""
        # What began ahead of a clock that was set back would last for as long again.
        return self.calm_at is None and abs(at - self.began_at) >= rules.calm and self.lately * 2 <= rules.cards

    def is_over(self, rules: StormRules) -> bool:
        """Tell whether what is left of it fits the channel again, each with a card of its own."""
        return self.calm_at is not None and len(self.open) <= rules.cards

    def calls(self, catalogue: Catalogue) -> dict[int, tuple[Owner, ...]]:
        """Return for which incidents people are to be called, and whom: each once for the storm, again if promised.

        Whoever was called for one of a storm looks at all of it, so that nobody need be called for the others.
        """
        found: dict[int, tuple[Owner, ...]] = {}
        for line in self.open:
            new = line.state is State.FIRING and line.paged_at is None
            if line.promised and line.holder_id:
                found[line.number] = (Owner(line.holder_id, is_role=False),)
            elif line.severity is Severity.P2 and (new or line.promised):
                owners = catalogue.find(line.service).owners
                found[line.number] = tuple(each for each in owners if line.promised or each not in self.called)
        return found
