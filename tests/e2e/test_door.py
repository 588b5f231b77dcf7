"""The bot's own HTTP door, as a process: who gets in, what is kept, what is refused."""

from __future__ import annotations

import asyncio
import io
import json

import pytest

from playground.world import CHANNELS
from tests.builders import alertmanager_body
from tests.person import Person, text_of


async def cards(playground, number=1, channel="alert-urgent"):
    """Return the bot's messages in a channel once there are so many."""
    async with asyncio.timeout(60):
        while len(found := list(playground.state.messages[CHANNELS[channel]].values())) < number:
            await asyncio.sleep(0.05)
    return found


async def test_a_notification_is_a_card(playground, alarm):
    # That it is one within two seconds is measured in bench/alert_to_card.py.
    assert await alarm.send(alertmanager_body()) == 202
    (card,) = await cards(playground)

    assert "HighLatency" in text_of(card)


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_without_the_token_nothing_is_stored(playground, alarm, token):
    status = await alarm.send(alertmanager_body(), token=token)

    _, metrics = await alarm.get("/metrics")
    assert status == 401
    assert 'bongsu_notifications{state="received"} 0.0' in metrics
    assert 'bongsu_notifications{state="shown"} 0.0' in metrics


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"no json", 400), (b'{"alerts": 7}', 400), (b"x" * (9 * 1024 * 1024), 400), (b"x" * (64 * 1024 * 1024 + 1), 413)],
)
async def test_what_cannot_be_read_is_refused_with_a_sentence(alarm, body, status):
    headers = {"Authorization": f"Bearer {alarm.bot.token}"}
    async with alarm.session.post(
        f"{alarm.bot.url}/webhooks/grafana", data=io.BytesIO(body), headers=headers
    ) as response:
        answer = await response.json()

    assert response.status == status
    assert answer["field"] in ("body", "alerts")
    assert answer["error"].endswith(".")


async def test_twenty_webhooks_at_once_make_one_card(playground, alarm):
    statuses = await asyncio.gather(*(alarm.send(alertmanager_body()) for _ in range(20)))

    await cards(playground)
    await alarm.send(alertmanager_body(status="resolved"))
    async with asyncio.timeout(60):
        while "🟢" not in text_of((await cards(playground))[0]):
            await asyncio.sleep(0.05)
    assert set(statuses) == {202}
    assert len(await cards(playground)) == 1


async def test_severities_go_to_their_channels_and_call_only_whom_they_should(playground, alarm):
    for severity in ("critical", "high", "warning", "info"):
        # In places of their own: what one service has in one place is one trouble.
        await alarm.send(alertmanager_body(f"Rule{severity}", severity=severity, env=severity))

    urgent, normal = await cards(playground, 2), await cards(playground, 2, "alert-normal")
    called = {text_of(m).split("Rule")[1].split(" ")[0]: m["_pinged"] for m in [*urgent, *normal]}
    assert "@here" in called["critical"]
    assert called["high"] == ["minji"]
    assert called["warning"] == called["info"] == []


async def test_hostile_labels_call_nobody(playground, alarm):
    await alarm.send(alertmanager_body("@everyone", instance="<@1200000000000000032> @here", severity="critical"))

    (card,) = await cards(playground)
    assert "jun" not in [mention["username"] for mention in card["mentions"]]
    assert text_of(card).count("@here") == 1


async def test_a_refused_card_is_posted_once_the_channel_is_mended(playground, alarm):
    playground.faults.order("error", route="POST .*/messages", times=2, status=500)
    playground.faults.order("rate_limit", route="POST .*/messages", times=1, seconds=0.2)

    await alarm.send(alertmanager_body())

    assert len(await cards(playground)) == 1


async def test_a_message_that_was_sent_but_not_answered_is_not_sent_twice(playground, alarm):
    playground.faults.order("drop", route="POST .*/messages", times=1, after=True)

    await alarm.send(alertmanager_body())
    await cards(playground)
    await alarm.send(alertmanager_body(status="resolved"))

    async with asyncio.timeout(60):
        while "🟢" not in text_of((await cards(playground))[0]):
            await asyncio.sleep(0.05)
    assert len(await cards(playground)) == 1


async def test_cards_go_out_while_the_gateway_is_down(playground, alarm):
    playground.gateway.refusing = True
    await playground.gateway.drop()

    await alarm.send(alertmanager_body())

    assert len(await cards(playground)) == 1
    status, answer = await alarm.get("/readyz")
    assert status == 503
    assert json.loads(answer)["connections"]["discord"] != "ok"


async def test_buttons_answer_after_a_restart(playground, alarm, bot):
    await alarm.send(alertmanager_body())
    await cards(playground)
    await bot.stop()
    await bot.start()

    async with Person.join(playground.url, "minji", "en-US") as minji:
        card = await minji.wait_message(lambda m: "HighLatency" in text_of(m))
        answer = await minji.press(card, "Acknowledge")

    assert "You have #1" in text_of(answer)


@pytest.mark.parametrize("name", ["jun", "mallory"])
async def test_who_may_not_acknowledge_is_told_so_and_nobody_else_sees_it(playground, alarm, name):
    await alarm.send(alertmanager_body())
    async with Person.join(playground.url, name, "ko") as person:
        card = await person.wait_message(lambda m: "HighLatency" in text_of(m))

        answer = await person.press(card, "Acknowledge")
        refused = await person.command("ack", alert="#1")

    assert "권한이 없습니다" in text_of(answer)
    assert "권한이 없습니다" in text_of(refused)
    assert answer["flags"] & 64
    assert "Nobody has it" in text_of((await cards(playground))[0])


async def test_the_process_ends_cleanly_on_sigterm(alarm, bot):
    assert bot.process

    await bot.process.stop()

    assert await bot.process.wait() == 0
