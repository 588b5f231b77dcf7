"""What the store makes of a card or a digest that somebody has deleted, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.alerts import Severity
from bot.domain.lifecycle import Vanished, apply
from bot.domain.messages import MessageRef
from bot.ports import TaskKind
from tests.builders import NOW, make_alert, make_notification
from tests.store.test_store import receive, show_card

CARD, CHANNEL = 2**61, 2**62
LATER = NOW + timedelta(minutes=1)


async def fire(store, *instances):
    alerts = tuple(make_alert(labels={"instance": each}) for each in instances or ("api-1",))
    await receive(store, make_notification(alerts=alerts))


async def lose(store, messages=(CARD,), most=3):
    lost = await store.posted.lose(CHANNEL, messages, LATER, most)
    return list(lost.again), list(lost.left)


async def test_the_card_of_what_goes_on_is_due_anew_and_named_otherwise(store):
    await fire(store)
    await show_card(store, NOW)

    assert await lose(store, [1, 2]) == ([], [])
    assert await store.outbox.due(LATER, 10) == []
    assert await lose(store) == ([1], [])
    (task,) = await store.outbox.due(LATER, 10)
    assert (task.kind, task.card, task.lost) == (TaskKind.CARD, None, 1)


async def test_a_channel_that_is_gone_takes_all_of_its_cards(store):
    await fire(store)
    await show_card(store, NOW)

    assert await lose(store, None) == ([1], [])


async def test_what_has_lost_too_many_and_what_is_over_is_left(store):
    await fire(store)
    await show_card(store, NOW)

    assert await lose(store, most=0) == ([], [1])
    assert await store.incidents.card(1) == MessageRef(CHANNEL, CARD)
    await store.incidents.change(1, lambda incident: apply(incident, Vanished(NOW)), NOW)
    assert await lose(store) == ([], [])


async def test_what_is_deleted_while_it_is_drawn_again_is_posted_anew(store):
    await fire(store)
    await show_card(store, NOW)
    await fire(store, "api-1", "api-2")
    (task,) = await store.outbox.due(LATER, 10)

    # Discord has taken the edit, and the card is deleted before that is written down.
    await lose(store)
    version = (await store.incidents.load(1)).version
    shown = await store.outbox.delivered(task, version, MessageRef(CHANNEL, CARD), LATER)

    assert shown == []
    assert await store.incidents.card(1) is None
    (again,) = await store.outbox.due(LATER, 10)
    assert (again.card, again.attempts) == (None, 0)


async def test_a_digest_that_goes_on_is_posted_anew(store):
    await fire(store)
    number = await store.digests.absorb("normal", [1], NOW)
    digest, drawn = await store.digests.load(number, NOW, timedelta(minutes=3))
    await store.digests.shown(digest, drawn, MessageRef(CHANNEL, CARD), NOW, {})

    assert await lose(store, most=0) == ([], [0])
    assert await lose(store) == ([0], [])
    digest, _ = await store.digests.load(number, NOW, timedelta(minutes=3))
    assert (digest.card, digest.lost) == (None, 1)
    await store.digests.end(number, NOW)
    assert await lose(store) == ([], [])
    assert Severity.P2 in digest.by_severity()


async def test_where_the_cards_of_what_goes_on_are_the_worst_and_newest_first(store):
    for number, word in enumerate(("warning", "critical", "critical", "high", "critical"), 1):
        alert = make_alert(f"Alert{number}", labels={"env": str(number), "severity": word})
        await receive(store, make_notification(f"Alert{number}", alerts=(alert,)))
        (task,) = await store.outbox.due(NOW, 10)
        version = (await store.incidents.load(task.incident)).version
        await store.outbox.delivered(task, version, MessageRef(CHANNEL, CARD + task.incident), NOW)
    await store.incidents.change(5, lambda incident: apply(incident, Vanished(NOW)), NOW)
    digest = await store.digests.absorb("normal", [], NOW)
    known, drawn = await store.digests.load(digest, NOW, timedelta(minutes=3))
    await store.digests.shown(known, drawn, MessageRef(CHANNEL, CARD + 9), NOW, {})

    assert [each.message_id - CARD for each in await store.posted.placed(1)] == [3, 2, 9, 4, 1]
    # What `lose` leaves is not asked for.
    assert await store.posted.placed(0) == []
    await store.digests.end(digest, NOW)
    assert [each.message_id - CARD for each in await store.posted.placed(1)] == [3, 2, 4, 1]
