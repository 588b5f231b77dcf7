"""Which incidents are still to be pictured, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.alerts import Severity
from bot.domain.views import MessageRef
from bot.ports import TaskKind
from bot.store.database import Database
from tests.builders import NOW
from tests.store.test_investigations import REF, URGENT, Stored

SINCE = NOW - timedelta(minutes=10)


@pytest.fixture
def scene(store) -> Stored:
    return Stored(store)


async def due(store, at=NOW):
    return await store.outbox.due(at, 10, kinds=[TaskKind.PICTURE])


async def post_cards(store) -> None:
    """Let every card that waits be on Discord."""
    for task in await store.outbox.due(NOW, limit=50):
        await store.outbox.delivered(task, 99, REF, NOW)


async def test_every_urgent_incident_is_put_on_the_list_once_and_waits_for_its_card(scene, store):
    urgent = await scene.open("HighLatency", "high")
    await scene.open("DiskFilling", "warning")

    assert await store.pictures.admit(URGENT, SINCE, NOW) == 1
    assert await store.pictures.admit(URGENT, SINCE, NOW) == 0

    assert await due(store) == []
    await post_cards(store)
    (task,) = await due(store)
    assert (task.incident, task.attempts, task.created_at, task.card) == (urgent.number, 0, NOW, REF)


async def test_of_several_who_look_at_the_same_time_one_is_let_in(scene, store, address):
    await scene.open()

    async with Database.open(address) as other:
        admitted = await asyncio.gather(
            *(each.pictures.admit(URGENT, SINCE, NOW) for each in (store, other, store, other, store, other))
        )

    assert sum(admitted) == 1
    await post_cards(store)
    assert len(await due(store)) == 1


async def test_what_is_old_or_over_is_not_put_on_the_list(scene, store):
    await scene.open("Old", at=SINCE - timedelta(minutes=1))
    await scene.resolve(await scene.open("Over"))

    assert await store.pictures.admit(URGENT, SINCE, NOW) == 0


async def test_the_most_severe_is_pictured_first(scene, store):
    await scene.open("Later", "high")
    first = await scene.open("Sooner", "critical")
    await store.pictures.admit([Severity.P1, Severity.P2], SINCE, NOW)
    await post_cards(store)

    most_severe, _ = await due(store)
    assert most_severe.incident == first.number


async def test_what_is_shown_is_not_pictured_again(scene, store):
    await scene.open()
    await store.pictures.admit(URGENT, SINCE, NOW)
    await post_cards(store)
    (task,) = await due(store)

    await store.outbox.delivered(task, 99, REF, NOW)

    assert await due(store, NOW + timedelta(days=1)) == []
    assert await store.pictures.admit(URGENT, SINCE, NOW) == 0


async def test_what_failed_is_tried_again_at_its_time(scene, store):
    await scene.open()
    await store.pictures.admit(URGENT, SINCE, NOW)
    await post_cards(store)
    (task,) = await due(store)

    await store.outbox.failed(task, "bad\x00 \ud800 news", NOW + timedelta(seconds=20))

    assert await due(store, NOW + timedelta(seconds=19)) == []
    (again,) = await due(store, NOW + timedelta(seconds=20))
    assert again.attempts == 1


async def test_a_picture_is_no_card_and_no_delay_of_one(scene, store):
    await scene.open()
    await store.pictures.admit(URGENT, SINCE, NOW)

    (card,) = await store.outbox.due(NOW, limit=10)
    await store.outbox.delivered(card, 99, MessageRef(1, 2), NOW)

    # Only the card was due, and nothing of it waits.
    assert await store.outbox.due(NOW, limit=10) == []
    assert await store.outbox.lag(NOW + timedelta(minutes=9)) == 0


async def test_a_clock_that_was_set_back_delays_no_picture(scene, store):
    await scene.open()
    await store.pictures.admit(URGENT, SINCE, NOW)
    await post_cards(store)

    assert len(await due(store, NOW - timedelta(hours=1))) == 1


async def test_a_process_that_begins_knows_that_a_picture_may_hang_already(scene, store, address):
    await scene.open()
    await store.pictures.admit(URGENT, SINCE, NOW)
    await post_cards(store)

    async with Database.open(address) as after:
        (task,) = await due(after)

    assert task.attempts == 1
