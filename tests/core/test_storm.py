"""A storm: what is more than a channel carries becomes one digest, and P1 keeps a card of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.core.deliver import CardDelivery, Pace
from bot.core.storm import Storm
from bot.domain import lifecycle
from bot.domain.alerts import Severity
from bot.domain.digests import StormRules
from bot.domain.incidents import PageReason
from bot.domain.lifecycle import AckLapsed, Acknowledged
from bot.domain.owners import Catalogue, Owner, Service
from bot.domain.views import MessageRef
from bot.errors import ChannelClosed, DeliveryDelayed, DeliveryRefused, DeliveryUnanswered, MessageGone
from bot.store.tables import outbox
from tests.builders import MINJI, make_alert, make_notification
from tests.fakes import FakeAnnouncer
from tests.ui.world import make_viewer, make_world

API_TEAM, WEB_TEAM = Owner(1001, is_role=False), Owner(501, is_role=True)
CATALOGUE = Catalogue({"api": Service("api", "API", (API_TEAM,)), "web": Service("web", "Web", (WEB_TEAM,))})
RULES = StormRules(cards=3, calm=timedelta(minutes=3))


class FakeBoard:
    """A channel with digests in it; `fail` errors are raised once each, in order."""

    def __init__(self, announcer):
        self.announcer = announcer
        self.posted = []
        self.drawn = []
        self.calls = []
        self.called = {}
        self.fail = []
        self.unanswered = []

    def _next_failure(self):
        if self.fail:
            raise self.fail.pop(0)

    async def digest(self, digest, call, *, last, again):
        self._next_failure()
        self.drawn.append((digest, last))
        if digest.card is not None:
            return digest.card, ()
        ref = MessageRef(78, 500 + digest.id)
        if again and any(each.id == digest.id for each in self.posted):
            return ref, [owner for owner in call if owner in self.called[digest.id]]
        self.posted.append(digest)
        self.called[digest.id] = tuple(call)
        self.calls += [tuple(call)] if call else []
        if self.unanswered:
            raise self.unanswered.pop()
        return ref, call

    async def call_below(self, digest, call, incidents):
        self.calls.append(tuple(call))
        return MessageRef(78, 900 + len(self.calls))

    async def carried(self, severities):
        self._next_failure()
        return {
            view.incident.number: (MessageRef(78, message), view.incident.opened_at)
            for message, view in self.announcer.cards.items()
        }


@pytest.fixture
def announcer():
    return FakeAnnouncer()


@pytest.fixture
def board(announcer):
    return FakeBoard(announcer)


@pytest.fixture
def delivery(database, announcer, clock):
    viewer = make_viewer(database, clock, CATALOGUE)
    return CardDelivery(outbox=database.outbox, announcer=announcer, viewer=viewer, clock=clock)


@pytest.fixture
def storm(database, board, clock, delivery):
    return Storm(
        digests=database.digests,
        board=board,
        catalogue=CATALOGUE,
        clock=clock,
        rules=RULES,
        busy=delivery.under_way,
    )


async def receive(database, clock, name, *, severity="high", service="api", firing=True, began=None):
    labels = {"severity": severity, "service": service}
    alert = make_alert(name, labels=labels, firing=firing, starts_at=began or clock())
    alert = alert if firing else replace(alert, ends_at=clock())
    delivered = await database.inbox.keep("alertmanager", b"{}", clock())
    told = make_notification(name, alerts=(alert,))
    await database.incidents.receive(delivered, told, lambda known: lifecycle.tell(known, told, clock()), clock())


async def rain(database, clock, count, *, prefix="Rain", **labels):
    for number in range(count):
        await receive(database, clock, f"{prefix}{number}", **labels)


async def show_all(delivery, storm):
    await storm.step("urgent")
    await storm.step("normal")
    while await delivery.step():
        pass


async def test_a_few_cards_are_cards(database, clock, delivery, storm, announcer, board):
    await rain(database, clock, 3)

    await show_all(delivery, storm)

    assert (len(announcer.cards), board.posted) == (3, [])


async def test_more_than_a_channel_carries_is_one_digest_and_p1_has_a_card(
    database, clock, delivery, storm, announcer, board
):
    await rain(database, clock, 20)
    await receive(database, clock, "Down", severity="critical")

    await show_all(delivery, storm)

    (digest,) = board.posted
    assert [view.incident.severity for view in announcer.cards.values()] == [Severity.P1]
    assert len(digest.open) == 20
    assert digest.by_severity() == {Severity.P2: 20}
    assert (await database.inbox.counts())["shown"] == 21
    assert await database.outbox.lag(clock() + timedelta(hours=1)) == 0


async def test_what_comes_while_a_digest_collects_has_no_card_of_its_own_unless_it_is_a_p1(
    database, clock, delivery, storm, announcer, board
):
    await rain(database, clock, 5)
    await show_all(delivery, storm)
    await receive(database, clock, "Later")
    await receive(database, clock, "Down", severity="critical")
    await receive(database, clock, "Elsewhere", severity="warning")

    # Nobody has looked yet whether it is to be gathered.
    while await delivery.step():
        pass
    alone = [view.incident.title for view in announcer.cards.values()]
    clock.forward(seconds=11)
    await show_all(delivery, storm)

    assert sorted(alone) == ["Down", "Elsewhere"]
    assert len(announcer.cards) == 2
    assert "Later" in [line.title for line in board.drawn[-1][0].open]
    assert (await database.inbox.counts())["shown"] == 8


async def test_what_no_digest_takes_has_a_card_within_half_a_minute(database, clock, delivery, storm, announcer):
    await rain(database, clock, 5)
    await show_all(delivery, storm)
    await receive(database, clock, "Left")
    # Whatever keeps the storm from looking: a defect, or Discord that refuses its digest.
    clock.forward(seconds=30)

    await delivery.step()

    assert [view.incident.title for view in announcer.cards.values()] == ["Left"]


async def test_what_may_have_been_posted_before_a_digest_collected_is_found_by_its_own_task(
    database, clock, delivery, storm, announcer
):
    await rain(database, clock, 5)
    await show_all(delivery, storm)
    await receive(database, clock, "Cut off")
    await announcer.post(await delivery._viewer.view(6))
    await database.outbox.suspect()

    await delivery.step()

    assert [view.incident.title for view in announcer.cards.values()] == ["Cut off"]
    assert (await database.inbox.counts())["shown"] == 6


async def test_each_step_gathers_also_by_a_clock_that_does_not_stand_still(database, clock, board, delivery):
    def ticking():
        clock.forward(microseconds=1)
        return clock()

    storm = Storm(digests=database.digests, board=board, catalogue=CATALOGUE, clock=ticking, rules=RULES)
    await rain(database, clock, 5)

    await storm.step("urgent")

    assert len(board.posted) == 1


async def test_each_lane_has_a_digest_of_its_own(database, clock, delivery, storm, announcer, board):
    await rain(database, clock, 4)
    await rain(database, clock, 4, prefix="Drizzle", severity="warning")

    await show_all(delivery, storm)

    assert {digest.lane: len(digest.open) for digest in board.posted} == {"urgent": 4, "normal": 4}
    assert announcer.cards == {}


async def test_owners_are_called_once_for_a_storm(database, clock, delivery, storm, board):
    await rain(database, clock, 5)
    await show_all(delivery, storm)
    await rain(database, clock, 5, prefix="More")
    clock.forward(seconds=11)
    await show_all(delivery, storm)
    await receive(database, clock, "Web", service="web")
    clock.forward(seconds=11)

    await show_all(delivery, storm)

    assert board.calls == [(API_TEAM,), (WEB_TEAM,)]
    assert all([(await database.incidents.load(number)).paged_at for number in range(1, 12)])


async def test_changes_coalesce_and_the_last_state_wins(database, clock, delivery, storm, board):
    await rain(database, clock, 10, severity="warning")
    await show_all(delivery, storm)
    for number in range(1, 4):
        await database.incidents.change(number, lambda i: lifecycle.apply(i, Acknowledged(MINJI, clock())), clock())
        await storm.step("normal")
    for number in range(5):
        await receive(database, clock, f"Rain{9 - number}", severity="warning", firing=False)
    clock.forward(seconds=11)

    await storm.step("normal")

    digest, _ = board.drawn[-1]
    assert len(board.drawn) == 2
    assert (digest.ended, len(digest.held()[0][1])) == (5, 3)


async def test_what_becomes_a_p1_leaves_the_digest_and_calls(database, clock, delivery, storm, announcer):
    await rain(database, clock, 5)
    await show_all(delivery, storm)
    await receive(database, clock, "Rain2", severity="critical")

    await show_all(delivery, storm)
    clock.forward(seconds=11)
    await show_all(delivery, storm)

    assert [view.incident.title for view in announcer.called] == ["Rain2"]
    assert not await database.outbox.due(clock() + timedelta(days=1), 5)


async def test_what_becomes_a_p1_is_called_though_the_digest_is_drawn_first(
    database, clock, delivery, storm, announcer
):
    await rain(database, clock, 5)
    await show_all(delivery, storm)
    clock.forward(seconds=11)
    await receive(database, clock, "Rain2", severity="critical")

    await show_all(delivery, storm)

    assert [view.incident.title for view in announcer.called] == ["Rain2"]


async def test_what_becomes_a_p1_while_the_digest_is_drawn_keeps_its_call(
    database, clock, delivery, storm, announcer, board
):
    await rain(database, clock, 5, severity="warning")
    await show_all(delivery, storm)
    until = clock() + timedelta(minutes=1)
    await database.incidents.change(2, lambda i: lifecycle.apply(i, Acknowledged(MINJI, clock(), until=until)), clock())
    clock.forward(minutes=2)
    await database.incidents.change(2, lambda i: lifecycle.apply(i, AckLapsed(clock())), clock())
    digest, drawn = await database.digests.load(1, clock(), timedelta())
    await receive(database, clock, "Rain1", severity="critical")

    await database.digests.shown(digest, drawn, MessageRef(78, 501), clock(), {})

    assert {task.reason for task in await database.outbox.due(clock(), 5)} == {None}
    await show_all(delivery, storm)
    assert [view.incident.title for view in announcer.called] == ["Rain1"]


async def test_a_p1_that_is_over_when_its_digest_ends_is_still_shown(database, clock, delivery, storm, announcer):
    await rain(database, clock, 5)
    await show_all(delivery, storm)
    await receive(database, clock, "Rain2", severity="critical")
    await receive(database, clock, "Rain2", firing=False, severity="critical")
    await database.digests.end(1, clock())

    await show_all(delivery, storm)

    assert "Rain2" in {view.incident.title for view in announcer.cards.values()}
    assert (await database.inbox.counts())["shown"] == 7


async def test_a_p1_that_was_called_as_a_p2_is_called_when_its_digest_ends(database, clock, delivery, storm, announcer):
    await rain(database, clock, 5)
    await show_all(delivery, storm)
    await receive(database, clock, "Rain2", severity="critical")
    await database.digests.end(1, clock())

    await show_all(delivery, storm)

    assert [view.incident.title for view in announcer.called] == ["Rain2"]
    assert announcer.silent == set()


async def test_it_calms_down_by_itself_and_what_goes_on_has_cards_again(
    database, clock, delivery, storm, announcer, board
):
    await rain(database, clock, 8)
    await show_all(delivery, storm)
    clock.forward(minutes=4)
    await show_all(delivery, storm)
    calm, last = board.drawn[-1]
    assert calm.calm_at is not None
    assert not last

    await receive(database, clock, "New")
    for number in range(6):
        await receive(database, clock, f"Rain{number}", firing=False)
    clock.forward(seconds=11)
    await show_all(delivery, storm)
    await show_all(delivery, storm)

    over, last = board.drawn[-1]
    assert last
    assert (over.ended, len(over.open)) == (6, 2)
    assert {view.incident.title for view in announcer.cards.values()} == {"New", "Rain6", "Rain7"}
    assert await database.digests.open("urgent") == []
    # They were called for below the digest, and their first cards know it.
    assert [view.incident.title for view in announcer.called if view.incident.paged_at is None] == ["New"]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_digest_ends_when_no_edit_can_be_carried_out_late(
    database, clock, delivery, storm, announcer, board, restarted
):
    await rain(database, clock, 8)
    await show_all(delivery, storm)
    clock.forward(minutes=4)
    for number in range(6):
        await receive(database, clock, f"Rain{number}", firing=False)
    if restarted:
        # Of what an earlier process has asked for nothing is known.
        storm = Storm(digests=database.digests, board=board, catalogue=CATALOGUE, clock=clock, rules=RULES)
    else:
        board.fail = [DeliveryUnanswered("no answer within 15 s")]
    await show_all(delivery, storm)
    clock.forward(seconds=20)
    await show_all(delivery, storm)
    early = [last for _, last in board.drawn]
    clock.forward(seconds=11)

    await show_all(delivery, storm)

    assert (any(early), board.drawn[-1][1]) == (False, True)
    assert await database.digests.open("urgent") == []


async def test_a_digest_is_drawn_once_more_after_a_restart(database, clock, delivery, storm, board):
    await rain(database, clock, 8)
    await show_all(delivery, storm)
    again = Storm(digests=database.digests, board=board, catalogue=CATALOGUE, clock=clock, rules=RULES)
    drawn = len(board.drawn)
    for _ in range(6):
        await again.step("urgent")
        clock.forward(seconds=11)

    assert len(board.drawn) == drawn + 1


async def test_what_waited_while_discord_was_away_is_one_digest(database, clock, delivery, storm, announcer, board):
    await rain(database, clock, 6)
    announcer.fail = [DeliveryDelayed("down")] * 6
    board.fail = [DeliveryDelayed("down")]
    while await delivery.step():
        pass
    await storm.step("urgent")
    assert board.posted == []
    clock.forward(hours=2)

    await show_all(delivery, storm)

    assert len(board.posted) == 1
    assert announcer.cards == {}


async def test_a_card_that_came_out_although_the_attempt_seemed_to_fail_stays_the_only_one(
    database, clock, delivery, storm, announcer, board
):
    await rain(database, clock, 6)
    await announcer.post(await delivery._viewer.view(1))
    await database.outbox.suspect()

    await show_all(delivery, storm)

    assert {line.number for line in board.posted[0].lines} == {2, 3, 4, 5, 6}
    assert [view.incident.number for view in announcer.cards.values()] == [1]


async def test_a_digest_whose_post_was_not_answered_is_looked_for(database, clock, delivery, storm, board):
    await rain(database, clock, 5)
    await storm.step("urgent")
    board.posted[:] = board.posted
    # The process died before it could write down where it is.
    await database.digests.gone(1)
    again = Storm(digests=database.digests, board=board, catalogue=CATALOGUE, clock=clock, rules=RULES)

    await again.step("urgent")

    assert len(board.posted) == 1


async def test_who_came_after_a_post_that_was_not_answered_is_called_below_it(database, clock, delivery, storm, board):
    await rain(database, clock, 5)
    board.unanswered = [DeliveryDelayed("reset")]
    await storm.step("urgent")
    await receive(database, clock, "Web", service="web")
    clock.forward(seconds=11)

    await storm.step("urgent")

    assert len(board.posted) == 1
    assert board.calls == [(API_TEAM,), (WEB_TEAM,)]
    assert all([(await database.incidents.load(number)).paged_at for number in range(1, 7)])


async def test_a_promised_call_of_a_storm_with_nobody_to_call_does_not_wait_for_ever(
    database, clock, delivery, storm, board
):
    await rain(database, clock, 5, service="nobodys")
    await show_all(delivery, storm)
    clock.forward(minutes=4)
    await storm.step("urgent")
    until = clock() + timedelta(minutes=1)
    await database.incidents.change(2, lambda i: lifecycle.apply(i, Acknowledged(MINJI, clock(), until=until)), clock())
    clock.forward(minutes=2)
    await database.incidents.change(2, lambda i: lifecycle.apply(i, AckLapsed(clock())), clock())
    await database._runner.write(lambda connection: connection.execute(_put_off_calls(clock() + timedelta(minutes=5))))
    await storm.step("urgent")
    clock.forward(minutes=6)

    await storm.step("urgent")

    assert await database.outbox.lag(clock() + timedelta(hours=1)) == 0


def _put_off_calls(at):
    return update(outbox).where(outbox.c.kind == "call").values(due_at=at)


async def test_a_digest_goes_at_once_where_another_channel_takes_it(database, clock, delivery, storm, board):
    await rain(database, clock, 5)
    board.fail = [ChannelClosed("missing permissions")]
    await storm.step("urgent")
    clock.forward(seconds=3)

    await storm.step("urgent")

    assert len(board.posted) == 1


async def test_a_deleted_digest_is_posted_anew(database, clock, delivery, storm, board):
    await rain(database, clock, 5)
    await storm.step("urgent")
    await rain(database, clock, 1, prefix="More")
    board.fail = [MessageGone()]
    clock.forward(seconds=11)
    await storm.step("urgent")
    board.posted.clear()
    clock.forward(seconds=11)

    await storm.step("urgent")

    assert len(board.posted) == 1
    assert board.posted[0].lost == 1


async def test_what_is_in_a_digest_that_discord_refuses_has_cards(database, clock, delivery, storm, announcer, board):
    await rain(database, clock, 5)
    board.fail = [DeliveryRefused("400")]

    await show_all(delivery, storm)

    assert len(announcer.cards) == len(announcer.called) == 5
    assert await database.digests.open("urgent") == []


async def test_what_is_over_before_discord_refuses_its_digest_has_a_card(
    database, clock, delivery, storm, announcer, board
):
    await rain(database, clock, 5)
    await receive(database, clock, "Rain0", firing=False, began=clock())
    board.fail = [DeliveryRefused("400")]

    await show_all(delivery, storm)

    assert sorted(view.incident.state for view in announcer.cards.values()) == ["firing"] * 4 + ["resolved"]
    assert await database.inbox.oldest_unshown() is None


async def test_cards_of_the_other_channel_hold_up_no_p2(database, announcer, clock):
    pace = Pace(most=3, within_s=5.0, now=lambda: 0.0)
    delivery = CardDelivery(
        outbox=database.outbox, announcer=announcer, viewer=make_viewer(database, clock), clock=clock, pace=pace
    )
    await rain(database, clock, 5, severity="warning")
    await delivery.step((Severity.P3, Severity.P4), unseen=True)
    await receive(database, clock, "Slow")

    await delivery.step((Severity.P1, Severity.P2), unseen=True)

    assert len(announcer.cards) == 6


async def test_a_refused_digest_is_tried_again_later(database, clock, delivery, storm, board):
    await rain(database, clock, 5)
    board.fail = [DeliveryRefused("missing permissions")]
    await storm.step("urgent")
    await storm.step("urgent")
    assert board.posted == []
    clock.forward(minutes=6)

    await storm.step("urgent")

    assert len(board.posted) == 1


async def test_a_call_that_was_promised_for_one_of_a_storm_is_made_below_it(database, clock, delivery, storm, board):
    paged = []
    storm.on_delivered(lambda *_: None, paged.append)
    await rain(database, clock, 5)
    await show_all(delivery, storm)
    until = clock() + timedelta(minutes=1)
    await database.incidents.change(2, lambda i: lifecycle.apply(i, Acknowledged(MINJI, clock(), until=until)), clock())
    clock.forward(minutes=2)
    await database.incidents.change(2, lambda i: lifecycle.apply(i, AckLapsed(clock())), clock())

    await storm.step("urgent")

    assert board.calls == [(API_TEAM,), (API_TEAM,)]
    assert paged == [PageReason.OPENED, PageReason.OPENED]
    assert not await database.outbox.due(clock() + timedelta(days=1), 5)
    assert await database.outbox.lag(clock() + timedelta(hours=1)) == 0


async def test_a_part_of_what_the_channel_takes_is_kept_for_p1(database, announcer, clock):
    seconds = [0.0]
    pace = Pace(most=3, within_s=5.0, now=lambda: seconds[0])
    delivery = CardDelivery(
        outbox=database.outbox, announcer=announcer, viewer=make_viewer(database, clock), clock=clock, pace=pace
    )
    await rain(database, clock, 5)
    urgent = (Severity.P1, Severity.P2)
    await delivery.step(urgent, unseen=True)
    await receive(database, clock, "Down", severity="critical")
    await delivery.step(urgent, unseen=True)
    shown = [view.incident.severity for view in announcer.cards.values()]

    seconds[0] = 6.0
    await delivery.step(urgent, unseen=True)

    assert shown == [Severity.P2] * 3 + [Severity.P1]
    assert len(announcer.cards) == 6


async def test_while_p1_come_one_after_the_other_nothing_less_takes_their_room(database, clock, announcer):
    seconds = [0.0]
    pace = Pace(most=3, within_s=5.0, now=lambda: seconds[0])
    delivery = CardDelivery(
        outbox=database.outbox, announcer=announcer, viewer=make_viewer(database, clock), clock=clock, pace=pace
    )
    urgent = (Severity.P1, Severity.P2)
    for number in range(3):
        await receive(database, clock, f"Down{number}", severity="critical", service=f"s{number}")
        await delivery.step(urgent, unseen=True)
        seconds[0] += 1.0
    await rain(database, clock, 1)
    await delivery.step(urgent, unseen=True)
    shown = [view.incident.severity for view in announcer.cards.values()]

    seconds[0] = 5.0
    await delivery.step(urgent, unseen=True)

    assert shown == [Severity.P1] * 3
    assert [view.incident.severity for view in announcer.cards.values()] == [*shown, Severity.P2]


async def test_what_comes_alone_never_waits_for_room(database, clock, announcer):
    pace = Pace(most=3, within_s=5.0, now=lambda: 0.0)
    delivery = CardDelivery(
        outbox=database.outbox, announcer=announcer, viewer=make_viewer(database, clock), clock=clock, pace=pace
    )
    for number in range(5):
        await receive(database, clock, f"Slow{number}", severity="high", service=f"s{number}")
        await delivery.step((Severity.P1, Severity.P2), unseen=True)

        assert len(announcer.cards) == number + 1


async def test_an_edit_is_no_matter_of_the_lane_for_what_is_new(database, delivery, announcer, clock):
    await receive(database, clock, "Down", severity="critical")
    await delivery.step()
    await database.incidents.redraw([1], clock())
    await receive(database, clock, "New")

    await delivery.step(unseen=True)
    assert (len(announcer.cards), announcer.edits) == (2, 0)
    await delivery.step(unseen=False)
    assert announcer.edits == 1


async def test_what_flaps_is_drawn_once_a_minute_and_pages_once(database, clock, delivery, announcer):
    for number in range(30):
        await receive(database, clock, "Flapping", firing=number % 2 == 0)
        await delivery.step()
        clock.forward(seconds=5)

    (card,) = announcer.cards.values()
    # Four times it fires again, which is nine messages and edits before it is known to flap; then one a minute.
    assert announcer.edits <= 9 + 3
    assert card.incident.flapping_since is not None
    assert card.incident.is_open
    assert announcer.pages == []
    assert (await database.inbox.counts())["shown"] == 30


async def test_what_has_settled_is_shown_as_over(database, clock, delivery, announcer):
    for number in range(12):
        await receive(database, clock, "Flapping", firing=number % 2 == 0)
        clock.forward(seconds=5)
    await delivery.step()
    clock.forward(minutes=16)
    respond = make_world(database).services.respond
    respond._clock = clock

    assert await respond.lapse() == 1
    await delivery.step()

    (card,) = announcer.cards.values()
    assert not card.incident.is_open


async def test_a_call_for_what_got_worse_is_kept_when_it_begins_to_flap(database, clock, delivery, announcer):
    await receive(database, clock, "Flapping")
    await delivery.step()
    for severity in ("high", "high", "critical", "critical", "critical"):
        clock.forward(seconds=5)
        await receive(database, clock, "Flapping", firing=False)
        clock.forward(seconds=5)
        await receive(database, clock, "Flapping", severity=severity)
    assert (await database.incidents.load(1)).flapping_since is not None

    while await delivery.step():
        pass

    assert PageReason.SEVERITY_RAISED in [page.reason for page in announcer.pages]


async def test_a_limit_of_discords_is_waited_for_whatever_channels_change(database, clock, delivery, storm, board):
    await rain(database, clock, 5)
    board.fail = [DeliveryDelayed("rate limited", 60), DeliveryRefused("403")]
    await storm.step("urgent")

    storm.channels_changed()
    clock.forward(seconds=30)
    await storm.step("urgent")
    waited = list(board.posted)
    clock.forward(seconds=31)
    await storm.step("urgent")

    assert (waited, board.fail) == ([], [])


async def test_what_was_refused_is_tried_at_once_when_channels_change(database, clock, delivery, storm, board):
    await rain(database, clock, 5)
    board.fail = [ChannelClosed("missing permissions")]
    await storm.step("urgent")

    storm.channels_changed()
    await storm.step("urgent")

    assert len(board.posted) == 1


async def test_a_clock_that_was_ahead_and_is_set_back_leaves_no_digest_silent(database, clock, delivery, storm, board):
    right = clock.now
    clock.forward(hours=1)
    await rain(database, clock, 6, began=right)
    await show_all(delivery, storm)

    clock.now = right + timedelta(seconds=20)
    await receive(database, clock, "Rain3", firing=False, began=right)
    await storm.step("urgent")
    drawn, _ = board.drawn[-1]
    clock.forward(seconds=11)
    await rain(database, clock, 3, prefix="More")
    for number in (0, 1, 2, 4, 5):
        await receive(database, clock, f"Rain{number}", firing=False, began=right)
    for _ in range(3):
        await show_all(delivery, storm)
        clock.forward(seconds=11)

    assert (drawn.ended, len(board.posted)) == (1, 1)
    assert await database.digests.open("urgent") == []


async def test_a_digest_put_off_by_a_clock_that_was_ahead_is_drawn_when_it_is_right(
    database, clock, delivery, storm, board
):
    await rain(database, clock, 5)
    right = clock.now
    clock.forward(hours=1)
    board.fail = [DeliveryDelayed("503")]
    await storm.step("urgent")

    clock.now = right
    await storm.step("urgent")

    assert len(board.posted) == 1
