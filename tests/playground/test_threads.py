"""The playground's threads as Discord documents them, with an unmodified discord.py at the other end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import discord
import pytest

from playground import world
from playground.server import Playground
from tests.person import Person
from tests.ui.test_client import use

URGENT = world.CHANNELS["alert-urgent"]
TALKING = discord.Intents(guilds=True, guild_messages=True)


class Listener(discord.Client):
    """Keeps what the gateway tells of threads and messages."""

    def __init__(self, intents: discord.Intents) -> None:
        super().__init__(intents=intents, guild_ready_timeout=0.05, max_messages=None)
        self.heard: list[tuple[str, object]] = []

    async def on_thread_create(self, thread: discord.Thread) -> None:
        self.heard.append(("create", thread))

    async def on_raw_thread_update(self, event: discord.RawThreadUpdateEvent) -> None:
        self.heard.append(("archived" if event.data["thread_metadata"]["archived"] else "active", event.thread_id))

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        self.heard.append(("delete", event.thread_id))

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(("message", message))

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        self.heard.append(("edit", event.data))

    async def until(self, kind: str, wanted=lambda _: True):
        async with asyncio.timeout(60):
            while True:
                for found in (thing for what, thing in self.heard if what == kind and wanted(thing)):
                    return found
                await asyncio.sleep(0.01)


@pytest.fixture
async def playground(monkeypatch):
    async with Playground.open(limited=False) as opened:
        use(opened.url, monkeypatch)
        yield opened
        assert opened.records.unhandled == []


@asynccontextmanager
async def listening(playground, intents=TALKING):
    client = Listener(intents)
    running = asyncio.create_task(client.start(playground.token))
    try:
        async with asyncio.timeout(60):
            while not client.is_ready():
                await asyncio.sleep(0.01)
        yield client
    finally:
        await client.close()
        await asyncio.gather(running, return_exceptions=True)


async def ask(playground, method, path, **body):
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bot {playground.token}"}) as http,
        http.request(method, f"{playground.url}/api/v10{path}", json=body or None) as response,
    ):
        return response.status, await response.json()


async def test_opening_a_thread_is_told_with_the_message_it_began_at(playground):
    async with listening(playground) as client:
        card = await client.get_channel(URGENT).send("card")

        thread = await card.create_thread(name="#1 api", auto_archive_duration=4320)

        created = await client.until("create")
        starter = await client.until("edit", lambda data: data.get("thread"))
    assert created.id == thread.id == card.id
    assert starter["flags"] & 32
    assert starter["thread"]["thread_metadata"]["auto_archive_duration"] == 4320


async def test_who_connects_later_is_told_of_the_active_threads_only(playground):
    async with listening(playground) as client:
        for name in ("one", "two"):
            thread = await (await client.get_channel(URGENT).send(name)).create_thread(name=name)
        await thread.edit(archived=True)

    async with listening(playground) as client:
        assert [each.name for each in client.get_channel(URGENT).threads] == ["one"]


async def test_history_of_a_thread_begins_with_what_stands_for_its_card(playground):
    async with listening(playground) as client:
        card = await client.get_channel(URGENT).send("card")
        thread = await card.create_thread(name="t")
        for number in range(4):
            await thread.send(str(number))

        all_of_it = [message async for message in thread.history(limit=50, oldest_first=True)]
        after = [message.content async for message in thread.history(limit=2, after=all_of_it[1])]
        before = [message.content async for message in thread.history(limit=2, before=all_of_it[4])]
        again = await client.fetch_channel(thread.id)

    assert all_of_it[0].type is discord.MessageType.thread_starter_message
    assert all_of_it[0].reference.message_id == card.id
    assert [message.content for message in all_of_it[1:]] == ["0", "1", "2", "3"]
    assert (after, before) == (["1", "2"], ["2", "1"])
    assert again.message_count == 4


async def test_saying_something_opens_an_archived_thread_and_a_locked_one_refuses(playground):
    async with listening(playground) as client:
        thread = await (await client.get_channel(URGENT).send("card")).create_thread(name="t")
        await thread.edit(archived=True)
        await client.until("archived")

        await thread.send("awake")
        opened = await client.until("active")
        await thread.edit(locked=True)
        with pytest.raises(discord.HTTPException) as locked:
            await thread.send("no")
        async with Person.join(playground.url, "jun") as jun:
            with pytest.raises(AssertionError, match="locked"):
                await jun.say(str(thread.id), "no either")

    assert opened == thread.id
    assert locked.value.code == 160005


async def test_a_deleted_thread_is_gone_and_may_be_opened_again(playground):
    async with listening(playground) as client:
        card = await client.get_channel(URGENT).send("card")
        thread = await card.create_thread(name="t")

        await thread.delete()

        assert await client.until("delete") == thread.id
        with pytest.raises(discord.NotFound) as gone:
            await client.get_partial_messageable(thread.id).send("x")
        again = await (await client.get_channel(URGENT).fetch_message(card.id)).create_thread(name="t")
    assert gone.value.code == 10003
    assert again.id == card.id


async def test_a_thread_outlives_the_message_it_began_at(playground):
    async with listening(playground) as client:
        card = await client.get_channel(URGENT).send("card")
        thread = await card.create_thread(name="t")

        await card.delete()

        await thread.send("still here")
        assert [m.content async for m in thread.history(limit=1)] == ["still here"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": ""}, 400, 50035),
        ({"name": "   "}, 400, 50035),
        ({"name": "x" * 101}, 400, 50035),
        ({"name": "x", "auto_archive_duration": 30}, 400, 50035),
        ({"name": "x", "rate_limit_per_user": 21601}, 400, 50035),
        ({"name": "x" * 100, "auto_archive_duration": 10080}, 201, None),
    ],
)
async def test_names_and_durations_are_what_discord_takes(playground, body, status, code):
    _, card = await ask(playground, "POST", f"/channels/{URGENT}/messages", content="card")

    answered, said = await ask(playground, "POST", f"/channels/{URGENT}/messages/{card['id']}/threads", **body)

    assert (answered, said.get("code")) == (status, code)
    assert len(playground.state.threads) == (status == 201)


async def test_a_thread_has_no_threads_and_a_denied_channel_hides_its_own(playground):
    _, card = await ask(playground, "POST", f"/channels/{URGENT}/messages", content="card")
    await ask(playground, "POST", f"/channels/{URGENT}/messages/{card['id']}/threads", name="t")
    _, inside = await ask(playground, "POST", f"/channels/{card['id']}/messages", content="inside")

    nested = await ask(playground, "POST", f"/channels/{card['id']}/messages/{inside['id']}/threads", name="t")
    playground.state.denied.add(URGENT)
    hidden = await ask(playground, "GET", f"/channels/{card['id']}")

    assert (nested[0], nested[1]["code"]) == (400, 50024)
    assert (hidden[0], hidden[1]["code"]) == (403, 50001)


async def test_without_the_permission_no_thread_is_opened(playground):
    _, card = await ask(playground, "POST", f"/channels/{URGENT}/messages", content="card")
    playground.faults.order("refuse", route=r"POST .*/threads")

    status, said = await ask(playground, "POST", f"/channels/{URGENT}/messages/{card['id']}/threads", name="t")

    assert (status, said["code"], playground.state.threads) == (403, 50013, {})


async def test_a_bot_reads_what_mentions_it_or_answers_it_and_nothing_else(playground):
    async with listening(playground) as client, Person.join(playground.url, "minji") as minji:
        card = await client.get_channel(URGENT).send("card")
        thread = await card.create_thread(name="t")

        await minji.say("general", "a secret")
        await minji.say(str(thread.id), f"<@{world.BOT.id}> why?")
        mine = await client.until("message", lambda m: m.author.id != client.user.id and m.channel.id == thread.id)
        shown = await minji.wait_message(lambda m: m["content"] == "card")
        await minji.say("alert-urgent", "and now?", reply_to=shown)
        reply = await client.until("message", lambda m: m.content == "and now?")
        secret = await client.until("message", lambda m: m.channel.id == world.CHANNELS["general"])

    assert mine.content == f"<@{world.BOT.id}> why?"
    assert [role.id for role in mine.author.roles[1:]] == [world.ROLES["oncall"]]
    assert client.user in mine.mentions
    assert client.user in reply.mentions
    assert reply.reference.message_id == card.id
    assert secret.content == ""


async def test_without_the_intent_a_bot_hears_of_no_message(playground):
    async with listening(playground, discord.Intents(guilds=True)) as client:
        async with Person.join(playground.url, "minji") as minji:
            await minji.say("alert-urgent", f"<@{world.BOT.id}> hello")
        card = await client.get_channel(URGENT).send("card")
        await card.create_thread(name="t")

        await client.until("create")

    assert [kind for kind, _ in client.heard] == ["create"]
