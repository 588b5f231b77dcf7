"""Limits connections to the door: so many for each address, and none that sends its request too slowly.

aiohttp waits for the first request of a connection for ever, and counts nobody's connections.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestHandler

from bot.errors import ConfigurationError

log = logging.getLogger(__name__)

# Whoever is refused is told so, and not left to guess.
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the head and the body of a request may take, and how many connections there may be.

    For `linger_s` we still read what comes after an early answer: who is cut off while sending may never read why.
    """

    head_s: float = 10.0
    body_s: float = 30.0
    idle_s: float = 60.0
    linger_s: float = 5.0
    each: int = 128
    all: int = 512


USUAL: Final = Patience()


@dataclass
class Visitors:
    """How many connections there are of each address."""

    patience: Patience
    counts: Counter[str] = field(default_factory=Counter[str])

    def enter(self, address: str) -> bool:
        """Count a connection, unless it is one too many."""
        if self.counts[address] >= self.patience.each or self.counts.total() >= self.patience.all:
            return False
        self.counts[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Count a connection no more."""
        self.counts[address] -= 1
        if self.counts[address] <= 0:
            del self.counts[address]


class Connection(RequestHandler):
    """One connection that is closed when the head of its first request does not come in time."""

    def __init__(self, server: web.Server, visitors: Visitors, **options: Any) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **options)
        self._visitors = visitors
        self._address: str | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, or turn it away."""
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if peer else ""
        super().connection_made(transport)
        if not self._visitors.enter(address):
            self._end(_BUSY)
            return
        self._address = address
        self._deadline = asyncio.get_running_loop().call_later(self._visitors.patience.head_s, self._end, _LATE)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Count it no more."""
        self.arrived()
        if self._address is not None:
            self._visitors.leave(self._address)
            self._address = None
        super().connection_lost(exc)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log a defect with its trace; what somebody sends that is no HTTP, or no body, and was answered so, is none."""
        if isinstance(error := kw.get("exc_info"), (web.RequestPayloadError, HttpProcessingError)):
            self.log_debug("what was sent cannot be read: %s", error)
            return
        super().log_exception(*args, **kw)

    def arrived(self) -> None:
        """Take note that the head of a request is there; between two requests aiohttp has a deadline of its own."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self, words: bytes) -> None:
        transport = self.transport
        if transport is None:
            return
        transport.write(words)
        # Whoever reads nothing would keep it open as long as it likes.
        self.close()
        transport.close()
        asyncio.get_running_loop().call_later(1.0, transport.abort)


class Site(web.TCPSite):
    """A port whose connections are `Connection`s."""

    def __init__(self, runner: web.AppRunner, host: str, port: int, patience: Patience) -> None:
        super().__init__(runner, host, port)
        self._where = (host, port)
        self._visitors = Visitors(patience)

    async def start(self) -> None:
        """Listen. Raises OSError."""
        await web.BaseSite.start(self)
        server = self._runner.server
        assert server is not None
        patience = self._visitors.patience
        options = {
            "keepalive_timeout": patience.idle_s,
            "lingering_time": patience.linger_s,
            "access_log": None,
        }
        # aiohttp has no way to say which class its connections are.
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(server, self._visitors, **options),
            *self._where,
            backlog=self._backlog,
        )


@web.middleware
async def arrived(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell the connection that the head of its request is there."""
    if isinstance(request.protocol, Connection):
        request.protocol.arrived()
    return await handler(request)


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int, patience: Patience = USUAL) -> AsyncGenerator[int]:
    """Serve until the block ends; yields the port, which the system chose if it was 0."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=5)
    await runner.setup()
    try:
        try:
            await Site(runner, host, port, patience).start()
        except OSError as error:
            raise _cannot_listen(error, host, port) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _cannot_listen(error: OSError, host: str, port: int) -> ConfigurationError:
    keys = {errno.EADDRINUSE: "errors.port_taken", errno.EACCES: "errors.port_forbidden"}
    key = keys.get(error.errno or 0, "errors.host_unusable")
    return ConfigurationError(key, host=host, port=str(port), problem=error.strerror or str(error))
