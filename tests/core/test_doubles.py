"""Cards that Discord posts after all, when another one has taken their place: one is left, and the others point to it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from bot.core.deliver import CardDelivery
from bot.core.doubles import Doubles
from bot.domain import lifecycle
from bot.domain.alerts import Severity
from bot.domain.jobs import JobName
from bot.domain.views import MessageRef
from bot.errors import DeliveryDelayed, DeliveryRefused, DeliveryUnanswered, MessageGone
from bot.ports.posted import PostedCard
from tests.builders import make_notification
from tests.fakes import FakeAnnouncer
from tests.ui.world import make_viewer

NORMAL = 502


class FakePosted:
    """Messages with buttons, by channel; `pointing` are those that say where the card is."""

    def __init__(self):
        self.cards = {Severity.P1: [], Severity.P3: []}
        self.pointing = []
        self.removed = []
        self.failing = None
        self.forbidden = None

    async def listed(self, severity):
        if severity is self.forbidden:
            raise DeliveryRefused("the bot cannot see the channel")
        return list(self.cards[severity])

    async def point(self, posted, to):
        if self.failing:
            raise self.failing
        self.pointing.append((posted.ref, to))

    async def still(self, ref):
        return next((each for some in self.cards.values() for each in some if each.ref == ref), None)

    async def remove(self, posted):
        self.removed.append(posted.ref)


@pytest.fixture
def posted():
    return FakePosted()


@pytest.fixture
def doubles(database, posted, clock):
    return Doubles(jobs=database.jobs, incidents=database.incidents, known=database.posted, posted=posted, clock=clock)


@pytest.fixture
async def card(database, posted, clock):
    """Where the card of #1 is."""
    await database.inbox.keep("alertmanager", b"{}", clock())
    told = make_notification()
    await database.incidents.receive(1, told, lambda known: lifecycle.tell(known, told, clock()), clock())
    viewer = make_viewer(database, clock)
    delivery = CardDelivery(outbox=database.outbox, announcer=FakeAnnouncer(), viewer=viewer, clock=clock)
    await delivery.step()
    place = await database.incidents.card(1)
    posted.cards[Severity.P1] = [PostedCard(1, place, clock())]
    return place


async def take(database, doubles, clock):
    """Do the looks that are due, as the scheduler does."""
    for job in await database.jobs.take([JobName.DOUBLES], clock(), 5, timedelta(seconds=2)):
        await database.jobs.finish(job, await doubles.run(job), clock())


async def test_a_card_that_came_late_points_to_the_one_there_is(database, doubles, posted, card, clock):
    await doubles.expect()
    await doubles.expect()
    clock.forward(seconds=20)
    late = MessageRef(NORMAL, 77)
    posted.cards[Severity.P3] = [PostedCard(1, late, clock())]
    await take(database, doubles, clock)
    early = list(posted.pointing)

    clock.forward(seconds=30)
    await take(database, doubles, clock)

    # Not as long as the request may still be carried out.
    assert (early, posted.pointing) == ([], [(late, card)])
    assert await database.jobs.waiting(JobName.DOUBLES) == []


async def test_one_that_is_just_being_posted_anew_is_looked_at_later(database, doubles, posted, card, clock):
    await doubles.expect()
    posted.cards[Severity.P3] = [PostedCard(1, MessageRef(NORMAL, 77), clock())]
    await database.outbox.forget_card(1, clock())
    clock.forward(minutes=1)

    await take(database, doubles, clock)
    (task,) = await database.outbox.due(clock(), 5)
    await database.outbox.delivered(task, 99, MessageRef(NORMAL, 77), clock())
    assert posted.pointing == []
    clock.forward(minutes=1)
    await take(database, doubles, clock)

    # It was posted there.
    assert posted.pointing == [(card, MessageRef(NORMAL, 77))]


async def test_what_is_only_drawn_again_or_called_for_later_moves_no_card(database, doubles, posted, card, clock):
    told = make_notification(firing=0, resolved=1)
    for told in (make_notification(firing=0, resolved=1), make_notification()):
        delivery = await database.inbox.keep("alertmanager", b"{}", clock())
        await database.incidents.receive(delivery, told, lambda known: lifecycle.tell(known, told, clock()), clock())  # noqa: B023
    await doubles.expect()
    posted.cards[Severity.P3] = [PostedCard(1, MessageRef(NORMAL, 77), clock())]
    clock.forward(minutes=1)

    await take(database, doubles, clock)

    assert posted.pointing == [(MessageRef(NORMAL, 77), card)]


async def test_where_a_card_was_no_late_edit_leaves_one(database, doubles, posted, card, clock):
    left, other = MessageRef(NORMAL, 77), MessageRef(NORMAL, 78)
    await doubles.expect(1, left)
    await doubles.expect(1, other)
    # However many messages stand below it: it is not looked for.
    posted.listed = None
    posted.cards[Severity.P3] = [PostedCard(1, left, clock())]
    clock.forward(minutes=1)

    await take(database, doubles, clock)

    assert posted.pointing == [(left, card)]
    assert await database.jobs.waiting(JobName.DOUBLES) == []


