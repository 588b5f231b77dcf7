"""A person asks in the thread of a card: the real discord.py, the real SDKs, a server of models that is not ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.people import Policy, Right
from bot.domain.telemetry import Change, ChangeKind
from bot.domain.views import MessageRef
from bot.models.claude import Claude
from bot.models.openai import OpenAI
from playground import world as town
from playground.server import Playground
from tests.models.aimock import KEY, running_aimock
from tests.person import Person, text_of
from tests.ui.test_client import use
from tests.ui.test_on_the_playground import Life, living
from tests.ui.world import World, make_world

BOT = f"<@{town.BOT.id}>"
USAGE = {"input_tokens": 900, "output_tokens": 60, "prompt_tokens": 900, "completion_tokens": 60}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_aimock(tmp_path_factory.mktemp("aimock")) as mock:
        yield mock


@pytest.fixture
def aimock(running):
    running.reset()
    return running


@pytest.fixture
async def playground(monkeypatch) -> AsyncIterator[Playground]:
    async with Playground.open(limited=False) as opened:
        use(opened.url, monkeypatch)
        yield opened
        assert opened.records.unhandled == []


@pytest.fixture
def world(database) -> World:
    made = make_world(database, town.GUILD_ID)
    made.clock.now = datetime.now(UTC)
    made.rules.policy = Policy({Right.READ: frozenset({town.ROLES["oncall"]})})
    return made


def asked_of(world: World, model, language="en"):
    """Let questions be answered by this model."""
    asking = world.with_model(model, language).services.asking
    world.services = replace(world.services, asking=asking, language=language)


async def open_thread(world: World, life: Life) -> MessageRef:
    """Post a card with a thread, and write down where it is as the outbox does."""
    world.speaker.to = life.announcer
    view = await world.fire()
    card = await life.announcer.post(view)
    [task] = await world.database.outbox.due(world.clock(), 5)
    await world.database.outbox.delivered(task, view.incident.version, card, world.clock())
    await life.client.http.start_thread_with_message(
        card.channel_id, card.message_id, name="#1", auto_archive_duration=4320
    )
    return card


def script(aimock, *, lookup: str = "changes", text: str, findings=("Q1",)) -> None:
    """Have the model look up changes, and answer when it has them."""
    said = {"sentences": [{"text": text, "findings": list(findings)}]}
    aimock.answer(
        {"toolCalls": [{"id": "call_2", "name": "answer", "arguments": said}], "usage": USAGE}, toolCallId="call_1"
    )
    wanted = {"id": "call_1", "name": lookup, "arguments": {"minutes": 60}}
    aimock.answer({"toolCalls": [wanted], "usage": USAGE}, toolName=lookup)


async def settled(person: Person, wanted: str) -> dict:
    return await person.wait_message(lambda message: wanted in text_of(message), timeout_s=60)


@pytest.mark.parametrize("kind", [Claude, OpenAI], ids=["anthropic", "openai"])
async def test_a_question_is_answered_in_its_thread(playground, world, aimock, kind):
    at = world.clock().timestamp() - 600
    await world.database.changes.record(Change(at, ChangeKind.DEPLOY, "2.5.0", "Deploy api 2.5.0", "api"))
    script(aimock, text="Yes: 2.5.0 of api was deployed 10 minutes ago.")
    base = f"{aimock.url}/v1" if kind is OpenAI else aimock.url
    async with kind.open(KEY, base, 20.0) as model:
        asked_of(world, model)
        async with living(world, playground) as life, Person.join(playground.url, "minji") as minji:
            thread = await open_thread(world, life)

            question = await minji.say(str(thread.message_id), f"{BOT} was there a deploy?")
            answer = await settled(minji, "2.5.0 of")

    assert answer["channel_id"] == str(thread.message_id)
    assert answer["message_reference"]["message_id"] == question["id"]
    assert "Yes: 2.5.0 of `api` was deployed 10 minutes ago. `Q1`" in answer["content"]
    assert "claude-haiku-5-5: 2×, $0.0002" in answer["content"]
    assert len(answer["content"]) <= 1900
    [exchange] = await world.database.investigations.exchanges(1, 5)
    assert (exchange.question, exchange.asked_by.id) == ("was there a deploy?", town.PEOPLE["minji"].id)
    assert exchange.usd == pytest.approx(0.00024)
    assert await world.database.ledger.spent(world.clock() - timedelta(hours=1), 1) == pytest.approx(0.00024)
    [first, second] = [entry["body"] for entry in aimock.asked()]
    assert json.loads(first["messages"][1]["content"])["question"] == "was there a deploy?"
    assert any(message["role"] == "tool" and "2.5.0" in message["content"] for message in second["messages"])


async def test_an_answer_in_korean_calls_nobody(playground, world, aimock):
    at = world.clock().timestamp() - 600
    await world.database.changes.record(Change(at, ChangeKind.DEPLOY, "2.5.0", "@everyone <@1001>", "api"))
    script(aimock, text="예, api 2.5.0이 배포되었습니다. @everyone")
    async with Claude.open(KEY, aimock.url, 20.0) as model:
        asked_of(world, model, "ko")
        async with living(world, playground) as life, Person.join(playground.url, "minji") as minji:
            thread = await open_thread(world, life)

            await minji.say(str(thread.message_id), f"{BOT} 배포가 있었나?")
            answer = await settled(minji, "배포되었습니다")

    assert "**근거**" in answer["content"]
    assert (answer["mentions"], answer["mention_everyone"], answer["mention_roles"]) == ([], False, [])


async def test_a_stranger_is_refused_and_the_model_not_asked(playground, world, aimock):
    async with Claude.open(KEY, aimock.url, 20.0) as model:
        asked_of(world, model)
        async with living(world, playground) as life, Person.join(playground.url, "mallory") as mallory:
            thread = await open_thread(world, life)

            await mallory.say(str(thread.message_id), f"{BOT} was there a deploy?")
            await settled(mallory, "You may not read incidents here.")

    assert aimock.asked() == []
    row = (await world.database.audit.rows(1))[0]
    assert (row.actor.id, row.action, row.allowed) == (town.PEOPLE["mallory"].id, "ask", False)


async def test_a_model_that_is_down_leaves_the_changes(playground, world, aimock):
    at = world.clock().timestamp() - 600
    await world.database.changes.record(Change(at, ChangeKind.DEPLOY, "2.5.0", "Deploy api 2.5.0", "api"))
    aimock.answer({"error": {"message": "no", "type": "overloaded_error"}, "status": 529})
    async with Claude.open(KEY, aimock.url, 20.0) as model:
        asked_of(world, model)
        async with living(world, playground) as life, Person.join(playground.url, "minji") as minji:
            thread = await open_thread(world, life)

            await minji.say(str(thread.message_id), f"{BOT} was there a deploy?")
            answer = await settled(minji, "Without a language model")

    assert "its provider is overloaded" in answer["content"]
    assert "deploy 2.5.0" in answer["content"]


async def test_only_a_mention_by_a_person_in_the_thread_of_a_card_is_a_question(playground, world, aimock):
    script(aimock, text="No change is known.")
    async with Claude.open(KEY, aimock.url, 20.0) as model:
        asked_of(world, model)
        async with living(world, playground) as life, Person.join(playground.url, "minji") as minji:
            thread = await open_thread(world, life)
            place = str(thread.message_id)
            said = await life.announcer.say(thread.message_id, f"{BOT} I talk to myself", None)
            mine = await minji.wait_message(lambda message: message["id"] == str(said.message_id))
            await minji.say("general", f"{BOT} was there a deploy?")
            await minji.say("alert-urgent", f"{BOT} was there a deploy?")
            await minji.say(place, "was there a deploy?")
            await minji.say(place, "@everyone was there a deploy?")
            await minji.say(place, "was there a deploy?", reply_to=mine)
            await minji.say(place, f"<@{town.PEOPLE['jun'].id}> was there a deploy?")

            # What comes after all those is answered, and only that.
            await minji.say(place, f"{BOT} was there a deploy at last?")
            await settled(minji, "No change is known. `Q1`")
            await asyncio.sleep(0)

    exchanges = await world.database.investigations.exchanges(1, 20)
    assert [exchange.question for exchange in exchanges] == ["was there a deploy at last?"]
    answers = [m for m in minji.messages.values() if m["author"]["id"] == str(town.BOT.id) and m["content"]]
    assert len(answers) == 2
