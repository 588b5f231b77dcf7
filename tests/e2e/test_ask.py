"""The real process is asked in the thread of a card: with a model, and without one, when what it knows is told all the same."""

from __future__ import annotations

import sqlite3

import aiohttp

from playground import world
from tests.builders import alertmanager_body
from tests.e2e.conftest import alarm_of
from tests.models.aimock import KEY, running_aimock
from tests.person import Person, text_of

BOT = f"<@{world.BOT.id}>"


async def open_thread(playground, card) -> None:
    path = f"/channels/{card['channel_id']}/messages/{card['id']}/threads"
    headers = {"Authorization": f"Bot {playground.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(f"{playground.url}/api/v10{path}", json={"name": "#1"}) as response,
    ):
        assert response.status == 201


async def test_a_model_is_asked_and_paid_for(playground, bot, tmp_path):
    said = {"sentences": [{"text": "Yes, 2.5.0 of api was deployed.", "findings": ["Q1"]}]}
    with running_aimock(tmp_path) as aimock:
        aimock.answer({"toolCalls": [{"id": "call_2", "name": "answer", "arguments": said}]}, toolCallId="call_1")
        aimock.answer({"toolCalls": [{"id": "call_1", "name": "changes", "arguments": {}}]}, toolName="changes")
        bot.environment |= {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": aimock.url}
        await bot.start()
        async with alarm_of(bot) as alarm, Person.join(playground.url, "minji") as minji:
            await alarm.send(b'{"service": "api", "id": "2.5.0", "text": "Deploy", "kind": "deploy"}', "deploy")
            await alarm.send(alertmanager_body())
            card = await minji.wait_message(lambda message: "HighLatency" in text_of(message), timeout_s=60)
            await open_thread(playground, card)

            await minji.say(card["id"], f"{BOT} was there a deploy?")
            answer = await minji.wait_message(lambda message: "Yes, 2.5.0" in text_of(message), timeout_s=60)
        asked = [entry["body"] for entry in aimock.asked() if entry["body"].get("tools")]

    assert "Yes, 2.5.0 of `api` was deployed. `Q1`" in answer["content"]
    assert "claude-haiku-5-5: 2×, $0.00" in answer["content"]
    assert len(asked) == 2
    with sqlite3.connect(f"{bot.folder}/bongsu.db") as database:
        rows = database.execute("SELECT question, answer, usd > 0 FROM exchanges").fetchall()
    assert rows == [("was there a deploy?", "Yes, 2.5.0 of api was deployed.", 1)]


async def test_the_deploys_are_told_without_a_model(playground, alarm):
    deploy = b'{"service": "api", "id": "2.5.0", "text": "Deploy api 2.5.0", "kind": "deploy"}'
    assert await alarm.send(deploy, "deploy") == 202
    async with Person.join(playground.url, "minji") as minji:
        await alarm.send(alertmanager_body())
        card = await minji.wait_message(lambda message: "HighLatency" in text_of(message), timeout_s=60)
        await open_thread(playground, card)

        question = await minji.say(card["id"], f"{BOT} was there a deploy?")
        answer = await minji.wait_message(lambda message: "Without a language model" in text_of(message), timeout_s=60)

    assert answer["channel_id"] == card["id"]
    assert answer["message_reference"]["message_id"] == question["id"]
    assert "deploy 2.5.0 `api`" in answer["content"]
    assert "no key is configured" in answer["content"]


async def test_nothing_is_said_in_a_thread_of_others(playground, alarm):
    async with Person.join(playground.url, "minji") as minji:
        await alarm.send(alertmanager_body())
        card = await minji.wait_message(lambda message: "HighLatency" in text_of(message), timeout_s=60)
        await open_thread(playground, card)
        theirs = await minji.say("general", "our own talk")
        await open_thread(playground, theirs)

        await minji.say(theirs["id"], f"{BOT} was there a deploy?")
        await minji.say(card["id"], f"{BOT} was there a deploy?")
        await minji.wait_message(lambda message: "Without a language model" in text_of(message), timeout_s=60)

    answers = [
        each for each in minji.messages.values() if each["author"]["id"] == str(world.BOT.id) and each["content"]
    ]
    assert [each["channel_id"] for each in answers] == [card["id"]]
