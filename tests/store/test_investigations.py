"""Investigations in the store on both databases, and the fake that stands in for them: one contract for all three."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.domain import lifecycle
from bot.domain.alerts import AlertStatus, Severity
from bot.domain.evidence import Analysis, Channel, Claim, Confidence, Finding, ModelUse, Ranking, Suspect, Verdict
from bot.domain.incidents import EntryKind, State
from bot.domain.inquiries import Exchange, Inquiry, InquiryState, Past, Rating
from bot.domain.lifecycle import Notified
from bot.domain.people import BONGSU
from bot.domain.telemetry import Change, ChangeKind, Gap, Window
from bot.domain.views import MessageRef
from bot.errors import OutOfDate, TooSoon, UnknownIncident
from bot.store.database import Database
from bot.store.tables import investigations, outbox
from tests.builders import JUN, MALLORY, MINJI, NOW, make_alert, make_notification
from tests.fakes import FakeInvestigations
from tests.postgres import create_database

LATER = NOW + timedelta(minutes=5)
PAUSE = timedelta(minutes=2)
URGENT = (Severity.P1, Severity.P2)
REF = MessageRef(2**62, 2**61)
HOSTILE = "pool\x00 of `db` \ud800 <@1>"
CLEAN = "pool of `db` ? <@1>"


def notification(name, severity="high", group="", **changes):
    alert = make_alert(name, labels={"severity": severity}, **changes)
    return make_notification(name, alerts=(alert,), group_key=f"{group}{name}")


def make_analysis(cause="the pool is exhausted", **changes):
    finding = Finding(
        "M1", Channel.METRIC, "api", "metric-rose", {"after": "6.2 s"}, 0.9, "up", Window(NOW - PAUSE, NOW), "https://x"
    )
    change = Change(NOW.timestamp(), ChangeKind.DEPLOY, "v2", "deploy v2", "api")
    ranking = Ranking(NOW.timestamp(), (Suspect("api", 0.8, "pool", ("M1",)),), (finding,), False, ("web",), change)
    verdict = Verdict(Confidence.LIKELY, Claim(cause, "api", ("M1",)) if cause else None)
    analysis = Analysis(ranking, verdict, ModelUse("m", 10, 20, 0.25, 1), (Gap("loki", "gap.slow"),), similar=(3,))
    return replace(analysis, **changes)


class Stored:
    """The store, with what the contract needs to set the scene."""

    def __init__(self, store):
        self.store = store
        self.investigations = store.investigations

    async def open(self, name="HighLatency", severity="high", at=NOW, **changes):
        return (await self._receive(notification(name, severity, starts_at=at, **changes), at)).incident

    async def resolve(self, incident):
        ended = make_notification(
            incident.title,
            group_key=incident.group,
            alerts=tuple(replace(a, status=AlertStatus.RESOLVED, ends_at=LATER) for a in incident.alerts),
        )
        outcome = await self._receive(ended, LATER)
        assert outcome.incident.state is State.RESOLVED

    async def _receive(self, told, at):
        delivery = await self.store.inbox.keep("alertmanager", b"{}", at)
        (outcome,) = await self.store.incidents.receive(
            delivery, told, lambda known: lifecycle.tell(known, told, at), at
        )
        return outcome


class Faked:
    """The fake, in the same words."""

    def __init__(self):
        self.investigations = FakeInvestigations()

    async def open(self, name="HighLatency", severity="high", at=NOW, **changes):
        told = notification(name, severity, starts_at=at, **changes)
        incident = lifecycle.apply(None, Notified(told, at)).incident
        incident = replace(incident, number=len(self.investigations.incidents) + 1, version=1)
        self.investigations.incidents[incident.number] = incident
        return incident

    async def resolve(self, incident):
        self.investigations.incidents[incident.number] = replace(incident, state=State.RESOLVED)


@pytest.fixture(params=["sqlite", "postgresql", "fake"])
def place(request):
    """The address of an empty database, or None for the fake."""
    if request.param == "fake":
        return None
    if request.param == "sqlite":
        path = request.getfixturevalue("tmp_path") / "scene.db"
        path.write_bytes(request.getfixturevalue("empty_sqlite").read_bytes())
        return f"sqlite:///{path}"
    template = request.getfixturevalue("postgres_template")
    return create_database(request.getfixturevalue("postgres"), f"i{uuid.uuid4().hex}", template)


@pytest.fixture
async def scene(place):
    if place is None:
        yield Faked()
        return
    async with Database.open(place) as opened:
        yield Stored(opened)


@pytest.fixture
def stored(store):
    return Stored(store)


async def done(scene, incident, analysis=None, at=NOW, by=MINJI):
    """Investigate an incident, whatever else waits."""
    inquiry = await scene.investigations.ask(incident.number, by, at, timedelta())
    await scene.investigations.finish(inquiry, analysis or make_analysis(), at)
    return await scene.investigations.load(inquiry.id)


async def test_every_urgent_incident_is_admitted_once(scene):
    urgent, warning = await scene.open("A"), await scene.open("B", "warning")

    counts = [await scene.investigations.admit(URGENT, NOW, NOW) for _ in range(2)]

    assert counts == [1, 0]
    inquiry = await scene.investigations.take()
    assert (inquiry.incident, inquiry.asked_by, inquiry.asked_at) == (urgent.number, None, NOW)
    assert warning.severity not in URGENT
    assert await scene.investigations.take() is None


async def test_what_was_opened_before_or_is_over_is_not_admitted(scene):
    await scene.open("Old", at=NOW - timedelta(hours=1))
    await scene.resolve(await scene.open("Over"))

    assert await scene.investigations.admit(URGENT, NOW, NOW) == 0
    assert await scene.investigations.admit((), NOW - timedelta(days=1), NOW) == 0


async def test_what_a_person_has_asked_for_is_not_admitted_as_well(scene):
    incident = await scene.open()
    await scene.investigations.ask(incident.number, MINJI, NOW, PAUSE)

    assert await scene.investigations.admit(URGENT, NOW, NOW) == 0


async def test_a_failed_one_is_not_admitted_again(scene):
    await scene.open()
    await scene.investigations.admit(URGENT, NOW, NOW)
    await scene.investigations.fail(await scene.investigations.take(), "broken")

    assert await scene.investigations.admit(URGENT, NOW, LATER) == 0
    assert await scene.investigations.take() is None


async def test_the_most_severe_is_taken_first_then_the_oldest(scene):
    first, second = await scene.open("A"), await scene.open("B")
    worst = await scene.open("C", "critical")
    for incident in (first, second, worst):
        await scene.investigations.ask(incident.number, MINJI, NOW, PAUSE)

    taken = [await scene.investigations.take() for _ in range(4)]

    assert [each.incident for each in taken[:3]] == [worst.number, first.number, second.number]
    assert [(each.state, each.attempts) for each in taken[:3]] == [(InquiryState.RUNNING, 1)] * 3
    assert taken[3] is None


async def test_what_has_ended_by_itself_is_not_run_unless_a_person_asked(scene):
    ended, asked = await scene.open("A"), await scene.open("B")
    await scene.investigations.admit(URGENT, NOW, NOW)
    await scene.investigations.ask(asked.number, MINJI, LATER, PAUSE)
    await scene.resolve(ended)
    await scene.resolve(asked)

    only = await scene.investigations.take()

    assert (only.incident, only.asked_by) == (asked.number, MINJI)
    assert await scene.investigations.take() is None
    assert (await scene.investigations.load(1)).state is InquiryState.FAILED


async def test_what_was_running_is_given_back_twice_and_then_never_again(scene):
    incident = await scene.open()
    asked = await scene.investigations.ask(incident.number, MINJI, NOW, PAUSE)

    attempts = []
    while taken := await scene.investigations.take():
        attempts.append(taken.attempts)
        await scene.investigations.give_back()

    assert attempts == [1, 2, 3]
    assert (await scene.investigations.load(asked.id)).state is InquiryState.FAILED


async def test_giving_back_leaves_alone_what_is_not_running(scene):
    incident = await scene.open()
    finished = await done(scene, incident)
    waiting = await scene.investigations.ask(incident.number, MINJI, LATER, PAUSE)

    await scene.investigations.give_back()

    assert await scene.investigations.load(finished.id) == finished
    assert await scene.investigations.load(waiting.id) == waiting


async def test_asking_again_needs_a_pause(scene):
    incident = await scene.open()
    await scene.investigations.ask(incident.number, MINJI, NOW, PAUSE)

    with pytest.raises(TooSoon) as caught:
        await scene.investigations.ask(incident.number, JUN, NOW + timedelta(seconds=90.5), PAUSE)

    assert (caught.value.key, caught.value.values) == ("errors.too_soon", {"seconds": "30"})
    again = await scene.investigations.ask(incident.number, JUN, NOW + PAUSE, PAUSE)
    assert (again.asked_by, again.state, again.attempts) == (JUN, InquiryState.WAITING, 0)


async def test_a_pause_is_for_one_incident(scene):
    await scene.investigations.ask((await scene.open("A")).number, MINJI, NOW, PAUSE)

    other = await scene.investigations.ask((await scene.open("B")).number, MINJI, NOW, PAUSE)

    assert other.state is InquiryState.WAITING


async def test_nothing_can_be_asked_about_an_incident_that_is_not_there(scene):
    with pytest.raises(UnknownIncident):
        await scene.investigations.ask(99, MINJI, NOW, PAUSE)
    with pytest.raises(OutOfDate):
        await scene.investigations.load(99)


async def test_an_analysis_comes_back_as_it_was(scene):
    incident = await scene.open()

    finished = await done(scene, incident, at=LATER)

    assert finished == Inquiry(finished.id, incident.number, MINJI, LATER, InquiryState.DONE, 0, LATER, make_analysis())
    assert await scene.investigations.latest(incident.number) == finished


async def test_the_latest_is_the_newest_that_is_done(scene):
    incident = await scene.open()
    assert await scene.investigations.latest(incident.number) is None
    await done(scene, incident)
    newest = await done(scene, incident, make_analysis("a deploy"), LATER)
    await scene.investigations.ask(incident.number, MINJI, LATER, timedelta())

    assert await scene.investigations.latest(incident.number) == newest


async def test_a_second_outcome_changes_nothing(scene):
    incident = await scene.open()
    finished = await done(scene, incident)

    await scene.investigations.finish(finished, make_analysis("something else"), LATER)
    await scene.investigations.fail(finished, "late")

    assert await scene.investigations.load(finished.id) == finished


async def test_the_outcome_of_what_was_given_back_meanwhile_is_kept(scene):
    incident = await scene.open()
    await scene.investigations.ask(incident.number, MINJI, NOW, PAUSE)
    taken = await scene.investigations.take()
    await scene.investigations.give_back()

    await scene.investigations.finish(taken, make_analysis(), LATER)

    assert (await scene.investigations.latest(incident.number)).id == taken.id
    assert await scene.investigations.take() is None


async def test_a_person_has_one_opinion_and_all_are_counted(scene):
    inquiry = (await done(scene, await scene.open())).id
    await scene.investigations.rate(inquiry, MINJI, Rating.WRONG, NOW)
    await scene.investigations.rate(inquiry, JUN, Rating.USEFUL, NOW)

    counts = await scene.investigations.rate(inquiry, MINJI, Rating.USEFUL, LATER)

    assert counts == {Rating.USEFUL: 2, Rating.USELESS: 0, Rating.WRONG: 0}


async def test_only_what_is_done_can_be_rated(scene):
    waiting = await scene.investigations.ask((await scene.open()).number, MINJI, NOW, PAUSE)

    for inquiry in (waiting.id, 99):
        with pytest.raises(OutOfDate):
            await scene.investigations.rate(inquiry, MINJI, Rating.USEFUL, NOW)


async def test_the_past_is_the_same_rule_on_the_same_service_newest_first(scene):
    first = await scene.open()
    rated = await done(scene, first)
    await scene.investigations.rate(rated.id, MINJI, Rating.WRONG, NOW)
    await scene.investigations.rate(rated.id, JUN, Rating.USEFUL, NOW)
    await scene.investigations.rate(rated.id, MALLORY, Rating.USEFUL, NOW)
    await scene.resolve(first)
    await scene.open("Other")
    hour = NOW + timedelta(hours=1)
    second = await scene.open(at=hour)
    await scene.resolve(second)
    now = await scene.open(at=hour + timedelta(hours=1))

    past = await scene.investigations.past(now, 5)

    assert past == [
        Past(second.number, hour, "api"),
        Past(first.number, NOW, "api", "the pool is exhausted", Rating.USEFUL),
    ]
    assert await scene.investigations.past(now, 1) == past[:1]
    assert await scene.investigations.past(first, 5) == []


async def test_what_fires_at_two_sources_at_once_is_no_past_of_one_another(scene):
    await scene.open(fingerprint="eu", group="eu")
    there = await scene.open(fingerprint="us", group="us")

    assert there.number == 2
    assert await scene.investigations.past(there, 5) == []


async def test_of_opinions_that_are_as_many_the_newest_counts(scene):
    first = await scene.open()
    rated = await done(scene, first)
    await scene.investigations.rate(rated.id, MINJI, Rating.USEFUL, NOW)
    await scene.investigations.rate(rated.id, JUN, Rating.WRONG, LATER)
    await scene.resolve(first)

    (past,) = await scene.investigations.past(await scene.open(at=NOW + timedelta(hours=1)), 5)

    assert past.rating is Rating.WRONG


async def test_the_last_exchanges_are_told_oldest_first(scene):
    incident, other = await scene.open("A"), await scene.open("B")
    said = [
        Exchange(incident.number, MINJI, NOW, f"why {n}?", "because", make_analysis().ranking.findings, 0.01)
        for n in range(3)
    ]
    for exchange in (*said, replace(said[0], incident=other.number)):
        await scene.investigations.remember(exchange)

    assert await scene.investigations.exchanges(incident.number, 2) == said[1:]
    assert await scene.investigations.exchanges(incident.number, 9) == said
    assert await scene.investigations.exchanges(99, 9) == []


# From here on: what only a store has.


async def test_two_workers_never_take_the_same(stored):
    numbers = [(await stored.open(name)).number for name in "ABCDEFGH"]
    await stored.investigations.admit(URGENT, NOW, NOW)

    taken = await asyncio.gather(*(stored.investigations.take() for _ in range(12)))

    assert sorted(each.incident for each in taken if each) == numbers


async def test_two_workers_admit_an_incident_once(stored):
    await stored.open()

    counts = await asyncio.gather(*(stored.investigations.admit(URGENT, NOW, NOW) for _ in range(8)))

    assert sum(counts) == 1


async def test_two_people_who_ask_at_once_ask_once(stored):
    incident = await stored.open()

    answers = await asyncio.gather(
        *(stored.investigations.ask(incident.number, MINJI, NOW, PAUSE) for _ in range(5)), return_exceptions=True
    )

    assert [type(each) for each in answers].count(Inquiry) == 1
    assert [type(each) for each in answers].count(TooSoon) == 4


async def test_somebody_who_presses_twice_at_once_is_one_opinion(stored):
    inquiry = (await done(stored, await stored.open())).id

    await asyncio.gather(*(stored.investigations.rate(inquiry, MINJI, Rating.USEFUL, NOW) for _ in range(5)))

    assert (await stored.investigations.rate(inquiry, JUN, Rating.WRONG, NOW))[Rating.USEFUL] == 1


async def show(store, at):
    """Show what is due, as the worker does; return what that was."""
    tasks = await store.outbox.due(at, 10)
    for task in tasks:
        incident = await store.incidents.load(task.incident)
        await store.outbox.delivered(task, incident.version, REF, at)
    return [(task.reason, task.inquiry) for task in tasks]


async def test_an_outcome_draws_the_card_again_and_has_a_report_posted_below_it(stored):
    incident = await stored.open()
    await show(stored.store, NOW)

    inquiry = await done(stored, incident, at=LATER)

    assert (await stored.store.incidents.load(incident.number)).version == incident.version + 1
    card, report = await stored.store.outbox.due(LATER, 10)
    assert (card.reason, card.inquiry) == (None, None)
    assert (report.reason, report.inquiry, report.card, report.attempts) == (None, inquiry.id, REF, 0)
    entry = (await stored.store.incidents.timeline(incident.number))[-1]
    assert (entry.kind, entry.actor, entry.at) == (EntryKind.INVESTIGATED, BONGSU, LATER)
    assert dict(entry.detail) == {"reason": "the pool is exhausted"}


async def test_an_outcome_without_a_cause_names_none_in_the_timeline(stored):
    incident = await stored.open()

    await done(stored, incident, make_analysis(cause=None))

    assert dict((await stored.store.incidents.timeline(incident.number))[-1].detail) == {"reason": ""}


async def test_a_report_waits_for_the_first_card(stored):
    incident = await stored.open()
    inquiry = await done(stored, incident)

    assert await show(stored.store, LATER) == [(None, None)]
    assert await show(stored.store, LATER) == [(None, inquiry.id)]
    assert await show(stored.store, LATER) == []


async def test_a_report_that_waits_hides_no_change_of_the_card(stored):
    incident = await stored.open()
    await show(stored.store, NOW)
    inquiry = await done(stored, incident)
    card, report = await stored.store.outbox.due(LATER, 10)
    await stored.store.outbox.delivered(card, incident.version + 1, REF, LATER)

    await stored.store.incidents.redraw([incident.number], LATER)

    assert [task.inquiry for task in await stored.store.outbox.due(LATER, 10)] == [None, inquiry.id]
    assert report.inquiry == inquiry.id


async def test_a_change_and_an_outcome_wait_as_one_card(stored):
    incident = await stored.open()
    await show(stored.store, NOW)
    await stored.store.incidents.redraw([incident.number], NOW)

    await done(stored, incident, at=LATER)

    assert [task.inquiry is None for task in await stored.store.outbox.due(LATER, 10)] == [True, False]


async def test_a_card_that_discord_has_put_off_stays_put_off(stored):
    incident = await stored.open()
    (card,) = await stored.store.outbox.due(NOW, 10)
    await stored.store.outbox.failed(card, "busy", LATER)

    await done(stored, incident)

    assert await stored.store.outbox.due(NOW, 10) == []


async def test_a_report_does_not_move_the_card(stored):
    incident = await stored.open()
    await show(stored.store, NOW)
    await done(stored, incident)
    card, report = await stored.store.outbox.due(LATER, 10)
    await stored.store.outbox.delivered(card, incident.version + 1, REF, LATER)

    await stored.store.outbox.delivered(report, 1, MessageRef(5, 6), LATER)

    assert await stored.investigations.incident_of(REF.message_id) == incident.number
    assert await stored.investigations.incident_of(6) is None
    assert await stored.store.outbox.due(LATER, 10) == []


async def test_a_second_outcome_posts_no_second_report(stored):
    incident = await stored.open()
    await show(stored.store, NOW)
    finished = await done(stored, incident)

    await stored.investigations.finish(finished, make_analysis(), LATER)

    assert [task.inquiry for task in await stored.store.outbox.due(LATER, 10)] == [None, finished.id]


async def test_an_outcome_that_cannot_be_stored_whole_is_not_stored_at_all(stored):
    incident = await stored.open()
    asked = await stored.investigations.ask(incident.number, MINJI, NOW, PAUSE)

    # The incident is a wrong one, so the row of the outbox has nothing to point at.
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await stored.investigations.finish(replace(asked, incident=99), make_analysis(), LATER)

    assert await stored.investigations.load(asked.id) == asked


async def test_text_that_a_database_cannot_keep_is_kept_without_it(stored):
    incident = await stored.open()
    by = replace(MINJI, name=f"minji{HOSTILE}")
    finding = Finding("L1", Channel.LOG, HOSTILE, "log-new", {"template": HOSTILE})
    ranking = replace(make_analysis().ranking, findings=(finding,))

    finished = await done(stored, incident, make_analysis(HOSTILE, ranking=ranking), by=by)
    await stored.investigations.rate(finished.id, by, Rating.USEFUL, NOW)
    await stored.investigations.remember(Exchange(incident.number, by, NOW, HOSTILE, HOSTILE, (finding,)))
    failed = await stored.investigations.ask(incident.number, by, LATER, PAUSE)
    await stored.investigations.fail(failed, HOSTILE)

    assert finished.analysis.verdict.cause.text == CLEAN
    assert finished.analysis.ranking.findings[0].values == {"template": CLEAN}
    assert finished.asked_by.name == f"minji{CLEAN}"
    (said,) = await stored.investigations.exchanges(incident.number, 1)
    assert (said.question, said.answer, said.findings[0].service) == (CLEAN, CLEAN, CLEAN)
    detail = (await stored.store.incidents.timeline(incident.number))[-1].detail
    assert detail == {"reason": CLEAN}


async def test_a_number_that_is_none_does_not_lose_the_outcome(stored):
    analysis = make_analysis(seconds=float("inf"))

    assert (await done(stored, await stored.open(), analysis)).analysis == analysis


@pytest.mark.parametrize("payload", ["", "{", "null", "[]", '{"ranking": {}}', '{"ranking": 1, "verdict": []}'])
async def test_an_outcome_in_a_shape_of_another_version_is_passed_over(stored, payload, caplog):
    incident = await stored.open()
    finished = await done(stored, incident)
    broken = update(investigations).values(payload=payload)
    await stored.store._runner.write(lambda connection: connection.execute(broken))

    with caplog.at_level(logging.WARNING):
        latest = await stored.investigations.latest(incident.number)

    assert latest == replace(finished, analysis=None)
    assert f"investigation {finished.id} cannot be read" in caplog.text
    await stored.resolve(incident)
    (past,) = await stored.investigations.past(await stored.open(at=NOW + timedelta(hours=1)), 5)
    assert past.cause == ""


async def test_why_one_failed_is_kept(stored):
    await stored.open()
    await stored.investigations.admit(URGENT, NOW, NOW)
    await stored.resolve((await stored.store.incidents.open())[0])

    await stored.investigations.take()

    reasons = select(investigations.c.reason)
    assert await stored.store._runner.read(lambda c: c.execute(reasons).scalars().all()) == ["resolved"]


async def test_whoever_listens_hears_of_a_new_one_and_of_an_outcome(stored):
    heard = []
    incident = await stored.open()
    stored.investigations.on_change(lambda: heard.append(1))

    asked = await stored.investigations.ask(incident.number, MINJI, NOW, PAUSE)
    await stored.investigations.admit(URGENT, NOW, NOW)
    assert len(heard) == 1
    await stored.investigations.finish(asked, make_analysis(), LATER)

    assert len(heard) == 2


async def test_pruning_leaves_investigations_to_their_incidents(stored):
    incident = await stored.open()
    await show(stored.store, NOW)
    finished = await done(stored, incident)
    await show(stored.store, NOW)
    exchange = Exchange(incident.number, MINJI, NOW, "why?", "because")
    await stored.investigations.remember(exchange)
    await stored.investigations.rate(finished.id, MINJI, Rating.USEFUL, NOW)

    await stored.store.prune(NOW + timedelta(days=365))

    assert await stored.store._runner.read(lambda c: c.execute(select(func.count()).select_from(outbox)).scalar()) == 0
    assert await stored.investigations.latest(incident.number) == finished
    assert await stored.investigations.exchanges(incident.number, 5) == [exchange]
