"""Tells places outside of Bongsu: a dead man's switch that is pinged, and a webhook in the place of Discord.

Source: healthchecks.io, "Pinging API" (`/start`, `/fail`, the body is kept as a note).
"""

from __future__ import annotations

import json

import aiohttp

from bot.errors import SourceFailed, SourceSlow, SourceUnavailable
from bot.telemetry.http import refusal

_TIMEOUT_S = 10.0
_NOTE = 2000


class DeadMansSwitch:
    """Pings an address that expects it; implements `bot.core.vital_signs.Outside`."""

    name = "healthcheck"

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url.rstrip("/")

    async def ping(self, sign: str, words: str) -> None:
        """Ping it. Raises SourceError."""
        await _post(
            self._session, self.name, f"{self._url}{sign}", words[:_NOTE].encode("utf-8", "replace"), "text/plain"
        )


class FallbackWebhook:
    """Posts JSON, in which `$text` stands for the words; implements `bot.core.vital_signs.Fallback`."""

    name = "fallback webhook"

    def __init__(self, session: aiohttp.ClientSession, url: str, body: str) -> None:
        self._session = session
        self._url = url
        self._body = body

    async def say(self, words: str) -> None:
        """Say something there. Raises SourceError."""
        written = self._body.replace("$text", json.dumps(words[:_NOTE])[1:-1])
        await _post(self._session, self.name, self._url, written.encode(), "application/json")


async def _post(session: aiohttp.ClientSession, name: str, url: str, body: bytes, kind: str) -> None:
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    try:
        # What is answered is not read: nothing in it is of use.
        async with session.post(
            url, data=body, headers={"Content-Type": kind}, timeout=timeout, allow_redirects=False
        ) as response:
            if response.status >= 300:
                raise SourceFailed(name, refusal(response.status))
    except TimeoutError as error:
        raise SourceSlow(name, f"no answer within {_TIMEOUT_S:g} s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # The error may hold the address, which is a secret.
        raise SourceUnavailable(name, type(error).__name__) from error