async def test_a_late_card_of_what_is_over_and_needs_none_is_taken_away(database, doubles, posted, card, clock):
    await database.outbox.forget_card(1, clock())
    (task,) = await database.outbox.due(clock(), 5)
    await database.outbox.failed(task, "superseded", None)
    late = posted.cards[Severity.P1] = [PostedCard(1, MessageRef(501, 77), clock())]
    await doubles.expect()
    clock.forward(minutes=1)
    await take(database, doubles, clock)
    # It fires and nothing shows it: it is shown.
    (waits,) = await database.outbox.due(clock(), 5)
    await database.outbox.failed(waits, "superseded", None)
    kept = list(posted.removed)
    told = make_notification(firing=0, resolved=1)
    delivery = await database.inbox.keep("alertmanager", b"{}", clock())
    await database.incidents.receive(delivery, told, lambda known: lifecycle.tell(known, told, clock()), clock())
    (over,) = await database.outbox.due(clock(), 5)
    await database.outbox.failed(over, "superseded", None)
    clock.forward(minutes=1)

    await take(database, doubles, clock)

    assert (waits.incident, kept, posted.removed) == (1, [], [late[0].ref])


async def test_beside_a_digest_it_points_to_the_digest(database, doubles, posted, clock):
    await database.inbox.keep("alertmanager", b"{}", clock())
    told = make_notification()
    await database.incidents.receive(1, told, lambda known: lifecycle.tell(known, told, clock()), clock())
    number = await database.digests.absorb("urgent", [1], clock())
    digest, drawn = await database.digests.load(number, clock(), timedelta())
    await database.digests.shown(digest, drawn, MessageRef(78, 500), clock(), {})
    await doubles.expect()
    posted.cards[Severity.P1] = [PostedCard(1, MessageRef(501, 77), clock())]
    clock.forward(minutes=1)

    await take(database, doubles, clock)

    assert posted.pointing == [(MessageRef(501, 77), MessageRef(78, 500))]


async def test_cards_of_a_database_that_is_no_more_are_left_alone(database, doubles, posted, card, clock):
    old = clock() - timedelta(days=1)
    posted.cards[Severity.P3] = [PostedCard(1, MessageRef(NORMAL, 7), old), PostedCard(99, MessageRef(NORMAL, 8), old)]
    await doubles.expect()
    clock.forward(minutes=1)

    await take(database, doubles, clock)

    assert posted.pointing == []


@pytest.mark.parametrize("forbidden", [Severity.P1, Severity.P3])
async def test_a_channel_that_may_not_be_read_hides_nothing_of_the_other(
    database, doubles, posted, card, clock, forbidden
):
    other = Severity.P3 if forbidden is Severity.P1 else Severity.P1
    posted.forbidden = forbidden
    posted.cards[other] = [PostedCard(1, card, clock()), PostedCard(1, MessageRef(NORMAL, 77), clock())]
    await doubles.expect()
    clock.forward(minutes=1)

    with pytest.raises(DeliveryRefused):
        await take(database, doubles, clock)

    # And is looked at again.
    assert posted.pointing == [(MessageRef(NORMAL, 77), card)]
    assert len(await database.jobs.waiting(JobName.DOUBLES)) == 1


@pytest.mark.parametrize(("error", "again"), [(MessageGone(), 0), (DeliveryRefused("no"), 1)])
async def test_what_may_not_be_drawn_is_tried_again_and_what_is_gone_is_not(
    database, doubles, posted, card, clock, error, again
):
    posted.failing = error
    posted.cards[Severity.P3] = [PostedCard(1, MessageRef(NORMAL, 77), clock())]
    await doubles.expect()
    clock.forward(minutes=1)

    with suppress(DeliveryRefused):
        await take(database, doubles, clock)

    assert len(await database.jobs.waiting(JobName.DOUBLES)) == again


async def test_an_edit_without_an_answer_is_drawn_once_more_when_it_cannot_be_on_its_way(
    database, doubles, posted, clock
):
    await database.inbox.keep("alertmanager", b"{}", clock())
    told = make_notification()
    await database.incidents.receive(1, told, lambda known: lifecycle.tell(known, told, clock()), clock())
    announcer, viewer = FakeAnnouncer(), make_viewer(database, clock)
    delivery = CardDelivery(
        outbox=database.outbox, announcer=announcer, viewer=viewer, clock=clock, doubtful=doubles.expect
    )
    await delivery.step()
    for error in (DeliveryDelayed("rate limited"), DeliveryUnanswered("no answer within 15 s")):
        await database.incidents.redraw([1], clock())
        announcer.fail = [error]
        for _ in range(2):
            await delivery.step()
            clock.forward(seconds=3)
    drawn = announcer.edits
    await take(database, doubles, clock)
    await delivery.step()
    early = announcer.edits
    clock.forward(minutes=1)
    await take(database, doubles, clock)
    await delivery.step()

    # What was answered is not on its way.
    assert (drawn, early, announcer.edits) == (2, 2, 3)
