"""One page in the browser: opens Grafana and nothing else, looks at it, and captures what it shows.

The token is put on each request by itself (CDP, domain Fetch): Playwright's own way repeats headers on redirects, to
whomever they lead. Besides, the context knows one address only: all others go to a proxy that does not exist.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Coroutine
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.errors import NoPicture
from bot.screenshots.address import GrafanaAddress
from bot.screenshots.seen import Look

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page, ProxySettings

Json = dict[str, Any]

# Nobody listens on port 1 (tcpmux), and only root could.
_NOWHERE = "http://127.0.0.1:1"
_QUERIES = ("*/api/ds/query*", "*/apis/query.grafana.app/*")
# A message is hostile text of any length; more than this is not read.
_ANSWER_LIMIT = 64 * 1024
_MESSAGE = 300
_CLEAR_S = 2.0
# Headers that the browser sets itself; given back to it they would go out stale, or fail the request.
_BROWSERS_OWN = frozenset({"authorization", "cookie", "host", "content-length"})
_WATCH = (resources.files("bot.screenshots") / "watch.js").read_text("utf-8")


def broken() -> type[Exception]:
    """Return what Playwright raises; it is imported when a browser is needed, 30 MB that an idle bot does without."""
    from playwright.async_api import Error

    return Error


def barrier(grafana: GrafanaAddress) -> ProxySettings:
    """Return proxy settings with which only Grafana's host and port can be reached; loopback is no exception."""
    return {"server": _NOWHERE, "bypass": grafana.origin}


