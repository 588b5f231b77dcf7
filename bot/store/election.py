"""Elects the process that leads: a lock of PostgreSQL's, held by a connection of its own, and a lease.

The lock is the session's, so it is free as soon as PostgreSQL knows that the leader has died. A leader that hangs keeps it;
so the leader raises a number in the store again and again (`beat`), and one who sees it stand still for longer than a lease
ends that session. The leader itself trusts its lease from the moment in which it began to ask for it, so it stops first.
No clock is compared with another machine's. What a suspended leader may still hold is kept out of the store by its
term's number (`bot.store.fence`).

Not SQLAlchemy's connection: its pool gives one back with its lock, and goes on with another session when one is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import asyncpg
from sqlalchemy import URL
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from bot.errors import ConfigurationError
from bot.i18n import Phrase
from bot.store.fence import Term, boot_time
from bot.store.inbox import ARRIVED
from bot.store.libpq import translated
from bot.store.trouble import place_of

log = logging.getLogger(__name__)

# Together with the schema it names the lock; nothing else in the database takes it.
_LOCK: Final = 2026_1128
_MINE: Final = f"({_LOCK}, hashtext(current_schema()))"
_HELD: Final = (
    f"locktype = 'advisory' AND granted AND classid = {_LOCK} AND objsubid = 2 "  # noqa: S608 - numbers of ours
    "AND objid::bigint = hashtext(current_schema())::bigint & 4294967295 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_SIGN: Final = "SELECT string_agg(value::text, '.' ORDER BY name) FROM leadership"
# In one statement, or it would end the session of one who has just begun.
_OUST: Final = f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {_HELD} AND ({_SIGN}) = $1"  # noqa: S608
_BEGIN: Final = "UPDATE leadership SET value = value + 1 WHERE name = 'term' RETURNING value"
_RENEW: Final = (
    "UPDATE leadership SET value = value + 1 WHERE name = 'beat' "
    "AND (SELECT value FROM leadership WHERE name = 'term') = $1 RETURNING pg_backend_pid()"
)
# Whoever has the lock and finds another one's transaction in the way knows that it is of an earlier term: a suspended
# process has begun it and will not end it.
_END_EARLIER: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'leadership'::regclass "
    "AND pid <> pg_backend_pid() AND mode IN ('RowShareLock', 'RowExclusiveLock')"
)
_PID: Final = "SELECT pg_backend_pid()"
_PATIENCE: Final = "SET LOCAL lock_timeout = '1s'"
_LOGGED_EVERY_S: Final = 60.0
_CLOSING_S: Final = 2.0
_HOLDERS: Final = 3
_TRIES: Final = 4
# What a connection answers with that is lost, or is being lost; InternalClientError where it has read that its session
# ends, and not yet that it is closed.
_FAILURES: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class Election:
    """Waits until this process leads, and keeps it leading while its connection lives."""

    def __init__(self, url: URL, lease_s: float) -> None:
        self._url = url
        self._lease_s = lease_s
        self._beat_s, self._poll_s = lease_s / 4, lease_s / 6
        self._connection: Any = None
        self._pid = 0
        self._seen: tuple[str, float] = ("", 0.0)
        self._logged_at = -_LOGGED_EVERY_S
        self._term: Term | None = None
        self._arrived: Callable[[], None] = lambda: None
        self._stand_by: Callable[[], None] = lambda: None

    def on_standby(self, callback: Callable[[], None]) -> None:
        """Have somebody told each time when this process has found that it does not lead."""
        self._stand_by = callback

    def on_arrival(self, callback: Callable[[], None]) -> None:
        """Have somebody woken, while this process leads, when any process has stored a webhook."""
        self._arrived = callback

    async def require_sessions(self) -> None:
        """Raise ConfigurationError if what answers gives each transaction another session: no lock would hold."""
        try:
            shared = await _shares_sessions(self._connect)
        except _FAILURES:
            # Whoever opens the store next says what is wrong.
            return
        if shared:
            raise ConfigurationError(
                "errors.database", problem=Phrase("database.pooled", place=place_of(self._url), words="")
            )

    @asynccontextmanager
    async def term(self) -> AsyncGenerator[Term]:
        """Wait until this process leads; the term's `over` is set when it no longer does."""
        self._term = term = await self._won()
        keeping = asyncio.create_task(self._keep(term))
        try:
            yield term
        finally:
            keeping.cancel()
            (ended,) = await asyncio.gather(keeping, return_exceptions=True)
            if isinstance(ended, Exception):
                log.error("the lease could not be kept", exc_info=ended)
            term.over.set()
            self._term = None
            await self._close()

    async def _won(self) -> Term:
        try:
            while True:
                try:
                    term = await self._campaign()
                except _FAILURES as error:
                    self._tell(error)
                    self._drop()
                    term = None
                if term is not None:
                    return term
                self._stand_by()
                await asyncio.sleep(self._poll_s)
        except asyncio.CancelledError:
            self._drop()
            raise

    async def _campaign(self) -> Term | None:
        """Take the lock if it is free; end the session of one who has it and hangs."""
        connection = await self._connected()
        before = boot_time()
        if await connection.fetchval(f"SELECT pg_try_advisory_lock{_MINE}"):
            number = await self._begin(connection)
            return Term(number, before + self._lease_s)
        sign = str(await connection.fetchval(_SIGN))
        if sign != self._seen[0]:
            self._seen = (sign, boot_time())
        elif boot_time() - self._seen[1] > self._lease_s + self._poll_s:
            log.warning("the process that leads has not been heard of for %.0f s, taking over", self._lease_s)
            await connection.fetch(_OUST, sign)
        return None

    async def _begin(self, connection: Any) -> int:
        """Begin a term; nothing of an earlier one is written after it."""
        for _ in range(_TRIES):
            try:
                async with connection.transaction():
                    await connection.execute(_PATIENCE)
                    return await connection.fetchval(_BEGIN)
            except asyncpg.LockNotAvailableError:
                await connection.fetch(_END_EARLIER)
        raise TimeoutError("a transaction of the process that led before does not end")

    async def _keep(self, term: Term) -> None:
        """Renew the lease until it cannot be renewed in time; however that ends, the term is over."""
        try:
            await self._renew_in_time(term)
        finally:
            term.over.set()

    async def _renew_in_time(self, term: Term) -> None:
        """Go on while the lease lasts; a connection that is lost is made anew meanwhile."""
        pause_s = self._beat_s
        while boot_time() < term.lease_until:
            await asyncio.sleep(pause_s)
            before = boot_time()
            try:
                async with asyncio.timeout(max(term.lease_until - before, 0.0)):
                    if not await self._renew(term):
                        break
            except _FAILURES as error:
                self._tell(error)
                term.locked = False
                self._drop()
                pause_s = self._poll_s / 2
                continue
            term.lease_until, term.locked, pause_s = before + self._lease_s, True, self._beat_s

    async def _renew(self, term: Term) -> bool:
        """Tell whether this process still leads. Raises what its connection raises."""
        held, connection = self._connection is not None, await self._connected()
        # Locks are re-entrant: taken once for each connection.
        if not held and not await connection.fetchval(f"SELECT pg_try_advisory_lock{_MINE}"):
            raise TimeoutError("the lock is held by another session")
        return await connection.fetchval(_RENEW, term.number) == self._pid

    async def _connected(self) -> Any:
        if self._connection is None:
            # Kept at once, so that whoever fails over the rest drops it.
            self._connection = connection = await self._connect()
            connection.add_termination_listener(self._terminated)
            self._pid = await connection.fetchval(_PID)
            await connection.add_listener(ARRIVED, lambda *_: self._arrived())
        return self._connection

    async def _connect(self) -> Any:
        address, arguments = translated(self._url)
        _, options = dialect().create_connect_args(address)
        options.pop("prepared_statement_cache_size", None)
        patience = min(arguments.pop("timeout"), self._lease_s)
        # Statements that are kept would be another session's behind a pooler.
        arguments |= options | {"statement_cache_size": 0, "command_timeout": self._lease_s, "timeout": patience}
        return await asyncpg.connect(**arguments)

    def _terminated(self, connection: Any) -> None:
        if connection is self._connection:
            self._connection = None
            if self._term:
                self._term.locked = False

    def _drop(self) -> None:
        """End the connection without asking anybody who may not answer."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*_FAILURES):
                await connection.close(timeout=_CLOSING_S)

    def _tell(self, error: BaseException) -> None:
        if boot_time() - self._logged_at > _LOGGED_EVERY_S:
            log.warning("who leads cannot be asked (%s), going on trying", str(error) or type(error).__name__)
            self._logged_at = boot_time()


async def _shares_sessions(connect: Callable[[], Awaitable[Any]]) -> bool:
    """Tell whether the transactions of one connection are given to different sessions, as PgBouncer can do."""
    async with AsyncExitStack() as stack:

        async def opened() -> Any:
            connection = await connect()
            stack.callback(connection.terminate)
            return connection

        ours = await opened()
        async with ours.transaction():
            session = await ours.fetchval(_PID)
        if ours.get_server_pid() == session:
            return False
        others = set[int]()
        for _ in range(_HOLDERS):
            other = await opened()
            # Begun and not ended, so that each holds what it was given: in the end what was ours.
            await other.execute("BEGIN")
            others.add(await other.fetchval(_PID))
        async with ours.transaction():
            return session in others or await ours.fetchval(_PID) != session
