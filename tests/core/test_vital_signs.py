"""What is said outside: pings of a dead man's switch, and the fallback when Discord is away; over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.core.vital_signs import OutOfReach, VitalSigns
from bot.errors import SourceFailed, SourceUnavailable
from bot.telemetry.outside import DeadMansSwitch, FallbackWebhook
from tests.ui.world import make_world


class Listener:
    """Somewhere outside, which keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.status = 200

    async def take(self, request: web.Request) -> web.Response:
        self.heard.append((request.path, await request.text()))
        return web.Response(status=self.status)


@pytest.fixture
async def outside() -> AsyncIterator[tuple[Listener, str, aiohttp.ClientSession]]:
    listener, application = Listener(), web.Application()
    application.router.add_post("/{path:.*}", listener.take)
    async with TestServer(application) as server, aiohttp.ClientSession() as session:
        yield listener, str(server.make_url("/key")), session


class Switch:
    """Something that works or does not."""

    def __init__(self) -> None:
        self.down = False

    async def ping(self) -> None:
        if self.down:
            raise SourceUnavailable("discord", "the gateway is not connected")


async def test_the_switch_hears_start_then_life_then_what_is_wrong(outside):
    listener, url, session = outside
    gateway = Switch()
    signs = VitalSigns(DeadMansSwitch(session, url), {"discord": gateway.ping, "store": Switch().ping})
    await signs.step()
    gateway.down = True
    await signs.step()
    gateway.down = False
    await signs.step()

    assert [path for path, _ in listener.heard] == ["/key/start", "/key", "/key/fail", "/key"]
    assert "discord" in listener.heard[2][1]
    assert "store" not in listener.heard[2][1]


async def test_a_switch_that_is_not_reached_holds_nothing_up(outside):
    listener, url, session = outside
    listener.status = 500

    await VitalSigns(DeadMansSwitch(session, url), {}).step()
    await VitalSigns(DeadMansSwitch(session, "http://127.0.0.1:9/secret"), {}).step()

    with pytest.raises(SourceUnavailable) as raised:
        await DeadMansSwitch(session, "http://127.0.0.1:9/secret").ping("", "")
    assert "secret" not in str(raised.value)


def watching(world, session, url, discord) -> OutOfReach:
    return OutOfReach(
        fallback=FallbackWebhook(session, url, '{"topic": "oncall", "message": "$text"}'),
        discord=discord.ping,
        outbox=world.database.outbox,
        incidents=world.database.incidents,
        clock=world.clock,
        language="en",
    )


async def test_after_two_minutes_without_discord_the_fallback_hears_what_is_open(outside, database):
    listener, url, session = outside
    world, discord = make_world(database), Switch()
    reach = watching(world, session, url, discord)
    discord.down = True
    await world.fire('say "hi"\n', severity="critical")
    for minutes in (0, 1.9):
        world.clock.forward(minutes=minutes)
        await reach.step()
    assert listener.heard == []

    world.clock.forward(minutes=0.2)
    await reach.step()
    await reach.step()

    [(_, body)] = listener.heard
    assert json.loads(body)["topic"] == "oncall"
    assert json.loads(body)["message"].splitlines()[0].startswith("Bongsu cannot reach Discord since 03:00 UTC")
    assert "P1 #1 say" in json.loads(body)["message"]


async def test_what_fires_meanwhile_is_said_and_that_discord_is_back(outside, database):
    listener, url, session = outside
    world, discord = make_world(database), Switch()
    reach = watching(world, session, url, discord)
    discord.down = True
    await reach.step()
    world.clock.forward(minutes=3)
    await reach.step()
    await world.fire()
    await reach.step()
    discord.down = False
    for task in await database.outbox.due(world.clock(), 10):
        await database.outbox.failed(task, "posted by hand", None)
    await reach.step()
    await reach.step()

    assert ["#1" in body for _, body in listener.heard] == [False, True, False]
    assert "reaches Discord again" in listener.heard[-1][1]


async def test_what_the_fallback_does_not_take_is_said_again(outside, database):
    listener, url, session = outside
    world, discord = make_world(database), Switch()
    reach = watching(world, session, url, discord)
    discord.down, listener.status = True, 503
    await reach.step()
    world.clock.forward(minutes=3)
    with pytest.raises(SourceFailed):
        await reach.step()
    listener.status = 200

    await reach.step()
    await reach.step()

    assert len(listener.heard) == 2


async def test_cards_that_nobody_takes_are_out_of_reach_as_well(outside, database):
    listener, url, session = outside
    world = make_world(database)
    reach = watching(world, session, url, Switch())
    await world.fire()
    for _ in range(3):
        world.clock.forward(minutes=2.1)
        await reach.step()

    assert len(listener.heard) == 1
