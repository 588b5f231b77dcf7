"""Runs pieces of work on a connection as transactions, on either database.

Work is plain synchronous code: a whole transaction is one trip to the database's thread (SQLite) or one greenlet
(PostgreSQL), where an asynchronous SQLite driver makes a trip for every statement; that is five times as long for the
handful of statements between a webhook and its card (bench/alert_to_card.py).
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import logging
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import ConfigurationError, SourceUnavailable
from bot.i18n import Phrase
from bot.store.libpq import postgres_engine

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[Connection], T]
Meanwhile = Callable[[T], None]
Errors = tuple[type[Exception], ...]

# A transaction that lost a race is begun again; the second time it sees what the winner did.
_TRIES = 3
_READ_ONLY_STATE = "25006"
_SERIALIZATION_STATES = frozenset({"40001", "40P01"})
# How long another process may have the file that we are about to use, and how often we look.
_PATIENCE_S, _PAUSE_S = 10, 0.05
_LOGGED_EVERY_S = 60.0
# A thread that waits for the interpreter has it within this time.
_PASSED_ON_S = 0.0001
# 16 MB.
_LOG_PAGES = 4000


class Runner(Protocol):
    """Does work in a transaction. Raises SourceUnavailable when the database does not do it for now."""

    async def write(self, work: Work[T], meanwhile: Meanwhile[T] | None = None) -> T:
        """Do it and commit; any exception rolls everything back.

        `meanwhile` is called with the result while the commit is under way, which may fail.
        """
        ...

    async def read(self, work: Work[T]) -> T:
        """Do it and roll back."""
        ...


class SqliteRunner:
    """One connection in one thread: SQLite has one writer at a time anyway."""

    def __init__(self, connection: Connection, thread: ThreadPoolExecutor, file: Path) -> None:
        self._connection = connection
        self._thread = thread
        self._file = file
        self._opened = _identity(file)
        self._outage = Outage()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: URL) -> AsyncGenerator[SqliteRunner]:
        """Open the file."""
        loop = asyncio.get_running_loop()
        engine = create_engine(url, connect_args={"timeout": _PATIENCE_S, "check_same_thread": False})
        prepare(engine)
        with ThreadPoolExecutor(1, thread_name_prefix="store") as thread:
            connection = await loop.run_in_executor(thread, engine.connect)
            try:
                yield cls(connection, thread, Path(url.database or ""))
            finally:
                await loop.run_in_executor(thread, connection.close)
                await loop.run_in_executor(thread, engine.dispose)

    async def write(self, work: Work[T], meanwhile: Meanwhile[T] | None = None) -> T:
        """Do it and commit."""
        loop = asyncio.get_running_loop()

        def tell(result: T) -> None:
            if meanwhile:
                loop.call_soon_threadsafe(_beside, meanwhile, result)

        with self._outage.told():
            return await loop.run_in_executor(self._thread, self._write, work, tell)

    async def read(self, work: Work[T]) -> T:
        """Do it and roll back."""
        with self._outage.told():
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, work)

    def _write(self, work: Work[T], tell: Meanwhile[T]) -> T:
        if _identity(self._file) != self._opened:
            # It could still be written, and nobody would ever find what was.
            raise FileNotFoundError(errno.ENOENT, "the database's file is gone, start again", str(self._file))
        try:
            with self._connection.begin():
                result = work(self._connection)
                tell(result)
        except DBAPIError:
            # SQLite may leave a transaction open whose commit it refuses, and then the next one cannot begin.
            self._connection.connection.rollback()
            raise
        return result

    def _read(self, work: Work[T]) -> T:
        with self._connection.begin() as transaction:
            result = work(self._connection)
            transaction.rollback()
        return result


class PostgresRunner:
    """A small pool of asynchronous connections."""

    def __init__(self, engine: AsyncEngine, lost: Errors) -> None:
        self._engine = engine
        self._outage = Outage(lost)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: URL) -> AsyncGenerator[PostgresRunner]:
        """Open the pool."""
        # Here, because it is of no use to SQLite. SQLAlchemy translates none of these while it opens a connection.
        from asyncpg import InterfaceError, InternalClientError, PostgresError

        # None beyond the pool's size: such a one is closed when it is given back, politely, and the pool logs a
        # traceback for each that does not answer in time, as after a pause of the whole process.
        engine = postgres_engine(
            url, command_timeout_s=10.0, pool_pre_ping=True, pool_size=5, max_overflow=0, pool_timeout=10
        )
        try:
            yield cls(engine, (InterfaceError, InternalClientError, PostgresError))
        finally:
            await engine.dispose()

    async def write(self, work: Work[T], meanwhile: Meanwhile[T] | None = None) -> T:
        """Do it and commit; a lost race is run again."""
        with self._outage.told():
            for _ in range(_TRIES - 1):
                try:
                    return await self._once(work, meanwhile)
                except DBAPIError as error:
                    if getattr(error.orig, "sqlstate", "") not in _SERIALIZATION_STATES:
                        raise
            return await self._once(work, meanwhile)

    async def read(self, work: Work[T]) -> T:
        """Do it and roll back."""
        with self._outage.told():
            async with self._engine.connect() as connection:
                return await connection.run_sync(work)

    async def _once(self, work: Work[T], meanwhile: Meanwhile[T] | None) -> T:
        async with self._engine.begin() as connection:
            try:
                result = await connection.run_sync(work)
                if meanwhile:
                    asyncio.get_running_loop().call_soon(meanwhile, result)
                return result
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", "") == _READ_ONLY_STATE:
                    # A session stays as it began, also when the server takes writes again: the next one is a new one.
                    await connection.invalidate()
                raise


def _beside(meanwhile: Meanwhile[T], result: T) -> None:
    """Do something while the thread that has told of it waits for the disk."""
    # It gets there only with the interpreter, which we would keep until all is done.
    time.sleep(_PASSED_ON_S)
    meanwhile(result)


def prepare(engine: Any, *, foreign_keys: bool = True) -> None:
    """Have an engine of SQLite commit to the disk, and roll back whole transactions, tables included."""

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:  # pyright: ignore[reportUnusedFunction]
        # Python's driver would begin a read transaction by itself and fail when it turns into a writing one.
        connection.isolation_level = None
        cursor = connection.cursor()
        _keep_a_log(cursor)
        # FULL: a committed body is on the disk, not in a cache, when 202 goes out.
        cursor.execute("PRAGMA synchronous=FULL")
        # A body of megabytes would otherwise be copied from the log into the database with each commit.
        cursor.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
        cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    # IMMEDIATE, because a copy of the program or a backup may hold the file too. Here, and not as a statement when a
    # transaction begins: that would be as long on its way through SQLAlchemy as any other.
    engine.dialect.do_begin = lambda connection: connection.execute("BEGIN IMMEDIATE")


def _keep_a_log(cursor: Any) -> None:
    """Switch to a write-ahead log; SQLite's own patience does not hold for this statement, whoever has the file."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def words_of(error: BaseException) -> str:
    """Return what the database itself said, without the statement and its values."""
    return str(getattr(error, "orig", None) or error)[:300] or type(error).__name__


