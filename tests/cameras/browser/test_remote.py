"""A browser on another machine: by the address of its own protocol."""

from __future__ import annotations

import asyncio
import shutil
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.cameras.browser.pool import BrowserLimits
from tests.cameras.browser.taking import studio, until
from tests.pages.boards import Panel

pytestmark = pytest.mark.timeout(240)


@asynccontextmanager
async def own_protocol(folder: Path) -> AsyncIterator[str]:
    executable = shutil.which("chromium")
    assert executable
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", f"--user-data-dir={folder}"]
    silent = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(executable, *flags, stdout=silent, stderr=silent)
    try:
        written = folder / "DevToolsActivePort"
        await until(lambda: written.exists() and len(written.read_text().splitlines()) == 2)
        port, path = written.read_text().splitlines()
        yield f"ws://127.0.0.1:{port}{path}"
    finally:
        process.terminate()
        await process.wait()


async def test_a_browser_elsewhere_takes_pictures_and_goes_on_running(tmp_path):
    async with own_protocol(tmp_path) as address:
        for _ in range(2):
            async with studio(ws_endpoint=address, limits=BrowserLimits(memory_mb=10)) as made:
                picture = await made.take(Panel(1, "first"), Panel(2, "second", "no-data"))

                assert [panel.state.value for panel in picture.panels] == ["ready", "no-data"]
        version = f"http://{address.split('/')[2]}/json/version"
        assert b"Browser" in await asyncio.to_thread(lambda: urllib.request.urlopen(version).read())


async def test_a_browser_elsewhere_that_is_not_there_is_said_to_be():
    async with studio(ws_endpoint="ws://127.0.0.1:1/devtools/browser/x") as made:
        assert (await made.refused(Panel(1, "first"))).reason == "browser"


async def test_a_playwright_server_that_is_not_there_is_said_to_be():
    async with studio(ws_endpoint="ws://127.0.0.1:1/") as made:
        assert (await made.refused(Panel(1, "first"))).reason == "browser"
