"""What a large webhook costs: 5,000 alerts in one body, as Grafana really writes them, each with an instance of its own.

`ratio_to_json`: processor time of reading and storing the body (what the door looks at, the inbox on disk, what the worker
reads) as a ratio to one `json.loads` of the same body. `mb_per_s`, `alerts_per_s`: the same by the clock.
`loop_stall_ms`: the longest time for which the event loop of the real process did not answer while it took such a body in,
all the way to its card, and the same body again; in processor time of that process, because others use the processor too;
the median of several rounds.
`peak_mb`: how far its memory rose above idle meanwhile, the most of all rounds.
"""

from __future__ import annotations

import asyncio
import copy
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bench.report import finish, median, quick
from bot.core.respond import read
from bot.domain.notifications import GRAFANA, admit
from bot.store.database import Database
from playground.demo import Bot
from playground.server import Playground

Json = dict[str, Any]

ALERTS = 5_000
_RECORDED = Path(__file__).parents[1] / "tests" / "fixtures" / "webhooks" / "grafana" / "v12_4.json"

# Asks again and again whether the loop is there, from a process of its own, and prints the longest wait in the end.
_PROBE = """
import glob, http.client, sys, threading, time
def used():
    return sum(int(open(each).read().split()[0]) for each in glob.glob(f"/proc/{sys.argv[2]}/task/*/schedstat")) / 1e6
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
longest = 0.0
while not over.is_set():
    before, started = used(), time.perf_counter()
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    longest = max(longest, min(used() - before, (time.perf_counter() - started) * 1000))
    time.sleep(0.002)
print(longest)
"""


def body(name: str, count: int = ALERTS) -> bytes:
    """Write a webhook of so many alerts after a recorded one."""
    recorded: Json = json.loads(_RECORDED.read_text("utf-8"))
    first: Json = recorded["alerts"][0]
    alerts: list[Json] = []
    for number in range(count):
        alert = copy.deepcopy(first)
        alert["labels"] |= {"alertname": name, "instance": f"web-{number:04}.eu.example:9100"}
        alert["fingerprint"] = f"{hash((name, number)) & (2**64 - 1):016x}"
        alerts.append(alert)
    return json.dumps(recorded | {"alerts": alerts, "groupKey": f"{{}}:{{alertname={name}}}"}).encode()


async def main(few: bool) -> None:
    """Measure, print."""
    ratio, seconds, large = await _measure_reading(3 if few else 9)
    stalls, peak = await _measure_process(2 if few else 5)
    print(f"{len(large) / 1e6:.1f} MB; the loop was held for {[round(each) for each in stalls]} ms at most")
    finish(
        "intake",
        {
            "mb_per_s": len(large) / 1e6 / seconds,
            "alerts_per_s": ALERTS / seconds,
            "ratio_to_json": ratio,
            "loop_stall_ms": median(stalls),
            "peak_mb": peak,
        },
    )


async def _measure_reading(rounds: int) -> tuple[float, float, bytes]:
    """Return ratio, seconds and the body; the least of each, because others use the processor too."""
    plain: list[float] = []
    ours: list[tuple[float, float]] = []
    large = body("Storm")
    with tempfile.TemporaryDirectory() as folder:
        async with Database.open(f"sqlite:///{folder}/bongsu.db") as store:

            async def intake() -> None:
                at = datetime.now(UTC)
                await asyncio.to_thread(admit, GRAFANA, large, at)
                await store.inbox.keep(GRAFANA, large, at)
                await read(GRAFANA, large, at)

            async def loads() -> None:
                json.loads(large)

            for _ in range(rounds):
                plain.append((await _cost(loads))[0])
                ours.append(await _cost(intake))
    return min(each for each, _ in ours) / min(plain), min(each for _, each in ours), large


async def _cost(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Return processor time and time of a piece of work, in seconds."""
    used, started = time.process_time(), time.perf_counter()
    await work()
    return time.process_time() - used, time.perf_counter() - started


async def _measure_process(rounds: int) -> tuple[list[float], float]:
    """Return for each round the longest time without an answer in ms, and the most memory above idle in MB."""
    async with Playground.open(limited=False) as playground, aiohttp.ClientSession() as session:
        with tempfile.TemporaryDirectory() as folder:
            bot = Bot(playground, Path(folder))
            process = await bot.start()
            try:
                # What is loaded only when it is first needed belongs to idle.
                await _taken_in(bot, session, body("Warm", 20))
                await asyncio.sleep(3)
                idle = _memory_mb(process.pid, "VmRSS")
                stalls = [await _stall(bot, process.pid, session, f"Storm{number}") for number in range(rounds)]
                peak = _memory_mb(process.pid, "VmHWM")
            finally:
                await bot.stop()
    return stalls, peak - idle


async def _stall(bot: Bot, pid: int, session: aiohttp.ClientSession, name: str) -> float:
    large = body(name)
    with subprocess.Popen(
        [sys.executable, "-c", _PROBE, str(bot.port), str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as probe:
        for _ in range(2):
            await _taken_in(bot, session, large)
        return float((await asyncio.to_thread(probe.communicate, ""))[0])


async def _taken_in(bot: Bot, session: aiohttp.ClientSession, large: bytes) -> None:
    """Send a body and wait until its card is on Discord."""
    headers = {"Authorization": f"Bearer {bot.token}", "Content-Type": "application/json"}
    async with session.post(f"{bot.url}/webhooks/grafana", data=large, headers=headers) as response:
        response.raise_for_status()
    async with asyncio.timeout(60):
        while not await _settled(bot, session):
            await asyncio.sleep(0.5)


async def _settled(bot: Bot, session: aiohttp.ClientSession) -> bool:
    async with session.get(f"{bot.url}/metrics") as response:
        told = await response.text()
    waiting = [line for line in told.splitlines() if line.startswith("bongsu_notifications{")]
    return all(line.endswith(" 0.0") for line in waiting if '"received"' in line or '"applied"' in line)


def _memory_mb(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(kilobytes) * 1024 / 1e6


if __name__ == "__main__":
    asyncio.run(main(quick(__doc__ or "")))
