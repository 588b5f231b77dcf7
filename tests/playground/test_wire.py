"""The playground's wire, with an unmodified discord.py at the other end, and what Discord would refuse."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import discord
import pytest
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.ui.client import point_to
from playground import interactions, world
from playground.server import Playground
from tests.person import Person, text_of

URGENT = world.CHANNELS["alert-urgent"]


@pytest.fixture
async def playground():
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
    async with Playground.open(limited=False) as opened:
        point_to(opened.url)
        yield opened
        assert opened.records.unhandled == []
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = before


@asynccontextmanager
async def connected(playground, token=None):
    client = discord.AutoShardedClient(
        intents=discord.Intents(guilds=True), shard_count=1, shard_ids=[0], guild_ready_timeout=0.05, max_messages=None
    )
    client.tree = discord.app_commands.CommandTree(client)
    heard = []
    client.on_interaction = lambda interaction: _note(heard, interaction)
    running = asyncio.create_task(client.start(token or playground.token))
    async with asyncio.timeout(60):
        await client.wait_until_ready() if client._ready is not discord.utils.MISSING else None
        while not client.is_ready():
            if running.done():
                running.result()
            await asyncio.sleep(0.01)
    try:
        yield client, heard
    finally:
        await client.close()
        await asyncio.gather(running, return_exceptions=True)


async def _note(heard, interaction):
    heard.append(interaction)


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def send_interaction(playground, name="status"):
    return await playground._interactions.send(
        2, world.PEOPLE["minji"], URGENT, {"id": "1", "name": name, "type": 1, "options": []}, nonce="n", locale="ko"
    )


async def test_a_wrong_token_is_refused(playground):
    client = discord.Client(intents=discord.Intents.none())
    with pytest.raises(discord.LoginFailure):
        await client.login("wrong")
    await client.close()


async def test_what_happened_while_the_socket_was_down_arrives_after_a_resume(playground):
    async with connected(playground) as (_, heard):
        playground.gateway.refusing = True
        await playground.gateway.drop()
        await until(lambda: not playground.gateway.online)
        session = next(iter(playground.gateway.sessions.values()))
        await session.send("INTERACTION_CREATE", (await send_interaction(playground)).body)
        playground.gateway.refusing = False

        await until(lambda: heard)

    assert len(playground.gateway.sessions) == 1


async def test_op_7_makes_it_come_back_and_op_9_makes_it_identify_anew(playground):
    async with connected(playground) as (client, heard):
        first = next(iter(playground.gateway.sessions))
        await playground.gateway.reconnect()
        await until(lambda: playground.gateway.online)
        same = list(playground.gateway.sessions) == [first]
        playground.gateway.forgetting = True
        await playground.gateway.reconnect()
        await until(lambda: playground.gateway.online and list(playground.gateway.sessions) != [first])
        playground.gateway.forgetting = False

        await send_interaction(playground)
        await until(lambda: heard)

        assert client.is_ready()
    assert same


async def test_an_answer_after_three_seconds_and_a_second_answer_are_refused(monkeypatch):
    monkeypatch.setattr(interactions, "FIRST_ANSWER_S", 3.0)
    now = [1_800_000_000.0]
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
    async with Playground.open(clock=lambda: now[0], limited=False) as playground:
        point_to(playground.url)
        async with connected(playground) as (_, heard):
            await send_interaction(playground)
            await until(lambda: heard)
            await heard[0].response.send_message("first")
            heard[0].response._response_type = None
            with pytest.raises(discord.HTTPException) as twice:
                await heard[0].response.send_message("second")
            await send_interaction(playground)
            await until(lambda: len(heard) == 2)
            now[0] += 3.1
            with pytest.raises(discord.NotFound) as late:
                await heard[1].response.defer()
            now[0] += 15 * 60
            with pytest.raises(discord.HTTPException) as dead:
                await heard[0].followup.send("too late")
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = before
    assert (twice.value.code, late.value.code, dead.value.code) == (40060, 10062, 50027)


async def test_a_deferred_answer_is_finished_by_the_first_follow_up_and_stays_private(playground):
    async with (
        connected(playground) as (_, heard),
        Person.join(playground.url, "minji") as minji,
        Person.join(playground.url, "jun") as jun,
    ):
        await send_interaction(playground)
        await until(lambda: heard)
        await heard[0].response.defer(ephemeral=True, thinking=True)
        await heard[0].followup.send("secret", file=discord.File(__file__, "a.txt"))

        answer = await minji.wait_message(lambda m: "secret" in text_of(m))
        original = await heard[0].original_response()
        content = await original.attachments[0].read()

    assert answer["flags"] & 64
    assert not answer["flags"] & 128
    assert str(original.id) == answer["id"]
    assert jun.messages == {}
    assert content.startswith(b'"""The playground')


