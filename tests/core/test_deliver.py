"""The outbox on to Discord: one card per incident, whatever Discord answers and whenever the process dies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.core.deliver import CardDelivery
from bot.domain import lifecycle
from bot.domain.alerts import Joined, JoinedHow, Severity
from bot.domain.events import Outcome
from bot.domain.incidents import PageReason, State
from bot.domain.lifecycle import AckLapsed, Acknowledged
from bot.domain.owners import Catalogue, Owner, Service
from bot.domain.views import MessageRef, Page
from bot.errors import DeliveryDelayed, DeliveryRefused
from bot.store.queueing import queue_card
from bot.ui.cards import paged
from tests.builders import MINJI, NOW, make_alert, make_notification
from tests.fakes import FakeAnnouncer
from tests.ui.world import make_viewer


@pytest.fixture
def announcer():
    return FakeAnnouncer()


@pytest.fixture
def delivery(database, announcer, clock):
    viewer = make_viewer(database, clock)
    return CardDelivery(outbox=database.outbox, announcer=announcer, viewer=viewer, clock=clock)


async def receive(database, clock, notification=None):
    notification = notification or make_notification()
    delivered = await database.inbox.keep("alertmanager", b"{}", clock())
    return await database.incidents.receive(
        delivered, notification, lambda known: lifecycle.tell(known, notification, clock()), clock()
    )


async def test_a_card_is_posted_once_and_edited_afterwards(database, delivery, announcer, clock):
    await receive(database, clock)
    assert await delivery.step()
    await receive(database, clock, make_notification(firing=3))

    assert await delivery.step()

    assert len(announcer.cards) == announcer.edits == 1
    assert len(next(iter(announcer.cards.values())).incident.firing) == 3
    assert not await delivery.step()


async def test_a_delayed_card_is_tried_again_when_its_time_comes(database, delivery, announcer, clock):
    await receive(database, clock)
    announcer.fail = [DeliveryDelayed("429", 7.5)]
    await delivery.step()

    clock.forward(seconds=7)
    early = await delivery.step()
    clock.forward(seconds=1)
    await delivery.step()

    assert not early
    assert len(announcer.cards) == 1


async def test_what_moves_while_another_lane_reads_is_not_drawn_where_it_was(
    database, delivery, announcer, clock, monkeypatch
):
    await receive(database, clock, WARNING)
    await show_all(delivery)
    await receive(database, clock, CRITICAL)
    read = database.outbox.due
    has_read, has_moved = asyncio.Event(), asyncio.Event()

    async def slow(*which, unseen=None, **more):
        found = await read(*which, unseen=unseen, **more)
        if unseen is False and not has_moved.is_set():
            has_read.set()
            await has_moved.wait()
        return found

    monkeypatch.setattr(database.outbox, "due", slow)
    drawing = asyncio.create_task(delivery.step(unseen=False))
    await has_read.wait()
    await delivery.step(unseen=True)
    edited = announcer.drawn = []
    has_moved.set()
    await drawing

    (moved,) = announcer.cards
    assert [ref.message_id for ref in edited] == [moved]


async def test_what_an_earlier_attempt_may_still_post_is_looked_for_later(database, announcer, clock):
    expected = []

    async def doubtful(*_):
        expected.append(len(announcer.cards))

    viewer = make_viewer(database, clock)
    delivery = CardDelivery(outbox=database.outbox, announcer=announcer, viewer=viewer, clock=clock, doubtful=doubtful)
    await receive(database, clock)
    announcer.fail = [DeliveryDelayed("no answer within 15 s")]
    await delivery.step()
    clock.forward(seconds=2)
    await delivery.step()

    # Before the next attempt, so that a kill in between forgets nothing.
    assert (expected, len(announcer.cards)) == ([0], 1)


async def test_where_a_card_has_left_is_looked_at_later(database, announcer, clock):
    expected = []

    async def doubtful(*what):
        expected.append(what)

    viewer = make_viewer(database, clock)
    delivery = CardDelivery(outbox=database.outbox, announcer=announcer, viewer=viewer, clock=clock, doubtful=doubtful)
    await receive(database, clock, WARNING)
    await show_all(delivery)
    left = await database.incidents.card(1)
    await receive(database, clock, CRITICAL)

    await show_all(delivery)

    assert (len(announcer.moved), expected) == (1, [(1, left)])
    assert (await database.incidents.card(1)).message_id in announcer.cards


async def test_waiting_grows_with_every_failure_but_not_for_ever(database, delivery, announcer, clock):
    await receive(database, clock)
    waits = []
    for _ in range(12):
        announcer.fail = [DeliveryDelayed("down")]
        await delivery.step()
        started = clock()
        while not await database.outbox.due(clock(), 1):
            clock.forward(seconds=1)
        waits.append((clock() - started).total_seconds())

    assert waits == sorted(waits)
    assert waits[-1] == 120


async def test_a_refused_card_is_tried_again_later_because_somebody_may_mend_it(database, delivery, announcer, clock):
    await receive(database, clock)
    announcer.fail = [DeliveryRefused("missing permissions")]
    await delivery.step()

    clock.forward(minutes=5)
    await delivery.step()

    assert len(announcer.cards) == 1


async def test_what_was_refused_is_tried_at_once_when_the_channels_have_changed(database, delivery, announcer, clock):
    await receive(database, clock)
    announcer.fail = [DeliveryRefused("missing permissions")]
    await delivery.step()
    clock.forward(seconds=1)
    assert not await delivery.step()

    delivery.channels_changed()

    assert await delivery.step()
    assert len(announcer.cards) == 1


@pytest.mark.parametrize("tried", [False, True])
async def test_a_clock_that_is_set_back_holds_no_card_up(database, delivery, announcer, clock, tried):
    clock.forward(hours=1)
    await receive(database, clock)
    if tried:
        announcer.fail = [DeliveryDelayed("503")]
        await delivery.step()

    clock.forward(hours=-1)
    await delivery.step()

    assert len(announcer.cards) == 1


@pytest.mark.parametrize("back", [timedelta(minutes=2), timedelta(hours=1)])
async def test_what_a_clock_that_is_set_back_left_behind_is_put_off_like_all_else(
    database, delivery, announcer, clock, back
):
    clock.now += back
    await receive(database, clock)
    clock.now -= back
    announcer.fail = [DeliveryDelayed("429", 240)] * 5

    for _ in range(5):
        await delivery.step()

    assert len(announcer.fail) == 4
    clock.forward(minutes=5)
    announcer.fail = []
    await delivery.step()
    assert len(announcer.cards) == 1


async def test_what_was_put_off_with_a_clock_that_was_ahead_is_due_when_it_is_right(
    database, delivery, announcer, clock
):
    await receive(database, clock)
    clock.forward(days=2)
    announcer.fail = [DeliveryDelayed("503")]
    await delivery.step()

    clock.forward(days=-2)
    await delivery.step()

    assert len(announcer.cards) == 1


async def test_what_was_refused_is_tried_at_once_by_the_next_process(database, delivery, announcer, clock):
    await receive(database, clock)
    announcer.fail = [DeliveryRefused("missing permissions")]
    await delivery.step()
    clock.forward(seconds=1)
    assert not await delivery.step()

    await database.outbox.retry()

    assert await delivery.step()
    assert len(announcer.cards) == 1


async def test_what_is_drawn_later_is_drawn_at_once_when_there_is_news_after_a_restart(
    database, delivery, announcer, clock
):
    await receive(database, clock)
    await show_all(delivery)
    later = partial(queue_card, number=1, at=clock(), later=timedelta(minutes=1))
    await database.outbox._runner.write(later)
    await database.outbox.suspect()
    assert not await delivery.step()

    await receive(database, clock, OVER)

    assert await delivery.step()
    (card,) = announcer.cards.values()
    assert card.incident.state is State.RESOLVED


async def test_a_deleted_card_is_posted_anew(database, delivery, announcer, clock):
    await receive(database, clock)
    await delivery.step()
    announcer.cards.clear()
    await receive(database, clock, make_notification(firing=2))

    await delivery.step()
    await delivery.step()

    assert len(announcer.cards) == 1


async def test_a_card_that_was_posted_before_a_crash_is_adopted(database, delivery, announcer, clock):
    await receive(database, clock)
    await announcer.post(await delivery._viewer.view(1))
    # What a restart does: nobody knows how far the process before had come.
    await database.outbox.suspect()

    await delivery.step()

    assert len(announcer.cards) == 1
    assert not await delivery.step()


async def test_the_owner_is_called_again_when_an_acknowledgement_lapses(database, delivery, announcer, clock):
    await receive(database, clock)
    await delivery.step()
    until = clock() + timedelta(minutes=1)
    await database.incidents.change(1, lambda i: lifecycle.apply(i, Acknowledged(MINJI, NOW, until=until)), clock())
    clock.forward(minutes=2)
    await database.incidents.change(1, lambda i: lifecycle.apply(i, AckLapsed(clock())), clock())

    await delivery.step()

    assert [page.reason for page in announcer.pages] == [PageReason.ACK_LAPSED]
    assert next(iter(announcer.cards.values())).incident.state is State.FIRING


WARNING = make_notification(alerts=(make_alert(labels={"severity": "warning"}),))
CRITICAL = make_notification(alerts=(make_alert(labels={"severity": "critical"}),))
OVER = make_notification(alerts=(make_alert(labels={"severity": "critical"}, firing=False),))


async def show_all(delivery):
    while await delivery.step():
        pass


async def test_a_call_is_made_however_late_while_nobody_has_it(database, delivery, announcer, clock):
    await receive(database, clock, make_notification())
    await show_all(delivery)
    await receive(database, clock, CRITICAL)
    announcer.fail = [DeliveryDelayed("down", 45 * 60)] * 2
    await delivery.step()
    clock.forward(minutes=46)

    await show_all(delivery)

    assert [page.reason for page in announcer.pages] == [PageReason.SEVERITY_RAISED]


async def test_a_call_for_what_joins_says_that_it_fires_again_where_nobody_was_called_for_that_yet(
    database, delivery, announcer, clock
):
    await receive(database, clock, make_notification())
    await show_all(delivery)
    later = clock() + timedelta(minutes=4)

    for reason, at in ((PageReason.REOPENED, later), (PageReason.JOINED, clock())):
        await database.incidents.change(
            1, lambda i, reason=reason, at=at: Outcome(replace(i, flaps=i.flaps + 1), page=reason, page_at=at), clock()
        )
    await show_all(delivery)

    # A call for what joins is for the owners of that alone.
    assert [page.reason for page in announcer.pages] == [PageReason.REOPENED]


async def test_a_call_that_joins_one_that_waits_is_made_when_that_was_promised(database, delivery, announcer, clock):
    await receive(database, clock, make_notification())
    await show_all(delivery)
    later = clock() + timedelta(minutes=4)

    for reason, at in ((PageReason.REOPENED, clock()), (PageReason.JOINED, later)):
        await database.incidents.change(
            1, lambda i, reason=reason, at=at: Outcome(replace(i, flaps=i.flaps + 1), page=reason, page_at=at), clock()
        )
    await show_all(delivery)

    assert [page.reason for page in announcer.pages] == [PageReason.REOPENED]


@pytest.mark.parametrize("what", ["over", "taken"])
async def test_a_call_is_superseded_when_it_is_over_or_somebody_takes_it(database, delivery, announcer, clock, what):
    await receive(database, clock, make_notification())
    await show_all(delivery)
    await receive(database, clock, CRITICAL)
    if what == "over":
        await receive(database, clock, OVER)
    else:
        clock.forward(seconds=1)
        await database.incidents.change(1, lambda i: lifecycle.apply(i, Acknowledged(MINJI, clock())), clock())

    await show_all(delivery)

    assert announcer.pages == []
    assert not await database.outbox.due(clock() + timedelta(days=1), 5)


async def test_what_becomes_a_p1_moves_to_the_urgent_channel_and_calls_there(database, delivery, announcer, clock):
    await receive(database, clock, WARNING)
    await show_all(delivery)
    await receive(database, clock, CRITICAL)

    await show_all(delivery)

    assert [page.reason for page in announcer.moved] == [PageReason.SEVERITY_RAISED]
    assert (len(announcer.cards), announcer.pages) == (1, [])
    await receive(database, clock, OVER)
    await show_all(delivery)
    (card,) = announcer.cards.values()
    assert card.incident.state is State.RESOLVED


async def test_a_card_that_came_out_when_it_was_over_has_called_nobody(database, delivery, announcer, clock):
    announcer.fail = [DeliveryDelayed("503")]
    await receive(database, clock, CRITICAL)
    await delivery.step()
    await receive(database, clock, OVER)
    clock.forward(seconds=10)
    await show_all(delivery)
    assert announcer.called == []

    await receive(
        database, clock, make_notification(alerts=(make_alert(labels={"severity": "critical"}, starts_at=clock()),))
    )
    await show_all(delivery)

    assert [page.reason for page in announcer.pages] == [PageReason.REOPENED]


async def test_what_became_a_p1_and_was_over_before_anybody_was_called_calls_when_it_is_back(
    database, delivery, announcer, clock
):
    await receive(database, clock, WARNING)
    await show_all(delivery)
    clock.forward(seconds=5)
    await receive(database, clock, CRITICAL)
    await receive(database, clock, OVER)
    await show_all(delivery)
    assert announcer.moved == []

    clock.forward(seconds=1)
    back = make_alert(labels={"severity": "critical"}, starts_at=clock())
    await receive(database, clock, make_notification(alerts=(back,)))
    await show_all(delivery)

    # Not five minutes later: the card of the warning has called nobody.
    assert [page.reason for page in announcer.moved] == [PageReason.REOPENED]


async def test_a_first_card_makes_every_call_that_was_promised_before_it(database, delivery, announcer, clock):
    announcer.fail = [DeliveryDelayed("503")]
    await receive(database, clock, make_notification())
    await delivery.step()
    await receive(database, clock, CRITICAL)
    clock.forward(seconds=10)

    await show_all(delivery)

    assert (len(announcer.called), announcer.pages) == (1, [])


async def test_a_call_that_comes_too_soon_after_the_last_is_made_later(database, delivery, announcer, clock):
    await receive(database, clock, CRITICAL)
    await show_all(delivery)
    await receive(database, clock, OVER)
    clock.forward(seconds=10)
    await receive(
        database, clock, make_notification(alerts=(make_alert(labels={"severity": "critical"}, starts_at=clock()),))
    )
    await show_all(delivery)
    early = list(announcer.pages)

    clock.forward(minutes=5)
    await show_all(delivery)

    assert early == []
    assert [page.reason for page in announcer.pages] == [PageReason.REOPENED]


URGENT_LANE, OTHER_LANE = (Severity.P1, Severity.P2), (Severity.P3, Severity.P4)


def told(severity, name):
    return make_notification(name, alerts=(make_alert(name, labels={"severity": severity}),))


class Hanging(FakeAnnouncer):
    """Holds back each post of less than P2 until it is let go, and remembers the order of all."""

    def __init__(self):
        super().__init__()
        self.go, self.began, self.order = asyncio.Event(), asyncio.Event(), []

    async def post(self, view, replaces=0):
        self.order.append(view.incident.title)
        if view.incident.severity in OTHER_LANE:
            self.began.set()
            await self.go.wait()
        return await super().post(view)


@pytest.fixture
def hanging(database, clock):
    announcer = Hanging()
    viewer = make_viewer(database, clock)
    return announcer, CardDelivery(outbox=database.outbox, announcer=announcer, viewer=viewer, clock=clock)


async def test_a_channel_that_hangs_holds_up_what_is_for_it_alone(database, clock, hanging):
    announcer, delivery = hanging
    await receive(database, clock, told("info", "Dull"))
    other = asyncio.create_task(delivery.step(OTHER_LANE))
    await announcer.began.wait()
    await receive(database, clock, told("critical", "Burning"))

    assert await delivery.step(URGENT_LANE)

    assert [card.incident.title for card in announcer.cards.values()] == ["Burning"]
    announcer.go.set()
    assert await other
    assert {card.incident.title for card in announcer.cards.values()} == {"Burning", "Dull"}


async def test_what_comes_in_between_and_is_worse_goes_first(database, clock, hanging):
    announcer, delivery = hanging
    for name in ("First", "Second", "Third"):
        await receive(database, clock, told("warning", name))
    working = asyncio.create_task(delivery.step())
    await announcer.began.wait()
    await receive(database, clock, told("critical", "Burning"))
    announcer.go.set()

    await working

    assert announcer.order == ["First", "Burning", "Second", "Third"]


async def test_what_becomes_a_p1_while_its_first_card_is_on_its_way_calls_all_the_same(database, clock, hanging):
    announcer, delivery = hanging
    await receive(database, clock, WARNING)
    first = asyncio.create_task(delivery.step())
    await announcer.began.wait()
    await receive(database, clock, CRITICAL)
    announcer.go.set()
    await first

    await show_all(delivery)

    # The card that was on its way called nobody.
    assert [page.reason for page in announcer.moved] == [PageReason.SEVERITY_RAISED]


async def test_what_joins_while_the_first_card_is_on_its_way_was_not_called_for_by_it(database, clock, hanging):
    announcer, delivery = hanging
    await receive(database, clock, WARNING)
    first = asyncio.create_task(delivery.step())
    await announcer.began.wait()
    clock.forward(seconds=1)
    joined = Joined("other", clock(), JoinedHow.CALLS)
    clock.forward(seconds=1)

    announcer.go.set()
    await first

    # Else those who were called by it would be called once more with the owners of what joined.
    view = await delivery._viewer.view(1)
    assert view.incident.paged_at < joined.at
    api, chat = (Service(name, name, (Owner(number, is_role=True),)) for number, name in enumerate(("api", "chat"), 1))
    alerts = (*view.incident.alerts, make_alert("Queue", labels={"service": "chat"}, joined=joined))
    grown = replace(view.incident, severity=Severity.P1, alerts=alerts)
    assert paged(replace(view, incident=grown, services=(api, chat)), PageReason.JOINED) == chat.owners


async def test_what_gets_worse_while_a_call_is_on_its_way_is_called_for_too(database, delivery, announcer, clock):
    await receive(database, clock, told("high", "Same"))
    await show_all(delivery)
    await receive(database, clock, make_notification("Same", alerts=(make_alert("Same", firing=False),)))
    await show_all(delivery)
    clock.forward(minutes=10)
    again = make_alert("Same", labels={"severity": "high"}, starts_at=clock())
    await receive(database, clock, make_notification("Same", alerts=(again,)))
    (call,) = [task for task in await database.outbox.due(clock(), 9) if task.reason]
    promised = (await delivery._viewer.view(1)).promised
    shown = (await database.incidents.load(1)).version
    worse = make_alert("Same", labels={"severity": "critical"}, starts_at=clock())
    await receive(database, clock, make_notification("Same", alerts=(worse,)))

    await database.outbox.delivered(call, shown, MessageRef(77, 9901), clock(), called=promised)
    await show_all(delivery)

    assert [page.reason for page in announcer.pages] == [PageReason.SEVERITY_RAISED]


@pytest.mark.parametrize(("posted", "calls"), [(CRITICAL, []), (WARNING, [PageReason.SEVERITY_RAISED])])
async def test_a_card_that_is_found_has_called_for_what_it_was_posted_as(
    database, delivery, announcer, clock, posted, calls
):
    await receive(database, clock, WARNING)
    if posted is CRITICAL:
        await receive(database, clock, CRITICAL)
    await announcer.post(await delivery._viewer.view(1))
    if posted is WARNING:
        await receive(database, clock, CRITICAL)
    # The process has died before it could write down where the card is.
    await database.outbox.suspect()

    await show_all(delivery)

    assert [page.reason for page in (*announcer.pages, *announcer.moved)] == calls
    assert len(announcer.cards) == 1


async def test_a_card_that_was_moved_before_a_crash_is_the_card_though_nobody_need_come_any_more(
    database, delivery, announcer, clock
):
    await receive(database, clock, WARNING)
    await show_all(delivery)
    await receive(database, clock, CRITICAL)
    (place,) = announcer.cards
    moved = await announcer.promote(MessageRef(77, place), Page(await delivery._viewer.view(1), PageReason.OPENED))
    announcer.normal.add(place)
    announcer.unheard[place] = moved
    clock.forward(seconds=1)
    await database.incidents.change(1, lambda i: lifecycle.apply(i, Acknowledged(MINJI, clock())), clock())

    await show_all(delivery)

    ((number, card),) = announcer.cards.items()
    assert (number, card.incident.state) == (moved.message_id, State.ACKNOWLEDGED)
    assert announcer.pages == []


async def test_an_incident_that_becomes_worse_while_it_is_shown_is_shown_once(database, clock, hanging):
    announcer, delivery = hanging
    await receive(database, clock, told("warning", "Slow"))
    other = asyncio.create_task(delivery.step(OTHER_LANE))
    await announcer.began.wait()
    await receive(database, clock, told("critical", "Slow"))

    assert not await delivery.step(URGENT_LANE)

    announcer.go.set()
    await other
    while await delivery.step(URGENT_LANE):
        pass
    assert announcer.order == ["Slow"]
    assert [card.incident.severity for card in announcer.cards.values()] == [Severity.P1]


class Defective(FakeAnnouncer):
    """Stumbles over one incident, as over an answer that nobody expected."""

    def __init__(self):
        super().__init__()
        self.over = "Odd"

    async def post(self, view, replaces=0):
        if view.incident.title == self.over:
            raise RuntimeError("a defect of ours")
        return await super().post(view)


async def test_what_we_stumble_over_hides_nothing_else_and_is_shown_once_that_is_mended(database, clock):
    announcer = Defective()
    delivery = CardDelivery(
        outbox=database.outbox, announcer=announcer, viewer=make_viewer(database, clock), clock=clock
    )
    await receive(database, clock, told("critical", "Odd"))
    await receive(database, clock, told("critical", "Burning"))
    with pytest.raises(RuntimeError):
        await delivery.step()

    await delivery.step()

    assert [card.incident.title for card in announcer.cards.values()] == ["Burning"]
    announcer.over = ""
    clock.forward(minutes=3)
    await show_all(delivery)
    assert {card.incident.title for card in announcer.cards.values()} == {"Burning", "Odd"}


async def test_each_notification_and_each_call_is_counted_once_with_its_time(database, delivery, announcer, clock):
    shown, paged = [], []
    delivery.on_delivered(lambda severity, seconds: shown.append((severity, seconds)), paged.append)
    announcer.fail = [DeliveryDelayed("rate limited", 30)]
    await receive(database, clock, CRITICAL)
    await delivery.step()
    waiting = await database.outbox.waiting(clock())
    clock.forward(seconds=31)
    await show_all(delivery)
    await receive(database, clock, OVER)
    await show_all(delivery)

    assert [count for count, _ in waiting.values()] == [1]
    assert "rate limited" in next(iter(waiting))
    assert shown == [(Severity.P1, 31), (Severity.P1, 0)]
    assert paged == [PageReason.OPENED]
    assert await database.outbox.waiting(clock()) == {}


async def test_a_call_is_kept_where_a_deleted_card_is_posted_anew_without_one(database, delivery, announcer, clock):
    await receive(database, clock, CRITICAL)
    await delivery.step()
    announcer.cards.clear()
    until = clock() + timedelta(minutes=1)
    await database.incidents.change(1, lambda i: lifecycle.apply(i, Acknowledged(MINJI, clock(), until=until)), clock())
    clock.forward(minutes=2)
    await database.incidents.change(1, lambda i: lifecycle.apply(i, AckLapsed(clock())), clock())

    while await delivery.step():
        pass

    assert len(announcer.called) == len(announcer.silent) == 1
    assert [page.reason for page in announcer.pages] == [PageReason.ACK_LAPSED]


class FakeMessenger:
    """People, each with a list of what was written to them alone."""

    def __init__(self):
        self.told = []
        self.fail = []
        self.deaf = set()

    async def message(self, user, call, *, again):
        if self.fail:
            raise self.fail.pop(0)
        if user in self.deaf:
            raise DeliveryRefused("takes no messages")
        self.told.append((user, call.key, call.values["number"]))
        return MessageRef(1, len(self.told))

    async def guild_owner(self):
        return 4711


def told_in_private(database, announcer, clock, messenger, *owners: Owner) -> CardDelivery:
    """A delivery that may write to people where no channel takes a card."""
    return CardDelivery(
        outbox=database.outbox,
        announcer=announcer,
        viewer=make_viewer(database, clock, Catalogue({"api": Service("api", "API", owners)} if owners else {})),
        clock=clock,
        messenger=messenger,
        keepsakes=database.keepsakes,
    )


@pytest.mark.parametrize(
    ("owners", "told"), [((Owner(1001, is_role=False), Owner(501, is_role=True)), 1001), ((), 4711)]
)
async def test_where_no_channel_takes_it_its_owner_or_the_servers_is_told_in_private_once(
    database, announcer, clock, owners, told
):
    messenger = FakeMessenger()
    delivery = told_in_private(database, announcer, clock, messenger, *owners)
    await receive(database, clock, CRITICAL)
    for _ in range(3):
        announcer.fail = [DeliveryRefused("the bot may not write there")]
        await delivery.step()
        clock.forward(minutes=6)

    assert messenger.told == [(told, "page.no_channel", 1)]
    await delivery.step()
    assert len(announcer.cards) == 1


async def test_a_warning_that_no_channel_takes_wakes_nobody_in_private(database, announcer, clock):
    messenger = FakeMessenger()
    delivery = told_in_private(database, announcer, clock, messenger)
    await receive(database, clock, WARNING)
    announcer.fail = [DeliveryRefused("the bot may not write there")]

    await delivery.step()

    assert messenger.told == []


async def test_an_owner_who_takes_no_messages_keeps_no_other_from_being_told(database, announcer, clock):
    messenger = FakeMessenger()
    messenger.deaf = {1}
    owners = (Owner(1, is_role=False), Owner(2, is_role=False))
    delivery = told_in_private(database, announcer, clock, messenger, *owners)
    await receive(database, clock, CRITICAL)
    for _ in range(3):
        announcer.fail = [DeliveryRefused("the bot may not write there")]
        await delivery.step()
        clock.forward(minutes=6)

    assert [user for user, *_ in messenger.told] == [2]


async def test_where_no_owner_takes_messages_who_owns_the_server_is_told(database, announcer, clock):
    messenger = FakeMessenger()
    messenger.deaf = {1}
    delivery = told_in_private(database, announcer, clock, messenger, Owner(1, is_role=False))
    await receive(database, clock, CRITICAL)
    announcer.fail = [DeliveryRefused("the bot may not write there")]

    await delivery.step()

    assert [user for user, *_ in messenger.told] == [4711]


async def test_whom_an_earlier_process_has_told_in_private_is_not_told_again(database, announcer, clock):
    messenger = FakeMessenger()
    await receive(database, clock, CRITICAL)
    for _ in range(2):
        announcer.fail = [DeliveryRefused("the bot may not write there")]
        await told_in_private(database, announcer, clock, messenger).step()
        clock.forward(minutes=6)

    assert messenger.told == [(4711, "page.no_channel", 1)]


async def test_what_got_worse_is_told_in_private_again(database, announcer, clock):
    messenger = FakeMessenger()
    delivery = told_in_private(database, announcer, clock, messenger)
    await receive(database, clock)
    announcer.fail = [DeliveryRefused("the bot may not write there")]
    await delivery.step()
    await receive(database, clock, CRITICAL)
    clock.forward(minutes=6)
    announcer.fail = [DeliveryRefused("the bot may not write there")]

    await delivery.step()

    assert len(messenger.told) == 2


async def test_a_call_that_no_channel_takes_is_told_in_private_though_its_card_is_there(database, announcer, clock):
    messenger = FakeMessenger()
    delivery = told_in_private(database, announcer, clock, messenger)
    await receive(database, clock, WARNING)
    await show_all(delivery)
    await receive(database, clock, CRITICAL)

    announcer.fail = [DeliveryRefused("the bot may not write there")] * 2
    await delivery.step(unseen=True)

    assert messenger.told == [(4711, "page.no_channel", 1)]


async def test_of_a_storm_that_no_channel_takes_each_is_told_in_private_once(database, announcer, clock):
    messenger = FakeMessenger()
    delivery = told_in_private(database, announcer, clock, messenger)
    for number in range(5):
        alert = make_alert(f"Rain{number}", labels={"severity": "high", "service": f"s{number}"})
        await receive(database, clock, make_notification(f"Rain{number}", alerts=(alert,)))
    announcer.fail = [DeliveryRefused("the bot may not write there")] * 5

    await delivery.step()

    assert announcer.fail == []
    assert len(messenger.told) == 1
