"""Waiting for Discord by the requests that are left, on the playground with Discord's limits."""

from __future__ import annotations

import asyncio

import discord
import pytest
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.ui.client import point_to
from bot.ui.rate_limits import Bucket, count_requests
from playground.server import Playground
from playground.world import CHANNELS

URGENT = CHANNELS["alert-urgent"]


@pytest.fixture
async def playground(monkeypatch):
    async with Playground.open() as opened:
        for owner, name in ((Route, "BASE"), (DiscordWebSocket, "DEFAULT_GATEWAY"), (Asset, "BASE")):
            monkeypatch.setattr(owner, name, getattr(owner, name))
        point_to(opened.url)
        yield opened


@pytest.fixture
async def client(playground):
    async with discord.Client(intents=discord.Intents(guilds=True)) as opened:
        count_requests(opened)
        await opened.login(playground.token)
        yield opened


async def test_threads_are_opened_while_there_are_requests_left_however_late_their_window_ends(client, playground):
    place = client.get_partial_messageable(URGENT)
    opened = []
    for number in range(3):
        message = await place.send(f"card {number}")
        thread = await client.http.start_thread_with_message(
            URGENT, message.id, name=f"t{number}", auto_archive_duration=4320
        )
        opened.append(thread["id"])

    assert len(opened) == 3
    assert playground.limits.exceeded == 0


async def test_a_channel_that_is_full_is_waited_for_and_never_asked_in_vain(client, playground):
    place = client.get_partial_messageable(URGENT)

    sent = await asyncio.gather(*(place.send(str(number)) for number in range(7)))

    assert len({message.id for message in sent}) == 7
    assert playground.limits.exceeded == 0


async def test_who_takes_the_last_request_has_the_answer_at_once():
    bucket = Bucket()
    bucket.limit, bucket.remaining = 50, 1
    bucket.expires, bucket.reset_after = asyncio.get_running_loop().time() + 3600, 3600.0
    bucket.dirty = True

    async with asyncio.timeout(30), bucket:
        pass

    with pytest.raises(discord.RateLimited) as refused:
        await bucket.acquire()
    assert 3500 < refused.value.retry_after <= 3600


async def test_a_429_that_names_a_longer_time_than_we_wait_keeps_its_number(client, playground):
    playground.faults.order("rate_limit", route="POST .*/messages", times=1, seconds=47)

    with pytest.raises(discord.RateLimited) as refused:
        await client.get_partial_messageable(URGENT).send("hello")

    assert refused.value.retry_after == 47
