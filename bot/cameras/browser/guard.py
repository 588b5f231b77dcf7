"""Stands between a page and the network: our token for Grafana's origin, and nothing for anybody else.

The token is put on each request by itself (CDP, domain Fetch): Playwright's own way repeats headers on redirects, to
whomever they lead. Besides, the context knows one address only: all others go to a proxy that does not exist, which also
holds for what Fetch does not see (WebSockets, connections opened in advance).
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from bot.cameras.browser.address import GrafanaAddress

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, ProxySettings

Json = dict[str, Any]

# Nobody listens on port 1 (tcpmux), and only root could.
_NOWHERE = "http://127.0.0.1:1"
_QUERIES = ("*/api/ds/query*", "*/apis/query.grafana.app/*")
# A message is hostile text of any length; more than this is not read.
_ANSWER_LIMIT = 64 * 1024
_MESSAGE = 300
# Headers that the browser sets itself; given back to it they would go out stale, or fail the request.
_BROWSERS_OWN = frozenset({"authorization", "cookie", "host", "content-length"})


def broken() -> type[Exception]:
    """Return what Playwright raises; it is imported when a browser is needed, 30 MB that an idle bot does without."""
    from playwright.async_api import Error

    return Error


def barrier(grafana: GrafanaAddress) -> ProxySettings:
    """Return proxy settings with which only Grafana's host and port can be reached; loopback is no exception."""
    return {"server": _NOWHERE, "bypass": grafana.origin}


class Guard:
    """Decides about each request of one page; remembers where it was refused to go, and how panels' queries failed."""

    def __init__(self, cdp: CDPSession, grafana: GrafanaAddress, token: str) -> None:
        self._cdp = cdp
        self._grafana = grafana
        self._token = token
        self._frame = ""
        self._running: set[asyncio.Task[None]] = set()
        self.errors: dict[int, str] = {}
        self.refused = ""

    async def stand(self) -> None:
        """Have every request of the page, and what Grafana answers to queries, wait for `_paused` from now on."""
        self._frame = (await self._cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        self._cdp.on("Fetch.requestPaused", self._paused)
        patterns: list[Json] = [{"urlPattern": "*", "requestStage": "Request"}]
        patterns += [{"urlPattern": each, "requestStage": "Response"} for each in _QUERIES]
        await self._cdp.send("Fetch.enable", {"patterns": patterns})

    def forget(self) -> None:
        """Drop the errors and the refusal of the page before, because the tab is used again."""
        self.errors, self.refused = {}, ""

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something about the page while it may go away."""
        task = asyncio.create_task(_forgiving(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _paused(self, event: Json) -> None:
        self.start(self._decide(event))

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
