"""Runs one browser: Debian's Chromium, or one on another machine; found again in /proc, and ended for certain.

Playwright is imported when a browser is needed: it is 30 MB that a bot which takes no pictures does without.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.cameras.browser.address import GrafanaAddress
from bot.cameras.browser.guard import barrier, broken
from bot.cameras.browser.page import Tab
from bot.cameras.browser.processes import ProcessTree
from bot.errors import NoPicture

if TYPE_CHECKING:
    from playwright.async_api import Browser, CDPSession, Playwright

# The shell first: it has no windows of its own, and takes 120 MB less for the same picture.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_LAUNCH_S = 20.0
_CLOSE_S = 5.0
_PULSE_S = 5.0
_DRIVER_OPTIONS = "--max-semi-space-size=1 --max-old-space-size=128"

# Playwright's own list, and two renderers less for each window: suggestions below an address bar that nobody sees.
_FEATURES_OFF = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "OmniboxAimPopup",
    "AimEnabled",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "MediaRouter",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "PreconnectToSearch",
    "LensOverlay",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "DestroyProfileOnBrowserClose",
    # A renderer kept ready for a page that never comes; and more of them for sites that nobody may go to.
    "SpareRendererForSitePerProcess",
    "IsolateOrigins",
    "site-per-process",
)
_FLAGS = (
    "--disable-gpu",
    # As few processes as can be: each costs 20 to 60 MB. Isolation of sites has nothing to isolate: pages reach one origin only.
    "--in-process-gpu",
    # The last list of features is the only one that counts: Playwright's own is said again, which captures by it.
    "--enable-features=NetworkServiceInProcess2,CDPScreenshotNewSurface",
    "--renderer-process-limit=1",
    "--disable-site-isolation-trials",
    "--disable-extensions",
    f"--disk-cache-size={32 * 1024 * 1024}",
    f"--media-cache-size={1024 * 1024}",
    # Nothing leaves this process but what the page asks for: no updates, reports, checks of the connection, guesses.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--dns-prefetch-disable",
    "--no-pings",
    "--no-first-run",
    "--metrics-recording-only",
    # WebRTC is the one thing that goes around a proxy.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    # A page's script may hold this much before its renderer ends itself.
    "--js-flags=--max-old-space-size=512",
    f"--disable-features={','.join(_FEATURES_OFF)}",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Which browser, and how its pages look; `ws_endpoint` names one that runs elsewhere."""

    executable: str = ""
    ws_endpoint: str = ""
    scale: float = 1.0
    timezone: str = "UTC"


