"""Mends the connection to Discord where discord.py 2.7 leaves it to us: requests cut off, the age of a heartbeat."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from typing import Any, Final

import aiohttp
import discord
from discord import gateway

from bot.telemetry.shapes import obj

log = logging.getLogger(__name__)

# Somebody looks at a button for three seconds; a connection that was reset is best tried again at once.
_PAUSES_S: Final = (0.0, 0.2, 0.5)
_REPEATABLE: Final = frozenset({"GET", "PUT", "PATCH", "DELETE"})
# An answer to an interaction counts once however often it is sent. Messages in channels are repeated by the outbox, which
# looks for them first.
_CALLBACK: Final = re.compile(r"/api/v\d+/interactions/(\d+)/[^/]+/callback$")
_ALREADY_ANSWERED: Final = 40060
# What a network does is no defect, and needs no traceback.
_WEATHER: Final = (OSError, TimeoutError, aiohttp.ClientError, discord.ConnectionClosed, discord.GatewayNotFound)
_ANSWER: Final = re.compile(r"/api/v\d+/(?:interactions/\d+/[^/]+/callback|webhooks/\d+/[^/]{30,})$")


async def persist(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Send a request again whose connection was lost; discord.py does it on other systems than Linux only."""
    pauses = _PAUSES_S if _may_repeat(request) else ()
    for number, pause in enumerate((*pauses, None)):
        try:
            answer = await handler(request)
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            # Where nobody listens it is not the connection that was lost.
            if pause is None or isinstance(error, aiohttp.ClientConnectorError):
                raise
            log.info("the connection to Discord was lost (%s), trying again", type(error).__name__)
            await asyncio.sleep(pause)
        else:
            return await _received(request, answer) if number else answer
    raise AssertionError("the last attempt returns or raises")


async def _received(request: aiohttp.ClientRequest, answer: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
    """Take "already answered" for what it means of a request that was sent twice: the first one arrived."""
    interaction = _CALLBACK.search(request.url.path)
    if interaction is None or answer.status != 400 or answer.content_type != "application/json":
        return answer
    if obj(await answer.json()).get("code") == _ALREADY_ANSWERED:
        made: Any = answer
        made.status = 200
        made._body = json.dumps({"interaction": {"id": interaction[1], "type": 2}}).encode()  # noqa: SLF001 - read already
    return answer


def _may_repeat(request: aiohttp.ClientRequest) -> bool:
    # A form with files is read while it is sent, and cannot be sent again.
    if request.headers.get("Content-Type", "").startswith("multipart/"):
        return False
    return request.method in _REPEATABLE or bool(_ANSWER.search(request.url.path))


def make_persistent(client: discord.Client, *inner: aiohttp.ClientMiddlewareType) -> None:
    """Have all requests of a client that is logged in sent by `persist`, each attempt through `inner`.

    discord.py offers no way to say so.
    """
    session: Any = getattr(client.http, "_HTTPClient__session")  # noqa: B009 - a private name of another class
    session._middlewares = (persist, *inner)  # noqa: SLF001 - aiohttp takes them when a session is made only


class GatewayHeartbeat(gateway.KeepAliveHandler):
    """Counts a heartbeat's age from when it is made.

    discord.py counts from when its thread hears that it was sent. An acknowledgement that is faster (on the same machine)
    is held against the heartbeat before: "websocket is 41.3s behind", which is the interval, on a connection that is well.
    """

    def get_payload(self) -> dict[str, Any]:
        """Return a heartbeat, and count from now until its acknowledgement."""
        self._last_send = time.perf_counter()
        return super().get_payload()


def count_heartbeats_from_their_making() -> None:
    """Have discord.py's gateway use `GatewayHeartbeat`."""
    gateway.KeepAliveHandler = GatewayHeartbeat


class InOneLine(logging.Filter):
    """Has discord.py say in one line that its gateway is away: it logs each attempt to reconnect with a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the name of the error in the place of its traceback."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, _WEATHER):
            # Words of the error may hold an address with a session's secret.
            record.msg, record.args = f"{record.getMessage()} ({type(error).__name__})", ()
            record.exc_info = record.exc_text = None
        return True


_IN_ONE_LINE: Final = InOneLine()


def say_outages_in_one_line() -> None:
    """Have the loggers of discord.py's gateway use `InOneLine`."""
    for name in ("discord.shard", "discord.gateway"):
        logging.getLogger(name).addFilter(_IN_ONE_LINE)
