"""The real process on the playground's Discord, started once for many cases; what is on Discord, and time that passes.

Its clock is ahead of the others by what was let pass (`tests.cases.ahead`); the cases are told apart by their alerts' names.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from bot.domain.notifications import ALERTMANAGER
from playground.checks import walk
from playground.demo import Bot
from playground.server import Playground
from playground.world import CHANNELS, PEOPLE, ROLES
from tests.cases import ahead, given
from tests.e2e.conftest import judge
from tests.person import Json, Person, text_of

# Long enough for a busy machine; nothing waits for it that is well.
PATIENCE_S = 60

# Whoever has no service of their own is minji's; jun is the only viewer.
OWNERS = {
    "api": {"users": [PEOPLE["mallory"].id]},
    "chat": {"users": [PEOPLE["minji"].id]},
    "nginx": {"roles": [ROLES["viewer"]]},
}
SERVICES = {
    "owners": {"roles": [ROLES["oncall"]]},
    "services": {
        name: {"display": name.title(), "owners": owners, "runbook": f"https://runbooks.example/{name}"}
        for name, owners in OWNERS.items()
    },
}

_POST = re.compile(r"POST /api/v\d+/channels/\d+/messages")


class BotProcess:
    """A process that runs, and somebody on call who sees what it says."""

    def __init__(self, playground: Playground, bot: Bot, minji: Person, session: aiohttp.ClientSession, clock: Path):
        self.playground, self.bot, self.minji, self._session, self._clock = playground, bot, minji, session, clock

    def now(self) -> datetime:
        """Tell the time of the process."""
        return datetime.now(UTC) + ahead.read(self._clock)

    def pass_time(self, seconds: float) -> None:
        ahead.write(self._clock, ahead.read(self._clock) + timedelta(seconds=seconds))

    async def play(self, number: str, variant: str = "") -> None:
        """Play the steps of a case; a variant of it is about other alerts."""
        for step in steps(number, variant):
            await self.take(step)

    async def take(self, step: Json) -> None:
        """Take one step: post a body and wait until it is shown, or let time pass."""
        if "wait" in step:
            self.pass_time(step["wait"])
        else:
            await self.post(step["post"], step["source"])

    async def post(self, body: Json, source: str = ALERTMANAGER) -> None:
        headers = {"Authorization": f"Bearer {self.bot.token}"}
        address = f"{self.bot.url}/webhooks/{source}"
        async with self._session.post(address, json=given.at(body, self.now()), headers=headers) as response:
            assert response.status == 202, await response.text()
        await self.settled()

    async def settled(self) -> None:
        """Wait until all that came in is on Discord."""
        async with asyncio.timeout(PATIENCE_S):
            while re.search(r'bongsu_notifications\{state="(received|applied)"\} [^0]', await self.metrics()):
                await asyncio.sleep(0.05)

    async def metrics(self) -> str:
        async with self._session.get(f"{self.bot.url}/metrics") as response:
            return await response.text()

    def messages(self, channel: str | None = None) -> list[Json]:
        """Return all that the bot said in a channel, or in all of them, as Discord has it now."""
        places = [CHANNELS[channel]] if channel else list(CHANNELS.values())
        return [message for place in places for message in self.playground.state.messages[place].values()]

    def cards(self, name: str, channel: str | None = None) -> list[Json]:
        """Return the cards of incidents with this in their title, the oldest first."""
        return [each for each in self.messages(channel) if name in _title(each)]

    def said(self, name: str) -> list[str]:
        """Return what the cards with this in their title say."""
        return [text_of(each).replace("\\", "") for each in self.cards(name)]

    def called(self, name: str) -> list[list[str]]:
        """Return the people, roles and everybody (`@here`) whom each message called when it was new that said this."""
        requests = (each for each in self.playground.records.requests if each["status"] == HTTPStatus.OK)
        posted = [each["payload"] for each in requests if _POST.fullmatch(f"{each['method']} {each['path']}")]
        return [found for body in posted if name in _words(body) and (found := _calls(body))]

    async def until(self, condition: Callable[[], Any], what: str = "") -> Any:
        """Wait until Discord is so, and return it."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (found := condition()):
                    await asyncio.sleep(0.05)
        except TimeoutError as error:
            seen = "\n---\n".join(text_of(each) for each in self.messages())
            log = self.bot.process.tail() if self.bot.process else ""
            raise TimeoutError(f"not within {PATIENCE_S} s: {what}; there are:\n{seen}\n\n{log}") from error
        return found

    async def card(self, name: str, *words: str) -> str:
        """Wait until the card with this in its title says all of these, and return what it says."""

        def found() -> str | None:
            return next((said for said in self.said(name) if all(word in said for word in words)), None)

        return await self.until(found, f"{name}: {words}")

    def number(self, name: str, channel: str | None = None) -> int:
        [card] = self.cards(name, channel)
        return int(re.findall(r"· #(\d+)", text_of(card))[0])


