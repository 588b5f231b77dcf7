"""Two replicas on a real PostgreSQL: the one that leads is killed, suspended, cut off or replaced, and nobody notices.

Times of taking over are printed (`-s`), never compared: they say as much about the machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import time
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
import asyncpg
import pytest
from sqlalchemy import make_url

from bot.store.database import Database
from playground.demo import Bot
from playground.world import CHANNELS
from tests.builders import alertmanager_body
from tests.e2e.conftest import Alarm
from tests.person import text_of
from tests.postgres import create_database
from tests.stalling import StallingProxy

PATIENCE_S = 90
LEASE_S = 2.0


@dataclass
class Replicas:
    """Two processes on one database, and what was sent to them."""

    playground: object
    address: str
    bots: list[Bot]
    session: aiohttp.ClientSession
    sent: int = 0

    async def role(self, bot: Bot) -> tuple[int, str]:
        try:
            status, body = await Alarm(bot, self.session).get("/readyz")
        except aiohttp.ClientError:
            return 0, ""
        return status, json.loads(body)["role"]

    async def leader(self, *others: Bot) -> Bot:
        """Wait for one that leads and whose gateway is connected."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for bot in self.bots:
                    if bot not in others and await self.role(bot) == (200, "leading"):
                        return bot
                await asyncio.sleep(0.05)

    def other(self, bot: Bot) -> Bot:
        return next(each for each in self.bots if each is not bot)

    async def send(self, *bots: Bot, severity: str = "critical", status: str = "firing", number: int | None = None):
        """Send one alert as Alertmanager does, to one after the other until it is answered 202."""
        if number is None:
            self.sent += 1
            number = self.sent
        body = alertmanager_body(f"Trouble{number}x", severity=severity, status=status, env=f"e{number}")
        async with asyncio.timeout(PATIENCE_S):
            for attempt in range(100_000):
                bot = (bots or self.bots)[attempt % len(bots or self.bots)]
                try:
                    async with asyncio.timeout(5):
                        if await Alarm(bot, self.session).send(body) == 202:
                            return number
                except (aiohttp.ClientError, TimeoutError):
                    await asyncio.sleep(0.02)
        raise AssertionError("nobody takes it")

    def cards(self):
        """Return the cards by the number of their alert, with the emoji of their state."""
        found: dict[int, list[str]] = {}
        for message in self.playground.state.messages[CHANNELS["alert-urgent"]].values():
            words = text_of(message)
            for number in set(re.findall(r"Trouble(\d+)x", words)):
                found.setdefault(int(number), []).append(words)
        return found

    def calls(self):
        """Return how often @here was called, over all messages."""
        said = self.playground.state.messages[CHANNELS["alert-urgent"]].values()
        return sum(message["_pinged"].count("@here") for message in said)

    async def shown(self, numbers, words=""):
        async with asyncio.timeout(PATIENCE_S):
            while not all(any(words in card for card in self.cards().get(each, [])) for each in numbers):
                await asyncio.sleep(0.05)

    async def settled(self):
        async with asyncio.timeout(PATIENCE_S):
            while await self.waiting():
                await asyncio.sleep(0.1)

    async def waiting(self):
        connection = await asyncpg.connect(self.address)
        try:
            inbox = await connection.fetchval("SELECT count(*) FROM inbox WHERE state IN ('received', 'applied')")
            return inbox + await connection.fetchval(
                "SELECT count(*) FROM outbox WHERE done_at IS NULL AND kind = 'card'"
            )
        finally:
            await connection.close()

    async def nothing_lost_or_twice(self):
        """Check that each alert has one card, and that each called once."""
        await self.shown(range(1, self.sent + 1))
        await self.settled()
        assert {number: len(cards) for number, cards in self.cards().items()} == dict.fromkeys(
            range(1, self.sent + 1), 1
        )
        assert self.calls() == self.sent


