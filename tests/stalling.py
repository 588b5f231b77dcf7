"""A way to a server that can be blocked: connections stay open, and nothing comes through, as behind a firewall that drops."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class StallingProxy:
    """Passes bytes on to another port of this machine, while it is open."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._passes = asyncio.Event()
        self._passes.set()
        self._ends = asyncio.Event()
        self._ends.set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, target: int) -> AsyncIterator[StallingProxy]:
        proxy = cls(target)
        server = await asyncio.start_server(proxy._take, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            for pump in proxy._pumps:
                pump.cancel()
            await asyncio.gather(*proxy._pumps, return_exceptions=True)

    def stall(self) -> None:
        """Let nothing through."""
        self._passes.clear()

    def hold_ends(self) -> None:
        """Let everything through but that a side has closed."""
        self._ends.clear()

    def go_on(self) -> None:
        """Let everything through that has waited, and what comes."""
        self._passes.set()
        self._ends.set()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Also the first packet of a new connection is lost.
        await self._passes.wait()
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        for source, sink in ((reader, back), (there, writer)):
            pump = asyncio.create_task(self._pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                await self._passes.wait()
                sink.write(data)
                await sink.drain()
        await self._passes.wait()
        await self._ends.wait()
        sink.close()
