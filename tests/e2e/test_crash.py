"""kill -9 at any point between webhook and card, then a restart: exactly one card, in the right state."""

from __future__ import annotations

import asyncio
import signal
import sys
from importlib import import_module
from operator import attrgetter

import aiohttp
import pytest

from playground.world import CHANNELS
from tests.builders import alertmanager_body
from tests.e2e.conftest import alarm_of
from tests.e2e.dying import arm
from tests.person import text_of

# Every step of the way, before and after it took effect, for the first card and for an edit of it.
STEPS = [
    "bot.web.webhook:_look_into:1",
    "bot.store.inbox:StoredInbox.keep:1",
    "bot.store.inbox:StoredInbox.pending:2",
    "bot.core.respond:parse:2",
    "bot.store.incidents:StoredIncidents.receive:1",
    "bot.store.transitions:store:1",
    "bot.store.transitions:queue_card:1",
    "bot.store.outbox:StoredOutbox.due:2",
    "bot.core.viewing:Viewer.view:1",
    "bot.ui.announcer:card_layout:1",
    "bot.ui.announcer:DiscordAnnouncer.post:1",
    "bot.store.outbox:StoredOutbox.delivered:1",
    "bot.store.inbox:StoredInbox.keep:2",
    "bot.store.incidents:StoredIncidents.receive:2",
    "bot.ui.announcer:DiscordAnnouncer.edit:1",
    "bot.store.outbox:StoredOutbox.delivered:2",
]
POINTS = [f"{moment}:{step}" for step in STEPS for moment in ("before", "after")]


async def deliver(alarm, body):
    """Send as Alertmanager does: again and again until it is answered 2xx."""
    async with asyncio.timeout(60):
        while True:
            try:
                if await alarm.send(body) < 300:
                    return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("point", POINTS)
async def test_after_a_kill_there_is_one_card_in_the_right_state(playground, bot, point):
    bot.command = [sys.executable, "-m", "tests.e2e.dying", point]
    process = await bot.launch()

    async def revive():
        ended = await process.wait()
        bot.command = [sys.executable, "-m", "bot", "run"]
        await bot.start()
        return ended

    reviving = asyncio.create_task(revive())
    async with alarm_of(bot) as alarm:
        await deliver(alarm, alertmanager_body(severity="critical"))
        await seen(playground, "HighLatency")
        await deliver(alarm, alertmanager_body(severity="critical", status="resolved"))
        card = await seen(playground, "🟢")
        # It really died there: one that cannot find its point ends as well, and proves nothing.
        async with asyncio.timeout(60):
            ended = await reviving
        assert ended == -signal.SIGKILL
        await settled(alarm)

    assert len(playground.state.messages[CHANNELS["alert-urgent"]]) == 1
    assert "#1" in text_of(card)
    assert card["_pinged"].count("@here") == 1


async def seen(playground, words):
    """Wait for a card that says so."""
    async with asyncio.timeout(60):
        while True:
            for message in playground.state.messages[CHANNELS["alert-urgent"]].values():
                if words in text_of(message):
                    return message
            await asyncio.sleep(0.05)


async def settled(alarm):
    """Wait until nothing waits: every notification is shown."""
    async with asyncio.timeout(60):
        while True:
            _, metrics = await alarm.get("/metrics")
            waiting = [line for line in metrics.splitlines() if line.startswith('bongsu_notifications{state="')]
            counts = {line.split('"')[1]: float(line.split()[-1]) for line in waiting}
            if counts["received"] == counts["applied"] == 0:
                return
            await asyncio.sleep(0.05)


def test_there_are_at_least_twenty_points():
    assert len(POINTS) >= 20


@pytest.mark.parametrize("step", sorted({step.rpartition(":")[0] for step in STEPS}))
def test_each_point_is_a_function_of_the_program(step):
    module, _, path = step.partition(":")

    assert callable(attrgetter(path)(import_module(module)))


def test_a_point_that_is_not_there_is_told():
    with pytest.raises(AttributeError):
        arm("before:bot.core.respond:nowhere:1")
