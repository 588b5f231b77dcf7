"""Questions in a thread: who may ask, one at a time, answered in place of the first message, remembered."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace

import pytest

from bot.core.access import Access
from bot.core.questions.asking import Asking
from bot.domain import lifecycle
from bot.domain.asking import Answered, Asked, Heard
from bot.domain.evidence import Analysis, Channel, Claim, Confidence, Finding, ModelUse, Verdict
from bot.domain.people import Policy, Right
from bot.domain.views import MessageRef
from bot.errors import DeliveryDelayed, DeliveryRefused, MessageGone
from bot.store.database import Database
from tests.advice.told import make_ranking
from tests.builders import MALLORY, MINJI, join, make_notification
from tests.fakes import HandClock
from tests.ui.world import make_world

THREAD = 9001
ANSWER = Answered(
    question="was there a deploy?",
    claims=(Claim("Yes, v1.4.2.", "api", ("Q1",)),),
    findings=(Finding("Q1", Channel.CHANGE, "api", "asked-changes"),),
    model="claude-haiku-5-5",
    usd=0.002,
)


@dataclass
class Thread:
    """The thread as a dictionary of messages; `fail` errors are raised once each by `answer`."""

    messages: dict[int, str | Answered] = field(default_factory=dict)
    replies: dict[int, int | None] = field(default_factory=dict)
    fail: list[Exception] = field(default_factory=list)
    mute: Exception | None = None

    async def say(self, thread: int, text: str, reply_to: int | None) -> MessageRef:
        if self.mute:
            raise self.mute
        number = 100 + len(self.messages)
        self.messages[number], self.replies[number] = text, reply_to
        return MessageRef(thread, number)

    async def change(self, ref: MessageRef, text: str) -> None:
        self.messages[ref.message_id] = text

    async def answer(self, ref: MessageRef, answered: Answered) -> None:
        if self.fail:
            raise self.fail.pop(0)
        self.messages[ref.message_id] = answered

    @property
    def said(self) -> list[str | Answered]:
        return list(self.messages.values())


@dataclass
class Oracle:
    """Answers at once, or when a test lets it."""

    answered: Answered | Exception = ANSWER
    gate: asyncio.Event | None = None
    asked: list[Asked] = field(default_factory=list)

    async def answer(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        if self.gate:
            await self.gate.wait()
        if isinstance(self.answered, Exception):
            raise self.answered
        return self.answered


@dataclass
class House:
    """The use case over a real store with one incident, whose card is THREAD."""

    asking: Asking
    thread: Thread
    oracle: Oracle
    database: Database
    pauses: list[float]

    async def hear(self, words="was there a deploy?", *, message=1, thread=THREAD, by=MINJI):
        await self.asking.heard(Heard(thread, message, by, words))


@pytest.fixture
def policy() -> Policy:
    return Policy({Right.READ: MINJI.role_ids})


@pytest.fixture
async def house(database, policy, request) -> House:
    world = make_world(database)
    view = await world.fire()
    [task] = await database.outbox.due(world.clock(), 5)
    await database.outbox.delivered(task, view.incident.version, MessageRef(77, THREAD), world.clock())
    thread, oracle, pauses = Thread(), Oracle(), []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    asking = Asking(
        exchanges=database.investigations,
        investigations=database.investigations,
        incidents=database.incidents,
        answerer=oracle,
        access=Access(policy, database.audit, HandClock()),
        clock=HandClock(),
        language=getattr(request, "param", "en"),
        speaker=thread,
        deadline_s=60.0,
        sleep=sleep,
    )
    return House(asking, thread, oracle, database, pauses)


async def test_a_question_is_answered_in_place_of_the_first_message(house):
    await house.hear(message=55)

    assert house.thread.said == [ANSWER]
    assert list(house.thread.replies.values()) == [55]
    assert house.oracle.asked[0].incident.number == 1
    assert house.oracle.asked[0].question == "was there a deploy?"


async def test_an_answer_is_remembered_for_the_next_question(house):
    await house.hear()
    await house.hear("and chat?", message=2)

    [exchange] = house.oracle.asked[1].earlier
    assert (exchange.question, exchange.answer, exchange.usd) == ("was there a deploy?", "Yes, v1.4.2.", 0.002)
    assert [finding.id for finding in exchange.findings] == ["Q1"]
    assert exchange.asked_by == MINJI


async def test_the_last_investigation_is_known_to_the_answerer(house):
    analysis = Analysis(make_ranking(), Verdict(Confidence.POSSIBLE), ModelUse())
    inquiries = house.database.investigations
    await inquiries.ask(1, MINJI, HandClock()(), HandClock()() - HandClock()())
    inquiry = await inquiries.take()
    await inquiries.finish(inquiry, analysis, HandClock()())

    await house.hear()

    assert house.oracle.asked[0].analysis.ranking.finding("M1")


async def test_a_thread_of_somebody_else_is_not_answered(house):
    await house.hear(thread=THREAD + 1)

    assert house.thread.said == []


@pytest.mark.parametrize("gone", ["deleted", "gone", "moved"])
async def test_in_the_thread_of_a_card_whose_place_another_has_taken_it_is_answered(house, gone):
    database, at = house.database, HandClock()()
    moved = MessageRef(78, THREAD + 5)
    if gone == "deleted":
        await database.posted.lose(77, [THREAD], at, 3)
    elif gone == "gone":
        await database.outbox.forget_card(1, at, MessageRef(77, THREAD))
    else:
        await database.incidents.redraw([1], at)
        [task] = await database.outbox.due(at, 5)
        await database.outbox.delivered(task, 99, moved, at, moved=True)
        assert await database.incidents.card(1) == moved
    await house.hear()

    assert house.thread.said == [ANSWER]


async def test_what_has_joined_another_incident_is_answered_as_that_one(house):
    database, at = house.database, HandClock()()
    told = make_notification("Other")
    await database.inbox.keep("alertmanager", b"{}", at)
    await database.incidents.receive(2, told, lambda known: lifecycle.tell(known, told, at), at)
    [task] = await database.outbox.due(at, 5)
    await database.outbox.delivered(task, 99, MessageRef(77, THREAD + 9), at)
    await join(database, 2, 1, at)
    await house.hear(thread=THREAD + 9)

    assert house.thread.said == [ANSWER]
    assert [asked.incident.number for asked in house.oracle.asked] == [1]


async def test_the_same_message_is_answered_once(house):
    await house.hear(message=7)
    await house.hear(message=7)

    assert len(house.oracle.asked) == 1


@pytest.mark.parametrize(("house", "word"), [("en", "may not read"), ("ko", "권한")], indirect=["house"])
async def test_a_stranger_is_refused_and_written_down(house, word):
    await house.hear(by=MALLORY)

    assert word in house.thread.said[0]
    assert house.oracle.asked == []
    row = (await house.database.audit.rows(1))[0]
    assert (row.actor, row.action, row.target, row.allowed) == (MALLORY, "ask", "#1", False)


@pytest.mark.parametrize("words", ["", "  ", "?!", "👀"])
async def test_a_mention_without_a_question_is_told_what_may_be_asked(house, words):
    await house.hear(words)

    assert "was there a deploy?" in house.thread.said[0]
    assert house.oracle.asked == []


async def until(condition) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)


async def test_a_second_question_in_a_thread_has_to_wait(house):
    house.oracle.gate = asyncio.Event()
    first = asyncio.create_task(house.hear(message=1))
    await until(lambda: house.oracle.asked)

    await house.hear("and chat?", message=2)
    house.oracle.gate.set()
    await first
    await house.hear("and chat?", message=3)

    assert "still at the question before" in house.thread.said[1]
    assert [asked.question for asked in house.oracle.asked] == ["was there a deploy?", "and chat?"]


async def test_an_answer_that_hangs_ends_with_a_sentence(house, caplog):
    house.oracle.gate = asyncio.Event()
    house.asking._deadline_s = 0.3

    await house.hear()

    assert "Something went wrong" in house.thread.said[0]
    assert "not answered within" in caplog.text


async def test_a_defect_ends_with_a_sentence_and_is_not_hidden(house):
    house.oracle.answered = RuntimeError("defect")

    with pytest.raises(RuntimeError):
        await house.hear()
    house.oracle.answered = ANSWER
    await house.hear(message=2)

    assert "Something went wrong" in house.thread.said[0]
    assert house.thread.said[1] == ANSWER


async def test_the_end_of_the_process_is_no_defect(house):
    house.oracle.gate = asyncio.Event()
    asking = asyncio.create_task(house.hear())
    await until(lambda: house.oracle.asked)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert "Looking" in house.thread.said[0]


async def test_an_answer_that_discord_does_not_take_for_now_is_said_again(house):
    house.thread.fail = [DeliveryDelayed("rate limited", 2.0), DeliveryDelayed("rate limited", 900.0)]

    await house.hear()

    assert house.thread.said == [ANSWER]
    assert house.pauses == [2.0, 10.0]


async def test_an_answer_whose_place_was_deleted_gets_a_new_one(house):
    house.thread.fail = [MessageGone()]

    await house.hear()

    assert house.thread.said[1] == ANSWER


@pytest.mark.parametrize("error", [DeliveryRefused("locked"), MessageGone(), DeliveryDelayed("down")])
async def test_a_thread_that_takes_nothing_is_logged(house, caplog, error):
    house.thread.mute = error
    with caplog.at_level(logging.WARNING):
        await house.hear()

    assert "could not be answered" in caplog.text
    assert house.oracle.asked == []


async def test_nobody_is_heard_before_there_is_a_place_to_answer(database, policy):
    oracle = Oracle()
    asking = Asking(
        exchanges=database.investigations,
        investigations=database.investigations,
        incidents=database.incidents,
        answerer=oracle,
        access=Access(policy, database.audit, HandClock()),
        clock=HandClock(),
        language="en",
    )

    await asking.heard(Heard(THREAD, 1, MINJI, "hello"))

    assert oracle.asked == []


async def test_too_many_questions_at_once_are_put_off(house):
    house.oracle.gate = asyncio.Event()
    house.asking._busy.update({1, 2, 3, 4})

    await house.hear()

    assert "several questions" in house.thread.said[0]


async def test_an_answer_without_sentences_is_remembered_with_its_findings(house):
    house.oracle.answered = replace(ANSWER, claims=(), silent="budget")

    await house.hear()

    [exchange] = await house.database.investigations.exchanges(1, 5)
    assert (exchange.answer, [finding.id for finding in exchange.findings]) == ("", ["Q1"])
