"""What the image costs: its size, how long a container of it takes to be ready, and what it holds then."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp

from bench.memory import resident_mb
from bench.report import median
from playground.process import free_port
from playground.server import Playground
from tools.images import Images, run

_ROOT = Path(__file__).parents[1]
_TAG = "localhost/bongsu:bench"
_TRIES = 5
_PATIENCE_S = 60.0
_SETTLED_S = 5.0


async def figures() -> dict[str, float]:
    """Build the image and start it some times.

    `image_mb` is its megabytes, `image_ready_s` the seconds from `podman start` (its own work included) to /readyz answering 200,
    `image_rss_mb` the megabytes of the bot's process in it some seconds later.
    """
    with Images.open(_TAG) as images:
        await asyncio.to_thread(images.make)
        size = int(images.inspect("image", images.tag, "{{.Size}}")) / 1e6
        async with Playground.open() as playground:
            taken, held = zip(
                *[await start(images, playground, f"try{number}") for number in range(_TRIES)], strict=True
            )
    print(f"container ready {[round(each, 2) for each in taken]} s")
    return {"image_mb": size, "image_ready_s": median(taken), "image_rss_mb": median(held)}


async def start(images: Images, playground: Playground, name: str) -> tuple[float, float]:
    """Start a container; return after how many seconds it is ready, and the megabytes that it holds a while later."""
    port = free_port()
    told = {
        **_told_in_the_demo(),
        "DISCORD_API_URL": playground.url,
        "DISCORD_TOKEN": playground.token,
        "WEBHOOK_TOKEN": "measured-in-a-container",
        "WEBHOOK_HOST": "127.0.0.1",
        "WEBHOOK_PORT": str(port),
    }
    options = [word for key, value in told.items() for word in ("--env", f"{key}={value}")]
    making = ["create", "--name", name, "--network", "host", "--health-interval", "disable", *images.limits()]
    await asyncio.to_thread(run, [*images.podman, *making, *options, images.tag], 120)
    began = time.perf_counter()
    await asyncio.to_thread(run, [*images.podman, "start", name], 60)
    await _ready(f"http://127.0.0.1:{port}/readyz")
    taken = time.perf_counter() - began
    await asyncio.sleep(_SETTLED_S)
    held = resident_mb(int(await asyncio.to_thread(images.inspect, "container", name, "{{.State.Pid}}")))
    await asyncio.to_thread(run, [*images.podman, "rm", "--force", "--time", "5", name], 60)
    return taken, held


def _told_in_the_demo() -> dict[str, str]:
    lines = (_ROOT / "playground/config/stack/bot.env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


async def _ready(url: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session, asyncio.timeout(_PATIENCE_S):
        while True:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.02)
