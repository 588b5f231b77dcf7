"""Runs the program until a signal: store and HTTP server once, what leads as often as this process does."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bot.app import memory
from bot.app.http_server import HttpServer, http_server
from bot.app.leader import Leader, assembled
from bot.app.premises import require_identity
from bot.app.settings import Settings
from bot.app.stopping import end_within, stop_by_signal
from bot.domain.owners import Catalogue
from bot.errors import SourceUnavailable
from bot.ports import Clock
from bot.store.database import Database, driver_url
from bot.store.fence import Term

if TYPE_CHECKING:
    from bot.store.election import Election

log = logging.getLogger(__name__)

_PAUSE_S: Final = 1.0
_CLOSED_WITHIN_S: Final = 30.0


def now() -> datetime:
    """Tell the time: the clock of the program."""
    return datetime.now(UTC)


async def run(settings: Settings, catalogue: Catalogue, clock: Clock = now) -> None:
    """Run Bongsu until SIGTERM or SIGINT, and end within seconds of it. Raises ConfigurationError if it cannot start or go on.

    Only the playground has a clock of its own.
    """
    require_identity(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop_by_signal, stop)
    async with opened(settings, catalogue, clock) as process:
        waiting = asyncio.create_task(stop.wait())
        leading = asyncio.create_task(process.lead(), name="lead")
        try:
            # It ends only because of something it cannot mend: say so and let the supervisor start us again.
            await asyncio.wait([waiting, leading], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended = leading.done()
            for task in (waiting, leading):
                task.cancel()
            await asyncio.gather(waiting, leading, return_exceptions=True)
        if ended:
            leading.result()
    log.info("stopped")


@dataclass(slots=True)
class Leads:
    """The term of this process, if it has one."""

    term: Term | None = None

    def __call__(self) -> bool:
        """Tell whether this process leads now."""
        return self.term is not None and self.term.holds()


class RunningBot:
    """Store and HTTP server, and what is opened besides while this process leads."""

    def __init__(
        self, settings: Settings, catalogue: Catalogue, store: Database, server: HttpServer, leads: Leads, clock: Clock
    ) -> None:
        self._settings, self._catalogue, self._clock = settings, catalogue, clock
        self._store, self._server, self._leads = store, server, leads

    async def lead(self) -> None:
        """Lead whenever no other process does, for ever. Raises what ends a worker."""
        election = _election(self._settings)
        if election is None:
            while True:
                if await self._begun(Term()):
                    return
                await asyncio.sleep(_PAUSE_S)
        election.on_arrival(self._server.bell.ring)
        election.on_standby(self._server.stand_by)
        # What cannot be put together is found out before it is needed, and all is loaded by then.
        async with self._leader(Term(0)):
            pass
        while True:
            async with election.term() as term:
                log.info("this process leads (term %s)", term.number)
                await self._begun(term)
                self._server.stand_by()
            log.warning("this process no longer leads")
            await asyncio.sleep(_PAUSE_S)

    async def _begun(self, term: Term) -> bool:
        """Lead through a term; False if the store did not take what is written at the beginning."""
        try:
            await self._through(term)
        except SourceUnavailable as error:
            log.warning("this process could not begin to lead: %s", error)
            return False
        return True

    async def _through(self, term: Term) -> None:
        """Lead until the term is over; what cannot be closed then ends the process, so that it can lead again."""
        self._leads.term = term
        closing: threading.Timer | None = None
        try:
            async with self._leader(term) as leader:
                await leader.begin()
                memory.settle()
                self._server.lead(leader.pings)
                tasks = [asyncio.create_task(work(), name=name) for name, work in leader.work.items()]
                try:
                    await _work(tasks, term)
                finally:
                    # Before anything is closed: what hangs then is what this is about.
                    closing = end_within(_CLOSED_WITHIN_S)
                    await _ended(tasks, leader)
        finally:
            self._leads.term = None
            if closing:
                closing.cancel()

    def _leader(self, term: Term) -> AbstractAsyncContextManager[Leader]:
        return assembled(self._settings, self._catalogue, self._store, self._server, term, self._clock)


@asynccontextmanager
async def opened(settings: Settings, catalogue: Catalogue, clock: Clock) -> AsyncGenerator[RunningBot]:
    """Open store and HTTP server. Raises ConfigurationError."""
    leads = Leads()
    if election := _election(settings):
        await election.require_sessions()
    async with (
        Database.open(settings.database_url.get_secret_value(), alone=True) as store,
        http_server(settings, catalogue, store, leads, clock) as server,
    ):
        yield RunningBot(settings, catalogue, store, server, leads, clock)


async def _work(tasks: Sequence[asyncio.Task[None]], term: Term) -> None:
    """Wait while a leader does all it does, until its term is over. Raises what ends a worker."""
    over = asyncio.create_task(term.over.wait())
    try:
        done, _ = await asyncio.wait([over, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        over.cancel()
    for task in done - {over}:
        task.result()


async def _ended(tasks: Sequence[asyncio.Task[None]], leader: Leader) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await leader.client.close()


def _election(settings: Settings) -> Election | None:
    url = driver_url(settings.database_url.get_secret_value())
    if url.get_backend_name() == "sqlite":
        return None
    # Here, because its driver is of no use to SQLite.
    from bot.store.election import Election

    return Election(url, settings.leader_lease_s)
