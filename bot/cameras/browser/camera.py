"""Pictures dashboards in a browser: in time, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bot.cameras.browser.address import GrafanaAddress
from bot.cameras.browser.capture import NoRoom, Shooting, View
from bot.cameras.browser.chromium import Chromium, Place
from bot.cameras.browser.guard import broken
from bot.cameras.browser.page import Tab
from bot.cameras.browser.page_state import PageLook
from bot.cameras.browser.parts import Parts
from bot.cameras.browser.pool import BrowserLimits, Pool
from bot.domain.pictures import Picture, Shot, Step
from bot.errors import NoPicture

# The answer is given this much earlier, so that it is there when the time is up.
_MARGIN_S = 0.25
# A browser may end while a picture is taken, through no fault of that picture; if less is left, it is not tried again.
_AGAIN_S = 3.0
_MOST_KNOWN = 500


def _now() -> datetime:
    return datetime.now(UTC)


class BrowserCamera:
    """A `bot.ports.Camera`; see `open`."""

    name = "browser"

    def __init__(self, grafana: GrafanaAddress, pool: Pool, view: View, clock: Callable[[], datetime]) -> None:
        self._grafana = grafana
        self._view = view
        self._clock = clock
        self._heights: dict[str, int] = {}
        self._large: dict[str, int] = {}
        self.pool = pool

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        grafana_url: str,
        token: str,
        executable: str = "",
        ws_endpoint: str = "",
        timezone: str = "UTC",
        view: View | None = None,
        limits: BrowserLimits | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> AsyncGenerator[BrowserCamera]:
        """Make a camera; nothing is started before the first picture. Raises ConfigurationError for a wrong address."""
        view = view or View()
        grafana = GrafanaAddress.of(grafana_url)
        place = Place(executable, ws_endpoint, view.scale, timezone)
        pool = Pool(grafana, token, place, limits or BrowserLimits())
        try:
            yield cls(grafana, pool, view, clock)
        finally:
            await pool.close()

    async def take(self, shot: Shot, deadline_s: float) -> Picture:
        url = self._grafana.page(shot)
        time_s = max(0.0, deadline_s - _MARGIN_S)
        ends = asyncio.get_running_loop().time() + time_s
        opened = asyncio.Event()
        taking = asyncio.create_task(self._taken(shot, url, ends, opened))
        taking.add_done_callback(_heard)
        try:
            # Not `timeout()`: what hangs would be waited for, and it is the browser that may hang.
            await asyncio.wait({taking}, timeout=time_s)
        finally:
            if not taking.done():
                taking.cancel()
        if not taking.done():
            # Our own start is no fault of the page.
            raise NoPicture("timeout" if opened.is_set() else "starting")
        return taking.result()

    async def _taken(self, shot: Shot, url: str, ends: float, opened: asyncio.Event) -> Picture:
        try:
            return await self._attempt(shot, url, ends, opened)
        except _BrowserGone:
            if asyncio.get_running_loop().time() > ends - _AGAIN_S:
                raise NoPicture("crashed") from None
        except NoPicture as none:
            if none.reason != "memory" or shot.panel is not None or shot.uid in self._large:
                raise
            # It needs more than was thought: from now on it is taken in parts, this time too if there is time for it.
            _remember(self._large, shot.uid, 1)
            if asyncio.get_running_loop().time() > ends - _AGAIN_S:
                raise
        try:
            return await self._attempt(shot, url, ends, opened)
        except _BrowserGone:
            raise NoPicture("crashed") from None

    async def _attempt(self, shot: Shot, url: str, ends: float, opened: asyncio.Event) -> Picture:
        try:
            async with self.pool.tab(ends) as (browser, tab):
                opened.set()
                try:
                    shooting, images, look = await self._shot(browser, tab, shot, url, ends)
                    panels = look.panels(shooting.errors)
                except NoPicture as none:
                    # A browser that ends takes its pages with it, one process after the other.
                    if none.reason == "crashed" and not await browser.lives():
                        raise NoPicture("memory") if browser.swollen else _BrowserGone from none
                    if browser.swollen and none.reason == "unreachable":
                        raise NoPicture("memory") from none
                    raise
                except broken() as error:
                    tab.broken = True
                    lives = not _is_end(error, tab) or await browser.lives()
                    raise _translated(str(error), browser, tab, lives=lives) from error
        except broken() as error:
            # There was not even a page to be had.
            raise _BrowserGone from error
        if shot.panel is None:
            # The next picture of it need not find out how tall it is.
            _remember(self._heights, shot.uid, shooting.natural)
        return Picture(images, self._clock(), Step.BROWSER, panels, look.tabs, look.tab or shot.tab)

    async def _shot(
        self, browser: Chromium, tab: Tab, shot: Shot, url: str, ends: float
    ) -> tuple[Shooting, tuple[bytes, ...], PageLook]:
        """Take all of it at once if there is memory for that, else in parts."""

        async def room_mb(fresh: bool) -> float:
            return await self.pool.room_mb(browser, fresh=fresh)

        if shot.uid not in self._large or shot.panel is not None:
            shooting = Shooting(tab, shot, self._view, ends, self._heights.get(shot.uid, 0), room_mb)
            try:
                return shooting, *await shooting.run(url)
            except NoRoom as none:
                _remember(self._heights, shot.uid, none.height)
                await tab.clear(collect=True)
        parts = Parts(tab, shot, self._view, ends, 0, room_mb)
        return parts, *await parts.run(url)


def _remember(known: dict[str, int], uid: str, value: int) -> None:
    known.pop(uid, None)
    known[uid] = value
    if len(known) > _MOST_KNOWN:
        del known[next(iter(known))]


class _BrowserGone(Exception):
    """The browser ended while it was used; whose fault that was is not known."""


def _is_end(error: Exception, tab: Tab) -> bool:
    return tab.crashed or "closed" in str(error)


def _translated(message: str, browser: Chromium, tab: Tab, *, lives: bool) -> Exception:
    if browser.swollen:
        return NoPicture("memory")
    if not lives:
        return _BrowserGone()
    if tab.crashed:
        return NoPicture("crashed")
    if not browser.alive or "closed" in message:
        return _BrowserGone()
    if "Timeout" in message:
        return NoPicture("timeout")
    return NoPicture("browser", message.partition("\n")[0][:300])


def _heard(taking: asyncio.Task[Picture]) -> None:
    """Take note of how it ended, also if nobody waits for it any more: asyncio complains otherwise."""
    if not taking.cancelled():
        taking.exception()
