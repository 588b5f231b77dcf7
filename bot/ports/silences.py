"""Names what is kept of silences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.silences import Draft, Silence
from bot.domain.views import SilenceRow
from bot.ports.records import AuditRow


class SilenceBook(Protocol):
    """Silences we know: those we made, with author and Undo, and those we saw at the source."""

    async def draft(self, draft: Draft, at: datetime) -> Draft:
        """Store a proposal and return it with its id; with an id it replaces the stored one."""
        ...

    async def load_draft(self, draft: int) -> Draft:
        """Return a proposal that was not used yet. Raises OutOfDate."""
        ...

    async def claim_draft(self, draft: int, at: datetime, audit: AuditRow | None = ...) -> Draft:
        """Take a proposal so that nobody can take it twice, and write down who did. Raises OutOfDate."""
        ...

    async def release_draft(self, draft: Draft) -> None:
        """Give a claimed proposal back as it is now, because the source did not say that it took it."""
        ...

    async def add(self, silence: Silence, draft: Draft, audit: AuditRow) -> SilenceRow:
        """Store a silence that we made."""
        ...

    async def load(self, row: int) -> SilenceRow:
        """Return a silence by the id of its row, not the source's. Raises OutOfDate if there is none any more."""
        ...

    async def active(self, at: datetime) -> Sequence[SilenceRow]:
        """Return those in force, the one that ends first first."""
        ...

    async def listed(self, at: datetime) -> Sequence[SilenceRow]:
        """Return those in force or yet to come, the one that ends first first."""
        ...

    async def end(self, row: int, at: datetime, audit: AuditRow) -> None:
        """Mark one as ended by a person."""
        ...

    async def sync(self, seen: Sequence[Silence], at: datetime) -> Sequence[SilenceRow]:
        """Take over what the source has; return those in force that it has lost: it does not even know that they ended."""
        ...

    async def muted(self, rows: Sequence[int], at: datetime) -> None:
        """Write down that these muted something at a moment."""
        ...

    async def extend(self, row: int, silence: Silence, audit: AuditRow) -> SilenceRow:
        """Keep what has become of one that was extended: its end, and its id at the source."""
        ...
