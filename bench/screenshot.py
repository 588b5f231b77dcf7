"""What our browser adds to a dashboard's own time, and what it saves against a browser for each picture.

The page is the playground's stand-in for Grafana: 14 panels whose queries take 10 to 140 ms, and a program of 3 MB that
runs first (Grafana's own is larger). All times are from the address to the result. Whoever takes a picture waits for the
slowest query, with a browser of one's own or without: the longer it takes, the nearer `warm_p50_ratio` comes to 1 and the
further `cold_launch_ratio` goes up. `slow_…` are the same figures where queries take 30 to 290 ms. `warm_p50_ratio`: a picture by a running camera, to the page's own time until its last panel is drawn, in the same browser
with a warm cache, nobody watching. `cold_launch_ratio`: the same to a browser launched, used for one full-page picture and
closed. `outline_ratio_…`: the same as `warm_p50_ratio` on pages made from outlines of Grafana's own (`sixty`: one panel sixty
times; `one`: the view of one panel). `peak_pss_mb`: PSS of the browser and its driver while all eight of our dashboards are
taken one after the other under a ceiling of 512 MB (four were recorded, four are drafted from their JSON), `peak_pss_sixty_mb`
while the sixty panels are, `browser_starts` how often it was begun for these, and `not_within_ceiling` how many of the nine gave
no picture: by chromium-headless-shell, which the image ships, where it is there (the whole Chromium takes 120 MB more). `peak_rss_mb`: the plain sum of
RSS of the browser and Playwright's driver, as ps shows it; `peak_memory_mb` counts pages of files once.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, Page, async_playwright

from bench.outlined import our_dashboards, outlined_pages
from bench.report import finish, median, percentile, quick
from bot.cameras.browser.address import GrafanaAddress
from bot.cameras.browser.camera import BrowserCamera
from bot.cameras.browser.capture import View
from bot.cameras.browser.chromium import found
from bot.cameras.browser.pool import BrowserLimits, Pool
from bot.domain.pictures import PanelState, Shot
from bot.domain.telemetry import Window
from bot.errors import NoPicture
from tests.pages.boards import TOKEN, Board, Boards, Panel, boards, grid
from tests.pages.outlines import Outline

_PANELS = 14
_TAKES_S = [0.01 + 0.01 * each for each in range(_PANELS)]
_SLOW_S = [0.03 + 0.02 * each for each in range(_PANELS)]
_BUNDLE_MB = 3.0
_DEADLINE_S = 60.0
_CEILING_MB = 512.0
_WIDTH, _HEIGHT = 1600, 2160
_TAKES_OUTLINED_S = 0.12
# With so large a program the page of one panel counts about as much as the real one was seen to take.
_OUTLINE_BUNDLE_MB = 4.0
# Every panel is on the page and has more than its header, and no query runs.
_FILLED = """(() => { const panels = [...document.querySelectorAll('[data-viz-panel-key]')];
  const empty = document.querySelectorAll('[data-griditem-key]:empty').length;
  return panels.length > 0 && !empty && window.__grafanaRunningQueryCount === 0 &&
    !document.querySelector('[aria-label="Panel loading bar"]'); })()"""
_AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}
_READY = f"document.querySelectorAll('canvas').length === {_PANELS} && window.__grafanaRunningQueryCount === 0"


class Meter:
    """Samples the memory of whatever browser the camera runs."""

    def __init__(self) -> None:
        self.rss_mb = 0.0
        self.memory_mb = 0.0

    @asynccontextmanager
    async def reading(self, pool: Pool) -> AsyncGenerator[None]:
        """Sample all the while."""

        async def sample() -> None:
            while True:
                await asyncio.sleep(0.25)
                if pool.browser and pool.browser.tree:
                    self.rss_mb = max(self.rss_mb, pool.browser.tree.rss_mb())
                    self.memory_mb = max(self.memory_mb, pool.browser.tree.memory_mb())

        task = asyncio.create_task(sample())
        try:
            yield
        finally:
            task.cancel()


async def main(few: bool) -> None:
    """Measure, print."""
    meter = Meter()
    async with boards() as grafana:
        grafana.bundle_mb = _BUNDLE_MB
        slow = await _page(grafana, meter, _SLOW_S, *((3, 1) if few else (40, 10)))
        figures = await _page(grafana, meter, _TAKES_S, *((5, 2) if few else (40, 10)))
        figures |= await _outlined(grafana, 2 if few else 8)
        for people in (1, 4, 16):
            figures |= await _together(grafana, meter, people, max(2, people) if few else max(16, people * 4))
    figures |= {f"slow_{name}": value for name, value in slow.items() if name.endswith("_ratio")}
    figures |= {"peak_rss_mb": meter.rss_mb, "peak_memory_mb": meter.memory_mb, "load": os.getloadavg()[0]}
    print({name: round(value, 3) for name, value in figures.items()})
    finish("screenshot", figures)


async def _page(grafana: Boards, meter: Meter, takes_s: list[float], pictures: int, launches: int) -> dict[str, float]:
    """Measure a page whose queries take so long."""
    panels = [Panel(number, f"panel {number}", takes_s=each) for number, each in enumerate(takes_s)]
    grafana.add(Board("bench", grid(panels)))
    figures = await _alone(grafana, meter, pictures)
    return figures | await _launches(grafana, figures["warm_p50_s"], launches)


def _shot() -> Shot:
    now = datetime.now(UTC)
    return Shot("bench", Window(now - timedelta(hours=1), now))


@asynccontextmanager
async def _camera(grafana: Boards) -> AsyncGenerator[BrowserCamera]:
    # As many pages as by default; neither begun anew nor killed, so that the peak is the page's own.
    limits = BrowserLimits(restart_after=10_000, memory_mb=8000)
    async with BrowserCamera.open(grafana_url=grafana.url, token=TOKEN, limits=limits, view=View(_WIDTH)) as camera:
        yield camera


async def _picture(camera: BrowserCamera) -> float:
    started = time.perf_counter()
    picture = await camera.take(_shot(), _DEADLINE_S)
    assert picture.count(PanelState.READY) == _PANELS
    return time.perf_counter() - started


async def _alone(grafana: Boards, meter: Meter, count: int) -> dict[str, float]:
    """One after the other; the page by itself in between, so that both meet the same load."""
    pictures: list[float] = []
    bare: list[float] = []
    async with _camera(grafana) as camera, meter.reading(camera.pool):
        first = await _picture(camera)
        assert camera.pool.browser
        page = await _bare_page(camera.pool.browser._browser)  # pyright: ignore[reportPrivateUsage] # noqa: SLF001
        await _ready(grafana, page)
        await _picture(camera)
        for _ in range(count):
            bare.append(await _ready(grafana, page))
            pictures.append(await _picture(camera))
    print(f"first picture, with the browser's start {first:.2f} s")
    print(f"page p50 {median(bare):.3f} s, picture p50 {median(pictures):.3f} s over {count}")
    return {
        "warm_p50_ratio": median(pictures) / median(bare),
        "warm_p99_ratio": percentile(pictures, 0.99) / median(bare),
        "warm_p50_s": median(pictures),
        "warm_p99_s": percentile(pictures, 0.99),
        "page_p50_s": median(bare),
    }


async def _bare_page(browser: Browser) -> Page:
    viewport = {"width": _WIDTH, "height": _HEIGHT}
    context = await browser.new_context(viewport=viewport, extra_http_headers=_AUTHORIZATION)  # pyright: ignore[reportArgumentType]
    return await context.new_page()


async def _ready(grafana: Boards, page: Page) -> float:
    started = time.perf_counter()
    await page.goto(GrafanaAddress.of(grafana.url).page(_shot()), wait_until="commit")
    await page.wait_for_function(_READY, polling=20)
    taken = time.perf_counter() - started
    await page.goto("about:blank")
    return taken


async def _launches(grafana: Boards, warm_p50_s: float, count: int) -> dict[str, float]:
    """Start a browser for each picture: by hand, and by the camera."""
    launched: list[float] = []
    cold: list[float] = []
    for _ in range(count):
        started = time.perf_counter()
        await _launched(grafana)
        launched.append(time.perf_counter() - started)
        async with _camera(grafana) as camera:
            cold.append(await _picture(camera))
    return {
        "cold_launch_ratio": warm_p50_s / median(launched),
        "launch_p50_s": median(launched),
        "cold_p50_s": median(cold),
        "cold_p99_s": percentile(cold, 0.99),
    }


async def _launched(grafana: Boards) -> None:
    async with async_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = await playwright.chromium.launch(executable_path=found(), args=flags)
        page = await _bare_page(browser)
        await page.goto(GrafanaAddress.of(grafana.url).page(_shot()), wait_until="commit")
        await page.wait_for_function(_READY, polling=20)
        await page.screenshot(full_page=True)
        await browser.close()


async def _outlined(grafana: Boards, count: int) -> dict[str, float]:
    """Pages made from outlines of real ones: the memory of taking them, and each picture to the page's own time."""
    pages = {**our_dashboards(), **outlined_pages()}
    grafana.outlines = {name: Outline(name, elements, takes_s=_TAKES_OUTLINED_S) for name, elements in pages.items()}
    grafana.bundle_mb, before = _OUTLINE_BUNDLE_MB, grafana.bundle_mb
    figures = await _within_ceiling(grafana) | await _outline_ratios(grafana, count)
    grafana.outlines, grafana.bundle_mb = {}, before
    return figures


