"""Keeps who stands in for whom, as people agreed on Discord."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Column, Connection, Integer, String, Table, Text, insert, select

from bot.domain.schedules import Stint
from bot.ports import AuditRow
from bot.store.columns import UtcDateTime
from bot.store.rows import audit_columns, person_out, storable
from bot.store.runner import Runner
from bot.store.tables import audit as audit_table
from bot.store.tables import metadata

overrides = Table(
    "overrides",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("team", String(100), nullable=False),
    Column("person", String(100), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
    Column("made_by", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)


class StoredOverrides:
    """The table `overrides`, as `bot.ports.oncall.Overrides` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def add(self, team: str, stints: Sequence[Stint], row: AuditRow) -> None:

        def work(connection: Connection) -> None:
            for stint in stints:
                values = {"team": storable(team), "person": storable(stint.name), "made_at": row.at}
                times = {"starts_at": _moment(stint.start), "ends_at": _moment(stint.end)}
                by = json.dumps(person_out(row.actor))
                connection.execute(insert(overrides).values(**values, **times, made_by=by))
            connection.execute(insert(audit_table).values(audit_columns(row)))

        await self._runner.write(work)

    async def all(self, since: datetime) -> Sequence[tuple[str, Stint]]:
        query = select(overrides).where(overrides.c.ends_at > since).order_by(overrides.c.id)
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [
            (row["team"], Stint(row["person"], row["starts_at"].timestamp(), row["ends_at"].timestamp()))
            for row in rows
        ]


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
