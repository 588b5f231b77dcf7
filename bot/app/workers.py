"""Takes steps again and again until the process ends; a step that fails is logged and taken again later."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable

from bot.errors import BongsuError, SourceUnavailable

log = logging.getLogger(__name__)

_PAUSE_AFTER_FAILURE_S = 1.0
_MOST_PAUSE_S = 30.0


class Bell:
    """Wakes a worker before its time; ringing it twice wakes it once, and so does all that rings within `least_s`."""

    def __init__(self, least_s: float = 0.0) -> None:
        self._event = asyncio.Event()
        self._least_s = least_s
        self._woke_at = -math.inf

    def ring(self) -> None:
        """Wake whoever waits, or the next one who will."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Wait until it rings or the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        finally:
            self._event.clear()
        now = asyncio.get_running_loop().time()
        if now - self._woke_at < self._least_s:
            # In a storm each of many rings would have it look for what is not there.
            await asyncio.sleep(self._woke_at + self._least_s - now)
            self._event.clear()
        self._woke_at = asyncio.get_running_loop().time()


def ringing(*bells: Bell) -> Callable[[], None]:
    """Make a call that rings them all."""

    def ring() -> None:
        for bell in bells:
            bell.ring()

    return ring


async def forever(name: str, step: Callable[[], Awaitable[bool]], bell: Bell, every_s: float) -> None:
    """Take steps for ever: at once while a step finds work, else when the bell rings or `every_s` have passed."""
    failures = 0
    while True:
        try:
            busy = await step()
            failures = 0
        except Exception as error:
            # An unknown defect in one step must not silence all alerts after it. What we know needs no traceback.
            failures += 1
            trace = None if isinstance(error, BongsuError) else error
            # The store tells of its own outage once a minute, and not once for each who needs it.
            told = isinstance(error, SourceUnavailable) and error.source == "store"
            level = logging.DEBUG if told else logging.ERROR
            log.log(level, "%s failed (%s in a row), going on: %s", name, failures, error, exc_info=trace)
            await asyncio.sleep(min(_PAUSE_AFTER_FAILURE_S * 2 ** min(failures, 10), _MOST_PAUSE_S))
            busy = False
        if busy:
            # A step that never had to wait would keep everything else from running, being stopped included.
            await asyncio.sleep(0)
        else:
            await bell.wait(every_s)
