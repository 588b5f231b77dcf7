"""Keeps deploys and other changes that CI told us of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from bot.domain.telemetry import Change, ChangeKind, Window
from bot.store.rows import storable
from bot.store.runner import Runner
from bot.store.tables import changes

_MOST = 200

# Each is a series in Prometheus.
_MOST_SERVICES = 100

# PostgreSQL refuses to index what is longer than a third of a page.
_NAME_LIMIT = 200
_TEXT_LIMIT = 2000


class StoredChanges:
    """The table `changes`, as `bot.ports.Changes` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def record(self, change: Change) -> None:
        key = {
            "kind": change.kind.value,
            "service": storable(change.service or "")[:_NAME_LIMIT],
            "change_id": storable(change.id)[:_NAME_LIMIT],
        }
        values = {"at": datetime.fromtimestamp(change.at, UTC), "text": storable(change.text)[:_TEXT_LIMIT]}
        same = [changes.c[name] == value for name, value in key.items()]

        def work(connection: Connection) -> None:
            one_at_a_time(connection, "changes")
            if not connection.execute(update(changes).where(*same).values(values)).rowcount:
                connection.execute(insert(changes).values(**key, **values))

        await self._runner.write(work)

    async def between(self, window: Window) -> Sequence[Change]:
        inside = (changes.c.at >= window.start) & (changes.c.at <= window.end)
        query = select(changes).where(inside).order_by(changes.c.at.desc(), changes.c.id.desc()).limit(_MOST)
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [change_of(row) for row in reversed(rows)]

    async def deployed(self) -> Mapping[str, float]:
        latest = func.max(changes.c.at).label("at")
        deploys = select(changes.c.service, latest).where(
            changes.c.kind == ChangeKind.DEPLOY.value, changes.c.service != ""
        )
        query = deploys.group_by(changes.c.service).order_by(latest.desc()).limit(_MOST_SERVICES)
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return {row["service"]: row["at"].timestamp() for row in rows}


def one_at_a_time(connection: Connection, topic: str) -> None:
    """Wait until no other transaction is busy with the topic; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(topic))))


def change_of(row: RowMapping) -> Change:
    """Return the change of a row."""
    kind = ChangeKind(row["kind"])
    return Change(row["at"].timestamp(), kind, row["change_id"], row["text"], row["service"] or None)