@asynccontextmanager
async def bot_process(folder: Path, **environment: str) -> AsyncIterator[BotProcess]:
    """Start a process, with more of its environment; it is stopped in the end, and its manners are judged."""
    folder.mkdir(parents=True, exist_ok=True)
    clock, services = folder / "ahead", folder / "services.yml"
    ahead.write(clock, timedelta())
    services.write_text(yaml.safe_dump(SERVICES), "utf-8")
    async with Playground.open() as playground, aiohttp.ClientSession() as session:
        bot = Bot(playground, folder, "en")
        bot.command = [sys.executable, "-m", "tests.cases.ahead", str(clock)]
        bot.environment |= {"BONGSU_SERVICES": str(services), "REFRESH_EVERY_S": "1", "CHROMIUM": "none"}
        # The cases share services and are played at the same time, and must not share a card.
        bot.environment |= {"CORRELATION__ENABLED": "false"} | environment
        try:
            await bot.start(ready_s=PATIENCE_S)
            async with Person.join(playground.url, "minji", "en-US") as minji:
                yield BotProcess(playground, bot, minji, session, clock)
        finally:
            await bot.stop()
        judge(playground)


class Shared:
    """One process for all tests of a module; a second try gets a new one, for the cards of the first try are on the old."""

    def __init__(self, open_process: Callable[[], AbstractAsyncContextManager[BotProcess]]):
        self._open, self._opened, self._process = open_process, AsyncExitStack(), None

    async def process(self, item: pytest.Item) -> BotProcess:
        # pytest-rerunfailures counts the tries of an item.
        if getattr(item, "execution_count", 1) > 1:
            await self.close()
        if self._process is None:
            self._process = await self._opened.enter_async_context(self._open())
        return self._process

    async def close(self) -> None:
        self._process = None
        await self._opened.aclose()


def _title(message: Json) -> str:
    """Return the first line of a card, nothing for any other message."""
    texts = (str(each.get("content") or "") for each in walk(message["components"]))
    return next((text.split("\n")[0] for text in texts if text.startswith("### ")), "").replace("\\", "")


def _words(body: Json) -> str:
    """Return all words of a message that was sent to Discord."""
    texts = [body.get("content"), *(each.get("content") for each in walk(body.get("components") or []))]
    return "\n".join(str(text) for text in texts if text).replace("\\", "")


def _calls(body: Json) -> list[str]:
    names = {person.id: person.name for person in PEOPLE.values()} | {number: name for name, number in ROLES.items()}
    allowed, words = body["allowed_mentions"], _words(body)
    found = [names[int(each)] for each in (*(allowed.get("users") or []), *(allowed.get("roles") or []))]
    assert all(f"{number}>" in words for number, name in names.items() if name in found)
    return sorted([*found, *(["@here"] if "everyone" in allowed["parse"] and "@here" in words else [])])


def steps(number: str, variant: str = "") -> list[Json]:
    """Return the steps of a case, with `variant` behind all that its alerts are told apart by."""
    found = given.case(number)
    for step in found["steps"]:
        step["source"] = step.get("source") or found["source"]
        if "post" in step:
            body = step["post"]
            body["groupKey"] += variant
            for alert in body["alerts"]:
                alert["labels"]["alertname"] += variant
                alert["fingerprint"] = alert["fingerprint"] and alert["fingerprint"] + variant
    return found["steps"]
