"""Opens a database address as the aggregates of the store, migrated and ready."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, Connection, delete, insert, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.errors import ConfigurationError, SourceUnavailable
from bot.i18n import Phrase
from bot.store import tables
from bot.store.annotations import StoredAnnotations
from bot.store.audit import StoredAudit
from bot.store.changes import StoredChanges
from bot.store.digests import StoredDigests
from bot.store.escalations import StoredEscalations
from bot.store.fence import FencedRunner, Term
from bot.store.histories import StoredHistories
from bot.store.inbox import StoredInbox
from bot.store.incidents import StoredIncidents
from bot.store.investigations import StoredInvestigations
from bot.store.jobs import StoredJobs
from bot.store.keepsakes import StoredKeepsakes, keepsakes
from bot.store.ledger import StoredLedger
from bot.store.memories import StoredMemories
from bot.store.migrate import ensure_schema
from bot.store.outbox import StoredOutbox
from bot.store.overrides import StoredOverrides
from bot.store.pictures import StoredPictures
from bot.store.posted import StoredCards
from bot.store.runner import PostgresRunner, Runner, SqliteRunner, held_alone, words_of
from bot.store.silences import StoredSilences
from bot.store.trouble import trouble
from bot.store.views import StoredViews

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}

# Budgets and the search for what was changed look back further than what is done with is kept (30 days).
_LONGER = timedelta(days=60)

# Anybody may ask whether we are ready, and each time the disk would have to be waited for.
_TRUSTED_S = 0.5

# Webhooks as they came hold whatever somebody wrote into labels: 7 days, where all else is kept for 30.
_SOONER = timedelta(days=23)


class Database:
    """All that is stored, by aggregate."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._wrote_at = -_TRUSTED_S
        self.inbox = StoredInbox(runner)
        self.incidents = StoredIncidents(runner)
        self.outbox = StoredOutbox(runner)
        self.pictures = StoredPictures(runner)
        self.silences = StoredSilences(runner)
        self.audit = StoredAudit(runner)
        self.keepsakes = StoredKeepsakes(runner)
        self.investigations = StoredInvestigations(runner)
        self.changes = StoredChanges(runner)
        self.annotations = StoredAnnotations(runner)
        self.memories = StoredMemories(runner)
        self.ledger = StoredLedger(runner)
        self.jobs = StoredJobs(runner)
        self.escalations = StoredEscalations(runner)
        self.overrides = StoredOverrides(runner)
        self.digests = StoredDigests(runner)
        self.posted = StoredCards(runner)
        self.histories = StoredHistories(runner)
        self.views = StoredViews(runner)

    @classmethod
    @asynccontextmanager
    async def open(cls, address: str, *, alone: bool = False) -> AsyncGenerator[Database]:
        """Open, migrate and, at the end, close. Raises ConfigurationError with a sentence.

        With `alone` a file of SQLite is refused that another process has opened so.
        """
        url = driver_url(address)
        if url.get_backend_name() == "sqlite" and url.database:
            _make_folder(Path(url.database).parent)
        async with AsyncExitStack() as stack:
            if alone and url.get_backend_name() == "sqlite":
                _hold(stack, url)
            kind = SqliteRunner if url.get_backend_name() == "sqlite" else PostgresRunner
            try:
                runner: Runner = await stack.enter_async_context(kind.open(url))
                await ensure_schema(runner, url)
                database = cls(runner)
                await database.outbox.suspect()
            except SourceUnavailable as error:
                problem = trouble(error, url, words_of(error.__cause__ or error))
                raise ConfigurationError("errors.database", problem=problem) from error
            except (SQLAlchemyError, OSError, TypeError, ValueError) as error:
                # asyncpg answers a part of the address that it cannot use with TypeError or ValueError.
                problem = trouble(error, url, words_of(error))
                raise ConfigurationError("errors.database", problem=problem) from error
            yield database

    def of_term(self, term: Term) -> Database:
        """Return the same store for one who leads: nothing is written when another term has begun."""
        return self if term.number is None else Database(FencedRunner(self._runner, term))

    async def ping(self) -> None:
        """Raise SourceUnavailable if nothing can be written: a full disk still answers who only reads."""
        if time.monotonic() - self._wrote_at < _TRUSTED_S:
            return
        name = f"ready-{uuid.uuid4().hex}"

        def work(connection: Connection) -> None:
            connection.execute(insert(keepsakes).values(name=name, value=""))
            connection.execute(delete(keepsakes).where(keepsakes.c.name == name))

        await self._runner.write(work)
        self._wrote_at = time.monotonic()

    async def prune(self, before: datetime) -> None:
        """Delete outbox rows and jobs that are done with, proposals nobody confirmed, and bodies 23 days before them.

        Spending and changes go 60 days later; incidents stay, and with them what was said about them.
        """
        inbox, outbox, drafts = tables.inbox, tables.outbox, tables.drafts
        done = inbox.c.state.in_(("shown", "rejected"))

        def work(connection: Connection) -> None:
            connection.execute(delete(inbox).where(done, inbox.c.received_at < before + _SOONER))
            connection.execute(delete(outbox).where(outbox.c.done_at < before))
            connection.execute(delete(tables.jobs).where(tables.jobs.c.done_at < before))
            connection.execute(delete(drafts).where(drafts.c.created_at < before))
            for table in (tables.spending, tables.changes):
                connection.execute(delete(table).where(table.c.at < before - _LONGER))

        await self._runner.write(work)


def driver_url(address: str) -> URL:
    """Translate an address as people write it to the asynchronous driver we use. Raises ConfigurationError."""
    try:
        url = make_url(address)
        # Whichever driver another program would have taken (postgresql+psycopg2://), ours is asyncpg.
        name = "postgresql" if url.drivername.startswith("postgresql+") else url.drivername
        url = url.set(drivername=_DRIVERS[name])
        misread = set("@#/?% ") & set(url.host or "")
    except (ArgumentError, KeyError, ValueError) as error:
        # The address may hold a password, so it is not repeated.
        raise ConfigurationError("errors.database_url") from error
    if misread:
        # The end of a password was taken for the host, so it is not repeated.
        raise ConfigurationError("errors.database_password_unescaped")
    if url.get_backend_name() == "sqlite" and (not url.database or url.database.startswith((":memory:", "file:"))):
        # What lives in memory would be lost, and the migration, another process, could not reach it.
        raise ConfigurationError("errors.database_url")
    return url


def _hold(stack: AsyncExitStack, url: URL) -> None:
    try:
        stack.enter_context(held_alone(Path(url.database or "")))
    except OSError as error:
        raise ConfigurationError("errors.database", problem=trouble(error, url, str(error))) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            "errors.database", problem=Phrase("database.no_folder", folder=str(folder), words=error.strerror or "?")
        ) from error