async def test_a_rate_limit_is_waited_for_and_a_repeated_nonce_is_one_message(playground):
    async with connected(playground) as (client, _):
        channel = client.get_partial_messageable(URGENT)
        playground.faults.order("rate_limit", route="POST .*/messages", seconds=0.05)

        first = await channel.send("x", nonce="same")
        second = await channel.send("x", nonce="same")

    assert first.id == second.id
    assert len(playground.state.messages[URGENT]) == 1


async def test_a_thread_has_its_messages_id_and_there_is_one_only(playground):
    async with connected(playground) as (client, _):
        message = await client.get_channel(URGENT).send("x")
        thread = await message.create_thread(name="#1")
        inside = await thread.send("inside")
        with pytest.raises(discord.HTTPException) as again:
            await client.get_channel(URGENT).get_partial_message(message.id).create_thread(name="#1")
        await thread.edit(archived=True)
        with pytest.raises(discord.HTTPException) as archived:
            await inside.edit(content="late")

    assert thread.id == message.id
    assert (again.value.code, archived.value.code) == (160004, 50083)


TEXT = {"type": 10, "content": "x"}
BUTTON = {"type": 2, "style": 1, "label": "x", "custom_id": "a"}
V2 = 1 << 15


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": "x" * 2001},
        {"embeds": [{"description": "x" * 4096}, {"description": "x" * 2000}]},
        {"embeds": [{"title": "x" * 257}]},
        {"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]},
        {"content": "x", "components": [{"type": 1, "components": [BUTTON | {"custom_id": str(n)}]} for n in range(6)]},
        {"content": "x", "components": [{"type": 1, "components": [BUTTON, BUTTON]}]},
        {"content": "x", "components": [{"type": 1, "components": [BUTTON | {"custom_id": str(n)} for n in range(6)]}]},
        {"content": "x", "components": [{"type": 1, "components": [BUTTON | {"style": 5}]}]},
        {"content": "x", "components": [{"type": 1, "components": [BUTTON | {"custom_id": "x" * 101}]}]},
        {"content": "x", "components": [{"type": 1, "components": [{"type": 3, "custom_id": "s", "options": []}]}]},
        {"content": "x", "components": [TEXT]},
        {"content": "x", "components": [TEXT], "flags": V2},
        {"components": [BUTTON], "flags": V2},
        {"components": [{"type": 17, "components": [TEXT] * 40}], "flags": V2},
        {"components": [TEXT | {"content": "x" * 4001}], "flags": V2},
        {"components": [{"type": 9, "components": [TEXT]}], "flags": V2},
        {"components": [{"type": 12, "items": []}], "flags": V2},
        {"content": "x", "nonce": "x" * 26, "enforce_nonce": True},
    ],
)
async def test_a_message_that_discord_would_refuse_is_refused(playground, body):
    headers = {"Authorization": f"Bot {playground.token}"}
    path = f"{playground.url}/api/v10/channels/{URGENT}/messages"
    async with aiohttp.ClientSession(headers=headers) as http, http.post(path, json=body) as response:
        answer = await response.json()

    assert (response.status, answer["code"]) == (400, 50035)
    assert playground.state.messages[URGENT] == {}


@pytest.mark.parametrize(
    "command",
    [
        {"name": "Big", "description": "x"},
        {"name": "two words", "description": "x"},
        {"name": "x", "description": ""},
        {"name": "x", "description": "x" * 101},
        {"name": "x", "description": "x", "description_localizations": {"kr": "x"}},
        {
            "name": "x",
            "description": "x",
            "options": [
                {"type": 3, "name": "a", "description": "x"},
                {"type": 3, "name": "b", "description": "x", "required": True},
            ],
        },
    ],
)
async def test_a_command_that_discord_would_refuse_is_refused(playground, command):
    path = f"{playground.url}/api/v10/applications/{world.APPLICATION_ID}/guilds/{world.GUILD_ID}/commands"
    headers = {"Authorization": f"Bot {playground.token}"}
    async with aiohttp.ClientSession(headers=headers) as http, http.put(path, json=[command]) as response:
        assert response.status == 400


async def test_an_unknown_route_names_itself():
    async with Playground.open(limited=False) as playground, aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bot {playground.token}"}
        async with http.get(f"{playground.url}/api/v10/stickers", headers=headers) as response:
            assert response.status == 501
        assert playground.records.unhandled == ["GET /stickers"]
