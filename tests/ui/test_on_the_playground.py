"""The whole conversation over real sockets: gateway and REST of the playground, people who press and read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.silence_watch import question
from bot.domain.alerts import Severity
from bot.domain.incidents import State
from bot.domain.jobs import JobName, Planned
from bot.domain.owners import Owner
from bot.domain.people import Person as Somebody
from bot.domain.people import Policy, Right
from bot.domain.views import Call, FoundCard
from bot.errors import DeliveryDelayed, DeliveryRefused
from bot.ui.announcer import DiscordAnnouncer
from bot.ui.client import BongsuClient
from bot.ui.connection import make_persistent
from playground.server import Playground
from playground.world import GUILD_ID, PEOPLE, ROLES
from tests.person import Person, text_of
from tests.ui.test_client import use
from tests.ui.world import World, make_world

MINJI_THERE = Somebody(PEOPLE["minji"].id, "minji", frozenset({ROLES["oncall"]}))
MESSAGES = r"POST /api/v10/channels/\d+/messages"


@dataclass
class Life:
    """A process of Bongsu that is connected."""

    client: BongsuClient
    announcer: DiscordAnnouncer


@asynccontextmanager
async def living(world: World, playground: Playground) -> AsyncIterator[Life]:
    client = world.client()
    await client.login(playground.token)
    connected = asyncio.create_task(client.connect())
    try:
        async with asyncio.timeout(60):
            await client.wait_until_ready()
        urgent, normal = "alert-urgent", "alert-normal"
        yield Life(
            client,
            DiscordAnnouncer(client, guild_id=GUILD_ID, urgent=urgent, normal=normal, language=world.services.language),
        )
    finally:
        await client.close()
        await asyncio.gather(connected, return_exceptions=True)


@pytest.fixture
async def playground(monkeypatch) -> AsyncIterator[Playground]:
    async with Playground.open(limited=False) as opened:
        use(opened.url, monkeypatch)
        yield opened
        assert opened.records.unhandled == []


@pytest.fixture
def world(database) -> World:
    made = make_world(database, GUILD_ID)
    made.clock.now = datetime.now(UTC)
    rights = frozenset({ROLES["oncall"]})
    made.rules.policy = Policy({Right.ACK: rights, Right.SILENCE: rights})
    return made


def is_card(message) -> bool:
    return "HighLatency · API" in text_of(message)


@pytest.mark.parametrize(
    ("locale", "taken", "refused"),
    [("ko", "인시던트를 담당합니다", "권한이 없습니다"), ("en-US", "You have #1", "You may not acknowledge")],
)
async def test_a_card_is_pressed_with_and_without_the_role(playground, world, locale, taken, refused):
    async with (
        living(world, playground) as life,
        Person.join(playground.url, "minji", locale) as minji,
        Person.join(playground.url, "mallory", locale) as mallory,
    ):
        await life.announcer.post(await world.fire())
        card = await minji.wait_message(is_card)
        await mallory.wait_message(is_card)

        no = await mallory.press(card, "bongsu:1:ack:1")
        yes = await minji.press(card, "bongsu:1:ack:1")

    assert refused in text_of(no)
    assert taken in text_of(yes)
    assert (await world.database.incidents.load(1)).ack.by.name == PEOPLE["minji"].display_name


async def test_a_card_of_the_process_before_still_silences(playground, world):
    async with living(world, playground) as before:
        await before.announcer.post(await world.fire(count=3))

    async with living(world, playground), Person.join(playground.url, "minji", "en-US") as minji:
        card = await minji.wait_message(is_card)
        proposal = await minji.press(card, "bongsu:1:silence:1")
        narrowed = await minji.choose(proposal, "bongsu:1:scope", ["instance"])
        made = await minji.press(narrowed, "bongsu:1:confirm:1")
        await minji.press(made, "Undo")

    assert "mutes **3** firing alerts" in text_of(proposal)
    assert "mutes **1** firing alert" in text_of(narrowed)
    assert "is silenced until" in text_of(made)
    assert world.source.silenced == []


@pytest.mark.parametrize("after", [False, True], ids=["the request", "the answer"])
async def test_a_press_is_answered_although_its_connection_was_lost(playground, world, after):
    async with living(world, playground) as life, Person.join(playground.url, "minji", "en-US") as minji:
        make_persistent(life.client)
        await life.announcer.post(await world.fire())
        card = await minji.wait_message(is_card)
        playground.faults.order("drop", route=r"POST /api/v10/interactions/\d+/.+/callback", after=after)

        await minji.press(card, "bongsu:1:ack:1")

        async with asyncio.timeout(60):
            while (await world.view(1)).incident.ack is None:
                await asyncio.sleep(0.05)


async def test_a_card_whose_answer_got_lost_is_not_posted_twice(playground, world):
    async with living(world, playground) as life, Person.join(playground.url, "minji") as minji:
        view = await world.fire()
        playground.faults.order("error", route=MESSAGES, status=503, after=True)

        with pytest.raises(DeliveryDelayed):
            await life.announcer.post(view)
        ref = await life.announcer.post(view)

        await minji.wait_message(is_card)
        assert [int(message["id"]) for message in minji.messages.values() if is_card(message)] == [ref.message_id]


async def test_a_card_is_found_again_without_its_row(playground, world):
    async with living(world, playground) as life:
        warning = await world.fire()
        view = replace(warning, incident=replace(warning.incident, severity=Severity.P1))
        ref = await life.announcer.post(view)

    async with living(world, playground) as life:
        assert await life.announcer.find(view) == FoundCard(ref, called=True)
        await playground.state.remove_message(ref.channel_id, ref.message_id)
        ref = await life.announcer.post(replace(view, incident=replace(view.incident, severity=Severity.P3)), 1)
        # It became a P1 later, and nobody was called when it came.
        assert await life.announcer.find(view) == FoundCard(ref, called=False)


async def test_a_channel_that_refuses_says_what_to_allow(playground, world):
    async with living(world, playground) as life:
        playground.faults.order("refuse", route=MESSAGES)

        with pytest.raises(DeliveryRefused, match="Send Messages"):
            await life.announcer.post(await world.fire())


async def test_a_p1_pings_once_and_its_edits_ping_nobody(playground, world):
    async with living(world, playground) as life, Person.join(playground.url, "minji") as minji:
        view = await world.fire()
        view = replace(view, incident=replace(view.incident, severity=Severity.P1))
        ref = await life.announcer.post(view)
        card = await minji.wait_message(is_card)
        assert card["mention_everyone"] is True

        await life.announcer.edit(ref, view)

        edited = await minji.wait_message(lambda message: is_card(message) and "@here" not in text_of(message))
        assert edited["id"] == card["id"]


@pytest.mark.parametrize("refused", ["", "thread"])
async def test_a_question_about_a_silence_is_asked_in_the_thread_and_answered_there(playground, world, refused):
    async with living(world, playground) as life, Person.join(playground.url, "minji", "en-US") as minji:
        view = await world.fire()
        card = await life.announcer.post(view)
        await world.directory.refresh()
        preview = await world.services.silencing.propose_for_incident(1, MINJI_THERE)
        row = await world.services.silencing.confirm(preview.draft.id, MINJI_THERE)
        planned = question(JobName.SILENCE_ENDS, row, world.clock())
        await world.database.jobs.plan([planned], world.clock())
        [job] = await world.database.jobs.take([JobName.SILENCE_ENDS], world.clock(), 1, timedelta(seconds=2))
        values = {"rule": "HighLatency", "name": "minji", "at": row.silence.ends_at, "count": 1}
        call = Call(
            job.id, "silence.ends", values, (Owner(MINJI_THERE.id, is_role=False),), offers=("extend", "let-ring")
        )
        if refused:
            playground.faults.order("refuse", route=r"POST /api/v10/channels/\d+/messages/\d+/threads")

        asked = await life.announcer.calls.call_below(card, view, call, again=False)
        again = await life.announcer.calls.call_below(card, view, call, again=True)

        message = await minji.wait_message(lambda each: "Shall it stay silent?" in text_of(each))
        answered = await minji.press(message, f"bongsu:1:extend:{job.id}")

    assert asked == again
    assert asked.channel_id == (card.channel_id if refused else card.message_id)
    assert f"<@{MINJI_THERE.id}>" in text_of(message)
    assert "stays silenced until" in text_of(answered)
    assert world.source.silenced[0].ends_at - row.silence.ends_at == timedelta(hours=1)


async def test_who_owns_the_server_can_be_told_in_private(playground, world):
    async with living(world, playground) as life:
        owner = await life.announcer.calls.guild_owner()

    assert owner == PEOPLE["minji"].id


def call_of(job) -> Call:
    return Call(job.id, "escalation.call", {"number": 1, "title": "HighLatency", "step": 2}, number=1)


async def step_of(world: World):
    """Let an alert fire and its next step come."""
    await world.fire()
    planned = Planned(JobName.ESCALATE, "1", world.clock(), {"step": 1, "severity": "P2"}, 1)
    await world.database.jobs.plan([planned], world.clock())
    [job] = await world.database.jobs.take([JobName.ESCALATE], world.clock(), 1, timedelta(seconds=2))
    return job


async def test_whoever_is_called_alone_can_answer_there_if_they_have_the_role(playground, world):
    job = await step_of(world)
    async with (
        living(world, playground) as life,
        Person.join(playground.url, "minji", "en-US") as minji,
        Person.join(playground.url, "jun", "en-US") as jun,
    ):
        calls = life.announcer.calls
        there = await calls.message(PEOPLE["jun"].id, call_of(job), again=False)
        again = await calls.message(PEOPLE["jun"].id, call_of(job), again=True)
        await calls.message(MINJI_THERE.id, call_of(job), again=False)

        no = await jun.press(await jun.wait_message(lambda m: "step 2" in text_of(m)), "Acknowledge")
        state = (await world.database.incidents.load(1)).state
        yes = await minji.press(await minji.wait_message(lambda m: "step 2" in text_of(m)), "Acknowledge")

    assert there == again
    assert "You may not acknowledge" in text_of(no)
    assert state is State.FIRING
    assert "You have #1" in text_of(yes)
    assert (await world.database.incidents.load(1)).ack.by.id == MINJI_THERE.id
    # Each sees their own only.
    assert sum("guild_id" not in message for message in jun.messages.values()) == 2


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"kind": "error", "status": 404, "code": 10007}, "another server"),
        ({"kind": "error", "status": 500, "times": -1}, "discord did not answer"),
        ({"kind": "hang"}, "discord did not answer"),
    ],
    ids=["left the server", "fails", "hangs"],
)
async def test_who_cannot_be_looked_up_as_a_member_is_told_so(playground, world, fault, sentence, monkeypatch):
    monkeypatch.setattr("bot.ui.replies._MEMBER_S", 2.0)
    job = await step_of(world)
    async with living(world, playground) as life, Person.join(playground.url, "minji", "en-US") as minji:
        await life.announcer.calls.message(MINJI_THERE.id, call_of(job), again=False)
        message = await minji.wait_message(lambda m: "step 2" in text_of(m))
        playground.faults.order(route=r"GET /api/v10/guilds/\d+/members/", **fault)

        answer = await minji.press(message, "Acknowledge")

    assert sentence in text_of(answer).lower()
    assert (await world.database.incidents.load(1)).ack is None


async def test_nothing_else_of_ours_can_be_pressed_alone(playground, world):
    async with living(world, playground) as life, Person.join(playground.url, "minji", "en-US") as minji:
        await world.fire()
        call = Call(1, "silence.ends", {"rule": "x", "name": "x", "at": world.clock(), "count": 1}, offers=("extend",))
        await life.announcer.calls.message(MINJI_THERE.id, call, again=False)

        answer = await minji.press(await minji.wait_message(lambda m: "guild_id" not in m), "bongsu:1:extend:1")

    assert "another server" in text_of(answer)


async def test_who_takes_no_messages_is_refused_as_discord_does(playground, world):
    job = await step_of(world)
    playground.state.unwilling.add("jun")
    async with living(world, playground) as life:
        with pytest.raises(DeliveryRefused):
            await life.announcer.calls.message(PEOPLE["jun"].id, call_of(job), again=False)
        with pytest.raises(DeliveryRefused):
            await life.announcer.calls.message(1, call_of(job), again=False)
