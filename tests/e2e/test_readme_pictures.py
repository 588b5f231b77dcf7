"""The pictures of the README: a card, its investigation and a dashboard, as the demo shows them, in both languages.

`BONGSU_PICTURES=docs/pictures pytest tests/e2e/test_readme_pictures.py` renews them; without it they are taken and thrown
away, so that what they show is known to be there.
"""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, expect

from playground.demo import Demo
from playground.world import CHANNELS
from tests.e2e.conftest import judge
from tests.person import Person
from tests.playground.browsing import visits

ROOT = Path(__file__).parents[2]
KINDS = ("card", "investigation", "dashboard")
LOCALES = {"en": "en-US", "ko": "ko"}
CAUSE = {"en": re.compile("connection pool", re.IGNORECASE), "ko": re.compile("커넥션 풀|연결 풀")}
CALM_S = 60
ATTEMPTS = 3
# Smaller ones hold nothing one could see.
LEAST_BYTES = 8_000


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_card_its_investigation_and_a_dashboard_are_pictured(language, tmp_path):
    folder = Path(os.environ.get("BONGSU_PICTURES") or tmp_path)
    taken = [folder / f"{name}.{language}.png" for name in KINDS]
    async with Demo.open(language=language) as demo, visits(demo.playground.url) as open_page:
        page = await open_page(f"?as=minji&locale={LOCALES[language]}", viewport={"width": 1280, "height": 1400})
        await expect(page.get_by_test_id("bot-online")).to_have_attribute("data-online", "true", timeout=30_000)
        # Without a while of calm before it nothing stands out, and the investigation says so.
        await asyncio.sleep(CALM_S)
        await page.get_by_test_id("fault-pool").click()
        card = page.get_by_test_id("message").filter(has_text="HikariPoolPending").first
        await expect(card).to_contain_text(CAUSE[language], timeout=120_000)
        await expect(card.get_by_test_id("thread-link")).to_be_visible(timeout=30_000)
        await pictured(card, taken[0])

        await card.get_by_test_id("thread-link").click()
        report = page.get_by_test_id("message").filter(has_text=re.compile("M1|C1|L1")).first
        await expect(report).to_contain_text(CAUSE[language], timeout=60_000)
        await pictured(report, taken[1])

        async with Person.join(demo.playground.url, "minji", LOCALES[language]) as minji:
            await dashboard(minji)
        await page.goto(f"{demo.playground.url}/?as=minji&locale={LOCALES[language]}#/{CHANNELS['alert-urgent']}")
        picture = page.get_by_test_id("message").filter(has=page.locator("button.picture")).last
        await expect(picture.locator("img").last).to_be_visible(timeout=30_000)
        # There is room for it before it has come.
        await picture.locator("img").last.evaluate("image => image.decode()")
        await pictured(picture, taken[2])
        judge(demo.playground)

    assert [path.name for path in taken if path.stat().st_size < LEAST_BYTES] == []


async def pictured(element: Locator, path: Path) -> None:
    """Take it; the page lays a message out anew whenever it is edited, also in the middle of a picture."""
    for left in reversed(range(ATTEMPTS)):
        try:
            await element.screenshot(path=str(path))
        except PlaywrightError as error:
            if not left or "not attached" not in str(error):
                raise
        else:
            return


async def dashboard(minji: Person) -> None:
    """Ask for a dashboard; a machine that is busy with other things may not draw it in the 20 s there are."""
    for _ in range(ATTEMPTS):
        await minji.command("dashboard", name="overview", range="3m", timeout_s=60)
        try:
            await minji.wait_message(lambda message: bool(message["attachments"]), 40)
        except TimeoutError:
            continue
        return
    raise AssertionError("no picture of the dashboard came")


def test_the_readme_shows_pictures_that_are_there():
    for name, language in (("README.md", "en"), ("README.ko.md", "ko")):
        shown = re.findall(r"\((docs/pictures/\w+\.\w+\.png)\)", (ROOT / name).read_text("utf-8"))

        assert {Path(path).name for path in shown} == {f"{kind}.{language}.png" for kind in KINDS}
        assert all((ROOT / path).stat().st_size >= LEAST_BYTES for path in shown)
