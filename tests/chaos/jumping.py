"""The bot with a clock that jumps, ahead and back, as one that is set by hand or by a late NTP does."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app.loading import load_catalogue, load_settings
from bot.app.run import run


def main() -> int:
    """Run the bot of the environment with the clock of `CHAOS_CLOCK`, which holds by how many seconds it is wrong."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    path = Path(os.environ["CHAOS_CLOCK"])

    def clock() -> datetime:
        ahead = 0.0
        with suppress(OSError, ValueError):
            ahead = float(path.read_text("ascii"))
        return datetime.now(UTC) + timedelta(seconds=ahead)

    asyncio.run(run(load_settings(), load_catalogue(), clock))
    return 0
