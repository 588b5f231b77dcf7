"""Incidents that turn out to be one trouble, and alerts that a person takes apart: from the webhook to the cards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.correlation import Rules
from bot.domain.alerts import Severity
from bot.domain.evidence import Analysis, Claim, Confidence, ModelUse, Ranking, Suspect, Verdict
from bot.domain.incidents import State
from bot.domain.inquiries import Inquiry, InquiryState
from bot.domain.owners import Catalogue, Service
from bot.domain.people import Person
from bot.domain.views import Report
from bot.errors import NotAllowed, Refused
from bot.ui.report import owners_called
from tests.cases.test_joined import ON, SHOP, tell
from tests.cases.trial import Trial

MINJI = Person(1001, "minji", manages_guild=True)
MALLORY = Person(1003, "mallory")
FORK = Catalogue(
    {
        "web": Service("web", "Web", depends_on=("db",)),
        "batch": Service("batch", "Batch", depends_on=("db",)),
        "db": Service("db", "DB"),
        "mail": Service("mail", "Mail"),
    }
)


def analysis(service, confidence=Confidence.LIKELY):
    ranking = Ranking(0.0, (Suspect(service, 0.9, "pool"),), (), abstained=False)
    return Analysis(ranking, Verdict(confidence), ModelUse())


async def investigate(trial, number, service, confidence=Confidence.LIKELY):
    """Have an incident's investigation end at a service."""
    store = trial.database.investigations
    await store.ask(number, MINJI, trial.clock(), timedelta())
    inquiry = await store.take()
    await store.finish(inquiry, analysis(service, confidence), trial.clock())
    await trial.merging.concluded(number)
    await trial.show()


@pytest.fixture
async def two(database):
    """Two services that fire, and both call a third one that does not."""
    trial = Trial(database, FORK, rules=ON)
    await tell(trial, ("HighLatency", "web"))
    trial.clock.forward(seconds=30)
    await tell(trial, ("JobsLate", "batch"))
    assert len(await trial.incidents()) == 2
    return trial


async def test_investigations_that_end_at_one_cause_make_one_incident_of_two(two):
    await investigate(two, 1, "db")
    assert [each.is_open for each in await two.incidents()] == [True, True]
    await investigate(two, 2, "db")

    whole, gone = await two.incidents()
    assert {alert.service for alert in whole.firing} == {"web", "batch"}
    assert (whole.cause, gone.state, gone.joined_to) == ("db", State.RESOLVED, 1)
    assert "joined: same cause, began 30 s later" in two.texts[0]
    assert "The same trouble as **#1**" in two.texts[1]
    assert two.cards[1].colour != 0x30A46C


@pytest.mark.parametrize(
    ("first", "second", "confidence"),
    [
        ("db", "web", Confidence.LIKELY),
        ("mail", "mail", Confidence.LIKELY),
        ("db", "db", Confidence.INCONCLUSIVE),
    ],
)
async def test_what_does_not_end_at_a_cause_that_both_call_stays_two(two, first, second, confidence):
    await investigate(two, 1, first)
    await investigate(two, 2, second, confidence)

    assert [each.is_open for each in await two.incidents()] == [True, True]


async def test_calls_that_are_learnt_later_join_what_stood_apart(database):
    trial = Trial(database, Catalogue(), rules=ON)
    await tell(trial, ("HighLatency", "web"))
    await tell(trial, ("PoolExhausted", "api"))
    await trial.correlation.learn([("web", "api")])
    await trial.merging.concluded(2)

    whole, gone = await trial.incidents()
    assert (whole.cause, gone.joined_to) == ("api", 1)


async def test_what_ends_while_others_are_compared_with_it_joins_nothing(two, monkeypatch):
    await investigate(two, 1, "db")
    incidents, read = two.database.incidents, two.database.incidents.open

    async def ending(*of, **around):
        await tell(two, ("JobsLate", "batch", "resolved"))
        return await read(*of, **around)

    monkeypatch.setattr(incidents, "open", ending)
    await investigate(two, 2, "db")

    assert [each.state for each in await two.incidents()] == [State.FIRING, State.RESOLVED]


async def test_a_merged_incident_is_told_and_ends_under_the_other_number(two):
    await investigate(two, 1, "db")
    await investigate(two, 2, "db")
    await tell(two, ("JobsLate", "batch"), ("JobsLate", "batch-2"), group="JobsLate/batch")
    whole, gone = await two.incidents()
    assert (len(whole.firing), gone.is_open) == (3, False)

    await tell(two, ("JobsLate", "batch", "resolved"), ("JobsLate", "batch-2", "resolved"), group="JobsLate/batch")
    await tell(two, ("HighLatency", "web", "resolved"))
    assert [each.is_open for each in await two.incidents()] == [False, False]
    assert "🟢" in two.texts[0]


