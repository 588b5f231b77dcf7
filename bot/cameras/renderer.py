"""Asks Grafana's own `/render`, after whether a renderer is installed: without one it answers 200 with a placeholder.

Source: Grafana's source, pkg/api/render.go and pkg/services/rendering (11.6 to 12.4), and the documentation of 13.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import struct
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import aiohttp
import yarl

from bot.cameras.pixels import is_blank
from bot.domain.dashboards import pairs
from bot.domain.pictures import Picture, Shot, Step
from bot.errors import InvalidTarget, NoPicture, QueryRejected, SourceError, SourceFailed
from bot.ports import Clock
from bot.ports.dashboards import DashboardModels
from bot.telemetry.http import JsonClient

_MOST_BYTES: Final = 10 * 1024 * 1024
# Unpacked, each takes four bytes, and the host has two GiB for everything.
_MOST_PIXELS: Final = 30_000_000
_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_ASKED_AGAIN_S: Final = 60.0
# What Grafana serves in place of a picture; it may be newer than us, so these are read from it and not shipped.
_PLACEHOLDERS: Final = (
    "rendering_plugin_not_installed.png",
    *(f"rendering_{why}_{theme}.png" for why in ("limit", "error", "timeout") for theme in ("dark", "light")),
)
_PANEL_HEIGHT: Final = 800
_SLUG: Final = re.compile(r"[^A-Za-z0-9_-]+")


class GrafanaRenderer:
    """Implements `bot.ports.Camera` with Grafana's image renderer; the states of single panels are not known."""

    name = Step.RENDERER.value

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        token: str,
        *,
        models: DashboardModels,
        zone: str,
        width: int,
        scale: float,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._base = yarl.URL(url if url.endswith("/") else f"{url}/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._settings = JsonClient(session, url, source="grafana", token=token, timeout_s=3.0)
        self._models = models
        self._zone = zone
        self._width = width
        self._scale = scale
        self._clock = clock
        self._monotonic = monotonic
        self._asked_at: float | None = None
        self._available = False
        self._placeholders: set[str] = set()

    async def take(self, shot: Shot, deadline_s: float) -> Picture:
        """Have Grafana render it, and look at what came. Raises NoPicture, never later than the deadline."""
        try:
            async with asyncio.timeout(deadline_s):
                return await self._take(shot, deadline_s)
        except TimeoutError as error:
            raise NoPicture("ladder.timeout") from error
        except (SourceFailed, QueryRejected) as error:
            raise NoPicture("ladder.refused", error.detail) from error
        except SourceError as error:
            raise NoPicture("ladder.unreachable", error.detail) from error
        except (aiohttp.ClientError, OSError) as error:
            raise NoPicture("ladder.unreachable", type(error).__name__) from error

    async def _take(self, shot: Shot, deadline_s: float) -> Picture:
        await self._find_out()
        if not self._available:
            raise NoPicture("ladder.no-renderer")
        if shot.tab:
            raise NoPicture("ladder.no-tab")
        await self._check_there_is(shot)
        taken_at = self._clock()
        image = await self._fetch(self._address(shot, deadline_s))
        await self._judge(image)
        return Picture((image,), taken_at, Step.RENDERER)

    async def _find_out(self) -> None:
        """Ask once a minute whether a renderer is installed, and what the placeholders look like."""
        if self._asked_at is not None and self._monotonic() - self._asked_at < _ASKED_AGAIN_S:
            return
        answer = await self._settings.get("api/frontend/settings")
        self._available = isinstance(answer, dict) and answer.get("rendererAvailable") is True
        if self._available and not self._placeholders:
            known = await asyncio.gather(*(self._placeholder(name) for name in _PLACEHOLDERS))
            self._placeholders = {each for each in known if each}
        self._asked_at = self._monotonic()

    async def _placeholder(self, name: str) -> str:
        try:
            async with asyncio.timeout(2):
                return _digest(await self._fetch(self._base.join(yarl.URL(f"public/img/{name}"))))
        except (NoPicture, TimeoutError, aiohttp.ClientError, OSError):
            # Then only the size of the picture tells.
            return ""

    async def _check_there_is(self, shot: Shot) -> None:
        """Ask for the dashboard first: of one that is gone, the renderer would picture the page that says so."""
        try:
            model = await self._models.model(shot.uid)
        except InvalidTarget as error:
            raise NoPicture("ladder.not-found") from error
        if shot.panel is not None and model.panels and model.panel(shot.panel) is None:
            raise NoPicture("ladder.not-found")

    def _address(self, shot: Shot, deadline_s: float) -> yarl.URL:
        kind = "d" if shot.panel is None else "d-solo"
        path = f"render/{kind}/{quote(shot.uid, safe='')}/{_SLUG.sub('-', shot.slug) or '-'}"
        query = [
            ("from", f"{shot.window.start.timestamp() * 1000:.0f}"),
            ("to", f"{shot.window.end.timestamp() * 1000:.0f}"),
            *((f"var-{name}", value) for name, value in pairs(shot.variables)),
            ("theme", shot.theme),
            ("width", str(self._width)),
            # The whole height of the page.
            ("height", "-1" if shot.panel is None else str(_PANEL_HEIGHT)),
            ("scale", f"{self._scale:g}"),
            ("tz", self._zone),
            ("timeout", str(max(1, int(deadline_s)))),
            ("kiosk", "true"),
            ("hideLogo", "1"),
            *([] if shot.panel is None else [("panelId", f"panel-{shot.panel}")]),
        ]
        return self._base.join(yarl.URL(path, encoded=True)).with_query(query)

    async def _fetch(self, url: yarl.URL) -> bytes:
        # A redirect leads to a login page, or takes our token to somebody else.
        async with self._session.get(url, headers=self._headers, allow_redirects=False) as response:
            if response.status == 429:
                raise NoPicture("ladder.render-limit")
            if response.status >= 300:
                raise NoPicture("ladder.refused", f"HTTP {response.status}")
            body = bytearray()
            async for chunk in response.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise NoPicture("ladder.too-large")
        if not body.startswith(_MAGIC) or len(body) < 33:
            raise NoPicture("ladder.no-image")
        return bytes(body)

    async def _judge(self, image: bytes) -> None:
        """Refuse what is no picture of a dashboard."""
        if _digest(image) in self._placeholders:
            raise NoPicture("ladder.render-limit")
        width, height = struct.unpack(">II", image[16:24])
        if width * height > _MOST_PIXELS:
            raise NoPicture("ladder.too-large")
        # Grafana renders exactly as wide as it is told; its placeholders have a size of their own.
        if abs(width - self._width * self._scale) > 1:
            raise NoPicture("ladder.render-limit")
        if await asyncio.to_thread(is_blank, image):
            raise NoPicture("ladder.blank")


def _digest(image: bytes) -> str:
    return hashlib.sha256(image).hexdigest()
