"""A camera on the stand-in for Grafana, and what a test wants to know of a picture."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from bot.cameras.browser.camera import BrowserCamera
from bot.cameras.browser.capture import View
from bot.cameras.browser.pool import BrowserLimits
from bot.cameras.browser.processes import _all, _read, _stat
from bot.domain.pictures import Picture, Shot, Step
from bot.domain.telemetry import Window
from bot.errors import NoPicture
from tests.pages.boards import TOKEN, Board, Boards, Panel, boards, grid

WINDOW = Window(datetime(2026, 11, 20, 5, tzinfo=UTC), datetime(2026, 11, 20, 6, tzinfo=UTC))
# The machine may be busy: what is asserted is what is seen, not how fast.
PATIENCE_S = 40.0
# So much later than its deadline an answer may come; what is waited for in vain hangs for ever.
BUSY_S = 15.0
NARROW = View(width=1000, height=800, split_height=3000)


@dataclass
class Studio:
    grafana: Boards
    camera: BrowserCamera

    def shot(self, uid: str, **more: Any) -> Shot:
        return Shot(uid, WINDOW, **more)

    async def take(self, *panels: Panel, deadline_s: float = PATIENCE_S, columns: int = 2, **more: Any) -> Picture:
        """Picture a dashboard of these panels."""
        board = {name: more.pop(name) for name in ("rows", "version", "inner", "script") if name in more}
        self.grafana.add(Board("board", grid(list(panels), columns), **board))
        picture = await self.camera.take(self.shot("board", **more), deadline_s)
        assert picture.step is Step.BROWSER
        return picture

    async def refused(self, *panels: Panel, **more: Any) -> NoPicture:
        """Expect no picture; return why."""
        with pytest.raises(NoPicture) as caught:
            await self.take(*panels, **more)
        return caught.value


@asynccontextmanager
async def studio(root: str = "/", **options: Any) -> AsyncGenerator[Studio]:
    options.setdefault("view", NARROW)
    options.setdefault("limits", BrowserLimits(memory_mb=2000))
    async with boards(root) as grafana:
        options.setdefault("grafana_url", grafana.url)
        options.setdefault("token", TOKEN)
        async with BrowserCamera.open(**options) as camera:
            yield Studio(grafana, camera)


def image(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png)) as opened:
        assert opened.format == "PNG"
        return opened.convert("RGB")


def states(picture: Picture) -> dict[str, str]:
    return {panel.title: panel.state.value for panel in picture.panels}


def colours(png: bytes, box: tuple[int, int, int, int]) -> set[tuple[int, int, int]]:
    part = image(png).crop(box)
    return {colour for _, colour in part.getcolors(part.width * part.height) or []}


LINES = {(0x57, 0x94, 0xF2), (0xFF, 0x98, 0x30), (0x73, 0xBF, 0x69), (0xF2, 0xCC, 0x0C)}


def is_drawn(png: bytes, box: tuple[int, int, int, int]) -> bool:
    """Say whether a line of a chart is in this part of a picture."""
    return bool(LINES & colours(png, box))


def browsers() -> set[int]:
    """Every process of a browser, or of Playwright, that descends from this one."""
    everything = {pid: _stat(pid) for pid in _all()}
    found = {os.getpid()}
    while (
        more := {pid for pid, (state, parent, _) in everything.items() if parent in found and state not in "ZX"} - found
    ):
        found |= more
    return {pid for pid in found if any(word in _read(pid, "cmdline") for word in ("chrom", "playwright"))}


async def until(holds: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(patience_s):
        while not holds():
            await asyncio.sleep(0.05)