async def _within_ceiling(grafana: Boards) -> dict[str, float]:
    """Take all of ours one after the other, as a person would look through them, and then sixty panels."""
    limits = BrowserLimits(memory_mb=_CEILING_MB)
    peaks: list[float] = []
    missing = 0
    async with BrowserCamera.open(grafana_url=grafana.url, token=TOKEN, limits=limits, view=View(_WIDTH)) as camera:
        for names in (list(our_dashboards()), ["sixty"]):
            peak: list[float] = [0.0]

            async def sample(peak: list[float] = peak) -> None:
                while True:
                    await asyncio.sleep(0.1)
                    browser = camera.pool.browser
                    peak[0] = max(peak[0], await browser.memory_mb() if browser else 0.0)

            sampling = asyncio.create_task(sample())
            for name in names:
                try:
                    await camera.take(_outline_shot(name), _DEADLINE_S)
                except NoPicture as none:
                    missing += 1
                    print(f"{name}: no picture within {_CEILING_MB:.0f} MB ({none.reason})")
            sampling.cancel()
            peaks += peak
        starts = float(camera.pool.starts)
    return {
        "peak_pss_mb": peaks[0],
        "peak_pss_sixty_mb": peaks[1],
        "browser_starts": starts,
        "not_within_ceiling": missing,
    }


