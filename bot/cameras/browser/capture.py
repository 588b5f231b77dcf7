"""Captures one picture: open, find out how tall the page is, let all of it load, look, capture, look again."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.cameras.browser.images import blank, fitted
from bot.cameras.browser.page import Tab
from bot.cameras.browser.page_state import Box, Look, cut
from bot.domain.pictures import Shot
from bot.errors import NoPicture

# Discord takes ten files with one message.
MOST_IMAGES = 10
# A picture is true if nothing moves while it is captured, at least for this long. What moved once gets it in advance.
_QUIET_S = 0.05
_ROUNDS = 6
# Something that never rests (a clock, a ticker) is pictured all the same when every panel stays in its state.
_STILL_ROUNDS = 2
MARGIN = 16
# So little below the last panel may be empty in a picture.
_TRIFLE = 2 * MARGIN
# A dashboard that ends this much above the end of the window has become shorter since it was last seen.
_SHRUNK = 200
# Of the time there is, this much is kept for capturing: a picture of what is there by then, or none.
_RESERVE = 0.25
_MOST_RESERVE_S = 3.0
_LEAST_S = 0.1
# What a pixel of a page takes in the browser: a canvas and its copy for the compositor, the tile, what is captured of it
# (4 bytes each), and as much again for the elements and the data that are drawn there.
_BYTES_FOR_EACH_PIXEL = 32


@dataclass(frozen=True, slots=True)
class View:
    """The window: its width, its first height and that of an image at most, in CSS pixels; `scale` as in images."""

    width: int = 1600
    height: int = 1000
    panel_height: int = 700
    split_height: int = 4000
    scale: float = 1.0

    @property
    def tallest(self) -> int:
        """How high the window may become: what is taller is scrolled through instead, to spare memory."""
        return 2 * self.split_height


@dataclass(frozen=True, slots=True)
class Frame:
    """One image, the boxes in it in which something must be (CSS pixels), and its pixels for each of these."""

    png: bytes
    boxes: list[tuple[float, float, float, float]]
    pixels: float


class NoRoom(Exception):
    """The page is too tall for the memory there is, if all of it is to be in the window at once."""

    def __init__(self, height: int) -> None:
        super().__init__(height)
        self.height = height


async def _boundless(_: bool) -> float:
    return math.inf


class Shooting:
    """One picture in the making. `ends` is by the clock of the event loop, `height` a guess of how tall the page is.

    `room_mb` says how much memory the browser may still take, measured now or as it was a moment ago.
    """

    def __init__(
        self,
        tab: Tab,
        shot: Shot,
        view: View,
        ends: float,
        height: int = 0,
        room_mb: Callable[[bool], Awaitable[float]] = _boundless,
    ) -> None:
        self._tab = tab
        self._shot = shot
        self._view = view
        self._room_mb = room_mb
        now = asyncio.get_running_loop().time()
        self._until = ends - min(_MOST_RESERVE_S, (ends - now) * _RESERVE)
        self._guessed = shot.panel is None and height > 0
        self._height = min(height or view.height, view.tallest) if shot.panel is None else view.panel_height
        self.natural = 0

    @property
    def errors(self) -> Mapping[int, str]:
        """How the queries of panels failed, by the panel's id."""
        return self._tab.errors

    async def run(self, url: str) -> tuple[tuple[bytes, ...], Look]:
        """Return the images from top to bottom, and what they show. Raises NoPicture, and NoRoom."""
        if not await self._fits(self._height - self._view.height):
            raise NoRoom(self._height)
        await self._tab.go(url, self._shot.uid, self._view.width, self._height, self._left())
        frames, look = await self._steady(await self._loaded(), self._stretches)
        self.natural = max(look.height, self._height) if look.bottom + _SHRUNK > self._height else 0
        return tuple(frame.png for frame in frames), look

    async def _reach(self, *, fresh: bool = True) -> float:
        """Return how many pixels taller the window may become."""
        line = self._view.width * self._view.scale**2 * _BYTES_FOR_EACH_PIXEL
        return await self._room_mb(fresh) * 1e6 / line

    async def _fits(self, more: int) -> bool:
        """Say whether the window may become so much taller; measuring takes a tenth of a second, so not if it is plain."""
        return more <= await self._reach(fresh=False) or more <= await self._reach()

    async def _steady(self, look: Look, stretches: Callable[[Look], list[tuple[int, int]]]) -> tuple[list[Frame], Look]:
        """Capture until nothing was another afterwards; return that, and what it shows."""
        why = "timeout"
        for attempt in range(_ROUNDS):
            look.judge(self._shot)
            _, frames = await asyncio.gather(asyncio.sleep(_QUIET_S), self._frames(look, stretches(look)))
            after, blanks = await asyncio.gather(self._tab.watch("look"), asyncio.gather(*map(_is_blank, frames)))
            if any(blanks):
                # Chromium may not have painted after a change of size; a moment later it has.
                why = "blank"
                await asyncio.sleep(0.2)
            elif after.same(look) or (after.states == look.states and self._restless(look, attempt)):
                return frames, look
            # Else something changed while it was pictured (a panel asked again): the caption would not be true.
            look = await self._settle(_QUIET_S)
        raise NoPicture(why)

    def _left(self) -> float:
        return max(_LEAST_S, self._until - asyncio.get_running_loop().time())

    def _restless(self, look: Look, attempt: int) -> bool:
        """Say whether moving alone is no reason to try again: it will not rest, or was moved by our own scrolling."""
        return attempt >= _STILL_ROUNDS or look.height > self._height

    async def _settle(self, quiet_s: float = 0) -> Look:
        return await self._tab.watch("settle", limit_s=self._left(), quiet_s=quiet_s)

    async def _loaded(self) -> Look:
        """Let everything load: open rows, make the window as tall as the page, and scroll through what is taller."""
        if self._shot.panel is not None:
            return await self._settle()
        # Panels below the window load only when it is tall enough: make it so before waiting for those above.
        loaded = self._guessed and not self._shot.tab
        look = await (self._settle() if loaded else self._tab.watch("shape", limit_s=self._left()))
        if self._shot.tab and not look.reason:
            look = await self._tab_opened(look)
        for _ in range(_ROUNDS):
            opened = self._shot.rows_open and look.closed > 0 and not look.reason
            if opened:
                look = await self._tab.watch("open")
                look = await self._tab.watch("shape", limit_s=self._left(), quiet_s=_QUIET_S)
            wanted = min(look.height, self._view.tallest)
            if loaded and wanted <= self._height and not opened:
                break
            if wanted > self._height:
                if not await self._fits(wanted - self._height):
                    raise NoRoom(wanted)
                self._height = wanted
                await self._tab.resize(self._view.width, self._height)
            look, loaded = await self._settle(), True
            if look.reason or self._left() <= _LEAST_S:
                return look
        return await self._scrolled(look) if look.height > self._height else look

    async def _tab_opened(self, look: Look) -> Look:
        if self._shot.tab.lower() not in (each.lower() for each in look.tabs):
            raise NoPicture("no-tab" if look.tabs else "no-tabs", ", ".join(look.tabs))
        await self._tab.watch("tab", name=self._shot.tab)
        return await self._tab.watch("shape", limit_s=self._left(), quiet_s=_QUIET_S)

    async def _scrolled(self, look: Look) -> Look:
        if look.height > self._view.tallest * MOST_IMAGES:
            raise NoPicture("too-large")
        for top in range(0, look.height, self._height):
            await self._tab.watch("scroll", top=top, limit_s=self._left(), quiet_s=_QUIET_S)
        return await self._tab.watch("scroll", limit_s=self._left(), quiet_s=_QUIET_S)

    async def _frames(self, look: Look, stretches: list[tuple[int, int]]) -> list[Frame]:
        return [await self._frame(look, top, bottom) for top, bottom in stretches]

    def _stretches(self, look: Look) -> list[tuple[int, int]]:
        total = look.height
        if self._shot.panel is None and look.height <= self._height:
            # The page does not fill the window, or just so: leave out what is empty below its last panel.
            total = min(look.height, look.bottom + MARGIN)
            if self._height - total <= _TRIFLE:
                # All of the window is captured in half the time that a part of it takes.
                total = self._height
        limit = max(self._view.split_height, math.ceil(total / MOST_IMAGES))
        if limit > self._view.tallest:
            raise NoPicture("too-large")
        stretches = cut(total, look.boxes, limit)
        while len(stretches) > MOST_IMAGES and limit < self._view.tallest:
            limit = min(self._view.tallest, limit + limit // MOST_IMAGES)
            stretches = cut(total, look.boxes, limit)
        if len(stretches) > MOST_IMAGES:
            raise NoPicture("too-large")
        return stretches

    async def _frame(self, look: Look, top: int, bottom: int) -> Frame:
        shift = top
        if look.height > self._height:
            there = await self._tab.watch(
                "scroll", top=max(0, top - look.above), limit_s=self._left(), quiet_s=_QUIET_S
            )
            # Heights count from the top of the page; only what scrolls inside it moves against that.
            shift = top - there.scrolled if there.inner else top

        async def capture(scale: float, small: bool) -> bytes:
            return await self._tab.capture(self._view.width, shift, shift + bottom - top, scale, small=small)

        png, scale = await fitted(capture, bottom - top, self._view.scale)
        boxes = [_within(box, top) for box in look.boxes if box.written and top <= box.top and box.bottom <= bottom]
        return Frame(png, boxes, self._view.scale * scale)


async def _is_blank(frame: Frame) -> bool:
    return await asyncio.to_thread(blank, frame.png, frame.boxes, frame.pixels)


def _within(box: Box, top: int) -> tuple[float, float, float, float]:
    return box.left, box.top - top, box.right, box.bottom - top
