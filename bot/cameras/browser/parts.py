"""Takes a dashboard that is too large for the memory part by part, each on a page opened anew, and joins them again.

Grafana keeps what it once drew: scrolling through a page frees nothing, leaving it does.
"""

from __future__ import annotations

import asyncio
import dataclasses
import math
from collections.abc import Mapping

from bot.cameras.browser.capture import MARGIN, MOST_IMAGES, Shooting
from bot.cameras.browser.images import joined
from bot.cameras.browser.page_state import Box, PageLook, cut
from bot.errors import NoPicture

# Of the page as it opens hardly a panel is to be in the window: whose turn it is comes into it by scrolling.
_SLIT = 120
# Of the room there is a part takes this much: the garbage of the one before is not given back at once.
_SHARE = 0.7


class Parts(Shooting):
    """The same picture, with as much of the page in the window as there is room for."""

    _failed: Mapping[int, str] = {}

    @property
    def errors(self) -> Mapping[int, str]:
        """How the queries of panels failed on any of the pages, by the panel's id."""
        return self._failed

    async def run(self, url: str) -> tuple[tuple[bytes, ...], PageLook]:
        """Return the images from top to bottom, and what they show. Raises NoPicture."""
        whole = await self._opened(url)
        images: list[bytes] = []
        boxes: list[Box] = []
        look = whole
        for top, bottom in self._divided(whole, await self._reach()):
            if images:
                await self._tab.clear(collect=True)
                await self._opened(url)
            part, look = await self._part(top, bottom)
            if look.bottom != whole.bottom:
                # It is another page than the one that was divided.
                raise NoPicture("timeout")
            images += part
            boxes += [box for box in look.boxes if top <= box.top < bottom]
            self._failed = {**self._failed, **self._tab.errors}
        self.natural = math.ceil(whole.height)
        whole_images = await asyncio.to_thread(joined, images, self._view.split_height)
        return tuple(whole_images), dataclasses.replace(look, boxes=tuple(boxes), waiting=0)

    async def _opened(self, url: str) -> PageLook:
        self._height = _SLIT
        await self._tab.go(url, self._shot.uid, self._view.width, self._height, self._left())
        look = await self._settle()
        if self._shot.tab and not look.reason:
            look = await self._tab_opened(look)
        if self._shot.rows_open and look.closed and not look.reason:
            await self._tab.watch("open")
            look = await self._settle()
        if look.reason:
            raise NoPicture(look.reason, look.detail)
        return look

    def _divided(self, look: PageLook, reach: float) -> list[tuple[int, int]]:
        total = min(look.height, look.bottom + MARGIN)
        limit = min(self._view.split_height, max(self._view.height, math.floor(_SHARE * reach)))
        stretches = cut(total, look.boxes, limit, look.places)
        if len(stretches) > MOST_IMAGES:
            raise NoPicture("too-large")
        # Where there is nothing but background, nothing would be waited for.
        spans = [*((box.top, box.bottom) for box in look.boxes), *look.places]
        return [(top, bottom) for top, bottom in stretches if any(a < bottom and top < b for a, b in spans)]

    async def _part(self, top: int, bottom: int) -> tuple[list[bytes], PageLook]:
        # There first, then taller: whatever comes into the window on the way stays in memory.
        await self._tab.watch("scroll", top=top, limit_s=self._left())
        self._height = bottom - top
        await self._tab.resize(self._view.width, self._height)
        look = await self._tab.watch("scroll", top=top, limit_s=self._left())
        return await self._steady(look, lambda _: [(top, bottom)])