async def _outline_ratios(grafana: Boards, count: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    async with _camera(grafana) as camera:
        await camera.take(_outline_shot("one"), _DEADLINE_S)
        assert camera.pool.browser
        page = await _bare_page(camera.pool.browser._browser)  # pyright: ignore[reportPrivateUsage] # noqa: SLF001
        for name in outlined_pages():
            await camera.take(_outline_shot(name), _DEADLINE_S)
            await _settled(grafana, page, name)
            bare, pictures = list[float](), list[float]()
            for _ in range(count):
                bare.append(await _settled(grafana, page, name))
                started = time.perf_counter()
                await camera.take(_outline_shot(name), _DEADLINE_S)
                pictures.append(time.perf_counter() - started)
            print(f"{name}: page p50 {median(bare):.3f} s, picture p50 {median(pictures):.3f} s")
            figures[f"outline_ratio_{name}"] = median(pictures) / median(bare)
    return figures


def _outline_shot(name: str) -> Shot:
    now = datetime.now(UTC)
    return Shot(name, Window(now - timedelta(hours=1), now), panel=4 if name == "one" else None)


async def _settled(grafana: Boards, page: Page, name: str) -> float:
    """Return how long the page itself takes, in a window in which all of it is visible, nobody watching."""
    height = max(each["box"][1] + each["box"][3] for each in grafana.outlines[name].elements if "key" in each)
    await page.set_viewport_size({"width": _WIDTH, "height": 700 if name == "one" else height + 16})
    started = time.perf_counter()
    await page.goto(GrafanaAddress.of(grafana.url).page(_outline_shot(name)), wait_until="commit")
    await page.wait_for_function(_FILLED, polling=20)
    taken = time.perf_counter() - started
    await page.goto("about:blank")
    return taken


async def _together(grafana: Boards, meter: Meter, people: int, count: int) -> dict[str, float]:
    """So many people at once, on as many pages as the camera opens by default."""
    times: list[float] = []
    async with _camera(grafana) as camera, meter.reading(camera.pool):
        await asyncio.gather(*(_picture(camera) for _ in range(min(people, BrowserLimits().most_pages))))
        waiting = iter(range(count))

        async def person() -> None:
            for _ in waiting:
                times.append(await _picture(camera))  # noqa: PERF401 - one list for all

        started = time.perf_counter()
        await asyncio.gather(*(person() for _ in range(people)))
        whole = time.perf_counter() - started
    return {
        f"at_{people}_p50_s": median(times),
        f"at_{people}_p99_s": percentile(times, 0.99),
        f"at_{people}_per_s": count / whole,
    }


if __name__ == "__main__":
    asyncio.run(main(quick("What our browser adds to a dashboard's own time.")))
