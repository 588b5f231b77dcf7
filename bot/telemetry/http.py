"""One HTTP client for all sources: an address and a path into JSON, or into one of our own errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
import yarl

from bot.errors import QueryRejected, SourceFailed, SourceSlow, SourceUnavailable

_LIMIT_BYTES = 5 * 1024 * 1024
DETAIL = 300
_REASON = 160

# The question was wrong; anything else from 400 on means that the server cannot or will not answer us.
OUR_MISTAKE = frozenset({400, 404, 405, 409, 422})

# A gateway that waited no longer, or Loki that ended a query of its own accord.
_TOO_SLOW = frozenset({408, 504, 524})


class JsonClient:
    """Asks one server; `source` is the name people know it by."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        source: str,
        token: str = "",
        scheme: str = "Bearer",
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 5.0,
        limit_bytes: int = _LIMIT_BYTES,
    ) -> None:
        self._session = session
        # A base with a path (a Grafana below /grafana/) keeps it: paths of ours are relative.
        self._base = yarl.URL(base_url if base_url.endswith("/") else f"{base_url}/")
        authorization = {"Authorization": f"{scheme} {token}"} if token else {}
        self._headers = {"Accept": "application/json", **authorization, **(headers or {})}
        # A server may quote what it refuses.
        self._secrets = (token, *(headers or {}).values())
        self._timeout_s = timeout_s
        self._limit_bytes = limit_bytes
        self.source = source

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """Return the parsed answer; None for an empty one. Raises SourceUnavailable or QueryRejected."""
        return await self._ask("GET", path, params=params)

    async def post(self, path: str, *, json_body: Any = None, form: Mapping[str, str] | None = None) -> Any:
        """Send JSON or a form. Raises SourceUnavailable or QueryRejected."""
        return await self._ask("POST", path, json=json_body, data=form)

    async def delete(self, path: str) -> Any:
        """Delete. Raises SourceUnavailable or QueryRejected."""
        return await self._ask("DELETE", path)

    async def text(self, path: str) -> str:
        """Return the answer as text; a web page is none. Raises SourceUnavailable or QueryRejected."""
        words = (await self._exchange("GET", path)).decode("utf-8", "replace")
        if words.lstrip().startswith("<"):
            # A sign-in page in front of the server answers 200 to everything, also to "are you ready".
            raise SourceUnavailable(self.source, "the answer is a web page, probably to sign in at")
        return words

    async def _ask(self, method: str, path: str, **options: Any) -> Any:
        body = await self._exchange(method, path, **options)
        if not body.strip():
            return None
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            # A login page or a proxy's apology, with status 200.
            raise SourceUnavailable(self.source, "the answer is not JSON") from error

    async def _exchange(self, method: str, path: str, **options: Any) -> bytes:
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._session.request(
                    method,
                    self._base.join(yarl.URL(path.lstrip("/"))),
                    headers=self._headers,
                    # A redirect leads to a login page, or takes our token to somebody else.
                    allow_redirects=False,
                    **options,
                ) as response,
            ):
                body = await self._read(response)
                self._judge(response.status, body)
                return body
        except TimeoutError as error:
            raise SourceSlow(self.source, f"no answer within {self._timeout_s:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # The text of the error may hold the address with its credentials; its class does not.
            raise SourceUnavailable(self.source, _plain(error)) from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(64 * 1024):
            body += chunk
            if len(body) > self._limit_bytes:
                raise SourceUnavailable(self.source, f"the answer is larger than {self._limit_bytes} bytes")
        return bytes(body)

    def _judge(self, status: int, body: bytes) -> None:
        if status < 300:
            return
        if status in OUR_MISTAKE:
            raise QueryRejected(self.source, _message(body) or f"HTTP {status}")
        if status in _TOO_SLOW:
            raise SourceSlow(self.source, refusal(status))
        raise SourceFailed(self.source, refusal(status, without(self._secrets, _message(body))))


def without(secrets: Iterable[str], words: str) -> str:
    """Return somebody's words, or nothing if they hold a secret of ours."""
    return "" if any(secret and secret in words for secret in secrets) else words


def refusal(status: int, words: str = "") -> str:
    """Say why a server that answered with this status did not answer us, with its own words where they mend it."""
    # That a token has expired, or which right is lacking.
    said = f" ({words[:_REASON]})" if words else ""
    if status == 401:
        return f"HTTP 401: our credentials are not accepted{said}"
    if status == 403:
        return f"HTTP 403: our credentials are accepted, but do not allow this{said}"
    if status < 400:
        return f"HTTP {status}: it sends us somewhere else, probably to a login page"
    return f"HTTP {status}"


def _message(body: bytes) -> str:
    """Find the server's own words: Prometheus' `error`, Grafana's `message`, Alertmanager's bare text, Loki's plain text."""
    words = body.decode("utf-8", "replace").strip()
    if words.startswith("<"):
        return ""
    try:
        parsed: Any = json.loads(words)
    except (ValueError, RecursionError):
        return words[:DETAIL]
    if isinstance(parsed, dict):
        found: Any = parsed.get("error") or parsed.get("message") or ""  # pyright: ignore[reportUnknownMemberType]
        return str(found)[:DETAIL]
    return str(parsed)[:DETAIL]


def _plain(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return "connection refused or host unknown"
    if isinstance(error, (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)):
        return "its address does not start with http:// or https://, or is no address"
    return type(error).__name__
