"""A soak: 30 minutes at 5 alerts a second with faults of Discord; what grows would be a leak.

`alerts`: how many were told. `rss_mb`: memory at the end; `rss_slope_mb_h`: how fast it grew over the second half, a line
through its samples. `fds_start`, `fds_end`, `threads_start`, `threads_end`: open descriptors and threads, each the median of the
first or last tenth. `tasks_start`, `tasks_end`: the same of asyncio's tasks. `refused`: webhooks that were not answered 202.
`faults`: how many were ordered. `twice`: incidents with two cards. `oldest_s`: the oldest notification that was not shown at the
end. `load`: of the machine. `--quick` soaks for 30 s, whose slope says nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bench.report import finish, median, quick
from playground.demo import Bot
from playground.server import Playground

Json = dict[str, Any]

_RATE = 5
_GROUPS = 60
_INCIDENT = re.compile(r"bongsu:\d+:ack:(\d+)")
_POST = r"POST /api/v\d+/channels/\d+/messages"
_FAULTS: tuple[Json, ...] = (
    {"kind": "error", "route": _POST, "times": 3, "status": 502},
    {"kind": "rate_limit", "route": ".*", "times": 3, "seconds": 0.5},
    {"kind": "drop", "route": _POST, "times": 1, "after": True},
    {"kind": "delay", "route": ".*", "times": 5, "seconds": 1.0},
    {},
)


@dataclass
class ProcessSample:
    """What a process holds at a moment."""

    at: float
    rss_mb: float
    fds: int
    threads: int
    tasks: int


@dataclass
class Soak:
    """So long, and what was seen."""

    seconds: float
    every_s: float
    samples: list[ProcessSample] = field(default_factory=list[ProcessSample])
    cards: Counter[str] = field(default_factory=Counter[str])
    alerts: int = 0
    refused: int = 0
    faults: int = 0

    async def hear(self, event: str, data: Json, _: set[int] | None) -> None:
        """Count cards by the number of their incident."""
        if event == "MESSAGE_CREATE":
            self.cards.update(set(_INCIDENT.findall(json.dumps(data.get("components") or []))))


async def main(few: bool) -> None:
    """Soak and print."""
    finish("soak", await measure(Soak(30.0 if few else 1800.0, 0.5 if few else 5.0)))


async def measure(soak: Soak) -> dict[str, float]:
    """Soak so long and return the figures."""
    async with Playground.open() as playground, aiohttp.ClientSession() as session:
        playground.state.listeners.append(soak.hear)
        with tempfile.TemporaryDirectory() as folder:
            bot = Bot(playground, Path(folder))
            bot.command = [sys.executable, "-m", "bench.counted", f"{folder}/tasks"]
            process = await bot.start()
            try:
                ends_at = time.monotonic() + soak.seconds
                work = (
                    _send(soak, bot, session, ends_at),
                    _spoil(soak, playground, ends_at),
                    _watch(soak, process.pid, Path(folder) / "tasks", ends_at),
                )
                await asyncio.gather(*work)
                playground.faults.clear()
                oldest = await _oldest_s(bot, session)
            finally:
                await bot.stop()
    return _figures(soak) | {"oldest_s": oldest, "load": os.getloadavg()[0]}


def _figures(soak: Soak) -> dict[str, float]:
    tenth = max(len(soak.samples) // 10, 1)
    first, last = soak.samples[:tenth], soak.samples[-tenth:]
    figures: dict[str, float] = {"alerts": soak.alerts, "refused": soak.refused, "faults": soak.faults}
    figures["twice"] = sum(1 for count in soak.cards.values() if count > 1)
    figures["rss_mb"] = median([each.rss_mb for each in last])
    figures["rss_slope_mb_h"] = (
        slope([(each.at, each.rss_mb) for each in soak.samples[len(soak.samples) // 2 :]]) * 3600
    )
    for name in ("fds", "threads", "tasks"):
        figures[f"{name}_start"] = median([getattr(each, name) for each in first])
        figures[f"{name}_end"] = median([getattr(each, name) for each in last])
    return figures


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the line through points, by least squares; 0 where there is none."""
    if len(points) < 2:
        return 0.0
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


def body(number: int) -> bytes:
    """Write a webhook: alerts of each group fire and end in turn, and each time is a new one."""
    group, over = number % _GROUPS, number // _GROUPS % 2 == 1
    severity = ("critical", "high", "warning", "warning", "info")[group % 5]
    name, status = f"Soak{group}x", "resolved" if over else "firing"
    labels = {"alertname": name, "severity": severity, "service": f"s{group}", "env": f"e{group}"}
    alert = {
        "status": status,
        "labels": labels,
        "annotations": {"summary": f"{name} is above its limit"},
        "startsAt": "2026-11-24T03:00:00Z",
        "endsAt": "2026-11-24T03:00:30Z" if over else "0001-01-01T00:00:00Z",
        "fingerprint": f"{group:016x}",
    }
    told = {"version": "4", "status": status, "groupKey": name, "receiver": "bongsu", "alerts": [alert]}
    return json.dumps(told).encode()


async def _send(soak: Soak, bot: Bot, session: aiohttp.ClientSession, ends_at: float) -> None:
    headers = {"Authorization": f"Bearer {bot.token}"}
    began = time.monotonic()
    while time.monotonic() < ends_at:
        await asyncio.sleep(max(0.0, began + soak.alerts / _RATE - time.monotonic()))
        address = f"{bot.url}/webhooks/alertmanager"
        async with session.post(address, data=body(soak.alerts), headers=headers) as response:
            await response.read()
            soak.refused += response.status != 202
        soak.alerts += 1


async def _spoil(soak: Soak, playground: Playground, ends_at: float) -> None:
    chance = random.Random(1)
    while time.monotonic() < ends_at:
        await asyncio.sleep(min(chance.uniform(2, 10), max(ends_at - time.monotonic(), 0.0)))
        details = dict(chance.choice(_FAULTS))
        soak.faults += 1
        if details:
            playground.faults.order(details.pop("kind"), **details)
        else:
            await playground.gateway.drop()


async def _watch(soak: Soak, pid: int, tasks: Path, ends_at: float) -> None:
    while time.monotonic() < ends_at:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
        held = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if len(line.split()) > 1}
        counted = int(tasks.read_text("ascii") or 0) if tasks.exists() else 0
        rss_mb, fds = int(held["VmRSS"]) * 1024 / 1e6, len(list(Path(f"/proc/{pid}/fd").iterdir()))
        soak.samples.append(ProcessSample(time.monotonic(), rss_mb, fds, int(held["Threads"]), counted))
        await asyncio.sleep(soak.every_s)


async def _oldest_s(bot: Bot, session: aiohttp.ClientSession) -> float:
    async with session.get(f"{bot.url}/metrics") as response:
        lines = (await response.text()).splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith("bongsu_oldest_waiting_seconds ")))


if __name__ == "__main__":
    asyncio.run(main(quick(__doc__ or "")))
