"""From webhook to visible card, as a ratio to one bare POST of the same message to the same playground.

`p50_ratio`, `p99_ratio`: at one alert per second, each a new incident. `p50_limit_ratio`: to the least that a program can do
which loses nothing (`bench/limit.py`: receive, one commit on the disk, one POST). `p50_forwarder_ratio`: to what forwarders
do, receive and POST. `intake_per_s`: webhooks answered 202 a second, sixty-four at a time; `intake_p99_ms`: how long one took.
`hang_card_s`: the slowest card while Grafana's stand-ins (Alertmanager, Prometheus) accept connections and never answer.
`load`: of the machine meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bench.report import finish, median, percentile, quick
from playground.demo import Bot
from playground.process import free_port, running
from playground.server import API, Playground
from playground.world import CHANNELS

Json = dict[str, Any]

_ROOT = Path(__file__).parents[1]
_URGENT = CHANNELS["alert-urgent"]


async def main(few: bool) -> None:
    """Measure, print."""
    count, hanging = (15, 5) if few else (60, 15)
    async with Playground.open(limited=False) as playground:
        with tempfile.TemporaryDirectory() as folder:
            bot = Bot(playground, Path(folder))
            await bot.start()
            try:
                cards, posts, limits, forwards = await _measure(playground, bot, count)
            finally:
                await bot.stop()
    per_s, intake = await _measure_intake(2.0 if few else 10.0)
    slowest = await _measure_hanging(hanging)
    print(f"card p50 {median(cards) * 1000:.1f} ms, p99 {percentile(cards, 0.99) * 1000:.1f} ms over {count}")
    print(f"limit program p50 {median(limits) * 1000:.1f} ms, forwarder p50 {median(forwards) * 1000:.1f} ms")
    print(f"bare POST p50 {median(posts) * 1000:.1f} ms, p99 {percentile(posts, 0.99) * 1000:.1f} ms")
    finish(
        "alert_to_card",
        {
            "p50_ratio": median(cards) / median(posts),
            "p99_ratio": percentile(cards, 0.99) / median(posts),
            "p50_limit_ratio": median(cards) / median(limits),
            "p50_forwarder_ratio": median(cards) / median(forwards),
            "intake_per_s": per_s,
            "intake_p99_ms": percentile(intake, 0.99) * 1000,
            "hang_card_s": slowest,
            "load": os.getloadavg()[0],
        },
    )


async def _measure(playground: Playground, bot: Bot, count: int) -> tuple[list[float], ...]:
    cards: list[float] = []
    posts: list[float] = []
    limits: list[float] = []
    forwards: list[float] = []
    target = f"{playground.url}{API}/channels/{_URGENT}/messages"
    async with aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        programs: list[tuple[str, list[float]]] = []
        for mode, times in (("commit", limits), ("forward", forwards)):
            programs.append(
                (await stack.enter_async_context(_least(mode, target, playground.token, bot.folder)), times)
            )
        await _card(playground, session, f"{bot.url}/webhooks/alertmanager", bot.token, "warmup")
        for number in range(count):
            started = time.perf_counter()
            message = await _card(playground, session, f"{bot.url}/webhooks/alertmanager", bot.token, f"Bench{number}")
            cards.append(time.perf_counter() - started)
            posts.append(await _post(playground, session, message))
            for address, times in programs:
                before = time.perf_counter()
                await _card(playground, session, address, "", f"Least{number}")
                times.append(time.perf_counter() - before)
            # One alert a second; what is left of the second is not measured.
            await asyncio.sleep(max(0.0, 1 - (time.perf_counter() - started)))
    return cards, posts, limits, forwards


@asynccontextmanager
async def _least(mode: str, target: str, token: str, folder: Path) -> AsyncGenerator[str]:
    """Run the limit program, or a forwarder, and yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "bench.limit", mode, str(port), target, token, str(folder / "limit.db")]
    async with running(f"limit-{mode}", command, folder / f"{mode}.log", {"PYTHONPATH": str(_ROOT)}) as process:
        await process.ready(f"http://127.0.0.1:{port}/", 20)
        yield f"http://127.0.0.1:{port}/"


