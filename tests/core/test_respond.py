"""What people and alert sources can do to incidents, with the real store."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from bot.core.access import Access
from bot.core.arrivals import Arrivals
from bot.core.respond import Respond
from bot.domain.incidents import State
from bot.domain.labels import USUAL
from bot.domain.looks import SourceState
from bot.domain.people import Person, Policy, Right
from bot.domain.triage import triage
from bot.domain.views import MessageRef
from bot.errors import NotAllowed, OutOfDate, Refused, SourceUnavailable, UnknownIncident
from tests.builders import JUN, MALLORY, MINJI, alertmanager_body, join, make_alert
from tests.ui.world import make_viewer

POLICY = Policy({Right.ACK: frozenset({501}), Right.SILENCE: frozenset({501}), Right.READ: frozenset({501, 502})})


@pytest.fixture
def respond(database, clock):
    viewer = make_viewer(database, clock)
    access = Access(POLICY, database.audit, clock)
    return Respond(inbox=database.inbox, incidents=database.incidents, viewer=viewer, access=access, clock=clock)


async def tell(database, respond, clock, name="HighLatency", **changes):
    await database.inbox.keep("alertmanager", alertmanager_body(name, **changes), clock())
    await respond.take_in(10)


async def test_a_notification_opens_an_incident_and_its_end_resolves_it(database, respond, clock):
    await tell(database, respond, clock)
    opened = await respond.find("#1", MINJI, Right.READ, "read")

    await tell(database, respond, clock, status="resolved")

    assert opened.state is State.FIRING
    assert (await respond.find("1", MINJI, Right.READ, "read")).state is State.RESOLVED


async def test_a_body_nobody_can_read_is_set_aside_and_holds_nothing_up(database, respond, clock):
    await database.inbox.keep("grafana", b"{}", clock())
    await tell(database, respond, clock)

    assert (await database.inbox.counts())["rejected"] == 1
    assert (await respond.find("#1", MINJI, Right.READ, "read")).title == "HighLatency"
    assert not await respond.take_in(10)


async def test_a_body_we_stumble_over_hides_no_other_alert(database, respond, clock, monkeypatch):
    receive = Respond.receive

    async def stumbling(self, delivery):
        if b"Poison" in delivery.body:
            raise RuntimeError("defect")
        return await receive(self, delivery)

    monkeypatch.setattr(Respond, "receive", stumbling)
    await database.inbox.keep("alertmanager", alertmanager_body("Poison"), clock())
    with pytest.raises(RuntimeError):
        await respond.take_in(10)
    await database.inbox.keep("alertmanager", alertmanager_body("Fine"), clock())
    for _ in range(4):
        with pytest.raises(RuntimeError):
            await respond.take_in(10)

    assert await respond.take_in(10)

    assert (await respond.find("#1", MINJI, Right.READ, "read")).title == "Fine"
    assert (await database.inbox.counts())["rejected"] == 1


async def test_of_several_that_are_taken_in_together_the_one_we_stumble_over_hides_no_other(
    database, respond, clock, monkeypatch
):
    arrival = Arrivals.of

    async def stumbling(self, number, notification):
        if any(alert.name == "Poison" for alert in notification.alerts):
            raise RuntimeError("defect")
        return await arrival(self, number, notification)

    monkeypatch.setattr(Arrivals, "of", stumbling)
    for name in ("First", "Poison", "Last"):
        await database.inbox.keep("alertmanager", alertmanager_body(name), clock())
    await database.inbox.keep("alertmanager", alertmanager_body("First", status="resolved"), clock())
    stumbled = 0
    for _ in range(9):
        try:
            await respond.take_in(10)
        except RuntimeError:
            stumbled += 1

    assert (await respond.find("#1", MINJI, Right.READ, "read")).title == "First"
    assert (await respond.find("#1", MINJI, Right.READ, "read")).state is State.RESOLVED
    assert (await respond.find("#2", MINJI, Right.READ, "read")).title == "Last"
    # Once together with others, and then by itself until it is set aside.
    assert stumbled == 6
    counts = await database.inbox.counts()
    assert (counts["received"], counts["rejected"]) == (0, 1)


async def test_what_is_worse_and_keeps_coming_does_not_bring_together_again_what_was_to_go_alone(
    database, respond, clock, monkeypatch
):
    arrival = Arrivals.of

    async def stumbling(self, number, notification):
        if any(alert.name == "Poison" for alert in notification.alerts):
            raise RuntimeError("defect")
        return await arrival(self, number, notification)

    monkeypatch.setattr(Arrivals, "of", stumbling)

    async def keep(name, severity):
        body = alertmanager_body(name, severity=severity)
        await database.inbox.keep("alertmanager", body, clock(), triage(body, USUAL))

    for name in ("Poison", "Last"):
        await keep(name, "info")
    for turn in range(9):
        await keep(f"Worse{turn}", "critical")
        await keep(f"Worst{turn}", "critical")
        with contextlib.suppress(RuntimeError):
            await respond.take_in(10)

    assert (await respond.find("Last", MINJI, Right.READ, "read")).title == "Last"
    counts = await database.inbox.counts()
    assert (counts["received"], counts["rejected"]) == (0, 1)


async def test_what_is_small_is_taken_in_together_and_a_large_body_by_itself(database, respond, clock):
    for number in range(4):
        await database.inbox.keep("alertmanager", alertmanager_body(f"Rule{number}"), clock())
    large = alertmanager_body("Large", detail="x" * 70_000)
    await database.inbox.keep("alertmanager", large, clock())
    await database.inbox.keep("alertmanager", b"{}", clock())

    assert await respond.take_in(10)

    counts = await database.inbox.counts()
    assert (counts["received"], counts["applied"], counts["rejected"]) == (0, 5, 1)


async def test_a_store_that_does_not_answer_sets_nothing_aside(database, respond, clock, monkeypatch):
    async def failing(self, delivery):
        raise SourceUnavailable("store", "locked")

    await database.inbox.keep("alertmanager", alertmanager_body(), clock())
    with monkeypatch.context() as broken:
        broken.setattr(Respond, "receive", failing)
        for _ in range(9):
            with pytest.raises(SourceUnavailable):
                await respond.take_in(10)

    await respond.take_in(10)

    assert (await respond.find("#1", MINJI, Right.READ, "read")).title == "HighLatency"


async def test_an_acknowledgement_names_who_and_leaves_an_audit_row(database, respond, clock):
    await tell(database, respond, clock)

    incident = await respond.acknowledge(1, MINJI, "looking", timedelta(minutes=30))

    assert incident.ack
    assert (incident.ack.by, incident.ack.until) == (MINJI, clock() + timedelta(minutes=30))
    assert (await database.audit.rows(1))[0].action == "ack"


@pytest.mark.parametrize("person", [JUN, MALLORY])
async def test_without_the_role_nothing_happens_but_a_record(database, respond, clock, person):
    await tell(database, respond, clock)

    with pytest.raises(NotAllowed):
        await respond.acknowledge(1, person)
    with pytest.raises(NotAllowed):
        await respond.release(1, person)

    assert (await respond.find("#1", MINJI, Right.READ, "read")).state is State.FIRING
    rows = await database.audit.rows(5)
    assert [(row.action, row.allowed) for row in rows] == [("unack", False), ("ack", False), ("opened", True)]


async def test_who_manages_the_server_may_do_everything(database, respond, clock):
    await tell(database, respond, clock)

    incident = await respond.acknowledge(1, Person(9, "owner", manages_guild=True))

    assert incident.state is State.ACKNOWLEDGED


async def test_reading_needs_its_role(database, respond, clock):
    await tell(database, respond, clock)

    assert (await respond.read(1, JUN)).incident.number == 1
    with pytest.raises(NotAllowed):
        await respond.read(1, MALLORY)


async def test_a_late_acknowledgement_is_refused(database, respond, clock):
    await tell(database, respond, clock)
    await tell(database, respond, clock, status="resolved")

    with pytest.raises(Refused) as caught:
        await respond.acknowledge(1, MINJI)

    assert caught.value.key == "errors.already_resolved"


async def test_giving_back_what_nobody_has_is_refused(database, respond, clock):
    await tell(database, respond, clock)

    with pytest.raises(Refused) as caught:
        await respond.release(1, MINJI)

    assert caught.value.key == "errors.not_acknowledged"


async def test_an_acknowledgement_lapses_by_itself_once(database, respond, clock):
    await tell(database, respond, clock)
    await respond.acknowledge(1, MINJI, lasts=timedelta(minutes=30))

    early = await respond.lapse()
    clock.forward(minutes=31)

    assert (early, await respond.lapse(), await respond.lapse()) == (0, 1, 0)
    assert (await respond.find("#1", MINJI, Right.READ, "read")).state is State.FIRING


@pytest.mark.parametrize("typed", ["#2", "2", "highlatency", "HighLatency ", "#2 HighLatency"])
async def test_an_incident_is_found_by_number_or_by_the_title_of_the_newest_active_one(database, respond, clock, typed):
    await tell(database, respond, clock)
    await tell(database, respond, clock, status="resolved")
    clock.forward(hours=2)
    await tell(database, respond, clock, starts_at="2026-11-24T05:00:00Z")

    assert (await respond.find(typed, MINJI, Right.READ, "read")).number == 2


@pytest.mark.parametrize("typed", ["", "#", "#99", "nothing", "99999999999999999999", "'; DROP TABLE incidents"])
async def test_what_means_nothing_is_refused(database, respond, clock, typed):
    await tell(database, respond, clock)

    with pytest.raises(UnknownIncident):
        await respond.find(typed, MINJI, Right.READ, "read")


async def test_candidates_are_open_ones_and_those_that_nobody_has_first(database, respond, clock):
    for name in ("First", "Second", "Third"):
        await tell(database, respond, clock, name)
    await respond.acknowledge(3, MINJI)
    await tell(database, respond, clock, "First", status="resolved")

    assert [incident.number for incident in await respond.candidates("")] == [2, 3]
    assert [incident.number for incident in await respond.candidates("thi")] == [3]


async def test_a_lost_alert_is_put_into_the_inbox_and_shown(database, respond, clock):
    lost = [make_alert(rule_uid="abc"), make_alert(labels={"instance": "api-2:8080"})]
    await respond.adopt("grafana", lost, SourceState(None, "1", "https://grafana.example/"))
    await respond.take_in(10)

    incident = await respond.find("#1", MINJI, Right.READ, "read")
    assert (incident.source, len(incident.firing)) == ("grafana", 2)
    assert (incident.lead.rule_uid, incident.origin) == ("abc", "grafana.example#1")


async def test_a_card_that_nobody_knows_is_told_from_one_that_is_not_written_down_yet(database, respond, clock):
    with pytest.raises(OutOfDate):
        await respond.require_card(1, 900)
    await tell(database, respond, clock)
    await respond.require_card(1, 900)
    (task,) = await database.outbox.due(clock(), 5)
    await database.outbox.delivered(task, 1, MessageRef(77, 1000), clock())

    await respond.require_card(1, 1000)
    await respond.require_card(1, 1001)
    with pytest.raises(OutOfDate):
        await respond.require_card(1, 999)


async def test_whatever_was_its_card_is_about_it(database, respond, clock):
    await tell(database, respond, clock)
    (task,) = await database.outbox.due(clock(), 5)
    await database.outbox.delivered(task, 1, MessageRef(77, 1000), clock())
    await database.posted.lose(77, [1000], clock(), 3)
    (task,) = await database.outbox.due(clock(), 5)
    await database.outbox.delivered(task, 1, MessageRef(77, 2000), clock())

    await respond.require_card(1, 1000)
    with pytest.raises(OutOfDate):
        await respond.require_card(1, 1001)


async def test_what_has_joined_another_incident_is_not_told_to_be_over(database, respond, clock):
    for name in ("HighLatency", "Other"):
        await tell(database, respond, clock, name)
    await join(database, 2, 1, clock())
    for wish in (respond.acknowledge, respond.release):
        with pytest.raises(Refused) as refused:
            await wish(2, MINJI)
        assert (refused.value.key, refused.value.values) == ("errors.joined", {"number": "2", "other": "1"})

    # What is over with the whole is over.
    await respond.vanish(1)
    with pytest.raises(Refused, match="already_resolved"):
        await respond.acknowledge(2, MINJI)
