"""What the bot costs when nothing happens, and what the whole stack costs on its host of 2 GiB.

`venv_mb`: megabytes on the disk of what `make demo` installs, before Python compiles what is imported.
`import_ratio`: the time that the imports of `bongsu run` take, as a multiple of discord.py's and aiohttp's alone; `import_s` in seconds.
`image_mb`, `image_ready_s`, `image_rss_mb`: megabytes of the image, seconds until a container of it is ready and what the
bot's process in it holds then, where one can be built and not with --quick: it takes minutes.
`idle_rss_mb`: megabytes (10^6) of the bot's process after it has been ready for some seconds.
`ready_s`: seconds from the start of the process to /readyz answering 200, less the guild_ready_timeout it was given.
`browser_mb`: what Chromium and its children hold while they show the playground's page, pages shared among them counted once.
`prometheus_mb`, `blackbox_mb`: resident memory while the shop is scraped and probed.
`measured_mb`: the sum of these. `others_limit_mb`: the limits in compose.yml of the parts that Debian does not have.
`host_sum_mb`: both together, to be held against `host_mb`; what is left is the kernel's, Docker's and the disk cache's.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import yaml

from bench import container
from bench.installed import import_ratio, venv_mb
from bench.memory import proportional_mb, resident_mb
from bench.report import finish, median, quick
from playground.demo import Bot
from playground.monitors import Monitors
from playground.process import find_binary, free_port, running
from playground.server import Playground
from playground.shop.server import ShopServer
from tools.images import why_not

_ROOT = Path(__file__).parents[1]
# As in playground/config/bot.yml.
_GUILD_READY_S = 0.1
_HOST_MB = 2 * 1024**3 / 1e6
_MEASURED = frozenset({"bot", "prometheus", "blackbox"})


async def main(few: bool) -> None:
    """Measure, print."""
    starts: list[float] = []
    memory: list[float] = []
    async with Playground.open() as playground:
        # Chromium's children write for a moment after it has ended.
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            bot = Bot(playground, Path(folder))
            for _ in range(3 if few else 8):
                started = time.perf_counter()
                process = await bot.start()
                starts.append(time.perf_counter() - started - _GUILD_READY_S)
                await asyncio.sleep(3 if few else 10)
                memory.append(resident_mb(process.pid))
                await bot.stop()
            browser = await _browser_mb(playground.url, Path(folder))
    print(f"starts {[round(each, 2) for each in starts]} s")
    print(f"memory {[round(each, 1) for each in memory]} MB")
    stack = {"idle_rss_mb": median(memory), "browser_mb": browser, **await _monitors_mb(5 if few else 30)}
    measured, others = sum(stack.values()), sum(limits_mb().values())
    sums = {"measured_mb": measured, "others_limit_mb": others, "host_sum_mb": measured + others, "host_mb": _HOST_MB}
    installed = {"venv_mb": venv_mb(), **import_ratio(3 if few else 10)}
    if not few and not why_not():
        installed |= await container.figures()
    finish("footprint", {**installed, **stack, "ready_s": median(starts), **sums})


def limits_mb() -> dict[str, float]:
    """Return the limits of the parts that are not measured here, by name."""
    read = cast("dict[str, Any]", yaml.safe_load((_ROOT / "compose.yml").read_text("utf-8")))
    services: dict[str, dict[str, Any]] = read["services"]
    return {
        name: int(each["mem_limit"].removesuffix("m")) * 1024**2 / 1e6
        for name, each in services.items()
        if name not in _MEASURED and "profiles" not in each
    }


async def _browser_mb(url: str, folder: Path) -> float:
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--remote-debugging-port=0",
        f"--user-data-dir={folder}/browser",
    ]
    command = [find_binary("chromium-headless-shell", "chromium"), *options, url]
    async with running("browser", command, folder / "browser.log") as process:
        for _ in range(150):
            # It says so when it has started; the page follows.
            if "DevTools listening" in process.tail(50):
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(3)
        family = _family(process.pid)
        held = sum(map(proportional_mb, family))
        # Debian's headless shell is begun by a script, which would end alone and leave it running.
        for pid in family[1:]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        return held


async def _monitors_mb(seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        shop = ShopServer(0, 0, Path(folder), seed=1)
        async with shop.running():
            targets = {name: f"127.0.0.1:{door.port}" for name, door in shop.doors.items()}
            port = free_port()
            config = _ROOT / "config" / "blackbox" / "config.yml"
            probing = [
                "prometheus-blackbox-exporter",
                f"--config.file={config}",
                f"--web.listen-address=127.0.0.1:{port}",
            ]
            async with (
                Monitors.open(
                    targets=targets, webhook_url="http://127.0.0.1:9/", token="", node=targets["api"]
                ) as monitors,
                running("blackbox", probing, Path(folder) / "blackbox.log") as blackbox,
            ):
                await blackbox.ready(f"http://127.0.0.1:{port}/-/healthy", 20)
                await asyncio.sleep(seconds)
                return {
                    "prometheus_mb": resident_mb(monitors.prometheus.pid),
                    "blackbox_mb": resident_mb(blackbox.pid),
                }


def _family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(each) for each in children.read_text("utf-8").split()]
    return found


if __name__ == "__main__":
    asyncio.run(main(quick("What the bot and the stack cost.")))
