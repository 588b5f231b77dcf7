"""The client: commands told once, defects told with a reference, and a start that survives what Discord does."""

from __future__ import annotations

import asyncio
import time

import discord
import pytest
import simcord
from discord.asset import Asset
from discord.ext.commands import ExtensionFailed
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.errors import SourceUnavailable
from bot.ui import client as client_module
from bot.ui.client import point_to
from tests.ui.rest import running
from tests.ui.test_buttons import BUSY_S, said, scene
from tests.ui.world import GUILD_ID, make_world


def told(env) -> list:
    return [request for request in env.http_requests if request.method == "PUT" and "/commands" in request.path]


async def test_commands_are_told_for_our_guild_with_korean_descriptions(database):
    async with scene(database) as it:
        [request] = told(it.env)

        assert f"/guilds/{GUILD_ID}/" in request.path
        commands = {command["name"]: command for command in request.json}
        assert {"status", "ack", "unack", "silence", "silences", "dashboard"} <= commands.keys()
        for command in commands.values():
            assert any("가" <= letter <= "힣" for letter in command["description_localizations"]["ko"])
            assert not command.get("name_localizations")
            for option in command.get("options", []):
                assert any("가" <= letter <= "힣" for letter in option["description_localizations"]["ko"])


async def test_commands_that_discord_knows_are_not_told_again(database):
    async with scene(database) as it:
        await it.env.restart_bot(it.world.client())

        assert len(told(it.env)) == 1


async def test_commands_that_discord_does_not_take_do_not_stop_the_start(database, caplog):
    world = make_world(database)
    bot = world.client()
    async with simcord.run(bot, settle_timeout=BUSY_S) as env:
        await database.keepsakes.remember("commands", "older")
        env.inject_error("PUT", "/applications/*/guilds/*/commands", status=403, code=50001)

        await env.restart_bot(world.client())

        assert "applications.commands" in caplog.text
        assert env.bot.is_ready()
        assert await database.keepsakes.recall("commands") == "older"


async def test_a_command_from_another_guild_is_refused(database):
    world = make_world(database)
    async with simcord.run(world.client(), strict_sync=False, settle_timeout=BUSY_S) as env:
        env.create_guild(id=GUILD_ID)
        elsewhere = env.create_guild(id=GUILD_ID + 1)
        channel = elsewhere.create_text_channel("general")
        stranger = elsewhere.add_member(env.create_user("stranger"))

        result = await stranger.slash(channel, "silences")

        assert result.ephemeral
        assert "another server" in said(result)


async def test_a_defect_in_a_command_is_told_with_a_reference(database, caplog):
    async with scene(database) as it:
        await it.card()
        it.world.rules.defect = RuntimeError("defect")

        result = await it.minji.slash(it.channel, "ack", alert="#1")

        reference = said(result).split("reference ")[1].split(")")[0]
        assert reference in caplog.text
        assert "RuntimeError: defect" in caplog.text
        assert len(it.env.errors) == 1


async def test_what_a_person_did_wrong_is_a_sentence_and_no_defect(database, caplog):
    async with scene(database) as it:
        result = await it.minji.slash(it.channel, "ack", alert="#99")

        assert "no such incident" in said(result)
        assert "reference" not in caplog.text
        assert len(it.env.errors) == 1


async def test_an_answer_in_korean_for_who_reads_korean(database):
    async with scene(database) as it:
        card = await it.card()
        speak_korean(it.env.bot)

        taken = await it.minji.click(card, custom_id="bongsu:1:ack:1")
        refused = await it.mallory.click(card, custom_id="bongsu:1:ack:1")
        proposed = await it.minji.click(card, custom_id="bongsu:1:silence:1")

        assert "인시던트를 담당합니다" in said(taken)
        assert "권한이 없습니다" in said(refused)
        assert "중지" in said(proposed)


def speak_korean(bot: discord.Client) -> None:
    """Let every interaction arrive as from a client that is set to Korean."""
    parsers = bot._connection.parsers
    arrive = parsers["INTERACTION_CREATE"]
    parsers["INTERACTION_CREATE"] = lambda data: arrive({**data, "locale": "ko"})


async def test_a_cog_that_does_not_load_stops_the_start(database, monkeypatch, tmp_path):
    package = tmp_path / "broken_cogs"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "broken.py").write_text("raise RuntimeError('broken')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(client_module, "_COGS", "broken_cogs")
    bot = make_world(database).client()

    async with bot:
        with pytest.raises(ExtensionFailed):
            await bot.setup_hook()


async def test_a_gateway_that_refuses_the_first_connection_is_no_end(database, monkeypatch, caplog):
    bot = make_world(database).client()
    async with running() as rest:
        use(rest.address, monkeypatch)
        start = asyncio.create_task(bot.start("token"))
        deadline = time.monotonic() + 60
        while "Failed to connect" not in caplog.text and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

        assert not start.done()
        assert not bot.gateway_ready
        with pytest.raises(SourceUnavailable):
            await bot.ping()

        start.cancel()
        await asyncio.gather(start, return_exceptions=True)
        await bot.close()


async def test_the_gateway_is_ready_once_discord_told_us_our_guild(database):
    async with scene(database) as it:
        assert it.env.bot.gateway_ready
        await it.env.bot.ping()


async def test_no_intent_is_asked_for_that_discord_has_to_grant(database):
    intents = make_world(database).client().intents

    assert {name for name, on in intents if on} == {"guilds", "guild_messages"}


@pytest.mark.parametrize(
    ("address", "gateway"),
    [
        ("http://127.0.0.1:9", "ws://127.0.0.1:9/gateway"),
        ("https://discord.test/", "wss://discord.test/gateway"),
    ],
)
def test_one_address_moves_api_gateway_and_pictures(monkeypatch, address, gateway):
    use(address, monkeypatch)

    assert address.rstrip("/") + "/api/v10" == Route.BASE
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == gateway
    assert address.rstrip("/") == Asset.BASE


def use(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in ((Route, "BASE"), (DiscordWebSocket, "DEFAULT_GATEWAY"), (Asset, "BASE")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    point_to(address)
