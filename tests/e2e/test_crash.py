"""kill -9 at any point between webhook and card, then a restart: exactly one card, in the right state."""

from __future__ import annotations

import asyncio
from importlib import import_module
from operator import attrgetter

import aiohttp
import pytest

from playground.world import CHANNELS
from tests.builders import alertmanager_body
from tests.chaos.nursery import ForkedBot, Nursery
from tests.e2e.conftest import alarm_of
from tests.e2e.dying import KILLED, arm
from tests.person import text_of

# Every step of the way, before and after it took effect, for the first card and for an edit of it.
ALONE = [
    "bot.web.webhook:triage:1",
    "bot.core.arrivals:parse:1",
    "bot.store.incidents:StoredIncidents.receive_at_once:1",
    "bot.store.transitions:inbox_columns:1",
    "bot.store.transitions:store:1",
    "bot.store.transitions:queue_card:1",
    "bot.store.incidents:first_card:1",
    "bot.core.first_cards:FirstCards.draw:1",
    "bot.core.first_cards:FirstCards.stored:1",
    "bot.ui.announcer:card_layout:1",
    "bot.ui.announcer:DiscordAnnouncer.post:1",
    "bot.store.outbox:StoredOutbox.delivered:1",
    "bot.store.incidents:StoredIncidents.receive_at_once:2",
    "bot.store.outbox:StoredOutbox.due:1",
    "bot.core.viewing:Viewer.view:1",
    "bot.ui.announcer:DiscordAnnouncer.edit:1",
    "bot.store.outbox:StoredOutbox.delivered:2",
]
# What is not taken in with the commit that keeps it, such as what is long, takes these steps.
KEPT_FIRST = [
    "bot.web.webhook:admit:1",
    "bot.store.inbox:StoredInbox.keep:1",
    "bot.store.inbox:StoredInbox.pending:1",
    "bot.core.arrivals:parse:1",
    "bot.store.incidents:StoredIncidents.receive:1",
    "bot.store.inbox:StoredInbox.keep:2",
    "bot.store.incidents:StoredIncidents.receive:2",
]
LONGER = b" " * 20_000
STEPS = [(step, longer) for steps, longer in ((ALONE, b""), (KEPT_FIRST, LONGER)) for step in steps]
POINTS = [
    pytest.param(f"{moment}:{step}", longer, id=f"{moment}:{step}{'-longer' if longer else ''}")
    for step, longer in STEPS
    for moment in ("before", "after")
]


@pytest.fixture(scope="module")
def nursery():
    with Nursery.open() as opened:
        yield opened


@pytest.fixture
async def bot(nursery, playground, tmp_path, empty_sqlite):
    """Start it as a fork: two starts a test, each of which would import all anew."""
    (tmp_path / "bongsu.db").write_bytes(empty_sqlite.read_bytes())
    made = ForkedBot(nursery, playground, tmp_path)
    try:
        yield made
    finally:
        await made.stop()


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


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("point", "longer"), POINTS)
async def test_after_a_kill_there_is_one_card_in_the_right_state(playground, bot, point, longer):
    bot.dies = point
    # What comes before it leads takes another way.
    process = await bot.start()

    async def revive():
        await process.wait()
        bot.dies = ""
        await bot.start()

    reviving = asyncio.create_task(revive())
    ends = alertmanager_body(severity="critical", status="resolved") + longer
    try:
        async with alarm_of(bot) as alarm:
            await deliver(alarm, alertmanager_body(severity="critical") + longer)
            await seen(playground, "HighLatency")
            await deliver(alarm, ends)
            card = await seen(playground, "🟢")
            # It really died there: one that cannot find its point ends as well, and proves nothing.
            async with asyncio.timeout(90):
                while not reviving.done():
                    # What comes just while the inbox is looked at is kept first; what is said again comes alone some time.
                    await deliver(alarm, ends)
                    await asyncio.sleep(0.1)
                await reviving
            assert f"{KILLED} {point}\n" in bot.log.read_text("utf-8")
            await settled(alarm)
    finally:
        # It would start a bot that nobody stops.
        reviving.cancel()

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


@pytest.mark.parametrize("step", sorted({step.rpartition(":")[0] for step, _ in STEPS}))
def test_each_point_is_a_function_of_the_program(step):
    module, _, path = step.partition(":")

    assert callable(attrgetter(path)(import_module(module)))


def test_a_point_that_is_not_there_is_told():
    with pytest.raises(AttributeError):
        arm("before:bot.core.respond:nowhere:1")
