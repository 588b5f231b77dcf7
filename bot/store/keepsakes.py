"""Keeps small things between two lives of the process, by name."""

from __future__ import annotations

from sqlalchemy import Column, Connection, String, Table, Text, delete, insert, select

from bot.store.changes import one_at_a_time
from bot.store.runner import Runner
from bot.store.tables import metadata

keepsakes = Table(
    "keepsakes",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)


class StoredKeepsakes:
    """The table `keepsakes`, as `bot.ports.Keepsakes` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def recall(self, name: str) -> str | None:
        query = select(keepsakes.c.value).where(keepsakes.c.name == name)
        return await self._runner.read(lambda connection: connection.execute(query).scalar_one_or_none())

    async def remember(self, name: str, value: str) -> None:

        def work(connection: Connection) -> None:
            # Two workers that remember the same at once would both find nothing to delete.
            one_at_a_time(connection, "keepsakes")
            connection.execute(delete(keepsakes).where(keepsakes.c.name == name))
            connection.execute(insert(keepsakes).values(name=name, value=value))

        await self._runner.write(work)