@asynccontextmanager
async def two(playground, tmp_path, address, through=None):
    """Start two replicas; the first one reaches the database `through` another port, if one is given."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        bots = []
        for name in ("a", "b"):
            folder = tmp_path / name
            folder.mkdir()
            bot = Bot(playground, folder, language="en")
            bot.environment |= {"DATABASE_URL": address, "LEADER_LEASE_S": str(LEASE_S)}
            if through and not bots:
                bot.environment["DATABASE_URL"] = through
            stack.push_async_callback(bot.stop)
            bots.append(bot)
            # One after the other, so that the first one leads.
            await bot.start(60)
        yield Replicas(playground, address, bots, session)


@pytest.fixture(scope="module")
def template(postgres):
    name = f"template_{uuid.uuid4().hex}"
    address = create_database(postgres, name)

    async def make():
        async with Database.open(address):
            pass

    asyncio.run(make())
    return name


@pytest.fixture
def address(postgres, template):
    return create_database(postgres, f"r{uuid.uuid4().hex}", template)


async def took_over(replicas, before, began, what):
    after = await replicas.leader(before)
    print(f"\n{what}: another one led after {time.monotonic() - began:.1f} s (lease {LEASE_S:g} s)")  # noqa: T201 - asked for
    return after


@pytest.mark.timeout(300)
async def test_when_the_leader_is_killed_the_other_leads_and_nothing_is_lost_or_twice(playground, tmp_path, address):
    async with two(playground, tmp_path, address) as replicas:
        leader = await replicas.leader()
        standby = replicas.other(leader)
        assert await replicas.role(standby) == (200, "standby")
        assert "bongsu_leader 0.0" in (await Alarm(standby, replicas.session).get("/metrics"))[1]
        # What the standby takes, the leader shows.
        await replicas.send(standby)
        await replicas.shown([1])
        sending = [asyncio.create_task(replicas.send()) for _ in range(6)]

        began = time.monotonic()
        leader.process.kill()
        await asyncio.gather(*sending)
        await replicas.send(standby)
        await took_over(replicas, leader, began, "killed")
        await replicas.send(standby, status="resolved", number=1)

        await replicas.shown([1], "🟢")
        await replicas.nothing_lost_or_twice()
        assert "bongsu_leader 1.0" in (await Alarm(standby, replicas.session).get("/metrics"))[1]


@pytest.mark.timeout(300)
async def test_a_leader_that_was_suspended_says_and_writes_nothing_when_it_wakes(playground, tmp_path, address):
    async with two(playground, tmp_path, address) as replicas:
        leader = await replicas.leader()
        standby = replicas.other(leader)
        await replicas.send(leader)
        await replicas.shown([1])
        # In the middle of its work.
        sending = [asyncio.create_task(replicas.send(standby)) for _ in range(4)]
        await asyncio.sleep(0.05)

        began = time.monotonic()
        os.kill(leader.process.pid, signal.SIGSTOP)
        try:
            await asyncio.gather(*sending)
            await took_over(replicas, leader, began, "suspended")
            await replicas.send(standby, status="resolved", number=1)
            await replicas.shown([1], "🟢")
        finally:
            os.kill(leader.process.pid, signal.SIGCONT)
        async with asyncio.timeout(PATIENCE_S):
            while await replicas.role(leader) != (200, "standby"):
                await asyncio.sleep(0.05)

        await replicas.nothing_lost_or_twice()
        assert "🟢" in replicas.cards()[1][0]


@pytest.mark.timeout(300)
async def test_a_leader_that_is_cut_off_from_postgresql_gives_up_and_comes_back(playground, tmp_path, address):
    port = make_url(address).port
    async with StallingProxy.open(port) as proxy:
        through = address.replace(f":{port}/", f":{proxy.port}/")
        async with two(playground, tmp_path, address, through) as replicas:
            leader = await replicas.leader()
            standby = replicas.other(leader)
            assert leader is replicas.bots[0]
            await replicas.send(leader)
            await replicas.shown([1])

            began = time.monotonic()
            proxy.stall()
            await replicas.send(standby)
            await took_over(replicas, leader, began, "cut off")
            await replicas.send(standby)
            await replicas.shown([2, 3])
            proxy.go_on()
            async with asyncio.timeout(PATIENCE_S):
                while await replicas.role(leader) != (200, "standby"):
                    await asyncio.sleep(0.05)
            await replicas.send(leader)

            await replicas.nothing_lost_or_twice()


@pytest.mark.timeout(300)
async def test_a_rolling_upgrade_loses_nothing(playground, tmp_path, address):
    async with two(playground, tmp_path, address) as replicas:
        going_on = True

        async def keep_sending():
            while going_on:
                await replicas.send()
                await asyncio.sleep(0.2)

        sending = asyncio.create_task(keep_sending())
        for bot in list(replicas.bots):
            # As an orchestrator does: the next one when this one is ready again.
            began = time.monotonic()
            led = (await replicas.role(bot))[1] == "leading"
            bot.process._child.terminate()
            if led:
                await took_over(replicas, bot, began, "stopped")
            await bot.process.wait()
            await bot.start(60)
        going_on = False
        await sending

        assert replicas.sent >= 4
        await replicas.nothing_lost_or_twice()
