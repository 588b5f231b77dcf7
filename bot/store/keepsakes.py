"""Small things to remember between two lives of the process, by name."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.tables import keepsakes


class Keepsakes:
    """The table `keepsakes`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def recall(self, name: str) -> str | None:
        """Return what was remembered under a name."""
        query = select(keepsakes.c.value).where(keepsakes.c.name == name)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def remember(self, name: str, value: str) -> None:
        """Remember a value in place of the one before."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(keepsakes).where(keepsakes.c.name == name))
            await connection.execute(insert(keepsakes).values(name=name, value=value))
