"""A card never waits for its investigation: every source hangs, and the cards are out at once all the same."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from playground.demo import Bot
from tests.builders import alertmanager_body
from tests.e2e.conftest import alarm_of
from tests.person import Person, text_of


class Deaf:
    """A server that takes questions and never answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, bytes]] = []
        self.url = ""

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append((time.time(), head))
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    @property
    def searched_at(self) -> list[float]:
        """When lines or traces of some time were asked for; whether it answers at all is asked at any time."""
        asked = (b"query_range", b"/api/search")
        return [at for at, head in self.asked if b"start=" in head and any(path in head for path in asked)]


@pytest.fixture
async def deaf() -> AsyncIterator[Deaf]:
    made = Deaf()
    server = await asyncio.start_server(made.hear, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield made
    server.close()


def body(name: str) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    # In a place of its own, or the second would join the first.
    return alertmanager_body(name, severity="critical", env=name).replace(b"2026-11-24T03:00:00.123Z", now.encode())


@pytest.mark.timeout(240)
async def test_a_card_is_out_before_anything_is_collected_and_while_everything_hangs(playground, bot: Bot, deaf: Deaf):
    bot.environment |= dict.fromkeys(("LOKI_URL", "TEMPO_URL"), deaf.url)
    await bot.start()
    async with alarm_of(bot) as alarm, Person.join(playground.url, "minji", "en-US") as minji:
        assert await alarm.send(body("First")) == 202
        first = await minji.wait_message(lambda m: "First ·" in text_of(m))

        while not deaf.searched_at:
            await asyncio.sleep(0.05)
        # Both workers of the investigation hang now, for ten seconds, and the second card is no later for that.
        assert await alarm.send(body("Second")) == 202
        second = await minji.wait_message(lambda m: "Second ·" in text_of(m))

        assert datetime.fromisoformat(first["timestamp"]).timestamp() < deaf.searched_at[0]
        card = await minji.wait_message(lambda m: "First ·" in text_of(m) and "🔎" in text_of(m))
        report = await minji.wait_message(lambda m: m["channel_id"] == card["id"] and "🔎" in text_of(m))
        assert int(second["id"]) < int(report["id"])
        for source in ("loki", "tempo"):
            assert re.search(rf"Not seen.*{source}[^()]*\((?:no answer in time|not reachable)\)", text_of(report))
