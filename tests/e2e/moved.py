"""The real process with a clock that a test moves."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playground.demo import Bot


class MovedClock:
    """A clock of a bot, told by a file; what it wrote is where the bot finds it after a restart too."""

    def __init__(self, bot: Bot, folder: Path) -> None:
        self._path = folder / "clock"
        self._ahead = timedelta()
        self._database = bot.environment["DATABASE_URL"].removeprefix("sqlite:///")
        bot.command = [sys.executable, "-m", "tests.fast_bot"]
        bot.environment["PLAYGROUND_CLOCK"] = str(self._path)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def forward(self, **delta: float) -> None:
        self._ahead += timedelta(**delta)
        written = self._path.with_suffix(".new")
        written.write_text(str(self._ahead.total_seconds()), "ascii")
        # At once, or the bot would read half of it.
        written.rename(self._path)

    def rows(self, query: str, *values: object) -> Sequence[tuple]:
        """Read the bot's store beside it."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(query, values).fetchall()