async def test_whoever_had_one_of_them_has_the_whole(two):
    await two.respond.acknowledge(2, MINJI)
    await investigate(two, 1, "db")
    await investigate(two, 2, "db")

    whole, _ = await two.incidents()
    assert (whole.state, whole.ack.by.name) == (State.ACKNOWLEDGED, "minji")


async def test_a_worse_one_that_nobody_has_is_not_hidden_by_an_acknowledgement(database):
    trial = Trial(database, FORK, rules=ON)
    await tell(trial, ("HighLatency", "web"))
    await tell(trial, ("JobsLate", "batch"), severity="P1")
    await trial.respond.acknowledge(1, MINJI)
    await investigate(trial, 1, "db")
    await investigate(trial, 2, "db")

    whole, _ = await trial.incidents()
    assert (whole.state, whole.severity, whole.ack) == (State.FIRING, Severity.P1, None)


async def group_of(trial):
    """Return the key of the group that has joined."""
    (group,) = (await trial.incidents())[0].groups
    return group


@pytest.fixture
async def joined(database):
    trial = Trial(database, SHOP, rules=ON)
    await tell(trial, ("PoolExhausted", "api"))
    await tell(trial, ("HighLatency", "web"))
    assert len(await trial.incidents()) == 1
    return trial


async def test_what_was_joined_wrongly_is_split_off_and_stays_apart(joined):
    own = await joined.merging.split(1, await group_of(joined), MINJI)
    await joined.show()
    await tell(joined, ("HighLatency", "web"))
    await joined.merging.concluded(own.number)

    left, other = await joined.incidents()
    assert [alert.service for alert in left.firing] == ["api"]
    assert [alert.service for alert in other.firing] == ["web"]
    assert (other.title, other.ack) == ("HighLatency", None)
    assert len(joined.cards) == 2

    await tell(joined, ("HighLatency", "web", "resolved"))
    assert [each.is_open for each in await joined.incidents()] == [True, False]


async def test_one_can_take_only_one_of_them(joined):
    own = await joined.merging.split(1, await group_of(joined), MINJI, take=True)

    left, other = await joined.incidents()
    assert (own.number, other.ack.by.name, left.ack) == (2, "minji", None)


async def test_what_is_left_of_an_incident_ends_with_its_alerts(joined):
    await tell(joined, ("PoolExhausted", "api", "resolved"))
    await joined.merging.split(1, await group_of(joined), MINJI)

    assert [each.is_open for each in await joined.incidents()] == [False, True]


async def test_nothing_is_split_off_by_who_may_not_or_where_nothing_fires(joined):
    with pytest.raises(NotAllowed):
        await joined.merging.split(1, await group_of(joined), MALLORY)
    with pytest.raises(Refused):
        await joined.merging.split(1, "another", MINJI)

    assert len(await joined.incidents()) == 1
    rows = [(row.action, row.allowed, row.detail) for row in await joined.database.audit.rows(10)]
    assert ("split", False, "") in rows
    assert ("split", True, "errors.nothing_to_split") in rows


async def test_without_correlation_nothing_is_merged(database):
    trial = Trial(database, FORK, rules=Rules())
    await tell(trial, ("HighLatency", "web"))
    await tell(trial, ("JobsLate", "batch"))
    await investigate(trial, 1, "db")
    await investigate(trial, 2, "db")

    assert [each.is_open for each in await trial.incidents()] == [True, True]


@pytest.mark.parametrize("new", [("DiskSlow", "db"), ("HeapAlmostFull", "api")])
async def test_one_investigation_is_renewed_when_another_service_or_rule_joins(joined, new):
    store = joined.database.investigations
    at = joined.clock()
    assert await store.admit(tuple(Severity), at - timedelta(hours=1), at) == 1
    await store.finish(await store.take(), analysis("api"), at)

    joined.clock.forward(minutes=2)
    assert await store.admit(tuple(Severity), at - timedelta(hours=1), joined.clock()) == 0
    await tell(joined, new)
    at = joined.clock() + timedelta(seconds=1)
    assert await store.admit(tuple(Severity), at - timedelta(hours=1), at) == 1
    assert await store.admit(tuple(Severity), at - timedelta(hours=1), at) == 0


async def test_a_report_on_what_has_joined_does_not_call_again_whom_the_card_has_called(joined):
    await investigate(joined, 1, "api")
    view = next(iter(joined.announcer.cards.values()))
    cause = replace(analysis("api"), verdict=Verdict(Confidence.LIKELY, Claim("broken", "api")))
    inquiry = Inquiry(1, 1, None, joined.clock(), InquiryState.DONE, analysis=cause)

    assert owners_called(Report(view, inquiry, SHOP)) == ()
    alone = replace(view, incident=replace(view.incident, alerts=view.incident.alerts[:1]))
    assert owners_called(Report(alone, inquiry, SHOP)) == SHOP.find("api").owners
