"""Direct messages as Discord documents them, and how the page shows them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
from playwright.async_api import expect

from playground import world
from playground.server import Playground
from tests.playground.test_threads import listening
from tests.ui.test_client import use

JUN = world.PEOPLE["jun"].id


@pytest.fixture
async def playground(monkeypatch) -> AsyncIterator[Playground]:
    async with Playground.open(limited=False) as opened:
        use(opened.url, monkeypatch)
        yield opened
        assert opened.records.unhandled == []


async def test_a_person_has_one_conversation_with_the_bot(playground):
    async with listening(playground) as client:
        guild = client.get_guild(world.GUILD_ID)
        jun = await guild.fetch_member(JUN)
        first, second = await jun.create_dm(), await (await guild.fetch_member(JUN)).create_dm()
        message = await jun.send("are you awake?")
        history = [each.content async for each in first.history()]

    assert (first.type, first.id, first.recipient.id) == (discord.ChannelType.private, second.id, JUN)
    assert message.guild is None
    assert history == ["are you awake?"]
    assert playground.state.messages[first.id][message.id]["_pinged"] == ["jun"]


async def test_what_is_said_alone_is_heard_with_the_intent_for_it(playground):
    listeners = discord.Intents(guilds=True, dm_messages=True), discord.Intents(guilds=True, guild_messages=True)
    for intents in listeners:
        async with listening(playground, intents) as client:
            user = await client.get_guild(world.GUILD_ID).fetch_member(JUN)
            sent = await user.send("hello")
            await client.get_guild(world.GUILD_ID).get_channel(world.CHANNELS["general"]).send("the end")
            if intents.dm_messages:
                assert (await client.until("message")).id == sent.id
            else:
                assert (await client.until("message")).content == "the end"


@pytest.mark.parametrize("recipient", [1, world.BOT.id], ids=["nobody", "itself"])
async def test_there_is_none_with_who_is_no_person(playground, recipient):
    async with listening(playground) as client:
        with pytest.raises(discord.HTTPException) as refused:
            await client.http.start_private_message(recipient)

    assert (refused.value.status, refused.value.code) == (400, 50033)


async def test_who_takes_no_messages_can_be_opened_and_not_written_to(playground):
    door = f"{playground.url}/control/faults"
    async with aiohttp.ClientSession() as http, listening(playground) as client:
        jun = await client.get_guild(world.GUILD_ID).fetch_member(JUN)
        await http.post(door, json={"kind": "refuse_messages", "person": "jun"})
        opened = await jun.create_dm()
        with pytest.raises(discord.Forbidden) as refused:
            await jun.send("hello")
        await http.post(door, json={"kind": "allow"})
        sent = await jun.send("hello")

    assert refused.value.code == 50007
    assert sent.channel.id == opened.id


async def test_it_stands_on_the_page_of_that_person_alone(visit, bot):
    jun, minji = await visit("?as=jun&locale=en-US"), await visit("?as=minji&locale=en-US")
    opened = await bot.ask("POST", "/users/@me/channels", {"recipient_id": str(JUN)})
    await bot.ask("POST", f"/channels/{opened['id']}/messages", {"content": "#12 is not acknowledged"})

    place = jun.get_by_test_id(f"direct-{opened['id']}")
    await expect(place).to_contain_text("Bongsu")
    await expect(place.locator(".badge")).to_have_text("1")
    await place.click()

    await expect(jun.get_by_test_id("message")).to_contain_text("#12 is not acknowledged")
    await expect(jun.get_by_test_id("composer")).to_have_attribute("aria-label", re.compile("^Message @Bongsu 봉수"))
    await expect(minji.get_by_role("navigation", name="Direct messages")).to_have_count(0)
    # It is there after a reload, too, and what is answered stands in it.
    await jun.reload()
    await place.click()
    await jun.get_by_test_id("composer").fill("on my way")
    await jun.keyboard.press("Enter")
    await expect(jun.get_by_test_id("message")).to_have_count(2)
