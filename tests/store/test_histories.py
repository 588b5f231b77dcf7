"""What a stretch of time held, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.incidents import EntryKind
from bot.domain.inquiries import Rating
from bot.domain.telemetry import Window
from tests.builders import MINJI, NOW, make_alert, make_notification
from tests.store.test_memories import END, found, over
from tests.store.test_store import receive

DAY = Window(NOW - timedelta(hours=12), NOW + timedelta(hours=12))


async def began(store, name: str, at):
    alerts = (make_alert(name, starts_at=at),)
    return (await receive(store, make_notification(name, alerts=alerts), at)).incident.number


async def test_the_incidents_of_a_time_come_with_their_timelines(store):
    number = await over(store)
    later = await began(store, "DiskFilling", NOW + timedelta(days=2))

    history = await store.histories.between(DAY, 10)

    assert [each.number for each in history.incidents] == [number]
    assert [entry.kind for entry in history.entries[number]] == [EntryKind.OPENED, EntryKind.RESOLVED]
    assert await store.histories.count(DAY) == 1
    assert await store.histories.count(Window(DAY.end, DAY.end + timedelta(days=9))) == 1
    assert later not in history.entries


async def test_the_newest_are_taken_and_the_rest_is_counted(store):
    for hour in range(3):
        await began(store, f"Rule{hour}", NOW + timedelta(hours=hour))

    history = await store.histories.between(DAY, 2)

    assert ([each.title for each in history.incidents], history.cut) == (["Rule1", "Rule2"], 1)


async def test_what_models_cost_and_how_they_were_rated_is_counted(store):
    await over(store, analysis=found())
    await store.ledger.spend(NOW, 1, "small", 0.25, (10, 10))
    await store.ledger.spend(NOW - timedelta(days=3), 1, "small", 4.0, (10, 10))
    await store.investigations.rate(1, MINJI, Rating.USEFUL, END)

    advice = (await store.histories.between(DAY, 10)).advice

    assert advice.usd == pytest.approx(0.25)
    assert (advice.investigations, dict(advice.ratings)) == (1, {"useful": 1})
