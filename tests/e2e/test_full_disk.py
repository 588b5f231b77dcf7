"""A disk that is full, seen from outside the real process: while it runs, and when it is started; nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from playground.demo import Bot
from tests.builders import alertmanager_body
from tests.chaos.database import fill, free, limit_files, small_disk
from tests.e2e.conftest import alarm_of
from tests.person import text_of

EXIT_CONFIGURATION = 78


def body(name: str) -> bytes:
    return alertmanager_body(name, env=name, service=name.lower())


def cards(playground, name: str) -> int:
    messages = [message for place in playground.state.messages.values() for message in list(place.values())]
    return sum(f"· {name} ·" in text_of(message) for message in messages if message["components"])


async def until(condition: Callable[[], Awaitable[bool]], timeout_s: float = 90) -> None:
    async with asyncio.timeout(timeout_s):
        while not await condition():
            await asyncio.sleep(0.1)


@pytest.mark.timeout(400)
async def test_a_full_disk_takes_nothing_in_ends_a_start_with_a_sentence_and_loses_nothing(
    playground, tmp_path, empty_sqlite
):
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder) as small:
        (folder / "bongsu.db").write_bytes(empty_sqlite.read_bytes())
        bot = Bot(playground, folder)
        bot.log = tmp_path / "bot.log"
        try:
            process = await bot.start(90)
            async with alarm_of(bot) as alarm:
                assert await alarm.send(body("Before")) == 202

                await asyncio.to_thread(fill, folder) if small else limit_files(process.pid, 65536)
                await until(lambda: _answers(alarm.get("/readyz"), 503))
                assert await alarm.send(body("Lost")) == 503
                free(folder) if small else limit_files(process.pid)

                await until(lambda: _answers(alarm.get("/readyz"), 200))
                assert await alarm.send(body("After")) == 202
                assert not process.ended
            process.kill()
            await process.wait()

            if small:
                # Where nothing may be mounted, tests/e2e/test_mistakes.py sees the start alone.
                await asyncio.to_thread(fill, folder)
                failed = await bot.launch()
                assert await failed.wait() == EXIT_CONFIGURATION
                assert "is full" in failed.tail(3)
                free(folder)
            await bot.start(90)

            await until(lambda: _shown(playground))
            assert cards(playground, "Lost") == 0
            assert "Traceback" not in bot.log.read_text("utf-8")
        finally:
            await bot.stop()


async def _answers(asking: Awaitable[tuple[int, str]], status: int) -> bool:
    return (await asking)[0] == status


async def _shown(playground) -> bool:
    return [cards(playground, name) for name in ("Before", "After")] == [1, 1]
