"""What is remembered of incidents, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import Severity
from bot.domain.evidence import Analysis, Channel, Claim, Confidence, Finding, ModelUse, Ranking, Suspect, Verdict
from bot.domain.incidents import EntryKind
from bot.domain.memory import Fix, Traits, traits_of
from bot.domain.searches import Search
from bot.errors import Refused, UnknownIncident
from bot.ports import AuditRow
from tests.builders import MINJI, NOW, make_notification
from tests.store.test_store import receive

END = NOW + timedelta(minutes=14)
ROW = AuditRow(END, MINJI, "fix", "#1")


def found(service: str = "db", mechanism: str = "pool") -> Analysis:
    line = Finding("L1", Channel.LOG, service, "log-new", {"template": "Connection is not available\x00"}, 0.9)
    other = Finding("L2", Channel.LOG, "chat", "log-new", {"template": "beside it"}, 0.95)
    ranking = Ranking(0.0, (Suspect(service, 0.9, mechanism),), (line, other), abstained=False)
    return Analysis(ranking, Verdict(Confidence.LIKELY, Claim("the pool of db is exhausted", service)), ModelUse())


async def over(store, name="HighLatency", analysis=None):
    """Let an incident be, be looked into, and end."""
    outcome = await receive(store, make_notification(name))
    number = outcome.incident.number
    if analysis:
        await store.investigations.admit(tuple(Severity), NOW - timedelta(days=1), NOW)
        inquiry = await store.investigations.take()
        await store.investigations.finish(inquiry, analysis, NOW)
    await receive(store, make_notification(name, firing=0, resolved=1), END)
    return number


async def test_what_fixed_it_is_kept_once_with_who_said_so(store):
    number = await over(store)
    fix = Fix("rolled back v3.2 \x00한글", MINJI, END)

    await store.memories.fix(number, fix, ROW)

    assert await store.memories.fix_of(number) == replace(fix, words="rolled back v3.2 한글")
    assert [entry.kind for entry in await store.incidents.timeline(number)][-1] is EntryKind.FIXED
    assert [(row.action, row.actor.name) for row in await store.audit.rows(1)] == [("fix", "minji")]
    assert [task.reason for task in await store.outbox.due(END, 5)] == [None]
    with pytest.raises(Refused, match="fixed_already"):
        await store.memories.fix(number, replace(fix, words="restarted it"), ROW)


async def test_what_is_not_over_has_not_been_fixed(store):
    await receive(store)

    with pytest.raises(Refused, match="not_resolved"):
        await store.memories.fix(1, Fix("x", MINJI, NOW), ROW)
    with pytest.raises(UnknownIncident):
        await store.memories.fix(99, Fix("x", MINJI, NOW), ROW)
    assert await store.memories.fix_of(1) is None


async def test_what_was_found_is_remembered_and_found_by_what_it_shares(store):
    first = await over(store, analysis=found())
    await store.memories.fix(first, Fix("rolled back v3.2", MINJI, END), ROW)
    await over(store, "DiskFull", found("web", "disk"))

    [remembered] = await store.memories.near(99, Traits("Other", "", "pool", "db"))

    assert (remembered.number, remembered.cause) == (first, "the pool of db is exhausted")
    assert remembered.traits == Traits("HighLatency", "api", "pool", "db", frozenset({"Connection is not available"}))
    assert (remembered.lasted, remembered.fix.words) == (timedelta(minutes=5), "rolled back v3.2")
    assert [each.number for each in await store.memories.near(99, Traits("DiskFull"))] == [2]
    assert [each.number for each in await store.memories.near(99, Traits("?", "api"))] == [2, 1]
    assert await store.memories.near(1, Traits("HighLatency", "api")) == []


async def test_an_incident_is_compared_by_its_rule_service_and_what_was_found(store):
    incident = (await receive(store)).incident

    assert traits_of(incident, None) == Traits("HighLatency", "api")
    assert traits_of(incident, found()).templates == {"Connection is not available\x00"}


@pytest.mark.parametrize(
    ("search", "numbers"),
    [
        (Search(), [3, 2, 1]),
        (Search(("latency",)), [1]),
        (Search(("ROLLED", "v3.2")), [1]),
        (Search(("%",)), []),
        (Search(("pool of db",)), [1]),
        (Search(("3",)), [3, 1]),
        (Search(is_open=True), [3]),
        (Search(is_open=False), [2, 1]),
        (Search(severities=(Severity.P2,)), [3, 2, 1]),
        (Search(severities=(Severity.P1,)), []),
        (Search(since=NOW + timedelta(seconds=1)), []),
    ],
)
async def test_incidents_are_searched(store, search, numbers):
    await store.memories.fix(await over(store, analysis=found()), Fix("rolled back v3.2", MINJI, END), ROW)
    await over(store, "DiskFull")
    await receive(store, make_notification("StillOpen"))

    assert [each.number for each in await store.memories.search(search, 10)] == numbers
    assert len(await store.memories.search(search, 1)) == min(1, len(numbers))
