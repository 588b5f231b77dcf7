"""Limits connections to the door: so many for each address, and none that sends its request too slowly.

aiohttp waits for the first request of a connection for ever, and counts nobody's connections.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestHandler

log = logging.getLogger(__name__)

# Whoever is refused is told so, and not left to guess.
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the head and the body of a request may take, and how many connections there may be."""

    head_s: float = 10.0
    body_s: float = 30.0
    idle_s: float = 60.0
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
        options = {"keepalive_timeout": self._visitors.patience.idle_s, "access_log": None, "lingering_time": 5.0}
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
