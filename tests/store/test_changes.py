"""Changes and spending in the store on both databases, and the fakes that stand in for them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.telemetry import Change, ChangeKind, Window
from tests.builders import NOW
from tests.fakes import FakeChanges, FakeLedger

DEPLOY = Change(NOW.timestamp() + 0.25, ChangeKind.DEPLOY, "v2.1.0", "deploy v2.1.0", "api")
DAY = Window(NOW - timedelta(days=1), NOW + timedelta(days=1))


@pytest.fixture(params=["stored", "fake"])
def changes(request, store):
    return store.changes if request.param == "stored" else FakeChanges()


@pytest.fixture(params=["stored", "fake"])
def ledger(request, store):
    return store.ledger if request.param == "stored" else FakeLedger()


async def test_a_change_comes_back_as_it_was(changes):
    commit = Change(NOW.timestamp(), ChangeKind.COMMIT, "4c1f", "한글 🔥")

    for change in (DEPLOY, commit):
        await changes.record(change)

    assert await changes.between(DAY) == [commit, DEPLOY]


async def test_the_same_again_replaces_the_one_before(changes):
    await changes.record(DEPLOY)
    await changes.record(replace(DEPLOY, service=None))
    await changes.record(replace(DEPLOY, service="web"))
    await changes.record(replace(DEPLOY, kind=ChangeKind.FLAG))
    again = replace(DEPLOY, at=DEPLOY.at + 60, text="finished")

    await changes.record(again)
    await changes.record(replace(DEPLOY, service=None, text="all of it"))

    known = await changes.between(DAY)
    assert known[-1] == again
    assert [(each.service, each.text) for each in known].count((None, "all of it")) == 1
    assert len(known) == 4


async def test_each_service_was_last_deployed_at_the_latest_of_its_deploys(changes):
    await changes.record(replace(DEPLOY, id="v2.2.0", at=DEPLOY.at + 60))
    await changes.record(DEPLOY)
    await changes.record(replace(DEPLOY, service="chat", at=DEPLOY.at - 60))
    await changes.record(replace(DEPLOY, service="chat", kind=ChangeKind.FLAG))
    await changes.record(replace(DEPLOY, service=None))

    assert await changes.deployed() == {"api": DEPLOY.at + 60, "chat": DEPLOY.at - 60}


async def test_only_the_latest_hundred_services_are_told_of(changes):
    for number in range(105):
        await changes.record(replace(DEPLOY, service=f"s{number}", at=DEPLOY.at + number))

    told = await changes.deployed()

    assert set(told) == {f"s{number}" for number in range(5, 105)}


async def test_only_the_stretch_of_time_is_told_with_both_its_ends(changes):
    for second in (-1, 0, 30, 60, 61):
        await changes.record(Change(NOW.timestamp() + second, ChangeKind.DEPLOY, f"v{second}", ""))

    told = await changes.between(Window(NOW, NOW + timedelta(seconds=60)))

    assert [each.id for each in told] == ["v0", "v30", "v60"]


async def test_of_too_many_the_newest_are_told(changes):
    for number in range(203):
        await changes.record(Change(NOW.timestamp() + number, ChangeKind.COMMIT, str(number), ""))

    told = await changes.between(DAY)

    assert (len(told), told[0].id, told[-1].id) == (200, "3", "202")


async def test_money_is_summed_by_time_and_by_incident(ledger):
    await ledger.spend(NOW - timedelta(hours=2), 1, "m", 0.5, (10, 20))
    await ledger.spend(NOW, 1, "m", 0.25, (10, 20))
    await ledger.spend(NOW, 2, "m", 0.125, (10, 20))
    await ledger.spend(NOW, None, "m", 1.0, (10, 20))

    assert await ledger.spent(NOW) == pytest.approx(1.375)
    assert await ledger.spent(NOW, 1) == pytest.approx(0.25)
    assert await ledger.spent(NOW - timedelta(hours=2), 1) == pytest.approx(0.75)
    assert await ledger.spent(NOW + timedelta(seconds=1)) == 0
    assert await ledger.spent(NOW, 3) == 0


async def test_the_same_change_told_twice_at_once_is_one(store):
    await asyncio.gather(*(store.changes.record(DEPLOY) for _ in range(6)))

    assert await store.changes.between(DAY) == [DEPLOY]


async def test_hostile_words_are_kept_as_far_as_a_database_can(store):
    endless = "\U0001f525" * 5000
    await store.changes.record(
        Change(NOW.timestamp(), ChangeKind.FLAG, f"a\x00\ud800{endless}", "\x00" + endless, endless)
    )
    await store.ledger.spend(NOW, 1, "m\x00\ud800", 0.5, (1, 1))

    (change,) = await store.changes.between(DAY)
    assert change.id.startswith("a?\U0001f525")
    assert (len(change.id), len(change.text), len(change.service or "")) == (200, 2000, 200)
    assert await store.ledger.spent(NOW) == 0.5


async def test_spending_and_changes_are_kept_for_ninety_days(store):
    for days in (89, 91):
        at = NOW - timedelta(days=days)
        await store.ledger.spend(at, None, "m", days, (1, 1))
        await store.changes.record(Change(at.timestamp(), ChangeKind.DEPLOY, str(days), ""))

    # The reconciler names the moment thirty days ago.
    await store.prune(NOW - timedelta(days=30))

    assert await store.ledger.spent(NOW - timedelta(days=365)) == 89
    assert [each.id for each in await store.changes.between(Window(NOW - timedelta(days=365), NOW))] == ["89"]
