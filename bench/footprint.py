"""What the bot costs when nothing happens: resident memory, and the time from start to ready.

`idle_rss_mb`: megabytes (10^6) of the bot's process after it has been ready for some seconds.
`ready_s`: seconds from the start of the process to /readyz answering 200, less the guild_ready_timeout it was given.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from bench.report import finish, median, quick
from playground.demo import Bot
from playground.server import Playground

# As in playground/config/bot.yml.
_GUILD_READY_S = 0.1


async def main(few: bool) -> None:
    """Measure, print."""
    starts: list[float] = []
    memory: list[float] = []
    async with Playground.open() as playground:
        with tempfile.TemporaryDirectory() as folder:
            bot = Bot(playground, Path(folder))
            for _ in range(3 if few else 8):
                started = time.perf_counter()
                process = await bot.start()
                starts.append(time.perf_counter() - started - _GUILD_READY_S)
                await asyncio.sleep(3 if few else 10)
                memory.append(_resident_mb(process.pid))
                await bot.stop()
    print(f"starts {[round(each, 2) for each in starts]} s (the first one migrates an empty database)")
    print(f"memory {[round(each, 1) for each in memory]} MB")
    finish("footprint", {"idle_rss_mb": median(memory), "ready_s": median(starts)})


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    kibibytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return kibibytes * 1024 / 1e6


if __name__ == "__main__":
    asyncio.run(main(quick("What the bot costs when nothing happens.")))
