"""Discord that cannot be reached when the bot starts, as in a compose file where everything starts at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playground.demo import Bot
from playground.process import free_port
from playground.server import Playground


async def test_the_bot_goes_on_trying_until_discord_is_there(tmp_path: Path):
    port = free_port()
    absent = Playground()
    absent.state.url = f"http://127.0.0.1:{port}"
    bot = Bot(absent, tmp_path)
    try:
        process = await bot.launch()
        for _ in range(300):
            if process.tail(100).count("Discord cannot be reached") >= 2 or process.ended:
                break
            await asyncio.sleep(0.1)
        assert not process.ended, process.tail()

        async with Playground.open(port=port):
            await process.ready(f"{bot.url}/readyz", 60)
            await bot.stop()
    finally:
        await bot.stop()
