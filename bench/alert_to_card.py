"""From webhook to visible card, as a ratio to one bare POST of the same message to the same playground.

`p50_ratio`, `p99_ratio`: at one alert per second, each a new incident. `hang_card_s`: the slowest card while Grafana's
stand-ins (Alertmanager, Prometheus) accept connections and never answer.
"""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp

from bench.report import finish, median, percentile, quick
from playground.demo import Bot
from playground.server import API, Playground
from playground.world import CHANNELS

Json = dict[str, Any]

_URGENT = CHANNELS["alert-urgent"]


async def main(few: bool) -> None:
    """Measure, print."""
    count, hanging = (15, 5) if few else (60, 15)
    async with Playground.open(limited=False) as playground:
        with tempfile.TemporaryDirectory() as folder:
            bot = Bot(playground, Path(folder))
            await bot.start()
            try:
                cards, posts = await _measure(playground, bot, count)
            finally:
                await bot.stop()
    slowest = await _measure_hanging(hanging)
    print(f"card p50 {median(cards) * 1000:.1f} ms, p99 {percentile(cards, 0.99) * 1000:.1f} ms over {count}")
    print(f"bare POST p50 {median(posts) * 1000:.1f} ms, p99 {percentile(posts, 0.99) * 1000:.1f} ms")
    finish(
        "alert_to_card",
        {
            "p50_ratio": median(cards) / median(posts),
            "p99_ratio": percentile(cards, 0.99) / median(posts),
            "hang_card_s": slowest,
        },
    )


async def _measure(playground: Playground, bot: Bot, count: int) -> tuple[list[float], list[float]]:
    cards: list[float] = []
    posts: list[float] = []
    async with aiohttp.ClientSession() as session:
        await _card(playground, bot, session, "warmup")
        for number in range(count):
            started = time.perf_counter()
            message = await _card(playground, bot, session, f"Bench{number}")
            cards.append(time.perf_counter() - started)
            posts.append(await _post(playground, session, message))
            # One alert a second; what is left of the second is not measured.
            await asyncio.sleep(max(0.0, 1 - (time.perf_counter() - started)))
    return cards, posts


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
                    await _card(playground, bot, session, f"Hang{number}")
                    slowest = max(slowest, time.perf_counter() - started)
                    await asyncio.sleep(0.3)
            finally:
                await bot.stop()
    silent.close()
    return slowest


async def _card(playground: Playground, bot: Bot, session: aiohttp.ClientSession, name: str) -> Json:
    """Send a notification and wait until its card is in the playground."""
    arrived: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

    async def hear(event: str, data: Json, _: set[int] | None) -> None:
        if event == "MESSAGE_CREATE" and name in json.dumps(data["components"]) and not arrived.done():
            arrived.set_result(data)

    playground.state.listeners.append(hear)
    try:
        headers = {"Authorization": f"Bearer {bot.token}"}
        async with session.post(f"{bot.url}/webhooks/alertmanager", json=_body(name), headers=headers) as response:
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
    labels = {"alertname": name, "service": "api", "severity": "high", "instance": "api-1:8080"}
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
