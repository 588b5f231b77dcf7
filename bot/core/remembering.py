"""Remembers earlier incidents: which resemble one, what has ended them, and where to find them again."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.access import Access
from bot.domain.memory import Fix, Remembered, alike, traits_of
from bot.domain.people import Person, Right
from bot.domain.searches import parse_search
from bot.ports import Clock, Incidents, Investigations, Memories

_SIMILAR = 5


class Remembering:
    """Keeps what people say has ended an incident, and tells it when it helps."""

    def __init__(
        self, *, memories: Memories, incidents: Incidents, investigations: Investigations, access: Access, clock: Clock
    ) -> None:
        self._memories = memories
        self._incidents = incidents
        self._investigations = investigations
        self._access = access
        self._clock = clock

    async def fix(self, number: int, by: Person, words: str) -> Fix:
        """Keep what has ended an incident, as a person says. Raises Refused."""
        row = await self._access.require(by, Right.ACK, "fix", f"#{number}")
        fix = Fix(" ".join(words.split()), by, row.at)
        await self._memories.fix(number, fix, row)
        return fix

    async def similar(self, number: int, by: Person) -> Sequence[Remembered]:
        """Return the earlier incidents that resemble one, the most alike first. Raises Refused."""
        await self._access.require(by, Right.READ, "similar", f"#{number}")
        incident = await self._incidents.load(number)
        done = await self._investigations.latest(number)
        traits = traits_of(incident, done.analysis if done else None)
        return alike(traits, await self._memories.near(number, traits), _SIMILAR)

    async def find(self, typed: str, by: Person, limit: int) -> Sequence[Remembered]:
        """Return the incidents that what was typed means, newest first. Raises Refused."""
        await self._access.require(by, Right.READ, "incidents", typed[:100])
        return await self._memories.search(parse_search(typed, self._clock()), limit)
