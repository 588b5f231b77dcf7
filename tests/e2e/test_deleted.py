"""Whoever deletes a card in Discord hides no trouble that goes on: it is there again at once, and calls nobody again."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from playground.world import CHANNELS
from tests.builders import alertmanager_body
from tests.e2e.conftest import alarm_of, judge
from tests.person import text_of

URGENT, NORMAL = CHANNELS["alert-urgent"], CHANNELS["alert-normal"]


def there(playground, *channels):
    """Return the cards of a channel by their ids; what is said below them is none."""
    found = [message for channel in channels for message in playground.state.messages.get(channel, {}).values()]
    return {int(message["id"]): message for message in found if re.search(r"· #\d+\n", text_of(message))}


def posted(playground):
    """Return the cards that were posted, each with whom it called."""
    asked = [each for each in playground.records.requests if each["method"] == "POST" and each["status"] == 200]
    bodies = [each["payload"] for each in asked if re.fullmatch(r"/api/v10/channels/\d+/messages", each["path"])]
    return [body["allowed_mentions"] for body in bodies if body and "· #" in json.dumps(body, ensure_ascii=False)]


def calls(allowed):
    return bool(allowed.get("users") or allowed.get("roles") or allowed.get("parse"))


async def called(playground, wanted):
    # A request is written down when it is answered, which is after its message is there.
    await until(lambda: len(posted(playground)) >= len(wanted))
    assert [calls(each) for each in posted(playground)] == wanted


def body(name="HighLatency", **changes):
    # What is of another environment does not join.
    return alertmanager_body(name, **{"severity": "critical", **changes, "env": name})


async def until(condition):
    async with asyncio.timeout(60):
        while not (found := condition()):
            await asyncio.sleep(0.05)
    return found


async def fire(playground, alarm, name="HighLatency", severity="critical"):
    before = len(there(playground, *CHANNELS.values()))
    assert await alarm.send(body(name, severity=severity)) == 202
    await until(lambda: len(there(playground, *CHANNELS.values())) > before)


async def test_a_card_that_somebody_deletes_is_there_again_and_calls_nobody(playground, alarm):
    await fire(playground, alarm)
    (old,) = there(playground, URGENT)
    await playground.state.remove_message(URGENT, old)
    (new,) = (await until(lambda: there(playground, URGENT))).values()

    assert int(new["id"]) != old
    assert "Acknowledge" in text_of(new)
    await called(playground, [True, False])
    judge(playground)


async def test_many_that_are_deleted_at_once_are_all_there_again(playground, alarm):
    for name in ("HighLatency", "HighErrors", "Down"):
        await fire(playground, alarm, name, "warning")
    old = set(there(playground, NORMAL))
    await playground.state.remove_messages(NORMAL, old)
    await until(lambda: len(there(playground, NORMAL)) == 3)

    assert not old & set(there(playground, NORMAL))


async def test_cards_of_a_channel_that_is_deleted_are_in_the_one_that_is_left(playground, alarm):
    await fire(playground, alarm, "HighLatency", "warning")
    await playground.state.remove_channel(NORMAL)
    (card,) = (await until(lambda: there(playground, URGENT))).values()

    assert "HighLatency" in text_of(card)


async def test_whoever_deletes_it_again_and_again_is_right_in_the_end_until_something_changes(playground, alarm):
    await fire(playground, alarm)
    for _ in range(3):
        (card,) = await until(lambda: there(playground, URGENT))
        await playground.state.remove_message(URGENT, card)
    (card,) = await until(lambda: there(playground, URGENT))
    await playground.state.remove_message(URGENT, card)
    # What is shown after it in the same channel would have come after it.
    await fire(playground, alarm, "Down")
    (other,) = there(playground, URGENT)
    assert "HighLatency" not in text_of(there(playground, URGENT)[other])

    assert await alarm.send(body(count=2)) == 202
    await until(lambda: len(there(playground, URGENT)) == 2)
    await called(playground, [True, False, False, False, True, False])


async def test_what_is_over_does_not_come_back(playground, alarm):
    await fire(playground, alarm)
    assert await alarm.send(body(status="resolved")) == 202
    await until(lambda: [card for card in there(playground, URGENT).values() if "Acknowledge" not in text_of(card)])
    (card,) = there(playground, URGENT)
    await playground.state.remove_message(URGENT, card)
    await fire(playground, alarm, "Down")

    assert len(there(playground, URGENT)) == 1


async def test_a_digest_that_somebody_deletes_is_there_again(playground, bot):
    bot.environment["STORM__CARDS"] = "1"
    await bot.start()
    async with alarm_of(bot) as alarm:
        await asyncio.gather(*(alarm.send(body(f"Rain{number}", severity="high")) for number in range(12)))
        old = await until(lambda: digest_of(playground))
        await playground.state.remove_message(URGENT, old)
        new = await until(lambda: digest_of(playground))

    assert new != old


def digest_of(playground):
    found = playground.state.messages[URGENT].values()
    return next((int(message["id"]) for message in found if "shown in one card" in text_of(message)), None)


async def test_what_is_deleted_while_the_bot_is_down_is_there_again_when_it_is_back(playground, bot):
    await bot.start()
    async with alarm_of(bot) as alarm:
        for name in ("HighLatency", "Over", "Down"):
            await fire(playground, alarm, name)
        assert await alarm.send(body("Over", status="resolved")) == 202
        await until(lambda: [card for card in there(playground, URGENT).values() if "Acknowledge" not in text_of(card)])
    await bot.stop()
    old = sorted(there(playground, URGENT))
    for each in old[:2]:
        await playground.state.remove_message(URGENT, each)
    await bot.start()
    new = await until(lambda: len(found := there(playground, URGENT)) == 2 and found)

    assert [card for card in new if card not in old] == [max(new)]
    assert "HighLatency" in text_of(new[max(new)])
    await called(playground, [True, True, True, False])


async def test_what_is_deleted_while_the_gateway_forgets_us_is_there_again_with_the_new_session(playground, alarm):
    await fire(playground, alarm)
    (old,) = there(playground, URGENT)
    playground.gateway.refusing = playground.gateway.forgetting = True
    await playground.gateway.drop()
    await until(lambda: not playground.gateway.online)
    await playground.state.remove_message(URGENT, old)
    playground.gateway.refusing = False
    (new,) = await until(lambda: there(playground, URGENT))

    assert new != old
    await called(playground, [True, False])


async def test_what_is_deleted_while_the_gateway_stays_away_is_there_again_within_a_period(playground, bot):
    bot.environment["RECONCILE_EVERY_S"] = "1"
    await bot.start()
    async with alarm_of(bot) as alarm:
        await fire(playground, alarm)
        (old,) = there(playground, URGENT)
        playground.gateway.refusing = True
        await playground.gateway.drop()
        await until(lambda: not playground.gateway.online)
        for _ in range(4):
            await playground.state.remove_message(URGENT, old)
            # Whoever deletes it a fourth time means it.
            if _ < 3:
                (old,) = await until(lambda: there(playground, URGENT))
        await fire(playground, alarm, "Down")
        await called(playground, [True, False, False, False, True])


async def test_a_channel_that_was_deleted_and_made_anew_while_the_bot_is_down_has_its_cards_again(playground, bot):
    await bot.start()
    async with alarm_of(bot) as alarm:
        await fire(playground, alarm, "HighLatency", "warning")
    await bot.stop()
    gone = playground.state.channels[NORMAL]
    await playground.state.remove_channel(NORMAL)
    fresh = {**gone, "id": str(playground.state.snowflake()), "last_message_id": None}
    playground.state.channels[int(fresh["id"])], playground.state.messages[int(fresh["id"])] = fresh, {}
    await bot.start()
    (card,) = (await until(lambda: there(playground, int(fresh["id"])))).values()

    assert "HighLatency" in text_of(card)


async def test_more_than_a_channel_carries_comes_back_in_a_digest_that_calls_nobody(playground, bot):
    await bot.start()
    async with alarm_of(bot) as alarm:
        await asyncio.gather(*(alarm.send(body(f"Rain{number}", severity="high")) for number in range(6)))
        await until(lambda: len(there(playground, URGENT)) == 6)
    await bot.stop()
    await playground.state.remove_messages(URGENT, set(there(playground, URGENT)))
    bot.environment["STORM__CARDS"] = "1"
    await bot.start()
    await until(lambda: digest_of(playground))

    assert [message["_pinged"] for message in playground.state.messages[URGENT].values() if message["_pinged"]] == []


@pytest.mark.parametrize("message", [10, 1576852063260770342])
async def test_messages_of_others_are_none_of_our_business(playground, alarm, message):
    await fire(playground, alarm)
    data = {"id": str(message), "channel_id": str(URGENT), "guild_id": "1"}
    await playground.state.tell("MESSAGE_DELETE", data)
    await fire(playground, alarm, "Down")

    await called(playground, [True, True])
