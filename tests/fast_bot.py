"""`python -m tests.fast_bot`: the bot with a clock that a file moves, so that a week takes seconds; never in production.

The file (`PLAYGROUND_CLOCK` names it) holds by how many seconds the clock is ahead; it may only grow.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app.loading import load_catalogue, load_settings
from bot.app.run import run

VARIABLE = "PLAYGROUND_CLOCK"


class FileClock:
    """Tells the time of a file: as many seconds ahead as it holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ahead_s = 0.0

    def __call__(self) -> datetime:
        """Tell the time."""
        # It may not be written yet.
        with contextlib.suppress(OSError, ValueError):
            self._ahead_s = max(self._ahead_s, float(self._path.read_text("ascii")))
        return datetime.now(UTC) + timedelta(seconds=self._ahead_s)


def main() -> None:
    """Run the bot of the environment with the file's clock."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(run(load_settings(), load_catalogue(), FileClock(Path(os.environ[VARIABLE]))))


if __name__ == "__main__":
    main()
