"""A newcomer with a browser: opens the demo's page, breaks the shop, acknowledges, asks for the status, mends it."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from playground.demo import Demo
from tests.e2e.conftest import judge
from tests.playground.browsing import visits


def card_of(page: Page, words: str):
    return page.get_by_test_id("message").filter(has_text=words).first


@pytest.mark.timeout(150)
async def test_a_newcomer_needs_nothing_but_the_page():
    async with Demo.open(language="en") as demo, visits(demo.playground.url) as open_page:
        page = await open_page("?as=minji&locale=en-US", viewport={"width": 1440, "height": 1000})
        await expect(page.get_by_test_id("bot-online")).to_have_attribute("data-online", "true")

        await page.get_by_test_id("fault-pool").click()
        card = card_of(page, "HikariPoolPending")
        await expect(card).to_be_visible(timeout=40_000)
        await expect(card).to_contain_text("P2")
        await card.get_by_role("button", name="Acknowledge").click()
        await expect(card).to_contain_text("has it since", timeout=10_000)

        composer = page.get_by_test_id("composer")
        await composer.click()
        await composer.press_sequentially("/status")
        await page.get_by_test_id("command-status").click()
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("message").filter(has_text="Bongsu:").last).to_be_visible(timeout=10_000)

        await page.get_by_test_id("fault-pool").click()
        await expect(card).to_contain_text("Recovered", timeout=60_000)
        judge(demo.playground)
