"""Asks over HTTP for all sources: an address and a path into JSON, or into one of our own errors."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import aiohttp
import yarl

from bot.domain.coercion import cleaned, holds_unkept
from bot.errors import QueryRejected, SourceFailed, SourceSlow, SourceUnavailable
from bot.i18n import Phrase

_LIMIT_BYTES = 5 * 1024 * 1024
DETAIL = 300
_REASON = 160

# The question was wrong; anything else from 400 on means that the server cannot or will not answer us.
OUR_MISTAKE = frozenset({400, 404, 405, 409, 422})

# A gateway that waited no longer, or Loki that ended a query of its own accord.
_TOO_SLOW = frozenset({408, 504, 524})
# What Go's servers and nginx answer who speaks http to a port of https.
_WANTS_HTTPS = (b"HTTP request to an HTTPS server", b"plain HTTP request was sent to HTTPS port")


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

    @property
    def url(self) -> str:
        """Where it asks, without user and password."""
        return str(self._base.with_user(None)).rstrip("/")

    async def get(self, path: str, params: Mapping[str, str] | Sequence[tuple[str, str]] | None = None) -> Any:
        """Return the parsed answer; None for an empty one. Raises SourceUnavailable or QueryRejected."""
        return await self._ask("GET", path, params=params)

    async def post(self, path: str, *, json_body: Any = None, form: Mapping[str, str] | None = None) -> Any:
        """Send JSON or a form. Raises SourceUnavailable or QueryRejected."""
        return await self._ask("POST", path, json=json_body, data=form)

    async def put(self, path: str, *, json_body: Any) -> Any:
        """Send JSON in the place of what is there. Raises SourceUnavailable or QueryRejected."""
        return await self._ask("PUT", path, json=json_body)

    async def delete(self, path: str) -> Any:
        """Delete. Raises SourceUnavailable or QueryRejected."""
        return await self._ask("DELETE", path)

    async def text(self, path: str) -> str:
        """Return the answer as text; a web page is none. Raises SourceUnavailable or QueryRejected."""
        words = (await self._exchange("GET", path)).decode("utf-8", "replace")
        if words.lstrip().startswith("<"):
            # A sign-in page in front of the server answers 200 to everything, also to "are you ready".
            raise SourceUnavailable(self.source, Phrase("reach.web_page"))
        return words

    async def _ask(self, method: str, path: str, **options: Any) -> Any:
        body = await self._exchange(method, path, **options)
        if not body.strip():
            return None
        try:
            answer = json.loads(body)
            return cleaned(answer) if holds_unkept(body) else answer
        except (ValueError, RecursionError) as error:
            # A login page or a proxy's apology, with status 200.
            page = body.lstrip().startswith(b"<")
            raise SourceUnavailable(self.source, Phrase("reach.page_for_json" if page else "reach.no_json")) from error

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
                self._judge(response, body)
                return body
        except TimeoutError as error:
            raise SourceSlow(self.source, Phrase("reach.silent", seconds=f"{self._timeout_s:g}")) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # The text of the error may hold the address with its credentials; its class does not.
            raise SourceUnavailable(self.source, _plain(error)) from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(64 * 1024):
            body += chunk
            if len(body) > self._limit_bytes:
                raise SourceUnavailable(self.source, Phrase("reach.too_large", bytes=self._limit_bytes))
        return bytes(body)

    def _judge(self, response: aiohttp.ClientResponse, body: bytes) -> None:
        status = response.status
        if status < 300:
            return
        if status in OUR_MISTAKE:
            if any(sign in body for sign in _WANTS_HTTPS):
                raise SourceUnavailable(self.source, Phrase("reach.http_on_https"))
            raise QueryRejected(self.source, _message(body) or Phrase("reach.status", status=status))
        if status in _TOO_SLOW:
            raise SourceSlow(self.source, refusal(status))
        raise SourceFailed(self.source, self._why(response, without(self._secrets, _message(body))))

    def _why(self, response: aiohttp.ClientResponse, words: str) -> Phrase:
        """Say what would mend it, where the answer tells."""
        status = response.status
        if status == 401 and "no org id" in words:
            return Phrase("reach.no_tenant", variable=f"{self.source.upper()}_TENANT")
        if status == 401 and response.headers.get("WWW-Authenticate", "").lower().startswith("basic"):
            return Phrase("reach.basic_and_token" if "Authorization" in self._headers else "reach.basic")
        if status < 400 and (moved := self._moved(response)):
            return Phrase("reach.moved", status=status, address=moved)
        return refusal(status, words)

    def _moved(self, response: aiohttp.ClientResponse) -> str:
        """Return the address under which the same server answers, or nothing where it leads to another page."""
        try:
            target = response.url.join(yarl.URL(response.headers.get("Location", "")))
            asked = response.url.path.removeprefix(self._base.path)
            base = target.with_path(target.path.removesuffix(asked)).with_user(None)
        except ValueError:
            return ""
        same = asked and target.path.endswith(f"/{asked}") and base != self._base.with_user(None)
        return str(base)[:_REASON] if same else ""


def without(secrets: Iterable[str], words: str) -> str:
    """Return somebody's words, or nothing if they hold a secret of ours."""
    return "" if any(secret and secret in words for secret in secrets) else words


def refusal(status: int, words: str = "") -> Phrase:
    """Say why a server that answered with this status did not answer us, with its own words where they mend it."""
    # That a token has expired, or which right is lacking.
    said = f" ({words[:_REASON]})" if words else ""
    if status == 401:
        return Phrase("reach.unauthorized", said=said)
    if status == 403:
        return Phrase("reach.forbidden", said=said)
    if status == 429:
        return Phrase("reach.too_often")
    if status < 400:
        return Phrase("reach.elsewhere", status=status)
    return Phrase("reach.status", status=status)


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


def _plain(error: Exception) -> Phrase:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        code = int(getattr(error.certificate_error, "verify_code", 0))
        return Phrase(_CERTIFICATE.get(code, "reach.certificate_unknown"))
    for kinds, key in _PLAIN:
        if isinstance(error, kinds):
            return Phrase(key)
    # The client's own errors hide the system's.
    if getattr(error, "errno", None) in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return Phrase("reach.no_way")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Phrase("reach.refused")
    return Phrase("reach.broken", kind=type(error).__name__)


# OpenSSL's X509_V_ERR_…: not yet valid, expired, and for another host or address.
_CERTIFICATE: Final = {
    9: "reach.certificate_early",
    10: "reach.certificate_expired",
    62: "reach.certificate_name",
    64: "reach.certificate_name",
}
# The narrower kind first.
_PLAIN: Final[tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...]] = (
    (aiohttp.ClientConnectorDNSError, "reach.no_host"),
    (aiohttp.ClientConnectorSSLError, "reach.https_on_http"),
    ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), "reach.no_address"),
    ((aiohttp.ServerDisconnectedError, ConnectionResetError), "reach.closed"),
)
