"""`python -m bench.counted FILE`: the bot, unchanged, that writes each second how many tasks its loop has."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from bot.app.loading import load_catalogue, load_settings
from bot.app.run import run


async def _count(file: Path) -> None:
    while True:
        fresh = file.with_suffix(".new")
        fresh.write_text(str(len(asyncio.all_tasks())), "ascii")
        fresh.replace(file)
        await asyncio.sleep(1)


async def _counted(file: Path) -> None:
    counting = asyncio.create_task(_count(file))
    try:
        await run(load_settings(), load_catalogue())
    finally:
        counting.cancel()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(_counted(Path(sys.argv[1])))
