"""`bongsu run` with a clock that is ahead by the seconds that a file says: time that a test would have to wait for.

The composition root takes its clock as an argument, and nothing but this program of the tests gives it another one.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app.loading import load_catalogue, load_settings
from bot.app.run import run


def main(ahead: Path) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = load_settings()
    asyncio.run(run(settings, load_catalogue(), lambda: datetime.now(UTC) + read(ahead)))


def read(ahead: Path) -> timedelta:
    return timedelta(seconds=float(ahead.read_text("ascii")))


def write(ahead: Path, lead: timedelta) -> None:
    # In one piece, because it is read at any moment.
    fresh = ahead.with_suffix(".new")
    fresh.write_text(str(lead.total_seconds()), "ascii")
    fresh.replace(ahead)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
