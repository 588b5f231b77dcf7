"""Keeps the store in memory and works in the thread that asks: for tests that look at it many thousand times."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, StaticPool, create_engine

from bot.store.database import Database
from bot.store.runner import Meanwhile, T, Work, prepare


class InlineRunner:
    """One connection; the same SQL as with a file, and nothing that waits for a disk or another thread."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def write(self, work: Work[T], meanwhile: Meanwhile[T] | None = None) -> T:
        with self._connection.begin():
            result = work(self._connection)
        if meanwhile:
            meanwhile(result)
        return result

    async def read(self, work: Work[T]) -> T:
        with self._connection.begin() as transaction:
            result = work(self._connection)
            transaction.rollback()
        return result


@contextmanager
def inline_store(empty: Path) -> Generator[Database]:
    """Have a store that begins as a migrated file of SQLite is."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    prepare(engine)
    with engine.connect() as connection:
        with closing(sqlite3.connect(empty)) as file:
            file.backup(connection.connection.dbapi_connection)
        yield Database(InlineRunner(connection))
    engine.dispose()
