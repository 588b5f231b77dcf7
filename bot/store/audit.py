"""Keeps the audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select

from bot.ports import AuditRow
from bot.store.rows import audit_columns, audit_of
from bot.store.runner import Runner
from bot.store.tables import audit


class StoredAudit:
    """The table `audit`, as `bot.ports.AuditLog` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def write(self, row: AuditRow) -> None:
        added = insert(audit).values(audit_columns(row))
        await self._runner.write(lambda connection: connection.execute(added))

    async def rows(self, limit: int) -> Sequence[AuditRow]:
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [audit_of(row) for row in rows]
