"""What surrounds the bot in an episode: Discord, a database, servers that are asked; and what happens there, at once."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from playground.monitors import _alertmanager
from playground.process import NotReady
from playground.server import Playground
from playground.world import CHANNELS
from tests.chaos import shown
from tests.chaos.checker import Account, Seen
from tests.chaos.database import Postgres, limit_files, small_disk
from tests.chaos.gate import Gate
from tests.chaos.nursery import ForkedBot, Nursery
from tests.chaos.shown import NAME
from tests.chaos.storm import SETTINGS, is_digest
from tests.e2e.grafana import TOKEN, running_grafana
from tests.person import text_of

PATIENCE_S = 60
STAGES = ("plain", "sources", "store", "replicas", "plain", "sources", "clock", "storm")


def stage_of(seed: int) -> str:
    """Return where a seed plays."""
    return STAGES[seed % len(STAGES)]


@dataclass(frozen=True)
class Means:
    """What is made once for many episodes."""

    nursery: Nursery
    postgres: Path
    prometheus_url: str = ""


@dataclass
class Trap:
    """Kills whoever works when something happens for the n-th time from now."""

    moment: str
    nth: int
    sprung: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Scene:
    """One episode's surroundings."""

    stage: str
    chance: random.Random
    playground: Playground
    folder: Path
    means: Means
    account: Account = field(default_factory=Account)
    bots: list[ForkedBot] = field(default_factory=list)
    gates: dict[str, Gate] = field(default_factory=dict)
    alertmanager_url: str = ""
    postgres: Postgres | None = None
    small: bool = False
    trap: Trap | None = None
    # While it may refuse to start, or end by itself; and while nobody starts what has ended.
    forgiving: bool = False
    held: bool = False
    # A request was kept waiting, so that it may be carried out late.
    hung: bool = False
    kills: int = 0
    digests: int = 0
    killed: set[ForkedBot] = field(default_factory=set)
    fingerprints: dict[str, str] = field(default_factory=dict)
    deaths: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def opened(self, mistake: str) -> AsyncIterator[None]:
        """Open all of it; bots are made with a planted mistake if one is named, and not started."""
        async with AsyncExitStack() as stack:
            self.small = self.stage == "store" and stack.enter_context(small_disk(self.folder))
            for name in ("a", "b") if self.stage == "replicas" else ("a",):
                (self.folder / name).mkdir()
                bot = ForkedBot(self.means.nursery, self.playground, self.folder / name, mistake)
                # Not on a disk that is to be full.
                bot.log = self.folder.parent / f"{name}.log"
                bot.environment |= {"CHROMIUM": "none", "INVESTIGATION__SETTLE": "PT0S"}
                self.bots.append(bot)
                stack.push_async_callback(bot.stop)
            await self._furnish(stack)
            self.playground.state.listeners.append(self._heard)
            yield

    async def _furnish(self, stack: AsyncExitStack) -> None:
        (first, *_) = self.bots
        if self.stage == "replicas":
            self.postgres = stack.enter_context(Postgres.running(self.means.postgres, self.folder / "pg"))
            for bot in self.bots:
                bot.environment |= {"DATABASE_URL": self.postgres.address, "LEADER_LEASE_S": "2"}
        first.environment |= SETTINGS if self.stage == "storm" else {}
        if self.stage == "clock":
            first.environment["CHAOS_CLOCK"] = str(self.folder / "clock")
        if self.stage == "sources":
            config = {"route": {"receiver": "bongsu", "group_wait": "1s"}, "receivers": [{"name": "bongsu"}]}
            _, self.alertmanager_url = await _alertmanager(stack, self.folder, config)
            grafana = await stack.enter_async_context(running_grafana())
            targets = {
                "alertmanager": self.alertmanager_url,
                "grafana": grafana.url,
                "prometheus": self.means.prometheus_url,
            }
            for name, target in targets.items():
                self.gates[name] = await stack.enter_async_context(Gate.open(target, self._passing(name)))
                first.environment[f"{name.upper()}_URL"] = self.gates[name].url
            first.environment |= {"GRAFANA_TOKEN": TOKEN, "ALERT_SOURCE": "alertmanager"}

    # What happens

    def _passing(self, server: str) -> Callable[[str], None]:
        def passing(line: str) -> None:
            if server == "alertmanager" and line.endswith("POST /api/v2/silences"):
                self.happened("silence")
            elif server == "prometheus" and "query_range" in line:
                self.happened("investigation")
            elif server == "grafana" and "query_range" in line:
                self.happened("picture")

        return passing

    async def _heard(self, event: str, data: dict[str, Any], _: set[int] | None) -> None:
        if event in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            self._look_for_green(data)
        if event == "MESSAGE_CREATE":
            in_thread = int(data["channel_id"]) in self.playground.state.threads
            if data["attachments"]:
                self.happened("picture")
            elif in_thread and data["components"]:
                self.happened("report")
            elif data["components"]:
                self.happened("digest" if is_digest(text_of(data)) else "card")
            if data["_pinged"]:
                self.happened("page")
        elif event == "MESSAGE_UPDATE":
            self.happened("edit")
        elif event == "INTERACTION_CREATE":
            self.happened("press")
        elif event == "THREAD_CREATE":
            self.happened("thread")

    def _look_for_green(self, message: dict[str, Any]) -> None:
        words = text_of(message)
        if "🟢" in words and message.get("components") and not is_digest(words):
            self.account.green |= {name for name in NAME.findall(words) if name not in self.account.ending}

    def happened(self, moment: str) -> None:
        """Spring the trap that is set for a moment: SIGKILL, before whoever made it happen has an answer."""
        if self.trap is None or self.trap.moment != moment:
            return
        self.trap.nth -= 1
        if self.trap.nth <= 0:
            self.kill()
            self.trap.sprung.set()
            self.trap = None

    # Processes

    def leading(self) -> list[ForkedBot]:
        """Return the bots that work: of replicas the one whose gateway is connected, by its log."""
        if len(self.bots) == 1:
            return self.bots
        told = [(_line_of(bot.log, "this process leads"), bot) for bot in self.bots]
        return [max(told, key=lambda pair: pair[0])[1]]

    def kill(self) -> None:
        """Kill whoever works, as a power cut would."""
        for bot in self.leading():
            if bot.process and not bot.process.ended:
                self.killed.add(bot)
                self.kills += 1
                bot.signal(signal.SIGKILL)

    async def keep_alive(self) -> None:
        """Start what has ended, as a supervisor does, and write down what nobody has killed. Runs for ever."""
        while True:
            for bot in self.bots:
                if bot.process and bot.process.ended and not self.held:
                    if not self.forgiving and bot not in self.killed:
                        self.deaths.append(bot.process.tail(3))
                    self.killed.discard(bot)
                    await bot.launch()
            await asyncio.sleep(0.1)

    async def ready(self) -> None:
        """Wait until somebody works. Raises NotReady."""
        async with aiohttp.ClientSession() as session:
            for _ in range(PATIENCE_S * 10):
                for bot in self.bots:
                    with suppress(aiohttp.ClientError, TimeoutError):
                        async with session.get(f"{bot.url}/readyz", timeout=aiohttp.ClientTimeout(3)) as answer:
                            told = await answer.json()
                            if answer.status == 200 and told["role"] in ("leading", "alone"):
                                return
                await asyncio.sleep(0.1)
        assert self.bots[0].process
        raise NotReady("bot", f"{told}\n{self.bots[0].process.tail()}", ended=False)

    def suspend(self, bot: ForkedBot) -> None:
        bot.signal(signal.SIGSTOP)

    def go_on(self, bot: ForkedBot) -> None:
        bot.signal(signal.SIGCONT)

    def limit_files(self, most: int | None) -> None:
        for bot in self.bots:
            if bot.process and not bot.process.ended:
                limit_files(bot.process.pid, *([most] if most is not None else []))

    # The store, read from beside

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the store, as often as it takes."""
        if self.postgres:
            connection = await asyncpg.connect(self.postgres.address)
            try:
                return [tuple(row) for row in await connection.fetch(query)]
            finally:
                await connection.close()
        path = self.bots[0].folder / "bongsu.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as store:
            return store.execute(query).fetchall()

    # Discord, as it is

    def messages(self, *, threads: bool = False) -> list[dict[str, Any]]:
        """Return the messages of all channels there are, or of all threads."""
        state = self.playground.state
        places = state.threads if threads else state.channels
        return [message for place in places for message in list(state.messages.get(place, {}).values())]

    def cards(self) -> dict[str, list[Seen]]:
        """Return the cards by the name of their alert; what answers a person is none."""
        found: dict[str, list[Seen]] = {}
        for name, message in shown.cards(self.messages()):
            found.setdefault(name, []).append(Seen(text_of(message), message["_pinged"].count("@here")))
        return found

    def log(self) -> str:
        return "".join(bot.log.read_text("utf-8", "replace") for bot in self.bots if bot.log.exists())

    async def evidence(self) -> str:
        """Write down what there is to look at when something is wrong."""
        said = [
            f"{message['channel_id']} {message['id']} {message['timestamp']} pinged={message['_pinged']} only={message['_visible_to']} {text_of(message)!r}"
            for message in [*self.messages(), *self.messages(threads=True)]
        ]
        asked = [
            f"{datetime.fromtimestamp(each['at'], UTC).time()} {each['method']} {each['path']} {each['status']} {each['seconds']:.2f} {str(each['payload'])[:300]}"
            for each in self.playground.records.requests
        ]
        stored = []
        for table in ("incidents", "outbox", "cards", "timeline", "audit", "inbox", "jobs"):
            with suppress(Exception):
                stored += [table, *(str(row)[:400] for row in await self.rows(f"SELECT * FROM {table}"))]
        return "\n".join([self.log(), "MESSAGES", *said, "REQUESTS", *asked, "STORE", *stored])

    async def silences(self) -> list[dict[str, Any]]:
        """Return what the real Alertmanager has in force."""
        if not self.alertmanager_url:
            return []
        async with aiohttp.ClientSession() as session, session.get(f"{self.alertmanager_url}/api/v2/silences") as got:
            return [each for each in json.loads(await got.read()) if each["status"]["state"] == "active"]


def _line_of(log: Path, words: str) -> tuple[str, int]:
    """Return when a log said something last."""
    if not log.exists():
        return "", 0
    said = [line for line in log.read_text("utf-8", "replace").splitlines() if words in line]
    return (said[-1][:23], len(said)) if said else ("", 0)


URGENT, NORMAL = CHANNELS["alert-urgent"], CHANNELS["alert-normal"]
