"""The audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.ports import AuditRow
from bot.store.rows import audit_columns, audit_of
from bot.store.tables import audit


class StoredAudit:
    """The table `audit`, as `bot.ports.AuditLog` describes it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def write(self, row: AuditRow) -> None:
        """Add a row."""
        async with self._engine.begin() as connection:
            await connection.execute(insert(audit).values(audit_columns(row)))

    async def rows(self, limit: int) -> Sequence[AuditRow]:
        """Return the last rows, newest first."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        async with self._engine.connect() as connection:
            return [audit_of(row) for row in (await connection.execute(query)).mappings()]
