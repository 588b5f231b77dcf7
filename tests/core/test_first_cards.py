"""A first card goes out as soon as its incident is on the disk, as it would if it were read again. With the real store."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import event

from bot.core.arrivals import Arrivals
from bot.core.at_once import AtOnce
from bot.core.deliver import CardDelivery
from bot.core.first_cards import FirstCards
from bot.domain import lifecycle
from bot.domain.alerts import Severity
from bot.domain.flapping import USUAL as USUAL_FLAPPING
from bot.domain.incidents import State
from bot.domain.labels import USUAL
from bot.domain.lifecycle import Acknowledged
from bot.errors import DeliveryDelayed
from bot.ports import Posted
from tests.builders import MINJI, alertmanager_body
from tests.fakes import FakeAnnouncer
from tests.ui.world import make_viewer

URGENT, NORMAL = (Severity.P1, Severity.P2), (Severity.P3, Severity.P4)


@pytest.fixture
def announcer():
    return FakeAnnouncer()


@pytest.fixture
def delivery(database, announcer, clock):
    viewer = make_viewer(database, clock)
    made = CardDelivery(outbox=database.outbox, announcer=announcer, viewer=viewer, clock=clock)
    database.incidents.on_change(lambda _: made.first_cards.changed())
    return made


@pytest.fixture
def take(database, delivery, clock):
    arrivals = Arrivals(vocabulary=USUAL, endings=None, correlation=None, flapping=USUAL_FLAPPING, clock=clock)
    at_once = AtOnce(incidents=database.incidents, arrivals=arrivals, busy=lambda: False, company_s=-1)
    at_once.show_through(delivery.first_cards)

    async def taken(name="HighLatency", **more):
        assert await at_once.take(Posted("alertmanager", alertmanager_body(name, **more), clock()))

    return taken


@pytest.fixture
def unread(database, monkeypatch):
    """Call it, and whoever reads what is due or what a card shows waits for ever."""

    async def never(*_, **__):
        await asyncio.Event().wait()

    def apply():
        monkeypatch.setattr(database.outbox, "due", never)
        monkeypatch.setattr(database.views, "read", never)

    return apply


async def test_a_first_card_goes_out_without_being_read_again(database, delivery, announcer, take, unread):
    expected = {}

    async def as_read(number):
        expected[number] = await delivery._viewer.view(number)

    await take(severity="critical")
    await as_read(1)
    due = await database.outbox.due(delivery._clock(), 5)
    unread()
    stepping = asyncio.create_task(delivery.step(URGENT, unseen=True))
    async with asyncio.timeout(30):
        while not await database.incidents.card(1):
            await asyncio.sleep(0)
    stepping.cancel()

    assert list(announcer.cards.values()) == [expected[1]] == announcer.ahead
    assert [each.incident for each in due] == [1]


async def test_what_was_found_by_reading_is_not_posted_once_more(database, delivery, announcer, take, monkeypatch):
    due, reading, stored = database.outbox.due, asyncio.Event(), asyncio.Event()

    async def slowly(*asked, **more):
        reading.set()
        await stored.wait()
        return await due(*asked, **more)

    monkeypatch.setattr(database.outbox, "due", slowly)
    stepping = asyncio.create_task(delivery.step(URGENT, unseen=True))
    await reading.wait()
    # What is read next has it already, and it is told of as well.
    await take(severity="critical")
    stored.set()
    assert await stepping
    await delivery.step(URGENT, unseen=True)

    assert len(announcer.cards) == 1


async def test_its_notification_is_shown_by_then_and_nothing_is_due(database, delivery, take, clock):
    await take()

    assert await delivery.step(URGENT, unseen=True)

    assert (await database.inbox.counts())["shown"] == 1
    assert await database.outbox.due(clock(), 5) == []


async def test_nothing_is_shown_of_what_was_not_committed(database, delivery, announcer, take):
    def broken(connection):
        # A constraint that is looked at with the commit, which therefore fails.
        connection.connection.execute("PRAGMA defer_foreign_keys=ON")
        connection.connection.execute("INSERT INTO alert_incidents VALUES ('grafana', '', 'f', 999)")

    event.listen(database.incidents._runner._connection, "commit", broken)
    with pytest.raises(AssertionError):
        await take()
    event.remove(database.incidents._runner._connection, "commit", broken)

    assert len(announcer.ahead) == 1
    assert not await delivery.step()
    assert announcer.cards == {}


async def test_what_changes_before_it_goes_out_is_read_again(database, delivery, announcer, take, clock):
    await take(severity="critical")
    await database.incidents.change(
        1, lambda incident: lifecycle.apply(incident, Acknowledged(MINJI, clock())), clock()
    )

    await delivery.step()

    (shown,) = announcer.cards.values()
    assert shown.incident.state is State.ACKNOWLEDGED
    assert announcer.called == []


async def test_what_waits_goes_out_in_its_order(delivery, announcer, take, clock):
    announcer.fail = [DeliveryDelayed("429", 5)]
    await take("Earlier", severity="high", service="api")
    await delivery.step()
    clock.forward(seconds=5)
    await take("Later", severity="high", service="db")

    await delivery.step()

    assert [view.incident.title for view in announcer.cards.values()] == ["Earlier", "Later"]


async def test_what_a_digest_is_about_to_gather_is_not_drawn_ahead(database, announcer, take, clock):
    await take("Gathered", severity="high")
    await database.digests.absorb("urgent", [1], clock())
    announcer.ahead.clear()

    await take("Next", severity="high", service="db")

    assert announcer.ahead == []


async def test_an_incident_that_goes_on_is_read_by_whoever_draws_it_again(delivery, announcer, take):
    await take()
    await delivery.step()
    announcer.ahead.clear()

    await take(count=3)
    await delivery.step()

    assert announcer.ahead == []
    assert announcer.edits == 1


async def test_each_lane_takes_its_own_card_once_and_not_when_it_was_read_long_ago(database, announcer, take, clock):
    seconds = [0.0]
    cards = FirstCards(make_viewer(database, clock), announcer, lambda: seconds[0])
    arrivals = Arrivals(vocabulary=USUAL, endings=None, correlation=None, flapping=USUAL_FLAPPING, clock=clock)
    at_once = AtOnce(incidents=database.incidents, arrivals=arrivals, busy=lambda: False, company_s=-1)
    at_once.show_through(cards)
    await at_once.take(Posted("alertmanager", alertmanager_body("Warm", severity="warning"), clock()))

    other, own, again = cards.take(URGENT), cards.take(NORMAL), cards.take(NORMAL)
    await at_once.take(Posted("alertmanager", alertmanager_body("Bad", severity="critical"), clock()))
    seconds[0] = 2.0

    assert (other, again) == (None, None)
    assert own is not None
    assert own.view.incident.title == "Warm"
    assert cards.take(URGENT) is None


async def test_what_comes_right_after_another_is_compared_with_it_first(database, delivery, announcer, clock):
    arrivals = Arrivals(vocabulary=USUAL, endings=None, correlation=None, flapping=USUAL_FLAPPING, clock=clock)
    at_once = AtOnce(incidents=database.incidents, arrivals=arrivals, busy=lambda: False, company_s=60)
    at_once.show_through(delivery.first_cards)

    for name in ("First", "Second"):
        await at_once.take(Posted("alertmanager", alertmanager_body(name, severity="high", service=name), clock()))
    await delivery.step()

    assert [view.incident.title for view in announcer.ahead] == ["First"]
    assert [view.incident.title for view in announcer.cards.values()] == ["First", "Second"]
