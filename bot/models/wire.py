"""Stands between an SDK and the network: a client with limits, and failures into ModelUnavailable.

Both SDKs speak through httpx2, which this module loads: only the adapters import it, and only when they are used.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator, Iterable
from typing import Any, cast

import httpx2

from bot.errors import ModelUnavailable
from bot.models.provider import Json, obj, words

# The longest answer that is asked for has a few thousand tokens, of some ten bytes each with all escapes.
_LIMIT_BYTES = 1024 * 1024
_CONNECT_S = 5.0
_DETAIL = 200
# Who asks us to wait longer will not answer before our own deadline.
_LONGEST_WAIT_S = 10.0
_WAITS = {"retry-after-ms": 0.001, "retry-after": 1.0}
# What is left of the answer, and why, when it was not read to its end.
_CUT = "bongsu.cut"

_BUSY = frozenset({429, 503, 529})
_REFUSED = {
    401: "HTTP 401: our key is not accepted",
    402: "HTTP 402: the account has no credit",
    403: "HTTP 403: our key is accepted, but does not allow this",
}
_CREDIT = re.compile(r"insufficient_quota|credit balance|billing_error", re.IGNORECASE)
# Providers quote keys back, whole or in part.
_KEYS = re.compile(r"\b(?:sk|key|api)-[\w*.…-]{6,}", re.IGNORECASE)


class _Capped(httpx2.AsyncByteStream):
    """An answer that ends at a limit; to raise would make the SDK ask, and pay, for it once more."""

    def __init__(self, response: httpx2.Response, limit_bytes: int) -> None:
        self._stream = cast("httpx2.AsyncByteStream", response.stream)
        self._left = limit_bytes
        self._extensions = response.extensions

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._left -= len(chunk)
            if self._left < 0:
                self._extensions[_CUT] = "the answer is too large"
                return
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def http_client(timeout_s: float, limit_bytes: int = _LIMIT_BYTES) -> httpx2.AsyncClient:
    """Make what an SDK sends with: no redirects, no compression, answers of at most `limit_bytes`."""

    async def limit(response: httpx2.Response) -> None:
        encoding = response.headers.get("content-encoding", "identity")
        if encoding != "identity":
            # A kilobyte can unpack into a megabyte; we asked for none of this.
            response.extensions[_CUT] = f"the answer is packed ({words(encoding)[:20]})"
            del response.headers["content-encoding"]
        response.stream = _Capped(response, limit_bytes)
        if response.status_code >= 400 and _asks_too_much_patience(response.headers):
            response.headers["x-should-retry"] = "false"

    # The SDKs log bodies when the root logger is set to debug.
    for name in ("anthropic", "openai", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
        # A redirect leads to a login page, or takes our key and our evidence to somebody else.
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [limit]},
    )


def parsed(response: httpx2.Response) -> Json:
    """Return the object that was answered. Raises ModelUnavailable."""
    cut = response.extensions.get(_CUT)
    if cut:
        raise ModelUnavailable("junk", str(cut))
    try:
        body: Any = json.loads(response.content)
    except (ValueError, RecursionError):
        # A login page or a proxy's apology, with status 200.
        raise ModelUnavailable("junk", "the answer is not JSON") from None
    if not isinstance(body, dict):
        raise ModelUnavailable("junk", "the answer has an unknown shape")
    return cast("Json", body)


def refusal(response: httpx2.Response, key: str) -> ModelUnavailable:
    """Say why a server answered with an error, in its own words where we asked something wrong."""
    status = response.status_code
    if status in _REFUSED:
        return ModelUnavailable("refused", _REFUSED[status])
    if status in (400, 429) and _CREDIT.search(response.text):
        return ModelUnavailable("refused", f"HTTP {status}: the account has no credit")
    if status in _BUSY:
        return ModelUnavailable("busy", f"HTTP {status}")
    if status == 408:
        return ModelUnavailable("timeout", f"HTTP {status}")
    if status < 400:
        return ModelUnavailable("unreachable", f"HTTP {status}: it sends us somewhere else, probably to a login page")
    if status >= 500:
        return ModelUnavailable("unreachable", f"HTTP {status}")
    return ModelUnavailable("junk", _quoted(response, key) or f"HTTP {status}")


def lost(error: BaseException) -> ModelUnavailable:
    """Say why there is no answer at all, from what the SDK's error was caused by."""
    causes = list(_causes(error))
    for kind, detail in _LOSSES:
        if any(isinstance(cause, kind) for cause in causes):
            return ModelUnavailable("unreachable", detail)
    if any(isinstance(cause, httpx2.TimeoutException) for cause in causes):
        return ModelUnavailable("timeout", "no answer in time")
    # The text of an error may hold the address with its credentials; its class does not.
    return ModelUnavailable("unreachable", type(causes[-1]).__name__)


_LOSSES: tuple[tuple[type[Exception], str], ...] = (
    (httpx2.ConnectTimeout, "connection refused or host unknown"),
    (httpx2.ConnectError, "connection refused or host unknown"),
    (httpx2.ReadError, "the connection was dropped"),
    (httpx2.WriteError, "the connection was dropped"),
    (httpx2.RemoteProtocolError, "the connection was dropped"),
    (httpx2.UnsupportedProtocol, "its address does not start with http:// or https://"),
    (httpx2.InvalidURL, "its address is no address"),
)


def _causes(error: BaseException) -> Iterable[BaseException]:
    current: BaseException | None = error
    for _ in range(10):
        if current is None:
            return
        yield current
        current = current.__cause__


def _quoted(response: httpx2.Response, key: str) -> str:
    """Find the provider's message: `error.message`, `message` or `detail`; in one line, without our key."""
    text = response.text.strip()
    try:
        body = obj(json.loads(text))
    except (ValueError, RecursionError):
        body = {}
    found = words(obj(body.get("error")).get("message")) or words(body.get("message")) or words(body.get("error"))
    if not found and not text.startswith("<"):
        found = json.dumps(body["detail"]) if body.get("detail") else "" if body else text
    # A shorter one is a word that stands for no key.
    hidden = _KEYS.sub("…", found.replace(key, "…") if len(key) >= 8 else found)
    return "".join(c if c.isprintable() else " " for c in " ".join(hidden.split()))[:_DETAIL]


def _asks_too_much_patience(headers: httpx2.Headers) -> bool:
    for name, unit_s in _WAITS.items():
        if name in headers:
            try:
                return not float(headers[name]) * unit_s <= _LONGEST_WAIT_S
            except ValueError:
                return True
    return False
