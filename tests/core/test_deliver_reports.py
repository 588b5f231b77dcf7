"""Reports on to Discord: after their card, once, and not when nobody would look any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.deliver import CardDelivery
from bot.domain import lifecycle
from bot.domain.evidence import Analysis, Confidence, ModelUse, Ranking, Verdict
from bot.domain.inquiries import Inquiry, InquiryState
from bot.domain.owners import Catalogue, Service
from bot.domain.views import MessageRef
from bot.errors import DeliveryDelayed, DeliveryRefused, MessageGone, OutOfDate
from bot.ports import Task, TaskKind
from tests.builders import MINJI, NOW, make_notification, make_view
from tests.fakes import FakeAnnouncer, OneTask
from tests.ui.world import make_viewer

CARD = MessageRef(77, 9000)
CATALOGUE = Catalogue({"api": Service("api", "API")})
DONE = Inquiry(
    7,
    42,
    None,
    NOW,
    InquiryState.DONE,
    analysis=Analysis(Ranking(0.0, (), (), True), Verdict(Confidence.INCONCLUSIVE), ModelUse()),
)


class Inquiries:
    """One investigation."""

    def __init__(self, inquiry: Inquiry | None = DONE) -> None:
        self.inquiry = inquiry

    async def load(self, inquiry):
        if self.inquiry is None or self.inquiry.id != inquiry:
            raise OutOfDate("errors.out_of_date")
        return self.inquiry


class Reporter(FakeAnnouncer):
    """Keeps what was reported below which card, and whether it was looked for first."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[MessageRef, object, bool]] = []

    async def report(self, card, report, *, again):
        self._next_failure()
        self.told.append((card, report, again))
        return MessageRef(card.message_id, 1)


class Views:
    async def view(self, number):
        return make_view()


@pytest.fixture
def outbox():
    return OneTask(Task(1, 42, TaskKind.REPORT, 0, NOW, CARD, inquiry=7))


@pytest.fixture
def announcer():
    return Reporter()


@pytest.fixture
def deliver(outbox, announcer, clock):
    def made(investigations=None):
        return CardDelivery(
            outbox=outbox,
            announcer=announcer,
            viewer=Views(),
            clock=clock,
            investigations=investigations or Inquiries(),
            catalogue=CATALOGUE,
        )

    return made


async def test_a_report_is_posted_below_its_card_once(deliver, outbox, announcer):
    delivery = deliver()

    await delivery.step()
    await delivery.step()

    ((card, report, again),) = announcer.told
    assert (card, again) == (CARD, False)
    assert (report.inquiry, report.catalogue) == (DONE, CATALOGUE)
    assert outbox.ref == MessageRef(CARD.message_id, 1)
    assert announcer.cards == {}


async def test_a_report_waits_for_its_card_and_that_is_no_failure(deliver, outbox, announcer, clock):
    outbox.task = replace(outbox.task, card=None)
    delivery = deliver()
    for _ in range(30):
        await delivery.step()
        clock.forward(seconds=2)
    assert outbox.task.attempts == 0
    assert announcer.told == []

    outbox.task = replace(outbox.task, card=CARD)
    await delivery.step()

    assert [again for _, _, again in announcer.told] == [False]


async def test_after_a_failure_it_is_looked_for_before_it_is_posted(deliver, outbox, announcer, clock):
    announcer.fail = [DeliveryDelayed("no answer"), DeliveryRefused("the thread is locked")]
    delivery = deliver()
    await delivery.step()
    clock.forward(seconds=2)
    await delivery.step()
    assert outbox.due_at - clock() == timedelta(minutes=5)

    clock.forward(minutes=5)
    await delivery.step()

    assert [again for _, _, again in announcer.told] == [True]


async def test_a_report_whose_card_is_gone_waits_for_the_next_card(deliver, outbox, announcer, clock):
    announcer.fail = [MessageGone()]
    delivery = deliver()
    await delivery.step()
    await delivery.step()
    assert outbox.forgotten == [42]

    outbox.task = replace(outbox.task, card=MessageRef(77, 9001))
    clock.forward(seconds=2)
    await delivery.step()

    assert [card.message_id for card, _, _ in announcer.told] == [9001]


async def test_what_is_gone_again_and_again_is_tried_at_a_slower_pace(deliver, outbox, announcer, clock):
    announcer.fail = [MessageGone(), MessageGone()]
    delivery = deliver()
    await delivery.step()
    outbox.task = replace(outbox.task, card=CARD)
    assert outbox.due_at == clock()

    await delivery.step()

    assert outbox.due_at > clock()


@pytest.mark.parametrize(("hours", "posted"), [(6, 1), (6.01, 0)])
async def test_after_six_hours_nobody_is_told_any_more(deliver, outbox, announcer, clock, hours, posted):
    clock.forward(hours=hours)

    await deliver().step()

    assert len(announcer.told) == posted
    assert outbox.ended == ("delivered" if posted else "stale")


@pytest.mark.parametrize(
    "investigations",
    [Inquiries(None), Inquiries(replace(DONE, state=InquiryState.RUNNING, analysis=None))],
    ids=["forgotten", "running"],
)
async def test_where_there_is_nothing_to_report_the_task_ends(deliver, outbox, announcer, investigations):
    await deliver(investigations).step()

    assert announcer.told == []
    assert outbox.ended == "nothing to report"


async def test_without_investigations_an_old_task_ends(outbox, announcer, clock):
    await CardDelivery(outbox=outbox, announcer=announcer, viewer=Views(), clock=clock).step()

    assert (announcer.told, outbox.ended) == ([], "nothing to report")


async def test_from_the_store_the_card_comes_first_and_its_report_below_it(database, announcer, clock):
    investigations = database.investigations
    viewer = make_viewer(database, clock, CATALOGUE)
    delivery = CardDelivery(
        outbox=database.outbox, announcer=announcer, viewer=viewer, clock=clock, investigations=investigations
    )
    kept = await database.inbox.keep("alertmanager", b"{}", clock())
    told = make_notification()
    await database.incidents.receive(kept, told, lambda known: lifecycle.tell(known, told, clock()), clock())
    await investigations.ask(1, MINJI, clock(), timedelta(0))
    inquiry = await investigations.take()
    await investigations.finish(inquiry, DONE.analysis, clock())

    while await delivery.step():
        pass

    (card,) = announcer.cards
    ((below, report, _),) = announcer.told
    assert below == MessageRef(77, card)
    assert report.inquiry.analysis == DONE.analysis
    # The report did not take the place of the card.
    await database.incidents.redraw([1], clock())
    await delivery.step()
    assert list(announcer.cards) == [card]
    assert announcer.edits == 1
