#!/usr/bin/env bash
# discord.py 2.7.1 (PyPI): a loop of discord.ext.tasks at a time in Seoul and a later one in Berlin leaves out the one in Seoul on its first day.
# Expected: tasks.loop(time=[…]) takes times with zones of their own, and runs at each of them.
# Seen: the times are sorted by the digits on the clock, not by the moment: of 3 s and 6 s from now only the second runs; in one zone both do.
. "$(dirname "$0")/lib.sh"
python discord.py==2.7.1 tzdata==2026.3 <<'PROGRAM'
import asyncio
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from discord.ext import tasks


async def ran(*zones: str) -> list[str]:
    """Have a loop run 4 s from now by the clock of the first zone, and 8 s from now by that of the second."""
    began = datetime.now(timezone.utc).replace(microsecond=0)
    runs: list[str] = []
    due = [(began + timedelta(seconds=4 * turn)).astimezone(ZoneInfo(zone)).timetz() for turn, zone in enumerate(zones, 1)]

    @tasks.loop(time=due)
    async def job() -> None:
        # A run is a little late, never early.
        runs.append("first" if (datetime.now(timezone.utc) - began).total_seconds() < 7.5 else "second")

    job.start()
    await asyncio.sleep(11)
    job.cancel()
    return runs


async def main() -> None:
    print("one zone:", *await ran("Asia/Seoul", "Asia/Seoul"))
    # Two zones of which the first is ahead on the clock, whatever the hour is now.
    now = datetime.now(timezone.utc)
    pairs = (("Asia/Seoul", "Europe/Berlin"), ("Europe/Berlin", "America/New_York"), ("America/New_York", "Asia/Seoul"))
    ahead, behind = next(pair for pair in pairs if now.astimezone(ZoneInfo(pair[0])).time() > now.astimezone(ZoneInfo(pair[1])).time())
    print("two zones:", *await ran(ahead, behind))


asyncio.run(main())
PROGRAM
seen "one zone: first second" "two zones: second"