class Outage:
    """A full disk, a locked file or a lost server as our own error, and in the log once a minute, and when it is over."""

    def __init__(self, lost: Errors = ()) -> None:
        self._weather: Errors = (DBAPIError, PoolTimeout, OSError, *lost)
        self._logged_at: float | None = None

    @contextmanager
    def told(self) -> Generator[None]:
        """Guard a piece of work. Raises SourceUnavailable."""
        try:
            yield
        except (DataError, IntegrityError, ProgrammingError):
            # These are defects of ours, not weather; they stay what they are.
            raise
        except self._weather as error:
            if self._logged_at is None or time.monotonic() - self._logged_at > _LOGGED_EVERY_S:
                # PostgreSQL names users and hosts, and /readyz answers everybody: words to the log, the kind to the asker.
                log.warning("the database failed: %s", words_of(error))
                self._logged_at = time.monotonic()
            raise SourceUnavailable("store", type(getattr(error, "orig", None) or error).__name__) from error
        if self._logged_at is not None:
            self._logged_at = None
            log.info("the database works again")


def _identity(file: Path) -> tuple[int, int] | None:
    """Tell a file from one that was put in its place."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def held_alone(file: Path) -> Generator[None]:
    """Keep a second process from the same file, however this one ends. Raises ConfigurationError."""
    lock = file.with_name(f"{file.name}.lock")
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            problem = Phrase("database.held", place=str(file.absolute()))
            raise ConfigurationError("errors.database", problem=problem) from error
        yield
