"""The page as a newcomer meets it: real Chromium, the real playground, nothing in between."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import expect

from playground import interactions, world
from tests.playground.browsing import PHONE, URGENT

EVERYTHING_SHOWN = 1 << 15
MINJI = world.PEOPLE["minji"].id

HOSTILE = (
    "<img src=x onerror=alert(1)> <script>alert(2)</script> @everyone ``` ` **x [a](javascript:alert(3)) </li></ol>"
)
LONG_WORD = "HikariPoolExhausted" * 30

CARD: dict[str, Any] = {
    "flags": EVERYTHING_SHOWN,
    "components": [
        {
            "type": 17,
            "accent_color": 0xE0433F,
            "components": [
                {"type": 10, "content": f"## 🔴 P1 · HikariPoolExhausted\n`{LONG_WORD}` <t:1:R>"},
                {"type": 14, "divider": True, "spacing": 1},
                {
                    "type": 1,
                    "components": [
                        {"type": 2, "style": 1, "label": "담당하기", "custom_id": "ack"},
                        {"type": 2, "style": 2, "label": "알림 중지", "custom_id": "silence", "disabled": True},
                        {"type": 2, "style": 5, "label": "대시보드", "url": "https://grafana.example.com/d/1"},
                    ],
                },
            ],
        }
    ],
}

COMMANDS: list[dict[str, Any]] = [
    {
        "name": "status",
        "description": "Show how the services are",
        "description_localizations": {"ko": "서비스 상태를 보여 줍니다"},
        "type": 1,
        "options": [],
    },
    {
        "name": "ack",
        "description": "Acknowledge an incident",
        "description_localizations": {"ko": "인시던트를 담당합니다"},
        "type": 1,
        "options": [
            {
                "type": 3,
                "name": "alert",
                "description": "Which incident",
                "required": True,
                "choices": [{"name": "#42 pool", "value": "42"}, {"name": "#43 disk", "value": "43"}],
            },
            {"type": 3, "name": "note", "description": "A note"},
        ],
    },
]


async def test_a_newcomer_sees_where_they_are_and_who_they_can_be(visit):
    page = await visit()

    for channel in ("alert-urgent", "alert-normal", "general"):
        await expect(page.get_by_test_id(f"channel-{channel}")).to_be_visible()
    for person in ("minji", "jun", "mallory"):
        await expect(page.get_by_test_id(f"person-{person}")).to_be_visible()
    await expect(page.get_by_test_id("person-minji")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_test_id("channel-alert-urgent")).to_have_attribute("aria-current", "page")
    await expect(page.get_by_test_id("shop-panel")).to_contain_text("What to try")
    await expect(page.get_by_test_id("bot-online")).to_have_attribute("data-online", "false")


async def test_what_the_bot_says_appears_without_reloading(visit, bot):
    page = await visit()

    await bot.says("*beacon* lit")

    message = page.get_by_test_id("message")
    await expect(message).to_contain_text("beacon lit")
    await expect(message.locator("em")).to_have_text("beacon")
    await expect(message.locator(".tag")).to_have_text("APP")


async def test_what_a_person_says_is_seen_by_the_others_as_unread(visit):
    minji = await visit()
    jun = await visit(f"?as={world.PEOPLE['jun'].id}&locale=en-US")

    await jun.get_by_test_id("channel-general").click()
    await jun.get_by_test_id("composer").fill("lunch?")
    await jun.keyboard.press("Enter")

    await expect(jun.get_by_test_id("message")).to_contain_text("lunch?")
    await expect(minji.get_by_test_id("channel-general").get_by_label("unread")).to_be_visible()
    await minji.get_by_test_id("channel-general").click()
    await expect(minji.get_by_test_id("message")).to_contain_text("lunch?")
    await expect(minji.get_by_test_id("channel-general").get_by_label("unread")).to_have_count(0)


async def test_a_mention_stands_out_and_counts(visit, bot):
    page = await visit()
    await page.get_by_test_id("channel-general").click()

    await bot.says(f"<@{MINJI}> please look", allowed_mentions={"users": [str(MINJI)]})

    await expect(page.get_by_test_id("channel-alert-urgent").locator(".badge")).to_have_text("1")
    await page.get_by_test_id("channel-alert-urgent").click()
    await expect(page.get_by_test_id("message")).to_have_class(re.compile(r"\bpinged\b"))


async def test_a_card_is_drawn_as_a_card(visit, bot):
    page = await visit()

    await bot.shows(CARD)

    card = page.locator(".card")
    await expect(card.get_by_role("heading")).to_have_text("🔴 P1 · HikariPoolExhausted")
    await expect(card.get_by_role("button", name="담당하기")).to_be_enabled()
    await expect(card.get_by_role("button", name="알림 중지")).to_be_disabled()
    await expect(card.get_by_role("link", name="대시보드")).to_have_attribute("href", "https://grafana.example.com/d/1")
    assert await card.evaluate("card => card.style.getPropertyValue('--bar')") == "#e0433f"


async def test_an_edited_card_is_the_same_card(visit, bot):
    page = await visit()
    message = await bot.says("before")
    await expect(page.get_by_test_id("message")).to_contain_text("before")

    await bot.ask("PATCH", f"/channels/{URGENT}/messages/{message['id']}", {"content": "after"})

    await expect(page.get_by_test_id("message")).to_contain_text("after")
    await expect(page.get_by_test_id("message")).to_contain_text("(edited)")
    await expect(page.get_by_test_id("message")).to_have_count(1)


async def test_a_press_nobody_answers_says_so(visit, bot, monkeypatch):
    # As Discord: here nobody answers, however busy the machine is.
    monkeypatch.setattr(interactions, "FIRST_ANSWER_S", 3.0)
    page = await visit()
    await bot.shows(CARD)

    await page.get_by_role("button", name="담당하기").click()

    await expect(page.get_by_test_id("message").get_by_role("alert")).not_to_be_empty()
    await expect(page.get_by_role("button", name="담당하기")).not_to_have_attribute("aria-busy", "true")


async def test_a_slash_offers_the_commands_and_their_options(visit, bot):
    page = await visit()
    await bot.ask("PUT", f"/applications/{world.APPLICATION_ID}/guilds/{world.GUILD_ID}/commands", COMMANDS)
    await page.get_by_test_id("composer").fill("/")
    await expect(page.get_by_test_id("command-status")).to_be_visible()

    await page.keyboard.type("ac")
    await expect(page.get_by_test_id("command-status")).to_have_count(0)
    await page.keyboard.press("Enter")

    await expect(page.get_by_test_id("command-option")).to_have_count(1)
    await expect(page.locator("[data-testid=command-option][data-name=alert]")).to_be_focused()
    await page.get_by_test_id("choice").filter(has_text="#43 disk").click()
    await expect(page.get_by_test_id("command-option")).to_have_value("#43 disk")
    await page.keyboard.press("Tab")
    await expect(page.locator("[data-testid=command-option][data-name=note]")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("composer")).to_be_focused()


async def test_a_missing_option_is_asked_for_before_anything_is_sent(visit, bot):
    page = await visit()
    await bot.ask("PUT", f"/applications/{world.APPLICATION_ID}/guilds/{world.GUILD_ID}/commands", COMMANDS)
    await page.get_by_test_id("composer").fill("/")
    await page.get_by_test_id("command-ack").click()
    await page.keyboard.type("nothing of the list")

    await page.keyboard.press("Enter")

    await expect(page.get_by_text("alert: choose one from the list")).to_be_visible()
    await expect(page.get_by_test_id("command-option")).to_have_attribute("aria-invalid", "true")


async def test_hostile_text_stays_text(visit, bot):
    page = await visit()

    await bot.says(HOSTILE, allowed_mentions={"parse": []})

    message = page.get_by_test_id("message")
    await expect(message).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(message).to_contain_text("[a](javascript:alert(3))")
    await expect(message.locator("img, script, a, .mention")).to_have_count(0)
    await expect(message).not_to_have_class(re.compile(r"\bpinged\b"))
    await expect(page.get_by_test_id("composer")).to_be_visible()


async def test_a_jump_address_leads_to_the_message_on_this_page(visit, bot):
    page = await visit()
    first = await bot.says("here it began")
    await bot.says(f"https://discord.com/channels/{world.GUILD_ID}/{URGENT}/{first['id']}", channel="general")
    await page.get_by_test_id("channel-general").click()

    await page.get_by_test_id("message").get_by_role("link").click()

    await expect(page.locator(f"[data-message-id='{first['id']}']")).to_be_focused()


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_a_phone_never_scrolls_sideways(visit, bot, scheme):
    page = await visit("?locale=ko", PHONE, scheme)
    await bot.says(LONG_WORD + f"\n```\n{LONG_WORD}\n```")
    await bot.shows(CARD)
    await expect(page.locator(".card")).to_be_visible()

    widths = await page.evaluate(
        "[document.documentElement.scrollWidth, document.querySelector('#timeline').scrollWidth]"
    )
    await page.get_by_role("button", name="상점").click()

    assert max(widths) <= PHONE["width"]
    await expect(page.get_by_test_id("shop-panel")).to_be_in_viewport()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="채널 목록 열기").click()
    await page.get_by_test_id("channel-general").click()
    await expect(page.get_by_test_id("channel-general")).not_to_be_in_viewport()


async def test_the_page_speaks_the_language_one_chooses(visit):
    page = await visit()

    await page.get_by_test_id("locale-ko").click()

    await expect(page.get_by_test_id("shop-panel")).to_contain_text("이렇게 해 보세요")
    await expect(page.locator("html")).to_have_attribute("lang", "ko")
    await page.reload()
    await expect(page.get_by_test_id("locale-ko")).to_have_attribute("aria-pressed", "true")


async def test_becoming_somebody_else_opens_their_view(visit):
    page = await visit()

    await page.get_by_test_id("person-mallory").click()

    await expect(page.get_by_test_id("person-mallory")).to_have_attribute("aria-pressed", "true")
    await page.get_by_test_id("composer").fill("who am I")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message")).to_contain_text("mallory", ignore_case=True)
