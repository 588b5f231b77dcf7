"""Captures one picture: open, find out how tall the page is, let all of it load, look, capture, look again."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.cameras.browser.images import Box as Area
from bot.cameras.browser.images import Piece, developed, painted_scale
from bot.cameras.browser.page import Tab
from bot.cameras.browser.page_state import PageLook, cut
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
    """What was captured of a window, the pieces of it that are wanted, and its pixels for each CSS pixel."""

    png: bytes
    pieces: list[Piece]
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

    async def run(self, url: str) -> tuple[tuple[bytes, ...], PageLook]:
        """Return the images from top to bottom, and what they show. Raises NoPicture, and NoRoom."""
        if not await self._fits(self._height - self._view.height):
            raise NoRoom(self._height)
        await self._tab.go(url, self._shot.uid, self._view.width, self._height, self._left())
        images, look = await self._steady(await self._loaded(), self._stretches)
        self.natural = max(look.height, self._height) if look.bottom + _SHRUNK > self._height else 0
        return tuple(images), look

    async def _reach(self, *, fresh: bool = True) -> float:
        """Return how many pixels taller the window may become."""
        line = self._view.width * self._view.scale**2 * _BYTES_FOR_EACH_PIXEL
        return await self._room_mb(fresh) * 1e6 / line

    async def _fits(self, more: int) -> bool:
        """Say whether the window may become so much taller; measuring takes a tenth of a second, so not if it is plain."""
        return more <= await self._reach(fresh=False) or more <= await self._reach()

    async def _steady(
        self, look: PageLook, stretches: Callable[[PageLook], list[tuple[int, int]]]
    ) -> tuple[list[bytes], PageLook]:
        """Capture until nothing was another afterwards; return that, and what it shows."""
        why = "timeout"
        for attempt in range(_ROUNDS):
            look.judge(self._shot)
            quiet = asyncio.create_task(asyncio.sleep(_QUIET_S))
            frames = await self._frames(look, stretches(look))
            # What is captured is developed meanwhile; a look takes the page's time, not ours.
            after, images = await asyncio.gather(self._looked_again(quiet), _images(frames))
            if images is None:
                # Chromium may not have painted after a change of size; a moment later it has.
                why = "blank"
                await asyncio.sleep(0.2)
            elif after.same(look) or (after.states == look.states and self._restless(look, attempt)):
                return images, look
            # Else something changed while it was pictured (a panel asked again): the caption would not be true.
            look = await self._settle(_QUIET_S)
        raise NoPicture(why)

    async def _looked_again(self, quiet: asyncio.Task[None]) -> PageLook:
        await quiet
        return await self._tab.watch("look")

    def _left(self) -> float:
        return max(_LEAST_S, self._until - asyncio.get_running_loop().time())

    def _restless(self, look: PageLook, attempt: int) -> bool:
        """Say whether moving alone is no reason to try again: it will not rest, or was moved by our own scrolling."""
        return attempt >= _STILL_ROUNDS or look.height > self._height

    async def _settle(self, quiet_s: float = 0) -> PageLook:
        return await self._tab.watch("settle", limit_s=self._left(), quiet_s=quiet_s)

    async def _loaded(self) -> PageLook:
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

    async def _tab_opened(self, look: PageLook) -> PageLook:
        await self._tab.watch("tab", top=_place(self._shot.tab, look.tabs))
        return await self._tab.watch("shape", limit_s=self._left(), quiet_s=_QUIET_S)

    async def _scrolled(self, look: PageLook) -> PageLook:
        if look.height > self._view.tallest * MOST_IMAGES:
            raise NoPicture("too-large")
        for top in range(0, look.height, self._height):
            await self._tab.watch("scroll", top=top, limit_s=self._left(), quiet_s=_QUIET_S)
        return await self._tab.watch("scroll", limit_s=self._left(), quiet_s=_QUIET_S)

    async def _frames(self, look: PageLook, stretches: list[tuple[int, int]]) -> list[Frame]:
        if look.height <= self._height:
            return [await self._frame(look, stretches)]
        frames: list[Frame] = []
        for top, bottom in stretches:
            there = await self._tab.watch(
                "scroll", top=max(0, top - look.above), limit_s=self._left(), quiet_s=_QUIET_S
            )
            frames.append(await self._frame(look, [(top, bottom)], there.scrolled))
        return frames

    async def _frame(self, look: PageLook, stretches: list[tuple[int, int]], scrolled: int = 0) -> Frame:
        scale = painted_scale(self._height, self._view.scale)
        pieces = [
            Piece(top - scrolled, bottom - scrolled, _written(look, top, bottom, scrolled)) for top, bottom in stretches
        ]
        return Frame(await self._tab.capture(scale), pieces, self._view.scale * scale)

    def _stretches(self, look: PageLook) -> list[tuple[int, int]]:
        total = look.height
        if self._shot.panel is None and look.height <= self._height:
            # The page does not fill the window, or just so: leave out what is empty below its last panel.
            total = min(look.height, look.bottom + MARGIN)
            if self._height - total <= _TRIFLE:
                # All of the window is there as it was captured; a part of it has to be compressed again.
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


def _place(wanted: str, tabs: Sequence[str]) -> int:
    """Return which tab has this title, or this number where none has it. Raises NoPicture, also for two of one title."""
    places = [place for place, each in enumerate(tabs) if each.lower() == wanted.lower()]
    if not places and wanted.isdecimal() and 0 < int(wanted) <= len(tabs):
        return int(wanted) - 1
    if len(places) > 1:
        raise NoPicture("several-tabs", ", ".join(f"{number} {each}" for number, each in enumerate(tabs, 1)))
    if not places:
        raise NoPicture("no-tab" if tabs else "no-tabs", ", ".join(tabs))
    return places[0]


async def _images(frames: list[Frame]) -> list[bytes] | None:
    """Return the images in frames, or None if one is blank."""
    images: list[bytes] = []
    # One after the other: each takes as much memory as it has pixels.
    for frame in frames:
        found = await asyncio.to_thread(developed, frame.png, frame.pieces, frame.pixels)
        if found is None:
            return None
        images += found
    return images


def _written(look: PageLook, top: int, bottom: int, scrolled: int) -> list[Area]:
    """Return where in the window text must be, of what is between two heights of the page."""
    return [
        (box.left, box.top - scrolled, box.right, box.bottom - scrolled)
        for box in look.boxes
        if box.written and top <= box.top and box.bottom <= bottom
    ]
