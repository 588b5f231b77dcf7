"""One seed: alerts are told, acknowledged and resolved while the process is killed and Discord fails; then all is compared."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp

from playground.demo import Bot
from playground.server import Playground
from playground.world import CHANNELS
from tests.builders import alertmanager_body
from tests.chaos.checker import Account, Seen, problems
from tests.e2e.conftest import Alarm
from tests.person import Person, text_of

PATIENCE_S = 60
_POST = r"POST /api/v\d+/channels/\d+/messages"
_EDIT = r"PATCH /api/v\d+/channels/\d+/messages"
_NAME = re.compile(r"Chaos\d+x\d+")
SEVERITIES = ("critical", "high", "warning")
# What Discord does to a request or a connection; each is one draw.
FAULTS: dict[str, dict[str, Any]] = {
    "error 500": {"kind": "error", "route": _POST, "times": 2, "status": 500},
    "error 502": {"kind": "error", "route": ".*", "times": 3, "status": 502},
    "rate limit": {"kind": "rate_limit", "route": _POST, "times": 2, "seconds": 0.3},
    "rate limit of edits": {"kind": "rate_limit", "route": _EDIT, "times": 2, "seconds": 0.3},
    "reset": {"kind": "drop", "route": _POST, "times": 2},
    "reset after it took the message": {"kind": "drop", "route": _POST, "times": 1, "after": True},
    "error after it took the message": {"kind": "error", "route": _POST, "times": 1, "status": 500, "after": True},
    "reset after it took the edit": {"kind": "drop", "route": _EDIT, "times": 1, "after": True},
    "slow": {"kind": "delay", "route": ".*", "times": 3, "seconds": 1.0},
    "time-out": {"kind": "hang", "route": _POST, "times": 1, "seconds": 20.0},
    "op 7": {}, "op 9": {}, "close": {}, "gateway away": {},
}  # fmt: skip


class Episode:
    """What a seed draws, done to a process in a folder."""

    def __init__(self, seed: int, playground: Playground, folder: Path, command: list[str] | None = None) -> None:
        self.seed, self.playground, self.folder = seed, playground, folder
        self.chance = random.Random(seed)
        self.account = Account()
        self.bot = Bot(playground, folder, language="en")
        self.bot.command = command or [sys.executable, "-m", "bot", "run"]
        self.drawn: list[str] = []
        self.kills = 0
        self._over = asyncio.Event()
        self._pressing = asyncio.Lock()

    async def run(self) -> list[str]:
        """Do all of it and return what is wrong."""
        try:
            await self.bot.start(PATIENCE_S)
            async with (
                aiohttp.ClientSession() as session,
                Person.join(self.playground.url, "minji", locale="en-US") as minji,
            ):
                alarm = Alarm(self.bot, session)
                names = [f"Chaos{self.seed}x{number}" for number in range(4)]
                troubles = asyncio.gather(self._kill(), self._spoil())
                await asyncio.gather(*(self._tell(alarm, minji, name) for name in names))
                self._over.set()
                await troubles
                self.playground.faults.clear()
                self.playground.gateway.refusing = self.playground.gateway.forgetting = False
                await self._settle()
                return problems(self._audit())
        finally:
            await self.bot.stop()

    async def _tell(self, alarm: Alarm, minji: Person, name: str) -> None:
        """Let one alert fire, and perhaps be acknowledged, and perhaps end."""
        severity = self.account.severity[name] = self.chance.choice(SEVERITIES)
        ends, acknowledged = self.chance.random() < 0.6, self.chance.random() < 0.5
        await asyncio.sleep(self.chance.random() * 2)
        await self._send(alarm, name, severity, "firing")
        if acknowledged:
            await self._acknowledge(minji, name)
        if ends:
            await asyncio.sleep(self.chance.random())
            if any(not card.over for card in self._cards().get(name, [])):
                self.account.shown_firing.add(name)
            await self._send(alarm, name, severity, "resolved")

    async def _send(self, alarm: Alarm, name: str, severity: str, status: str) -> None:
        body = alertmanager_body(name, severity=severity, status=status, env=name, service=name.lower())
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    if await alarm.send(body) == 202:
                        self.account.answered[name] = status
                        return
                await asyncio.sleep(0.05)

    async def _acknowledge(self, minji: Person, name: str) -> None:
        """Press the button, as a person does: again, while nobody answers."""
        for _ in range(3):
            with contextlib.suppress(TimeoutError, StopIteration, AssertionError):
                card = await minji.wait_message(lambda message: name in text_of(message), 15)
                # One at a time, so that the answer is known to be this one's.
                async with self._pressing:
                    told = await minji.press(card, "Acknowledge", 10)
                if "You have #" in text_of(told):
                    self.account.acknowledged.add(name)
                return

    async def _kill(self) -> None:
        """Kill it at random instants, as a power cut would, and start it again."""
        for _ in range(self.chance.randint(1, 2)):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), self.chance.random() * 3)
            process = self.bot.process
            assert process is not None
            process.kill()
            await process.wait()
            self.kills += 1
            await self.bot.launch()

    async def _spoil(self) -> None:
        """Order faults at random instants."""
        gateway = self.playground.gateway
        for name in self.chance.sample(sorted(FAULTS), 3):
            self.drawn.append(name)
            if name == "op 7":
                await gateway.reconnect()
            elif name == "close":
                await gateway.drop()
            elif name == "op 9":
                gateway.forgetting = True
                await gateway.drop()
            elif name == "gateway away":
                gateway.refusing = True
                await gateway.drop()
            else:
                details = dict(FAULTS[name])
                self.playground.faults.order(details.pop("kind"), **details)
            await asyncio.sleep(self.chance.random())

    async def _settle(self) -> None:
        """Wait until nothing waits, or the patience is over: then the checker says so."""
        process = self.bot.process
        assert process is not None
        await process.ready(f"{self.bot.url}/readyz", PATIENCE_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while self._waiting():
                    await asyncio.sleep(0.2)

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.folder}/bongsu.db?mode=ro", uri=True, timeout=10)) as store:
            return store.execute(query).fetchall()

    def _waiting(self) -> int:
        bodies = self._ask("SELECT count(*) FROM inbox WHERE state IN ('received', 'applied')")[0][0]
        rows = "SELECT count(*) FROM outbox WHERE done_at IS NULL AND inquiry IS NULL AND page IS NOT 'picture'"
        return bodies + self._ask(rows)[0][0]

    def _messages(self) -> list[dict[str, Any]]:
        places = self.playground.state.messages
        return [message for channel in CHANNELS.values() for message in places.get(channel, {}).values()]

    def _cards(self) -> dict[str, list[Seen]]:
        found: dict[str, list[Seen]] = {}
        for message in self._messages():
            words = text_of(message)
            if message.get("components"):
                for name in set(_NAME.findall(words)):
                    found.setdefault(name, []).append(Seen(words, message["_pinged"].count("@here")))
        return found

    def _audit(self) -> Account:
        self.account.cards = self._cards()
        calls: dict[str, int] = {}
        for message in self._messages():
            for name in set(_NAME.findall(text_of(message))):
                calls[name] = calls.get(name, 0) + message["_pinged"].count("@here")
        self.account.calls = calls
        titles = self._ask("SELECT title, state FROM incidents ORDER BY number")
        self.account.stored = {name[0]: state for title, state in titles if (name := _NAME.findall(title))}
        self.account.waiting = self._waiting()
        return self.account
