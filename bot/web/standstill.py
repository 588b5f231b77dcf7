"""Tells whether the process stood still (suspended, swapped out), so that nothing old is taken in as news.

Whoever sent what lay here meanwhile has given up, has sent it again, to another replica too, and may have told more since.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from aiohttp import web

# Nobody whom we know gives up earlier; a loop that is only busy comes back sooner.
_STANDS_S = 10.0
# What lay in the sockets is read within this time.
_READ_WITHIN_S = 1.0
_TICKS_EACH_STANDSTILL = 10


class Standstill:
    """Remembers when the process last woke; a timer that is far too late tells it."""

    def __init__(self, stands_s: float = _STANDS_S) -> None:
        self._stands_s = stands_s
        self._ticked = self._woke = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    async def watched(self, _: web.Application) -> AsyncGenerator[None]:
        """Watch while an application runs (a `cleanup_ctx` of aiohttp)."""
        self._ticked = asyncio.get_running_loop().time()
        self._tick()
        yield
        if self._timer:
            self._timer.cancel()

    def held_up(self, came_at: float) -> bool:
        """Tell whether what came then (seconds of the loop) lay here while the process stood still, or was at work on."""
        return came_at - self._woke < _READ_WITHIN_S

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now - self._ticked > self._stands_s:
            self._woke = now
        self._ticked = now
        # A timer that is due runs before anything that is read in the same turn of the loop is worked on.
        self._timer = loop.call_later(self._stands_s / _TICKS_EACH_STANDSTILL, self._tick)
