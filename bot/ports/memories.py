"""Names what is remembered of incidents that are over, and how it is found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.memory import Fix, Remembered, Traits
from bot.domain.searches import Search
from bot.ports.records import AuditRow


class Memories(Protocol):
    """What is remembered of incidents beside themselves."""

    async def fix(self, number: int, fix: Fix, row: AuditRow) -> None:
        """Keep what has ended an incident. Raises UnknownIncident, or Refused if it is not over or somebody was quicker."""
        ...

    async def fix_of(self, number: int) -> Fix | None:
        """Return what is known to have ended an incident."""
        ...

    async def near(self, number: int, traits: Traits) -> Sequence[Remembered]:
        """Return what is over and shares rule, service or mechanism with an incident, the newest 200."""
        ...

    async def search(self, search: Search, limit: int) -> Sequence[Remembered]:
        """Return the incidents that are looked for, open or not, newest first."""
        ...
