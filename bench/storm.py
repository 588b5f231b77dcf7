"""A storm: thousands of alerts within a minute, some of them flapping, with Discord's limits on.

`alerts`: how many were told, in webhooks of a few each. `answer_p99_ms`: the time to 202. `p1_card_p99_s`: from the webhook of
a P1 to its card on Discord. `calls_per_alert`: requests to Discord. `drained_s`: from the last webhook until nothing waits
that was due; beyond the patience it is that. `rss_mb`: the most memory of the process; `rss_ratio`: as a ratio to idle.
No two groups share a card: each is of another place. `pending`: groups of which a webhook is still to be read, or a card
or digest to be drawn. `lost`: webhooks that were not answered 202, and groups that are neither pending nor on Discord, which is
to say that their incident has a card there, or is in a digest that is. `twice`: incidents with two cards.
`cpu_ms_per_alert_N`: processor time of the process for each of N alerts. `load`: of the machine, which is to be read with all
of these. `limited`: requests that Discord refused as too many. `digests`: how many there were. `command_slowest_s`: the
longest that somebody waited for `/status` or `/ack` meanwhile (3 s are allowed), `command_failed`: how often nothing came.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bench.report import finish, percentile, quick
from playground.demo import Bot
from playground.server import Playground
from tests.person import Person

Json = dict[str, Any]

_EACH = 2
_P1_EVERY = 500
_FLAPPING_SHARE = 0.15
_NAMED = re.compile(r"Storm(\d+)x")
_INCIDENT = re.compile(r"bongsu:\d+:(?:ack|menu):(\d+)")
_DIGEST = re.compile(r"bongsu:\d+:digest:(\d+)")
_EPHEMERAL = 1 << 6


@dataclass
class StormRun:
    """So many alerts over so many seconds, and what was seen of them."""

    alerts: int
    seconds: float
    patience_s: float
    answers: list[float] = field(default_factory=list[float])
    urgent: dict[int, float] = field(default_factory=dict[int, float])
    shown: dict[int, float] = field(default_factory=dict[int, float])
    cards: Counter[str] = field(default_factory=Counter[str])
    digests: set[str] = field(default_factory=set[str])
    commands: list[float] = field(default_factory=list[float])
    failed: int = 0
    refused: int = 0
    lost: set[int] = field(default_factory=set[int])
    pending: set[int] = field(default_factory=set[int])

    @property
    def groups(self) -> int:
        """How many groups the alerts are of: five alerts each."""
        return max(self.alerts // 5, 1)

    async def hear(self, event: str, data: Json, _: set[int] | None) -> None:
        """Take note of a message."""
        if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            return
        text = json.dumps(data.get("components") or []) + str(data.get("content"))
        for name in _NAMED.findall(text):
            self.shown.setdefault(int(name), time.monotonic())
        self.digests |= set(_DIGEST.findall(text))
        if event == "MESSAGE_CREATE" and not int(data.get("flags") or 0) & _EPHEMERAL:
            self.cards.update(set(_INCIDENT.findall(text)))

    def bodies(self, chance: random.Random) -> list[tuple[float, int, bytes]]:
        """Return when each webhook is sent, of which group, and the webhook."""
        flapping = set(chance.sample(range(self.groups), int(self.groups * _FLAPPING_SHARE)))
        plan: list[tuple[float, int, bytes]] = []
        for number in range(self.alerts // _EACH):
            group = number % self.groups
            turn = number // self.groups
            over = group in flapping and turn % 2 == 1
            plan.append((self.seconds * number / (self.alerts / _EACH), group, body(group, turn, over=over)))
        return plan


def is_p1(group: int) -> bool:
    """Tell whether the alerts of a group are P1."""
    return group % (_P1_EVERY // 5) == 7


def body(group: int, turn: int, *, over: bool) -> bytes:
    """Write a webhook of a group, in which other instances fire each time."""
    severity = "critical" if is_p1(group) else ("high", "warning", "warning", "info")[group % 4]
    name, status = f"Storm{group}x", "resolved" if over else "firing"
    alerts = [
        {
            "status": status,
            "labels": {"alertname": name, "severity": severity, "instance": f"i{each}"}
            | {"service": f"s{group % 40}", "env": f"e{group}"},
            "annotations": {"summary": f"{name} is above its limit"},
            "startsAt": f"2026-11-24T03:{turn % 60:02}:00Z",
            "endsAt": f"2026-11-24T03:{turn % 60:02}:30Z" if over else "0001-01-01T00:00:00Z",
            "fingerprint": f"{group:08x}{each:08x}",
        }
        for each in range(_EACH)
    ]
    told = {"version": "4", "status": status, "groupKey": name, "receiver": "bongsu", "alerts": alerts}
    return json.dumps(told).encode()


async def main(few: bool) -> None:
    """Measure, print."""
    sizes = (
        [(100, 2.0, 3.0), (1000, 8.0, 8.0)] if few else [(100, 5.0, 30.0), (1000, 10.0, 60.0), (10_000, 60.0, 600.0)]
    )
    figures: dict[str, float] = {}
    costs: dict[str, float] = {}
    for alerts, seconds, patience_s in sizes:
        storm = StormRun(alerts, seconds, patience_s)
        figures = await _measure(storm)
        costs[f"cpu_ms_per_alert_{alerts}"] = figures.pop("cpu_ms_per_alert")
        print(f"{alerts} alerts: {figures}")
    finish("storm", figures | costs)


async def _measure(storm: StormRun) -> dict[str, float]:
    async with Playground.open() as playground, aiohttp.ClientSession() as session:
        playground.state.listeners.append(storm.hear)
        with tempfile.TemporaryDirectory() as folder:
            bot = Bot(playground, Path(folder))
            process = await bot.start()
            try:
                await asyncio.sleep(2)
                idle, used = _rss_mb(process.pid), _cpu_s(process.pid)
                asked = len(playground.records.requests)
                async with Person.join(playground.url, "minji", "en") as person:
                    asking = asyncio.create_task(_ask(storm, person))
                    await _send_all(storm, bot, session)
                    asking.cancel()
                    await asyncio.gather(asking, return_exceptions=True)
                ended = time.monotonic()
                await _drained(storm, bot, session)
                drained = time.monotonic() - ended
                used, peak = _cpu_s(process.pid) - used, _rss_mb(process.pid, "VmHWM")
            finally:
                await bot.stop()
            _look(storm, Path(folder) / "bongsu.db")
        calls = len(playground.records.requests) - asked
        return _figures(storm, playground, calls=calls, drained=drained) | {
            "rss_mb": peak,
            "rss_ratio": peak / idle,
            "cpu_ms_per_alert": used * 1000 / storm.alerts,
        }


def _figures(storm: StormRun, playground: Playground, *, calls: int, drained: float) -> dict[str, float]:
    late = time.monotonic()
    waits = [storm.shown.get(group, late) - at for group, at in storm.urgent.items()]
    return {
        "alerts": storm.alerts,
        "answer_p99_ms": percentile(storm.answers, 0.99) * 1000,
        "p1_card_p99_s": percentile(waits, 0.99) if waits else 0.0,
        "calls_per_alert": calls / storm.alerts,
        "drained_s": drained,
        "pending": len(storm.pending),
        "lost": len(storm.lost) + storm.refused,
        "twice": sum(1 for count in storm.cards.values() if count > 1),
        "limited": playground.limits.exceeded,
        "digests": len(storm.digests),
        "command_slowest_s": max(storm.commands, default=0.0),
        "command_failed": storm.failed,
        "load": os.getloadavg()[0],
    }


async def _send_all(storm: StormRun, bot: Bot, session: aiohttp.ClientSession) -> None:
    began = time.monotonic()
    sending: set[asyncio.Task[None]] = set()
    for due, group, told in storm.bodies(random.Random(1)):
        await asyncio.sleep(max(0.0, began + due - time.monotonic()))
        task = asyncio.create_task(_send(storm, bot, session, group, told))
        sending.add(task)
        task.add_done_callback(sending.discard)
    await asyncio.gather(*sending)


async def _send(storm: StormRun, bot: Bot, session: aiohttp.ClientSession, group: int, told: bytes) -> None:
    started = time.monotonic()
    if is_p1(group):
        storm.urgent.setdefault(group, started)
    headers = {"Authorization": f"Bearer {bot.token}"}
    async with session.post(f"{bot.url}/webhooks/alertmanager", data=told, headers=headers) as response:
        await response.read()
        storm.refused += response.status != 202
    storm.answers.append(time.monotonic() - started)


async def _drained(storm: StormRun, bot: Bot, session: aiohttp.ClientSession) -> None:
    """Wait until every notification is shown, or the patience is over."""
    ends_at = time.monotonic() + storm.patience_s
    while time.monotonic() < ends_at:
        async with session.get(f"{bot.url}/metrics") as response:
            lines = (await response.text()).splitlines()
        waiting = [line for line in lines if line.startswith("bongsu_notifications{")]
        if all(line.endswith(" 0.0") for line in waiting if '"received"' in line or '"applied"' in line):
            return
        await asyncio.sleep(0.5)


async def _ask(storm: StormRun, person: Person) -> None:
    """Do what people do in a storm, and take the time."""
    for number in itertools.count(1):
        await asyncio.sleep(2)
        started = time.monotonic()
        try:
            if number % 2:
                await person.command("status", timeout_s=30)
            else:
                await person.command("ack", timeout_s=30, alert=f"#{number}")
        except (AssertionError, TimeoutError):
            storm.failed += 1
        storm.commands.append(time.monotonic() - started)


def _look(storm: StormRun, file: Path) -> None:
    """Compare what the store says of each group with what is on Discord."""
    with closing(sqlite3.connect(file)) as store:
        bodies = store.execute("SELECT body FROM inbox WHERE state = 'received'")
        storm.pending = {int(number) for row in bodies for number in _NAMED.findall(row[0].decode())}
        waiting = {
            row[0] for row in store.execute("SELECT incident FROM outbox WHERE done_at IS NULL AND kind = 'card'")
        }
        there = set[int]()
        for number, alerts, digest in store.execute("SELECT number, alerts, digest FROM incidents"):
            groups = {int(each) for each in _NAMED.findall(alerts)}
            if number in waiting:
                storm.pending |= groups
            elif str(number) in storm.cards or str(digest) in storm.digests:
                there |= groups
    storm.lost = set(range(min(storm.groups, storm.alerts // _EACH))) - storm.pending - there


def _rss_mb(pid: int, name: str = "VmRSS") -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(f"{name}:"))) * 1024 / 1e6


def _cpu_s(pid: int) -> float:
    spent = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    asyncio.run(main(quick(__doc__ or "")))