async def _measure_intake(seconds: float) -> tuple[float, list[float]]:
    """Send as fast as it is answered, from sixty-four senders; return webhooks a second and what each took."""
    times: list[float] = []
    async with Playground.open() as playground, aiohttp.ClientSession() as session:
        with tempfile.TemporaryDirectory() as folder:
            bot = Bot(playground, Path(folder))
            await bot.start()
            ends_at = time.perf_counter() + seconds

            async def send(sender: int) -> None:
                number = 0
                while (before := time.perf_counter()) < ends_at:
                    number += 1
                    told, headers = _body(f"Intake{sender}n{number % 5}"), {"Authorization": f"Bearer {bot.token}"}
                    async with session.post(f"{bot.url}/webhooks/alertmanager", json=told, headers=headers) as response:
                        response.raise_for_status()
                    times.append(time.perf_counter() - before)

            try:
                await asyncio.gather(*(send(sender) for sender in range(64)))
            finally:
                await bot.stop()
    return len(times) / seconds, times


async def _measure_hanging(count: int) -> float:
    # Connections are accepted by the kernel, and nobody ever reads from them.
    silent = socket.create_server(("127.0.0.1", 0), backlog=1000)
    port = silent.getsockname()[1]
    slowest = 0.0
    async with Playground.open(limited=False) as playground, aiohttp.ClientSession() as session:
        with tempfile.TemporaryDirectory() as folder:
            bot = Bot(playground, Path(folder))
            for name in ("ALERTMANAGER_URL", "PROMETHEUS_URL", "LOKI_URL", "TEMPO_URL"):
                bot.environment[name] = f"http://127.0.0.1:{port}"
            await bot.start()
            try:
                for number in range(count):
                    started = time.perf_counter()
                    await _card(playground, session, f"{bot.url}/webhooks/alertmanager", bot.token, f"Hang{number}")
                    slowest = max(slowest, time.perf_counter() - started)
                    await asyncio.sleep(0.3)
            finally:
                await bot.stop()
    silent.close()
    return slowest


async def _card(playground: Playground, session: aiohttp.ClientSession, address: str, token: str, name: str) -> Json:
    """Send a notification and wait until its card is in the playground."""
    arrived: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

    async def hear(event: str, data: Json, _: set[int] | None) -> None:
        words = json.dumps(data["components"]) + str(data["content"])
        if event == "MESSAGE_CREATE" and name in words and not arrived.done():
            arrived.set_result(data)

    playground.state.listeners.append(hear)
    try:
        headers = {"Authorization": f"Bearer {token}"}
        async with session.post(address, json=_body(name), headers=headers) as response:
            response.raise_for_status()
        async with asyncio.timeout(30):
            return await arrived
    finally:
        playground.state.listeners.remove(hear)


async def _post(playground: Playground, session: aiohttp.ClientSession, message: Json) -> float:
    """Post the same message with nothing in between."""
    body = {"components": message["components"], "flags": message["flags"], "allowed_mentions": {"parse": []}}
    headers = {"Authorization": f"Bot {playground.token}"}
    started = time.perf_counter()
    address = f"{playground.url}{API}/channels/{_URGENT}/messages"
    async with session.post(address, json=body, headers=headers) as response:
        response.raise_for_status()
        await response.read()
    return time.perf_counter() - started


def _body(name: str) -> Json:
    # Each of a place of its own: alerts of one service that begin together there share a card.
    labels = {"alertname": name, "service": "api", "severity": "high", "instance": "api-1:8080", "env": name}
    alert = {
        "status": "firing",
        "labels": labels,
        "annotations": {"summary": "p99 of api is above 5 s", "value": "6.2 s", "threshold": "5 s"},
        "startsAt": "2026-11-24T03:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://127.0.0.1:9090/graph?g0.expr=up",
        "fingerprint": name,
    }
    return {"version": "4", "status": "firing", "groupKey": name, "receiver": "bongsu", "alerts": [alert]}


if __name__ == "__main__":
    asyncio.run(main(quick("From webhook to visible card.")))
