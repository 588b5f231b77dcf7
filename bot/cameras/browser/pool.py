"""Keeps one browser: started on first need, closed when idle, begun anew when worn, killed when it holds too much."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator, Coroutine
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.cameras.browser.address import GrafanaAddress
from bot.cameras.browser.chromium import Chromium, Place
from bot.cameras.browser.guard import broken
from bot.cameras.browser.page import Tab
from bot.cameras.browser.processes import host_mb
from bot.errors import NoPicture

_LOOK_EVERY_S = 0.5
_CLEAR_S = 3.0
# Above this part of the ceiling a browser is begun anew as soon as nobody uses it.
_WORN = 0.8
# And above this one it gives back what a page held before the next one comes, and caches before there is no room.
_FULL = 0.75
# Of a host of 2 GiB a browser may have 860 MB; our own dashboards take 512, and what needs more is taken in parts. It is
# never more than a container has: the kernel would end one of us, and not say whom.
_HOST_PART, _LEAST_MB, _MOST_MB, _CONTAINER_PART = 0.4, 640.0, 1500.0, 0.9
# Whoever gets a page later than after this part of his time would get no picture in time.
_WAIT = 0.7


@dataclass(frozen=True, slots=True)
class BrowserLimits:
    """How much: pages at once, seconds until an idle browser ends, pictures until a new one, MB until it is killed.

    Without `memory_mb` the ceiling is a part of what the host has.
    """

    most_pages: int = 2
    idle_close_s: float = 300.0
    restart_after: int = 100
    memory_mb: float = field(default_factory=lambda: ceiling_mb(host_mb()))


def ceiling_mb(host: float) -> float:
    """Return how much of a host, or of a container, a browser may take."""
    return min(max(_HOST_PART * host, _LEAST_MB), _CONTAINER_PART * host or _LEAST_MB, _MOST_MB)


class Pool:
    """The one browser, or none; and who may use it."""

    def __init__(self, grafana: GrafanaAddress, token: str, place: Place, limits: BrowserLimits) -> None:
        self._grafana = grafana
        self._token = token
        self._place = place
        self._limits = limits
        self._slots = asyncio.Semaphore(limits.most_pages)
        self._lock = asyncio.Lock()
        self._starting: asyncio.Task[Chromium] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._chores: set[asyncio.Task[None]] = set()
        self._clearing: set[asyncio.Task[None]] = set()
        self._used = 0
        self._nobody = asyncio.Event()
        self._nobody.set()
        self.browser: Chromium | None = None
        self.peak_mb = 0.0
        self.starts = 0

    async def room_mb(self, browser: Chromium, *, fresh: bool) -> float:
        """Return how many MB a browser may still take: as it was a moment ago, or measured now."""
        if not browser.tree:
            return math.inf
        held = await browser.memory_mb() if fresh else browser.last_mb
        if fresh and held > _FULL * self._limits.memory_mb:
            held = await browser.relieved_mb()
        return self._limits.memory_mb - held

    @asynccontextmanager
    async def tab(self, ends: float) -> AsyncGenerator[tuple[Chromium, Tab]]:
        """Lend a page when one is free, not after most of the time until `ends` has gone by. Raises NoPicture.

        A page whose user leaves it with an error is thrown away.
        """
        await self._slot(ends)
        with ExitStack() as undo:
            undo.callback(self._slots.release)
            browser, tab = await self._take()
            undo.pop_all()
        fit = False
        try:
            yield browser, tab
            fit = True
        except NoPicture:
            # A page without a picture is as good as any other, unless it broke.
            fit = not tab.broken and not tab.crashed
            raise
        finally:
            clearing = self._chore(self._back(browser, tab, fit=fit))
            self._clearing.add(clearing)
            clearing.add_done_callback(self._clearing.discard)

    async def close(self) -> None:
        """End the browser and all that goes on about it."""
        if self._starting:
            with contextlib.suppress(NoPicture):
                self.browser = await self._starting
        if self._chores:
            await asyncio.gather(*self._chores, return_exceptions=True)
        await self._end()

    async def _slot(self, ends: float) -> None:
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(now + (ends - now) * _WAIT):
                await self._slots.acquire()
        except TimeoutError:
            raise NoPicture("busy") from None

    async def _take(self) -> tuple[Chromium, Tab]:
        # Whoever comes while the browser is begun anew waits here, in order.
        async with self._lock:
            browser = await self._living()
            self._used += 1
            self._nobody.clear()
        with ExitStack() as undo:
            undo.callback(self._free)
            if not browser.idle and self._clearing:
                # A page that is about to be free is there sooner than a new one, and costs nothing.
                await asyncio.wait(self._clearing, timeout=_CLEAR_S, return_when=asyncio.FIRST_COMPLETED)
            try:
                tab = await browser.tab(self._grafana, self._token)
            except broken() as error:
                if not await browser.lives() and browser.swollen:
                    raise NoPicture("memory") from error
                raise
            undo.pop_all()
        return browser, tab

    async def _living(self) -> Chromium:
        if self.browser and self.browser.alive and self._is_worn(self.browser):
            await self._nobody.wait()
        if self.browser and (not self.browser.alive or self._is_worn(self.browser)):
            await self._end()
        if self.browser is None:
            self.browser = await self._started()
            self.starts += 1
            self._watching = asyncio.create_task(self._watch(self.browser))
        return self.browser

    async def _started(self) -> Chromium:
        if self._starting is None:
            self._starting = asyncio.create_task(Chromium.start(self._place))
        try:
            # Who asked for it may give up; the next one finds it started.
            return await asyncio.shield(self._starting)
        finally:
            if self._starting.done():
                self._starting = None

    def _is_worn(self, browser: Chromium) -> bool:
        return browser.taken >= self._limits.restart_after or browser.rest_mb > _WORN * self._limits.memory_mb

    async def _back(self, browser: Chromium, tab: Tab, *, fit: bool) -> None:
        browser.taken += 1
        try:
            held = await browser.near_mb()
            async with asyncio.timeout(_CLEAR_S):
                cleared = fit and browser.alive and await tab.clear(collect=held > _FULL * self._limits.memory_mb)
                if not cleared and browser.alive:
                    await tab.close()
            if cleared:
                browser.idle.append(tab)
                # What it holds when it shows nothing, not what a page needed.
                browser.rest_mb = await browser.near_mb() if self._used == 1 else browser.rest_mb
        except TimeoutError:
            # It does not even let go of a page: nothing else will end it.
            browser.kill()
        finally:
            self._free()
            self._slots.release()

    def _free(self) -> None:
        self._used -= 1
        if self._used == 0:
            self._nobody.set()

    async def _watch(self, browser: Chromium) -> None:
        """Kill a browser that holds too much or hangs, and end one that nobody has used for a while."""
        loop = asyncio.get_running_loop()
        idle_since = loop.time()
        while browser.alive:
            await asyncio.sleep(min(_LOOK_EVERY_S, self._limits.idle_close_s / 2))
            self.peak_mb = max(self.peak_mb, await browser.memory_mb())
            # Caches are no reason to lose a picture: only what it holds without them is too much.
            if browser.last_mb > self._limits.memory_mb and await browser.relieved_mb() > self._limits.memory_mb:
                browser.swollen = True
                browser.kill()
            elif not await browser.answers():
                browser.kill()
            if self._used:
                idle_since = loop.time()
            elif loop.time() - idle_since >= self._limits.idle_close_s:
                break
        if not browser.alive or not self._used:
            self._chore(self._end_of(browser))

    async def _end_of(self, browser: Chromium) -> None:
        async with self._lock:
            if self.browser is browser and (not self._used or not browser.alive):
                await self._end()

    async def _end(self) -> None:
        browser, self.browser = self.browser, None
        if self._watching:
            self._watching.cancel()
            self._watching = None
        if browser:
            await browser.close()

    def _chore(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)
        return task
