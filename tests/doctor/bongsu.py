"""The real door of Bongsu over a real store, and a hand that marks what came in as shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, update

from bot.errors import SourceUnavailable
from bot.store.database import Database
from bot.store.tables import inbox
from bot.web.connections import listening
from bot.web.credentials import Credentials
from tests.web.doors import listener_of

TOKEN = "t0ken"


def now() -> datetime:
    return datetime.now(UTC)


class Door:
    """Where it listens; `to` is the state that whatever comes in is brought to, and `down` what does not answer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.port = 0
        self.to = "shown"
        self.down: set[str] = set()
        self.waiting = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ping(self, name: str):
        async def ping() -> None:
            if name in self.down:
                raise SourceUnavailable(name, "no answer")

        return ping

    async def work(self) -> None:
        while True:
            await self.waiting.wait()
            self.waiting.clear()
            await self.database._runner.write(self.mark)

    def mark(self, connection: Connection) -> None:
        connection.execute(update(inbox).where(inbox.c.state == "received").values(state=self.to))

    async def bodies(self) -> list[dict]:
        """Return what has come in and is not marked as anything yet."""
        return [json.loads(each.body) for each in await self.database.inbox.pending(10)]


@asynccontextmanager
async def door_of(database: Database) -> AsyncIterator[Door]:
    door = Door(database)
    listener = listener_of(
        database,
        now,
        credentials=Credentials(token=TOKEN),
        wake=door.waiting.set,
        pings={name: door.ping(name) for name in ("store", "discord")},
    )
    async with listening(listener.application(), "127.0.0.1", 0) as door.port:
        working = asyncio.create_task(door.work())
        try:
            yield door
        finally:
            working.cancel()
