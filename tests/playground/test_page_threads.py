"""Threads on the page: the way in below a card, what is read and pressed and said there."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from playground import world
from tests.playground.browsing import PHONE, URGENT, Bot

BUTTON = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Useful", "custom_id": "bongsu:1:rate-useful:7"}]}


async def open_thread(bot: Bot, name: str = "#12 HighErrorRate api") -> str:
    card = await bot.says("the card")
    thread = await bot.ask("POST", f"/channels/{URGENT}/messages/{card['id']}/threads", {"name": name})
    return thread["id"]


async def test_a_thread_is_entered_below_its_card_and_led_back_to_it(visit, bot):
    page = await visit()
    thread = await open_thread(bot)
    await bot.ask("POST", f"/channels/{thread}/messages", {"content": "the report", "components": [BUTTON]})
    link = page.get_by_test_id("thread-link")
    await expect(link).to_contain_text("#12 HighErrorRate api")
    await expect(link).to_contain_text("1 message ›")
    await expect(link).to_contain_text("the report")

    await link.click()

    await expect(page.get_by_test_id("thread-top")).to_contain_text("the card")
    await expect(page.get_by_test_id("message")).to_have_count(1)
    await expect(page.get_by_role("button", name="Useful")).to_be_visible()
    await expect(page.get_by_test_id(f"thread-{thread}")).to_have_attribute("aria-current", "page")
    await page.get_by_test_id("thread-top").get_by_role("link").click()
    await expect(page.locator(f"[data-message-id='{thread}']")).to_be_focused()


async def test_what_is_said_in_a_thread_is_counted_below_the_card_of_the_others(visit, bot):
    minji, jun = await visit(), await visit("?as=jun&locale=ko")
    thread = await open_thread(bot)

    await jun.get_by_test_id(f"thread-{thread}").click()
    for words in ("롤백했습니다", "지금은 어떤가요?"):
        await jun.get_by_test_id("composer").fill(words)
        await jun.keyboard.press("Enter")

    await expect(minji.get_by_test_id("thread-link")).to_contain_text("2 messages")
    await expect(minji.get_by_test_id("thread-link")).to_contain_text("지금은 어떤가요?")
    await expect(minji.get_by_test_id(f"thread-{thread}").get_by_label("unread")).to_be_visible()
    await expect(minji.get_by_test_id("message")).to_have_count(1)


async def test_the_bot_is_called_from_a_list_and_mentioned_as_discord_does(visit, bot, playground):
    page = await visit("?locale=ko")
    thread = await open_thread(bot)
    await page.get_by_test_id(f"thread-{thread}").click()

    await page.get_by_test_id("composer").press_sequentially("@bong")
    await expect(page.get_by_test_id("person-choice")).to_have_text(re.compile("Bongsu 봉수"))
    await page.keyboard.press("Enter")
    await page.keyboard.type("배포가 있었나요? mallory@jun")
    await page.keyboard.press("Enter")

    await expect(page.locator(".mention")).to_have_text("@Bongsu 봉수")
    (said,) = [m for m in playground.state.messages[int(thread)].values() if m["type"] == 0]
    assert said["content"] == f"<@{world.BOT.id}> 배포가 있었나요? mallory@jun"
    assert [user["id"] for user in said["mentions"]] == [str(world.BOT.id)]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("@jun please", "<@{jun}> please"),
        ("@박준님 보세요", "<@{jun}>님 보세요"),
        ("(@Mallory)", "(<@{mallory}>)"),
        ("@junior is nobody", "@junior is nobody"),
        ("ask @oncall", "ask <@&{oncall}>"),
        ("<@1> @here", "<@1> @here"),
    ],
)
async def test_a_typed_name_is_a_mention(visit, typed, sent):
    page = await visit()
    ids = {"jun": world.PEOPLE["jun"].id, "mallory": world.PEOPLE["mallory"].id, "oncall": world.ROLES["oncall"]}
    people = [
        {"id": str(one.id), "name": one.name, "display_name": one.display_name} for one in world.EVERYONE.values()
    ]
    roles = [{"id": str(number), "name": name} for name, number in world.ROLES.items()]

    written = await page.evaluate(
        """async ([typed, people, roles]) => {
            const { written } = await import("/web/mentions.js");
            const named = (list) => new Map(list.map((one) => [one.id, one]));
            return written(typed, { people: named(people), roles: named(roles) });
        }""",
        [typed, people, roles],
    )

    assert written == sent.format(**ids)


async def test_a_locked_thread_takes_no_words_and_a_deleted_one_leads_to_its_channel(visit, bot, playground):
    page = await visit()
    thread = await open_thread(bot)
    await page.get_by_test_id(f"thread-{thread}").click()
    await bot.ask("PATCH", f"/channels/{thread}", {"locked": True})
    await page.get_by_test_id("channel-general").click()
    await page.get_by_test_id(f"thread-{thread}").click()
    await expect(page.get_by_test_id("composer")).to_be_disabled()
    await expect(page.get_by_test_id("thread-top")).to_contain_text("locked")

    await playground.state.remove_thread(int(thread))

    await expect(page.get_by_test_id("channel-alert-urgent")).to_have_attribute("aria-current", "page")
    await expect(page.get_by_test_id("message")).to_contain_text("the card")
    await expect(page.get_by_test_id("thread-link")).to_have_count(0)
    await expect(page.get_by_test_id("composer")).to_be_enabled()


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_a_long_thread_fits_a_phone(visit, bot, scheme):
    page = await visit("?locale=ko", PHONE, scheme)
    thread = await open_thread(bot, "x" * 100)
    await bot.ask("POST", f"/channels/{thread}/messages", {"content": "y" * 1000})
    await expect(page.get_by_test_id("thread-link")).to_be_visible()
    widths = "[document.documentElement.scrollWidth, document.querySelector('#timeline').scrollWidth]"
    below_the_card = await page.evaluate(widths)

    await page.get_by_test_id("thread-link").click()
    await expect(page.get_by_test_id("thread-top")).to_be_visible()

    assert max(*below_the_card, *await page.evaluate(widths)) <= PHONE["width"]
