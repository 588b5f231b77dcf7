"""A database address into the aggregates of the store, migrated and ready."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, delete, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import ConfigurationError, SourceUnavailable
from bot.store import tables
from bot.store.audit import StoredAudit
from bot.store.inbox import StoredInbox
from bot.store.incidents import StoredIncidents
from bot.store.keepsakes import Keepsakes
from bot.store.migrate import ensure_schema
from bot.store.outbox import StoredOutbox
from bot.store.silences import StoredSilences

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


class Database:
    """All that is stored, by aggregate."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.inbox = StoredInbox(engine)
        self.incidents = StoredIncidents(engine)
        self.outbox = StoredOutbox(engine)
        self.silences = StoredSilences(engine)
        self.audit = StoredAudit(engine)
        self.keepsakes = Keepsakes(engine)

    @classmethod
    @asynccontextmanager
    async def open(cls, address: str) -> AsyncGenerator[Database]:
        """Open, migrate and, at the end, close. Raises ConfigurationError with a sentence."""
        url = driver_url(address)
        if url.get_backend_name() == "sqlite" and url.database:
            _make_folder(Path(url.database).parent)
        engine = create_async_engine(url, pool_pre_ping=True, **_options(url))
        if url.get_backend_name() == "sqlite":
            _prepare_sqlite(engine)
        try:
            await ensure_schema(engine, url)
            yield cls(engine)
        finally:
            await engine.dispose()

    async def ping(self) -> None:
        """Raise SourceUnavailable if the database does not answer."""
        try:
            async with self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError) as error:
            raise SourceUnavailable("store", type(error).__name__) from error

    async def prune(self, before: datetime) -> None:
        """Delete bodies and outbox rows that are done with, and proposals nobody confirmed; incidents stay."""
        inbox, outbox, drafts = tables.inbox, tables.outbox, tables.drafts
        async with self._engine.begin() as connection:
            done = inbox.c.state.in_(("shown", "rejected"))
            await connection.execute(delete(inbox).where(done, inbox.c.received_at < before))
            await connection.execute(delete(outbox).where(outbox.c.done_at < before))
            await connection.execute(delete(drafts).where(drafts.c.created_at < before))


def driver_url(address: str) -> URL:
    """Translate an address as people write it to the asynchronous driver we use. Raises ConfigurationError."""
    try:
        url = make_url(address)
        return url.set(drivername=_DRIVERS[url.drivername])
    except (ArgumentError, KeyError, ValueError) as error:
        # The address may hold a password, so it is not repeated.
        raise ConfigurationError("errors.database_url") from error


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": 10}}
    return {
        "pool_size": 3,
        "max_overflow": 2,
        "pool_timeout": 10,
        "connect_args": {"timeout": 5, "command_timeout": 10},
    }


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError("errors.database", problem=str(error)) from error


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _: object) -> None:  # pyright: ignore[reportUnusedFunction]
        # Python's driver would begin a read transaction by itself and fail when it turns into a writing one.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: a committed body is on the disk, not in a cache, when 202 goes out.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN IMMEDIATE")
