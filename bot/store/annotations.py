"""Keeps what has been written into Grafana and what is still to be: each thing of ours has one row, so it is written once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.domain.incidents import Entry, Incident, State
from bot.domain.notes import MARKED
from bot.domain.telemetry import Change
from bot.domain.views import SilenceRow
from bot.ports.annotations import Written
from bot.store.changes import change_of
from bot.store.rows import entry_of, incident_of, storable
from bot.store.runner import Runner
from bot.store.silence_rows import silence_of
from bot.store.tables import changes, incidents, metadata, silences, timeline

kept = Table(
    "annotations",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("item", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger),
    Column("digest", String(16), nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("gone", Text, nullable=False, server_default=""),
)


class StoredAnnotations:
    """The table `annotations`, as `bot.ports.annotations.AnnotationBook` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def incidents(self, since: datetime, limit: int) -> Sequence[tuple[Incident, Written]]:
        new = kept.c.item.is_(None) & ((incidents.c.opened_at >= since) | (incidents.c.state != State.RESOLVED.value))
        query = (
            select(incidents, *_columns())
            .outerjoin(kept, _same("incident", incidents.c.number))
            .where(or_(new, _wanted() & (kept.c.version < incidents.c.version)))
            .order_by(incidents.c.number)
            .limit(limit)
        )
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [(incident_of(row), _written(row)) for row in rows]

    async def entries(self, since: datetime, limit: int) -> Sequence[tuple[int, int, Entry, Written]]:
        query = (
            select(timeline, *_columns())
            .outerjoin(kept, _same("entry", timeline.c.id))
            .where(timeline.c.at >= since, timeline.c.kind.in_(MARKED), _unwritten())
            .order_by(timeline.c.id)
            .limit(limit)
        )
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [(row["id"], row["incident"], entry_of(row), _written(row)) for row in rows]

    async def changes(self, since: datetime, limit: int) -> Sequence[tuple[int, Change, Written]]:
        query = (
            select(changes, *_columns())
            .outerjoin(kept, _same("change", changes.c.id))
            .where(changes.c.at >= since, _unwritten())
            .order_by(changes.c.id)
            .limit(limit)
        )
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [(row["id"], change_of(row), _written(row)) for row in rows]

    async def silences(self, since: datetime, at: datetime, limit: int) -> Sequence[tuple[SilenceRow, int, Written]]:
        ended = func.coalesce(silences.c.ended_at, silences.c.ends_at)
        # What was called off before it began is no region.
        new = kept.c.item.is_(None) & (silences.c.starts_at <= at) & (ended >= since) & (ended > silences.c.starts_at)
        query = (
            select(silences, *_columns())
            .outerjoin(kept, _same("silence", silences.c.id))
            .where(or_(new, _wanted() & (kept.c.version < silences.c.version)))
            .order_by(silences.c.id)
            .limit(limit)
        )
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [(silence_of(row), row["version"], _written(row)) for row in rows]

    async def begin(self, kind: str, item: int, attempts: int) -> None:
        await self._keep(kind, item, {"attempts": attempts + 1})

    async def done(self, kind: str, item: int, number: int, digest: str, version: int) -> None:
        await self._keep(kind, item, {"number": number, "digest": digest, "version": version, "attempts": 0})

    async def give_up(self, kind: str, item: int, reason: str) -> None:
        await self._keep(kind, item, {"gone": storable(reason)[:300] or "?"})

    async def _keep(self, kind: str, item: int, values: dict[str, object]) -> None:
        same = (kept.c.kind == kind) & (kept.c.item == item)

        def work(connection: Connection) -> None:
            if not connection.execute(update(kept).where(same).values(values)).rowcount:
                connection.execute(insert(kept).values(kind=kind, item=item, **values))

        await self._runner.write(work)


def _columns() -> Sequence[ColumnElement[object]]:
    names = ("number", "attempts", "digest", "version")
    return [kept.c[name].label(f"written_{name}") for name in names]


def _same(kind: str, item: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(kept.c.kind == kind, kept.c.item == item)


def _wanted() -> ColumnElement[bool]:
    return kept.c.gone == ""


def _unwritten() -> ColumnElement[bool]:
    return or_(kept.c.item.is_(None), _wanted() & kept.c.number.is_(None))


def _written(row: RowMapping) -> Written:
    number, attempts = row["written_number"], row["written_attempts"] or 0
    return Written(number, attempts, row["written_digest"] or "", row["written_version"] or 0)