class Chromium:
    """A running browser with the pages that are ready to be used again."""

    def __init__(self, playwright: Playwright, browser: Browser, place: Place, tree: ProcessTree | None) -> None:
        self._playwright = playwright
        self._browser = browser
        self._place = place
        self._ended = False
        self._pulse: CDPSession | None = None
        self.tree = tree
        self.idle: list[Tab] = []
        self.taken = 0
        self.last_mb = 0.0
        self.rest_mb = 0.0
        self.swollen = False

    @classmethod
    async def start(cls, place: Place) -> Chromium:
        """Start or connect. Raises NoPicture."""
        from playwright.async_api import async_playwright

        marker = f"--bongsu-camera={secrets.token_hex(8)}"
        # Looked for before the driver starts, so that a missing browser costs nothing.
        executable = "" if place.ws_endpoint else found(place.executable)
        # Playwright's driver is told in this way only: it would keep 20 MB for garbage.
        os.environ.setdefault("NODE_OPTIONS", _DRIVER_OPTIONS)
        playwright = await async_playwright().start()
        try:
            async with _ending(marker, playwright), asyncio.timeout(_LAUNCH_S + _CLOSE_S):
                browser = await _browser(playwright, place, executable, marker)
                tree = None if place.ws_endpoint else ProcessTree.marked(marker)
                chromium = cls(playwright, browser, place, tree)
                chromium._pulse = await browser.new_browser_cdp_session()
                return chromium
        except (broken(), TimeoutError, OSError) as error:
            raise NoPicture("browser", _first_line(error)) from error

    @property
    def alive(self) -> bool:
        """Say whether it can still be used."""
        return not self._ended and self._browser.is_connected()

    async def tab(self, grafana: GrafanaAddress, token: str) -> Tab:
        """Return a page that is free, or make one."""
        while self.idle:
            tab = self.idle.pop()
            if not tab.crashed:
                return tab
            await tab.close()
        context = await self._browser.new_context(
            no_viewport=True,
            timezone_id=self._place.timezone,
            # What Grafana writes on panels is read by its English words where there is no other mark.
            locale="en-US",
            reduced_motion="reduce",
            service_workers="block",
            accept_downloads=False,
            proxy=barrier(grafana),
        )
        return await Tab.open(context, grafana, token, self._place.scale)

    async def memory_mb(self) -> float:
        """Return the memory of all its processes in MB (10^6); nothing is known of a browser elsewhere."""
        # The kernel goes through all their pages for it, which may take a moment.
        self.last_mb = await asyncio.to_thread(self.tree.memory_mb) if self.tree else 0.0
        return self.last_mb

    async def near_mb(self) -> float:
        """Return about the same, sooner; in a thread all the same, for a picture that is ready must not wait for it."""
        return await asyncio.to_thread(self.tree.near_mb) if self.tree else 0.0

    async def relieved_mb(self) -> float:
        """Have it give back what it only keeps for later (caches, drawn tiles), and return its memory as it is then, in MB."""
        with contextlib.suppress(broken(), TimeoutError):
            async with asyncio.timeout(_PULSE_S):
                if self._pulse:
                    await self._pulse.send("Memory.simulatePressureNotification", {"level": "critical"})
        return await self.memory_mb()

    async def answers(self) -> bool:
        """Say whether it still does anything: a browser that hangs says nothing, not even that it ended."""
        try:
            async with asyncio.timeout(_PULSE_S):
                if self._pulse:
                    await self._pulse.send("Browser.getVersion")
        except (broken(), TimeoutError):
            return False
        return True

    async def lives(self) -> bool:
        """Find out whether it ended: a page of one that was killed may end first, and be heard of before it."""
        if self.alive and not await self.answers():
            self.kill()
        return self.alive

    def kill(self) -> None:
        """End it at once, whatever it does; `close` still has to follow."""
        self._ended = True
        if self.tree:
            self.tree.kill()

    async def close(self) -> None:
        """End it: in peace if it answers, else for certain."""
        killed, self._ended = self._ended, True
        if not killed:
            with contextlib.suppress(broken(), TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await self._browser.close()
        if self.tree:
            self.tree.kill()
        await _stop(self._playwright, self.tree)


@asynccontextmanager
async def _ending(marker: str, playwright: Playwright) -> AsyncGenerator[None]:
    """See to it that a start which does not succeed leaves nothing behind."""
    async with AsyncExitStack() as undo:
        undo.push_async_callback(_clear_up, marker, playwright)
        yield
        undo.pop_all()


async def _clear_up(marker: str, playwright: Playwright) -> None:
    tree = ProcessTree.marked(marker)
    if tree:
        tree.kill()
    await _stop(playwright, tree)


async def _stop(playwright: Playwright, tree: ProcessTree | None) -> None:
    try:
        async with asyncio.timeout(_CLOSE_S):
            await playwright.stop()
    except (broken(), TimeoutError):
        if tree:
            tree.kill_driver()


async def _browser(playwright: Playwright, place: Place, executable: str, marker: str) -> Browser:
    chromium, milliseconds = playwright.chromium, _LAUNCH_S * 1000
    if not place.ws_endpoint:
        # Root has no user namespaces to be put into; a container's user may have none either, and says so by failing.
        # Zygotes are what pages are forked from into their namespaces: without those, two processes for nothing.
        rights: list[str] = ["--no-sandbox", "--no-zygote"] if os.geteuid() == 0 else []
        return await chromium.launch(
            executable_path=executable,
            args=[*_FLAGS, *rights, marker],
            chromium_sandbox=not rights,
            timeout=milliseconds,
            # Signals are ours: app.py ends the camera when it is its turn.
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )
    if place.ws_endpoint.startswith("http") or "/devtools/" in place.ws_endpoint:
        return await chromium.connect_over_cdp(place.ws_endpoint, timeout=milliseconds)
    return await chromium.connect(place.ws_endpoint, timeout=milliseconds)


def found(wanted: str = "") -> str:
    """Return the path of the browser's program: the one that is named, or the first that is there. Raises NoPicture."""
    path = shutil.which(wanted) if wanted else next(filter(None, map(shutil.which, _NAMES)), None)
    if not path:
        raise NoPicture("browser", f"{wanted or _NAMES[0]} not found")
    return path


def _first_line(error: Exception) -> str:
    lines: list[Any] = str(error).strip().splitlines() or [type(error).__name__]
    return str(lines[0])[:300]