class Tab:
    """A page in a context of its own; used for one picture after another while it behaves."""

    def __init__(
        self, context: BrowserContext, page: Page, cdp: CDPSession, grafana: GrafanaAddress, token: str
    ) -> None:
        self._context = context
        self._page = page
        self._cdp = cdp
        self._grafana = grafana
        self._token = token
        self._uid = ""
        self._frame = ""
        self._running: set[asyncio.Task[None]] = set()
        self.errors: dict[int, str] = {}
        self.refused = ""
        self.crashed = False
        self.broken = False

    @classmethod
    async def open(cls, context: BrowserContext, grafana: GrafanaAddress, token: str) -> Tab:
        """Make the page and stand in its way."""
        page = await context.new_page()
        cdp = await context.new_cdp_session(page)
        tab = cls(context, page, cdp, grafana, token)
        tab._frame = (await cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        page.on("crash", tab._crash)
        context.on("page", tab._close_popup)
        cdp.on("Fetch.requestPaused", tab._paused)
        patterns: list[Json] = [{"urlPattern": "*", "requestStage": "Request"}]
        patterns += [{"urlPattern": each, "requestStage": "Response"} for each in _QUERIES]
        await cdp.send("Fetch.enable", {"patterns": patterns})
        return tab

    async def go(self, url: str, uid: str, width: int, height: int, timeout_s: float) -> None:
        """Open an address of Grafana's. Raises NoPicture if what answers is no page of it."""
        if not self._grafana.owns(url):
            raise NoPicture("elsewhere")
        self.errors, self.refused, self._uid = {}, "", uid
        await self._page.set_viewport_size({"width": width, "height": height})
        try:
            response = await self._page.goto(url, wait_until="commit", timeout=timeout_s * 1000)
        except broken() as error:
            raise self._unreachable(str(error)) from error
        if response is None:
            raise NoPicture("unreachable")
        kind = await response.header_value("content-type") or ""
        _judge(response.status, kind)

    def _unreachable(self, message: str) -> NoPicture:
        if self.refused:
            return NoPicture("elsewhere", self.refused)
        if self.crashed:
            return NoPicture("crashed")
        if "Timeout" in message:
            return NoPicture("timeout")
        word = next((word for word in message.split() if word.startswith("net::")), "")
        return NoPicture("unreachable", word.removeprefix("net::"))

    async def watch(self, verb: str, *, limit_s: float = 0, quiet_s: float = 0, top: int = 0) -> Look:
        """Have watch.js do something in the page and answer what is to be seen."""
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
                raw = await self._page.evaluate(_WATCH, question)
                if self.refused:
                    raise NoPicture("elsewhere", self.refused)
                return Look.of(raw)
            except broken() as error:
                # The page went on to another one (to sign in, say) while it was looked at.
                if "context was destroyed" not in str(error) and "navigation" not in str(error):
                    raise
                if self.refused:
                    raise NoPicture("elsewhere", self.refused) from error
                await self._page.wait_for_load_state("domcontentloaded")
        raise NoPicture("elsewhere")

    async def resize(self, width: int, height: int) -> None:
        """Change the size of the window, in CSS pixels."""
        await self._page.set_viewport_size({"width": width, "height": height})

    async def capture(self, width: int, top: int, bottom: int, scale: float = 1.0, *, small: bool = False) -> bytes:
        """Return a PNG of what the window shows between two heights; `small` takes longer."""
        clip = {"x": 0, "y": top, "width": width, "height": bottom - top, "scale": scale}
        options = {"format": "png", "clip": clip, "captureBeyondViewport": False, "optimizeForSpeed": not small}
        answer: Json = await self._cdp.send("Page.captureScreenshot", options)
        return base64.b64decode(answer["data"])

    async def clear(self) -> bool:
        """Leave the page, so that it holds and does nothing until it is used again; say whether that went well."""
        try:
            await self._page.goto("about:blank", wait_until="commit", timeout=_CLEAR_S * 1000)
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
            self._start(page.close())

    def _paused(self, event: Json) -> None:
        self._start(self._decide(event))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_forgiving(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _decide(self, event: Json) -> None:
        request, paused = event["request"], {"requestId": event["requestId"]}
        if "responseStatusCode" in event or "responseErrorReason" in event:
            await self._hear(event)
            await self._cdp.send("Fetch.continueRequest", paused)
        elif not self._grafana.owns(request["url"]):
            if event.get("resourceType") == "Document" and event.get("frameId") == self._frame:
                # The page itself, not a frame in it, was to be left for somewhere else.
                self.refused = self.refused or request["url"][:_MESSAGE]
            await self._cdp.send("Fetch.failRequest", {**paused, "errorReason": "BlockedByClient"})
        elif not self._token:
            await self._cdp.send("Fetch.continueRequest", paused)
        else:
            kept = {name: value for name, value in request["headers"].items() if name.lower() not in _BROWSERS_OWN}
            kept["Authorization"] = f"Bearer {self._token}"
            headers = [{"name": name, "value": value} for name, value in kept.items()]
            await self._cdp.send("Fetch.continueRequest", {**paused, "headers": headers})

    async def _hear(self, event: Json) -> None:
        """Remember the error that a panel's query ended with."""
        headers = {name.lower(): value for name, value in event["request"]["headers"].items()}
        panel = headers.get("x-panel-id", "")
        status = event.get("responseStatusCode", 0)
        if not panel.isdigit() or (status < 400 and status != 207):
            return
        try:
            answer: Json = await self._cdp.send("Fetch.getResponseBody", {"requestId": event["requestId"]})
            body = (
                base64.b64decode(answer["body"]).decode("utf-8", "replace")
                if answer["base64Encoded"]
                else answer["body"]
            )
        except ValueError:
            body = ""
        message = _message(body[:_ANSWER_LIMIT])
        if message or status != 207:
            self.errors[int(panel)] = message or f"HTTP {status}"


async def _forgiving(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except broken():
        # The page or the request went away while we decided about it; there is nothing left to decide.
        return


def _judge(status: int, kind: str) -> None:
    if kind.startswith("image/"):
        raise NoPicture("render-limit")
    if status in (401, 403):
        raise NoPicture("login")
    if status == 404:
        raise NoPicture("not-found")
    if status >= 400:
        raise NoPicture("unreachable", f"HTTP {status}")


def _message(body: str) -> str:
    """Find the words in what /api/ds/query answers: `results.<ref>.error`, or `message`."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    results = answer.get("results")
    each = results.values() if isinstance(results, dict) else ()
    found = [str(result["error"]) for result in each if isinstance(result, dict) and result.get("error")]
    words = " ".join((", ".join(found) or str(answer.get("message") or "")).split())
    return words[:_MESSAGE]
