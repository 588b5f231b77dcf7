"""A person's browser and as much of a bot as the page needs, for the tests of the page."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from playwright.async_api import Browser, Page, async_playwright, expect

from playground import world
from playground.server import TOKEN

URGENT = world.CHANNELS["alert-urgent"]
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

Opener = Callable[..., Awaitable[Page]]


@dataclass
class Bot:
    """As much of a bot as a page needs: it writes messages and registers commands over HTTP."""

    url: str
    http: aiohttp.ClientSession

    async def ask(self, method: str, path: str, body: Any) -> Any:
        async with self.http.request(
            method, f"{self.url}/api/v10{path}", json=body, headers={"Authorization": f"Bot {TOKEN}"}
        ) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def says(self, content: str, channel: str = "alert-urgent", **more: Any) -> dict[str, Any]:
        return await self.ask("POST", f"/channels/{world.CHANNELS[channel]}/messages", {"content": content, **more})

    async def shows(self, card: dict[str, Any]) -> dict[str, Any]:
        return await self.ask("POST", f"/channels/{URGENT}/messages", card)


@dataclass
class Visit:
    """A browser window and everything it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    origins: set[str] = field(default_factory=set)

    def listen(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda line: self.complaints.append(line.text) if line.type in ("error", "warning") else None
        )
        self.page.on("request", lambda request: self.origins.add(urlsplit(request.url).netloc))


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, (
        "No Chromium: install the package chromium (make test does), the page is only tested in a real browser."
    )
    async with async_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = await playwright.chromium.launch(executable_path=found, args=flags)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visits(url: str) -> AsyncIterator[Opener]:
    """Opens the page; whatever happened there, it may complain of nothing and ask nobody else for anything."""
    opened: list[Visit] = []
    async with a_browser() as browser:

        async def open_page(
            query: str = "?locale=en-US", viewport: dict[str, int] = WIDE, scheme: str = "dark"
        ) -> Page:
            context = await browser.new_context(viewport=viewport, color_scheme=scheme, locale="en-US")
            visit = Visit(await context.new_page())
            visit.listen()
            opened.append(visit)
            await visit.page.goto(f"{url}/{query}")
            await expect(visit.page.get_by_test_id("channel-alert-urgent")).to_have_count(1)
            return visit.page

        yield open_page

        for visit in opened:
            assert visit.complaints == []
            assert visit.origins == {urlsplit(url).netloc}
