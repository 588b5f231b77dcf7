"""Opens Grafana, and nothing else, in one page of the browser; looks at it, and captures what it shows."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.cameras.browser.address import GrafanaAddress
from bot.cameras.browser.guard import Guard, broken
from bot.cameras.browser.page_state import PageLook
from bot.errors import NoPicture

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page

Json = dict[str, Any]

_CLEAR_S = 2.0
_MOMENT_S = 0.05
_WATCH = (resources.files("bot.cameras.browser") / "watch.js").read_text("utf-8")


class Tab:
    """A page in a context of its own; used for one picture after another while it behaves."""

    def __init__(
        self, context: BrowserContext, page: Page, cdp: CDPSession, grafana: GrafanaAddress, guard: Guard, scale: float
    ) -> None:
        self._context = context
        self._page = page
        self._cdp = cdp
        self._grafana = grafana
        self._guard = guard
        self._scale = scale
        self._uid = ""
        self._window = (0, 0)
        self.crashed = False
        self.broken = False

    @classmethod
    async def open(cls, context: BrowserContext, grafana: GrafanaAddress, token: str, scale: float) -> Tab:
        """Make a page that is guarded; `scale` is image pixels for each CSS pixel."""
        page = await context.new_page()
        cdp = await context.new_cdp_session(page)
        guard = Guard(cdp, grafana, token)
        tab = cls(context, page, cdp, grafana, guard, scale)
        page.on("crash", tab._crash)
        context.on("page", tab._close_popup)
        await guard.stand()
        return tab

    @property
    def errors(self) -> dict[int, str]:
        """How the queries of panels failed, by the panel's id."""
        return self._guard.errors

    async def go(self, url: str, uid: str, width: int, height: int, timeout_s: float) -> None:
        """Open an address of Grafana's. Raises NoPicture if what answers is no page of it."""
        if not self._grafana.owns(url):
            raise NoPicture("elsewhere")
        self._guard.forget()
        self._uid = uid
        try:
            # One way there and back for both: what is asked first is done first.
            _, response = await asyncio.gather(
                self.resize(width, height), self._page.goto(url, wait_until="commit", timeout=timeout_s * 1000)
            )
        except broken() as error:
            # That a renderer ended is told a moment after what failed because of it.
            await asyncio.sleep(_MOMENT_S)
            raise self._unreachable(error) from error
        if response is None:
            raise NoPicture("unreachable")
        _judge(response.status, response.headers.get("content-type", ""))

    def _unreachable(self, error: Exception) -> Exception:
        message = str(error)
        if self._guard.refused:
            return NoPicture("elsewhere", self._guard.refused)
        if self.crashed:
            return NoPicture("crashed")
        if "Timeout" in message:
            return NoPicture("timeout")
        word = next((word for word in message.split() if word.startswith("net::")), "")
        # Without such a word it was not the network: the browser itself ended.
        return NoPicture("unreachable", word.removeprefix("net::")) if word else error

    async def watch(self, verb: str, *, limit_s: float = 0, quiet_s: float = 0, top: int = 0) -> PageLook:
        """Have watch.js do something in the page and answer what is to be seen.

        `top` is where to scroll to, or which tab to open.
        """
        question = {
            "verb": verb,
            "root": self._grafana.root,
            "uid": self._uid,
            "limit": limit_s * 1000,
            "quiet": quiet_s * 1000,
            "top": top,
        }
        for _ in range(5):
            try:
                raw: str = await self._page.evaluate(_WATCH, question)
                if self._guard.refused:
                    raise NoPicture("elsewhere", self._guard.refused)
                return _read(raw)
            except broken() as error:
                # The page went on to another one (to sign in, say) while it was looked at.
                if "context was destroyed" not in str(error) and "navigation" not in str(error):
                    raise
                if self._guard.refused:
                    raise NoPicture("elsewhere", self._guard.refused) from error
                await self._page.wait_for_load_state("domcontentloaded")
        raise NoPicture("elsewhere")

    async def resize(self, width: int, height: int) -> None:
        """Change the size of the window, in CSS pixels."""
        if self._window == (width, height):
            # Laid out already, also if it shows nothing yet.
            return
        # In our own session, not by Playwright: a capture measures by the window of the session that asks for it.
        metrics = {"width": width, "height": height, "deviceScaleFactor": self._scale, "mobile": False}
        await self._cdp.send("Emulation.setDeviceMetricsOverride", metrics)
        self._window = (width, height)

    async def capture(self, scale: float = 1.0) -> bytes:
        """Return a PNG of what is in the window."""
        options: Json = {"format": "png", "captureBeyondViewport": False, "optimizeForSpeed": True}
        if scale != 1.0:
            # Never for a part: Chromium lays the page out anew for each, which takes longer than to cut it out of the whole.
            width, height = self._window
            options["clip"] = {"x": 0, "y": 0, "width": width, "height": height, "scale": scale}
        answer: Json = await self._cdp.send("Page.captureScreenshot", options)
        return base64.b64decode(answer["data"])

    async def clear(self, *, collect: bool = False) -> bool:
        """Leave the page, so that it holds and does nothing until it is used again; say whether that went well.

        `collect` gives back at once what the page held, and with it Grafana's compiled program: the next page takes
        seconds longer.
        """
        try:
            await self._page.goto("about:blank", wait_until="commit", timeout=_CLEAR_S * 1000)
            if collect:
                await self._cdp.send("HeapProfiler.collectGarbage")
        except broken():
            return False
        return not self.crashed

    async def close(self) -> None:
        """Close the page and its context."""
        with contextlib.suppress(broken()):
            await self._context.close()

    def _crash(self, _: Page) -> None:
        self.crashed = True

    def _close_popup(self, page: Page) -> None:
        if page is not self._page:
            self._guard.start(page.close())


def _judge(status: int, kind: str) -> None:
    if kind.startswith("image/"):
        raise NoPicture("render-limit")
    if status in (401, 403):
        raise NoPicture("login" if status == 401 else "forbidden")
    if status == 404:
        raise NoPicture("not-found")
    if status >= 400:
        raise NoPicture("unreachable", f"HTTP {status}")


def _read(raw: str) -> PageLook:
    try:
        return PageLook.of(json.loads(raw))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        # A page that changes what scripts are built on can make ours answer anything.
        raise NoPicture("refused", type(error).__name__) from error
