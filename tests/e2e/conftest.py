"""The real process between the playground and, where a test wants them, real monitors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from playground.demo import Bot
from playground.server import Playground
from tests.referee import Referee


def judge(playground: Playground) -> None:
    """Fail on a route the playground does not know, and on a request that Discord would not take."""
    assert playground.records.unhandled == []
    referee = Referee.load()
    if referee:
        problems = [problem for record in playground.records.requests for problem in referee.errors(record)]
        assert problems == []


class Alarm:
    """The sender of webhooks, as Alertmanager would be."""

    def __init__(self, bot: Bot, session: aiohttp.ClientSession) -> None:
        self.bot = bot
        self.session = session

    async def send(self, body: bytes, source: str = "alertmanager", token: str | None = None) -> int:
        headers = {"Authorization": f"Bearer {self.bot.token if token is None else token}"}
        async with self.session.post(f"{self.bot.url}/webhooks/{source}", data=body, headers=headers) as response:
            await response.read()
            return response.status

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(f"{self.bot.url}{path}") as response:
            return response.status, await response.text()


@asynccontextmanager
async def alarm_of(bot: Bot) -> AsyncIterator[Alarm]:
    async with aiohttp.ClientSession() as session:
        yield Alarm(bot, session)


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground.open(limited=False) as opened:
        yield opened
        judge(opened)


@pytest.fixture
async def bot(playground: Playground, tmp_path: Path, empty_sqlite: Path) -> AsyncIterator[Bot]:
    # A migration is a process of its own; that a start makes one is seen in test_installed and the demo.
    (tmp_path / "bongsu.db").write_bytes(empty_sqlite.read_bytes())
    made = Bot(playground, tmp_path, language="en")
    try:
        yield made
    finally:
        await made.stop()


@pytest.fixture
async def alarm(bot: Bot) -> AsyncIterator[Alarm]:
    await bot.start()
    async with alarm_of(bot) as opened:
        yield opened
