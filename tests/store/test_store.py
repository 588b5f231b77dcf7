"""The nothing-lost contract of the store, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import lifecycle
from bot.domain.alerts import Rule, Severity
from bot.domain.incidents import Entry, EntryKind, PageReason, State
from bot.domain.lifecycle import AckLapsed, Acknowledged, Outcome, Vanished
from bot.domain.people import BONGSU
from bot.domain.silences import Draft, Matcher, Scope, Silence
from bot.domain.triage import Triage
from bot.domain.views import MessageRef
from bot.errors import OutOfDate, UnknownIncident
from bot.ports import Arrival, AuditRow, Posted, TaskKind
from bot.store.database import Database
from tests.builders import MALLORY, MINJI, NOW, make_alert, make_notification

REF = MessageRef(2**62, 2**61)
LATER = NOW + timedelta(minutes=5)


def deciding(notification=None, at=NOW):
    told = notification or make_notification()
    return lambda known: lifecycle.tell(known, told, at)


async def receive(store, notification=None, at=NOW):
    delivery = await store.inbox.keep("alertmanager", b"{}", at)
    told = notification or make_notification()
    return next(iter(await store.incidents.receive(delivery, told, deciding(told, at), at)))


async def show(store, at=NOW):
    for task in await store.outbox.due(at, 10):
        incident = await store.incidents.load(task.incident)
        await store.outbox.delivered(task, incident.version, REF, at)


async def show_card(store, at):
    (task,) = [task for task in await store.outbox.due(at, 10) if task.kind is TaskKind.CARD]
    await store.outbox.delivered(task, (await store.incidents.load(task.incident)).version, REF, at)


async def test_a_body_is_kept_as_it_came(store):
    body = "한글 \x00 ' \" \\ 🔥".encode() + bytes(range(256)) + b"x" * 1024 * 1024

    await store.inbox.keep("grafana", body, NOW)

    (delivery,) = await store.inbox.pending(10)
    assert (delivery.body, delivery.received_at, delivery.source) == (body, NOW, "grafana")


async def test_a_notification_becomes_a_numbered_incident(store):
    outcome = await receive(store)

    assert outcome.incident
    loaded = await store.incidents.load(outcome.incident.number)
    assert loaded == outcome.incident
    assert loaded.number == 1
    assert [entry.kind for entry in await store.incidents.timeline(1)] == [EntryKind.OPENED]


async def test_a_notification_is_done_when_its_card_is_shown(store):
    await receive(store)
    before = await store.inbox.counts()

    await show(store)

    after = await store.inbox.counts()
    assert (before["applied"], before["shown"]) == (1, 0)
    assert (after["applied"], after["shown"]) == (0, 1)
    assert await store.outbox.due(LATER, 10) == []
    await receive(store, make_notification(firing=2))
    assert [task.card for task in await store.outbox.due(LATER, 10)] == [REF]


async def test_taking_a_body_in_twice_changes_nothing(store):
    delivery = await store.inbox.keep("alertmanager", b"{}", NOW)
    first = await store.incidents.receive(delivery, make_notification(), deciding(), NOW)

    second = await store.incidents.receive(delivery, make_notification(), deciding(), NOW)

    assert (len(first), list(second)) == (1, [])
    assert len(await store.incidents.recent(10)) == 1
    assert len(await store.incidents.timeline(1)) == 1


async def test_a_body_is_kept_and_taken_in_with_one_commit_unless_another_one_waits(store):
    posted = Posted("alertmanager", b"{}", NOW, signature="signed")
    arrival = Arrival(0, make_notification(), deciding(), NOW)

    assert await store.incidents.receive_at_once(posted, arrival)
    # A signature that another process has taken: it is the same body.
    assert await store.incidents.receive_at_once(posted, arrival)
    await store.inbox.keep("alertmanager", b"{}", NOW)
    assert not await store.incidents.receive_at_once(replace(posted, signature=None), arrival)

    counts = await store.inbox.counts()
    assert (counts["received"], counts["applied"]) == (1, 1)
    assert len(await store.incidents.timeline(1)) == 1


async def test_twenty_webhooks_at_once_make_one_incident(store):
    outcomes = await asyncio.gather(*(receive(store) for _ in range(20)))

    numbers = {outcome.incident.number for outcome in outcomes if outcome.incident}
    assert numbers == {1}
    assert len(await store.outbox.due(NOW, 10)) == 1


async def test_a_repeated_notification_waits_for_nothing_once_the_card_is_shown(store):
    await receive(store)
    await show(store)

    await receive(store)

    # The alert was heard of again (its seen_at moved), so the card may be drawn again, but nothing new is told.
    assert len(await store.incidents.timeline(1)) == 1


async def test_a_resolved_notification_without_incident_is_done_at_once(store):
    outcome = await receive(store, make_notification(firing=0, resolved=1))

    assert outcome.incident is None
    assert (await store.inbox.counts())["shown"] == 1


async def test_changes_wait_as_one_card(store):
    await receive(store)

    await receive(store, make_notification(firing=3), LATER)
    await receive(store, make_notification(firing=4), LATER)

    assert len(await store.outbox.due(LATER, 10)) == 1


async def test_a_change_while_the_card_is_on_its_way_keeps_it_due(store):
    await receive(store)
    (task,) = await store.outbox.due(NOW, 10)

    await receive(store, make_notification(firing=3), LATER)

    await store.outbox.delivered(task, 1, REF, LATER)

    (again,) = await store.outbox.due(LATER, 10)
    assert again.id == task.id
    assert (await store.inbox.counts())["applied"] == 2


async def test_a_person_changes_an_incident_with_an_audit_row(store):
    await receive(store)
    row = AuditRow(LATER, MINJI, "ack", "#1")

    outcome = await store.incidents.change(
        1,
        lambda incident: lifecycle.apply(incident, Acknowledged(MINJI, LATER, "looking", NOW + timedelta(hours=1))),
        LATER,
        row,
    )

    loaded = await store.incidents.load(1)
    assert loaded == outcome.incident
    assert loaded.ack
    assert (loaded.ack.by.name, loaded.ack.note) == ("minji", "looking")
    (audit,) = await store.audit.rows(1)
    assert (audit.actor.id, audit.action, audit.allowed) == (MINJI.id, "ack", True)


async def test_a_refused_wish_leaves_an_audit_row_and_nothing_else(store):
    await receive(store)
    await store.incidents.change(1, lambda incident: lifecycle.apply(incident, Vanished(LATER)), LATER)
    before = await store.incidents.load(1)

    outcome = await store.incidents.change(
        1,
        lambda incident: lifecycle.apply(incident, Acknowledged(MINJI, LATER)),
        LATER,
        AuditRow(LATER, MINJI, "ack", "#1"),
    )

    assert outcome.refusal == "errors.already_resolved"
    assert await store.incidents.load(1) == before
    assert (await store.audit.rows(1))[0].detail == "errors.already_resolved"


async def test_a_decision_that_fails_changes_nothing(store):
    delivery = await store.inbox.keep("alertmanager", b"{}", NOW)

    def fail(_: object) -> Outcome:
        raise RuntimeError("defect")

    with pytest.raises(RuntimeError, match="defect"):
        await store.incidents.receive(delivery, make_notification(), fail, NOW)

    assert len(await store.inbox.pending(10)) == 1
    assert await store.incidents.recent(10) == []


async def test_firing_again_soon_reopens_the_incident_and_calls_its_owner(store):
    await receive(store)
    await show(store)
    await receive(store, make_notification(firing=0, resolved=1), LATER)
    again = LATER + timedelta(minutes=10)

    outcome = await receive(store, make_notification(firing=1), again)
    await show_card(store, again)

    assert outcome.incident
    assert (outcome.incident.number, outcome.incident.flaps, outcome.incident.state) == (1, 1, State.FIRING)
    assert await store.incidents.load(1) == outcome.incident
    assert [task.reason for task in await store.outbox.due(again, 10)] == [PageReason.REOPENED]


async def test_firing_again_much_later_is_a_new_incident(store):
    await receive(store)
    await receive(store, make_notification(firing=0, resolved=1), LATER)

    later = LATER + timedelta(hours=2)
    outcome = await receive(store, make_notification(alerts=(make_alert(starts_at=later),)), later)

    assert outcome.incident
    assert (outcome.incident.number, outcome.incident.version) == (2, 1)
    assert [incident.number for incident in await store.incidents.open()] == [2]
    assert [incident.number for incident in await store.incidents.recent(10)] == [2, 1]


async def test_a_call_to_the_owner_does_not_move_the_card(store):
    await receive(store)
    await show(store)
    until = NOW + timedelta(minutes=1)
    await store.incidents.change(1, lambda i: lifecycle.apply(i, Acknowledged(MINJI, NOW, until=until)), NOW)
    await store.incidents.change(1, lambda i: lifecycle.apply(i, AckLapsed(LATER)), LATER)
    await show_card(store, LATER)
    (call,) = await store.outbox.due(LATER, 10)

    await store.outbox.delivered(call, 99, MessageRef(5, 6), LATER)

    assert call.reason is PageReason.ACK_LAPSED
    assert await store.outbox.due(LATER, 10) == []
    await store.incidents.redraw([1], LATER)
    assert [task.card for task in await store.outbox.due(LATER, 10)] == [REF]


async def test_concurrent_wishes_are_taken_one_after_the_other(store):
    await receive(store)

    def ack(person):
        return lambda incident: lifecycle.apply(incident, Acknowledged(person, LATER))

    await asyncio.gather(*(store.incidents.change(1, ack(p), LATER) for p in (MINJI, MALLORY, MINJI, MALLORY)))

    kinds = [entry.kind for entry in await store.incidents.timeline(1)]
    assert kinds[:2] == [EntryKind.OPENED, EntryKind.ACKNOWLEDGED]
    assert set(kinds[2:]) == {EntryKind.TAKEN_OVER}
    assert (await store.incidents.load(1)).version == len(kinds)


async def test_the_worst_incident_is_shown_first_and_a_call_after_its_card(store):
    await receive(store, make_notification("Info", alerts=(make_alert("Info", labels={"severity": "info"}),)))
    worse = (make_alert("Crit", labels={"severity": "warning"}),)
    await receive(store, make_notification("Crit", alerts=worse))
    await receive(
        store, make_notification("Crit", alerts=(make_alert("Crit", labels={"severity": "critical"}),)), LATER
    )

    before = await store.outbox.due(LATER, 10)
    await show(store, LATER)
    after = await store.outbox.due(LATER, 10)

    assert [(task.incident, task.reason) for task in before] == [(2, None), (1, None)]
    assert [(task.incident, task.reason) for task in after] == [(2, PageReason.SEVERITY_RAISED)]


async def test_a_failed_task_is_due_again_when_its_time_comes(store):
    await receive(store)
    (task,) = await store.outbox.due(NOW, 10)

    await store.outbox.failed(task, "429 \x00", LATER)

    assert await store.outbox.due(NOW, 10) == []
    (again,) = await store.outbox.due(LATER, 10)
    assert again.attempts == 1
    assert await store.outbox.lag(LATER) == 300


async def test_after_a_restart_every_waiting_task_is_under_suspicion(address):
    async with Database.open(address) as store:
        await receive(store)
        (before,) = await store.outbox.due(NOW, 10)

    async with Database.open(address) as store:
        (after,) = await store.outbox.due(NOW, 10)

    assert (before.attempts, after.attempts) == (0, 1)


async def test_a_task_that_was_given_up_never_comes_back(store):
    await receive(store)
    (task,) = await store.outbox.due(NOW, 10)

    await store.outbox.failed(task, "stale", None)

    assert await store.outbox.due(LATER, 10) == []
    assert await store.outbox.lag(LATER) == 0


async def test_a_card_that_is_gone_is_forgotten(store):
    await receive(store)
    await show(store)

    await store.outbox.forget_card(1, LATER)

    assert [task.card for task in await store.outbox.due(LATER, 10)] == [None]


async def test_a_card_in_the_place_of_the_one_that_is_gone_is_not_forgotten_for_it(store):
    await receive(store)
    await show(store)

    await store.outbox.forget_card(1, LATER, MessageRef(REF.channel_id, REF.message_id - 1))
    (kept,) = await store.outbox.due(LATER, 10)
    await store.outbox.forget_card(1, LATER, REF)
    (gone,) = await store.outbox.due(LATER, 10)

    assert ((kept.card, kept.lost), (gone.card, gone.lost)) == ((REF, 0), (None, 1))


async def test_a_note_redraws_the_card(store):
    await receive(store)
    await show(store)

    await store.incidents.note(1, Entry(LATER, EntryKind.SILENCED, MINJI, {"until": "x"}))

    assert len(await store.outbox.due(LATER, 10)) == 1
    assert (await store.incidents.timeline(1))[-1].detail == {"until": "x"}


async def test_redrawing_queues_each_card(store):
    await receive(store)
    await show(store)

    await store.incidents.redraw([1], LATER)

    assert [task.incident for task in await store.outbox.due(LATER, 10)] == [1]


async def test_lapsed_acknowledgements_are_found(store):
    await receive(store)
    until = NOW + timedelta(minutes=1)
    await store.incidents.change(1, lambda i: lifecycle.apply(i, Acknowledged(MINJI, NOW, until=until)), NOW)

    assert await store.incidents.lapsed(NOW) == []
    assert await store.incidents.lapsed(LATER) == [1]


async def test_what_nobody_knows_is_said(store):
    with pytest.raises(UnknownIncident):
        await store.incidents.load(99)
    with pytest.raises(UnknownIncident):
        await store.incidents.change(99, deciding(), NOW)
    with pytest.raises(OutOfDate):
        await store.silences.load(99)
    with pytest.raises(OutOfDate):
        await store.silences.load_draft(99)


async def test_everything_is_there_after_a_restart(address):
    async with Database.open(address) as store:
        await receive(store)
        await store.keepsakes.remember("commands", "abc")

    async with Database.open(address) as store:
        assert (await store.incidents.open())[0].state is State.FIRING
        assert len(await store.outbox.due(NOW, 10)) == 1
        assert await store.keepsakes.recall("commands") == "abc"
        await store.ping()


async def test_hostile_texts_are_stored(store):
    labels = {"path": "'; DROP TABLE incidents; --", "emoji": "🔥\u202e", "quote": '"\\'}

    outcome = await receive(store, make_notification(alerts=(make_alert(labels=labels),)))

    assert outcome.incident
    assert (await store.incidents.load(outcome.incident.number)).alerts[0].labels["path"] == labels["path"]


async def test_what_no_database_can_write_is_left_out(store):
    bad = "a\x00b\udc00"
    alert = make_alert(bad, labels={"service": bad, "path": bad}, fingerprint="f")
    told = make_notification(alerts=(alert,), group_key="g", external_url=bad)

    outcome = await receive(store, told)
    await store.incidents.change(
        1, lambda incident: lifecycle.apply(incident, Acknowledged(replace(MINJI, name=bad), NOW, bad)), NOW
    )

    assert outcome.incident
    loaded = await store.incidents.load(1)
    assert (loaded.title, loaded.service, loaded.external_url) == ("ab?", "ab?", "ab?")
    assert loaded.ack
    assert loaded.ack.by.name == "ab?"


async def test_a_rejected_body_stays_for_inspection(store):
    delivery = await store.inbox.keep("grafana", b"[]", NOW)

    await store.inbox.reject(delivery, "alerts \x00 missing", LATER)

    assert await store.inbox.pending(10) == []
    assert (await store.inbox.counts())["rejected"] == 1


async def test_old_rows_are_pruned_and_waiting_ones_never(store):
    await receive(store)
    await show(store)
    await receive(store, make_notification("Other"))

    await store.prune(NOW + timedelta(days=1))

    assert await store.inbox.counts() == {"received": 0, "applied": 1, "shown": 0, "rejected": 0}
    assert len(await store.outbox.due(LATER, 10)) == 1


def proposal(**changes):
    draft = Draft(Rule("HighLatency"), Scope.INSTANCE, LATER, MINJI.id, "minji", "planned", make_alert(), 1, 300.0)
    return replace(draft, **changes)


def made(source_id="s1", **changes):
    silence = Silence(source_id, (Matcher("alertname", "HighLatency"),), NOW, LATER, "discord: minji (1001)", "planned")
    return replace(silence, **changes)


async def test_a_proposal_comes_back_as_it_was(store):
    draft = await store.silences.draft(proposal(), NOW)

    assert draft.id > 0
    assert await store.silences.load_draft(draft.id) == draft
    assert replace(draft, id=0) == proposal()


async def test_a_proposal_can_be_changed_until_it_is_taken(store):
    draft = await store.silences.draft(proposal(), NOW)
    await store.silences.draft(replace(draft, scope=Scope.RULE), NOW)

    taken = await store.silences.claim_draft(draft.id, NOW)

    assert taken.scope is Scope.RULE
    with pytest.raises(OutOfDate):
        await store.silences.draft(draft, NOW)


async def test_two_presses_take_a_proposal_once(store):
    draft = await store.silences.draft(proposal(), NOW)

    results = await asyncio.gather(
        *(store.silences.claim_draft(draft.id, NOW) for _ in range(5)), return_exceptions=True
    )

    assert sum(isinstance(result, Draft) for result in results) == 1
    assert sum(isinstance(result, OutOfDate) for result in results) == 4


async def test_a_proposal_that_the_source_did_not_take_is_given_back(store):
    draft = await store.silences.draft(proposal(), NOW)
    claimed = await store.silences.claim_draft(draft.id, NOW)

    await store.silences.release_draft(claimed)

    assert (await store.silences.load_draft(draft.id)).id == draft.id


async def test_a_silence_is_in_force_until_it_is_ended(store):
    row = await store.silences.add(made(), proposal(), AuditRow(NOW, MINJI, "silence", "HighLatency"))
    in_force = await store.silences.active(NOW)

    await store.silences.end(row.id, NOW, AuditRow(NOW, MINJI, "unsilence", "HighLatency"))

    assert [active.silence.source_id for active in in_force] == ["s1"]
    assert in_force[0].rule == "HighLatency"
    assert await store.silences.active(NOW) == []
    assert [audit.action for audit in await store.audit.rows(5)] == ["unsilence", "silence"]


async def test_silences_made_elsewhere_are_taken_over(store):
    await store.silences.sync([made("elsewhere")], NOW)
    await store.silences.sync([made("elsewhere")], NOW)

    assert [row.rule for row in await store.silences.active(NOW)] == ["HighLatency"]


async def test_a_silence_that_was_extended_elsewhere_follows(store):
    await store.silences.sync([made()], NOW)

    await store.silences.sync([made(ends_at=LATER + timedelta(hours=1))], NOW)

    assert [row.silence.ends_at for row in await store.silences.active(NOW)] == [LATER + timedelta(hours=1)]


async def test_a_silence_that_was_ended_elsewhere_is_not_lost(store):
    await store.silences.sync([made()], NOW)
    ended = replace(made(ends_at=NOW + timedelta(minutes=1)), ended_at=NOW + timedelta(minutes=1))

    lost = await store.silences.sync([ended, replace(ended, source_id="of last week")], NOW + timedelta(minutes=2))

    assert lost == []
    assert await store.silences.active(NOW) == []


async def test_a_silence_that_its_source_knows_nothing_of_is_lost(store):
    await store.silences.sync([made()], NOW)

    lost = await store.silences.sync([], NOW + timedelta(minutes=2))
    again = await store.silences.sync([], NOW + timedelta(minutes=3))

    assert [row.silence.source_id for row in lost] == ["s1"]
    assert again == []
    assert await store.silences.active(NOW) == []


async def test_a_silence_that_was_extended_in_its_last_second_goes_on(store):
    await store.silences.sync([made()], NOW)
    after_its_end = LATER + timedelta(seconds=3)

    await store.silences.sync([made(ends_at=LATER + timedelta(hours=1))], after_its_end)

    assert len(await store.silences.active(after_its_end)) == 1


async def test_a_silence_that_was_missing_from_one_list_is_in_force_again(store):
    await store.silences.sync([made()], NOW)
    await store.silences.sync([], NOW + timedelta(minutes=1))

    await store.silences.sync([made()], NOW + timedelta(minutes=3))

    assert len(await store.silences.active(NOW + timedelta(minutes=3))) == 1


async def test_a_silence_made_a_moment_ago_is_not_lost_to_an_older_list(store):
    await store.silences.add(made(), proposal(), AuditRow(NOW, MINJI, "silence", "x"))

    await store.silences.sync([], NOW + timedelta(seconds=5))

    assert len(await store.silences.active(NOW)) == 1


async def test_a_silence_ended_a_moment_ago_is_not_revived_by_an_older_list(store):
    row = await store.silences.add(made(), proposal(), AuditRow(NOW, MINJI, "silence", "x"))
    await store.silences.end(row.id, NOW, AuditRow(NOW, MINJI, "unsilence", "x"))

    await store.silences.sync([made()], NOW)

    assert await store.silences.active(NOW) == []


async def test_a_silence_that_was_seen_first_gets_its_author_later(store):
    await store.silences.sync([made()], NOW)

    row = await store.silences.add(made(), proposal(), AuditRow(NOW, MINJI, "silence", "x"))

    assert [active.id for active in await store.silences.active(NOW)] == [row.id]


async def test_what_the_source_did_is_in_the_audit_trail_too(store):
    await receive(store)
    await receive(store, make_notification(firing=0, resolved=1), LATER)

    rows = await store.audit.rows(5)

    assert [(row.actor, row.action, row.target) for row in rows] == [
        (BONGSU, "resolved", "#1"),
        (BONGSU, "opened", "#1"),
    ]


async def test_a_refusal_is_written_down(store):
    await store.audit.write(AuditRow(NOW, MALLORY, "ack", "#1 \x00", allowed=False))

    (row,) = await store.audit.rows(5)
    assert (row.actor.name, row.allowed) == ("mallory", False)


async def test_a_keepsake_replaces_the_one_before(store):
    await store.keepsakes.remember("a", "1")
    await store.keepsakes.remember("a", "2")

    assert await store.keepsakes.recall("a") == "2"
    assert await store.keepsakes.recall("b") is None


async def test_what_is_remembered_twice_at_once_is_remembered(store):
    await asyncio.gather(*(store.keepsakes.remember("same", str(number)) for number in range(8)))

    assert await store.keepsakes.recall("same") in map(str, range(8))


async def test_entries_name_bongsu_itself(store):
    await receive(store)

    assert (await store.incidents.timeline(1))[0].actor == BONGSU


async def test_how_far_a_body_has_come_is_found_by_a_word_in_it(store):
    first = await store.inbox.keep("grafana", b'{"marker": "0123456789abcdef"}', NOW)
    await store.inbox.keep("grafana", b'{"marker": "fedcba9876543210"}', NOW)
    received = await store.inbox.progress("0123456789abcdef", NOW)
    await store.inbox.reject(first, "unreadable", NOW)

    assert received == "received"
    assert await store.inbox.progress("0123456789abcdef", NOW) == "rejected"
    assert await store.inbox.progress("0123456789abcdef", NOW + timedelta(seconds=1)) is None
    assert await store.inbox.progress("nowhere", NOW) is None


async def test_the_worst_is_read_first_and_one_group_in_its_order(store):
    def glance(severity, group):
        return Triage(Severity[severity], group)

    told = [("P3", "dull"), ("P3", "other"), ("P4", "burning"), ("P1", "burning"), ("P2", "third"), ("P1", "burning")]
    for number, (severity, group) in enumerate(told):
        await store.inbox.keep("grafana", str(number).encode(), NOW, glance(severity, group))

    everything = [delivery.body.decode() for delivery in await store.inbox.pending(10)]
    first = [delivery.body.decode() for delivery in await store.inbox.pending(2)]

    assert everything == ["2", "3", "5", "4", "0", "1"]
    assert first == ["2", "3"]
    assert await store.inbox.oldest() == NOW


async def test_what_arrives_together_is_stored_with_few_commits_and_each_has_its_id(store):
    commits = []
    write = store._runner.write
    store._runner.write = lambda work: (commits.append(1), write(work))[1]

    numbers = await asyncio.gather(*(store.inbox.keep("grafana", str(n).encode(), NOW) for n in range(100)))

    bodies = {delivery.id: delivery.body for delivery in await store.inbox.pending(100)}
    assert [bodies[number] for number in numbers] == [str(n).encode() for n in range(100)]
    assert len(commits) <= 3


async def test_a_sender_that_hangs_up_takes_no_other_body_with_it(store):
    hasty = asyncio.create_task(store.inbox.keep("grafana", b"hasty", NOW))
    patient = asyncio.create_task(store.inbox.keep("grafana", b"patient", NOW))
    await asyncio.sleep(0)
    hasty.cancel()

    assert await patient
    assert b"patient" in [delivery.body for delivery in await store.inbox.pending(10)]


async def test_signatures_are_remembered_with_their_bodies(store):
    await store.inbox.keep("grafana", b"old", NOW - timedelta(hours=1), Triage(), "a" * 64)
    await store.inbox.keep("grafana", b"new", NOW, Triage(), "b" * 64)
    await store.inbox.keep("grafana", b"unsigned", NOW)

    assert await store.inbox.signatures(NOW - timedelta(minutes=10)) == [("b" * 64, NOW)]


async def test_a_card_that_has_waited_long_to_be_drawn_again_gets_ahead_of_what_is_worse_and_has_just_changed(store):
    for name, severity in (("Worse", "warning"), ("Less", "info")):
        alert = make_alert(name, labels={"severity": severity})
        await receive(store, make_notification(name, group_key=name, alerts=(alert,)))
    for task in await store.outbox.due(NOW, 10):
        await store.outbox.delivered(task, 1, MessageRef(1, task.incident), NOW)
    await store.incidents.redraw([2], NOW)
    await store.incidents.redraw([1], NOW + timedelta(seconds=40))

    soon = await store.outbox.due(NOW + timedelta(seconds=1), 10, unseen=False)
    later = await store.outbox.due(NOW + timedelta(seconds=45), 10, unseen=False)
    await store.outbox.delivered(later[0], 1, MessageRef(1, 2), NOW + timedelta(seconds=45))
    changed_meanwhile = await store.outbox.due(NOW + timedelta(seconds=46), 10, unseen=False)

    assert [task.incident for task in soon] == [2]
    assert [task.incident for task in later] == [2, 1]
    assert [task.incident for task in changed_meanwhile] == [1, 2]


async def test_several_bodies_are_taken_in_with_one_commit_and_none_of_them_if_one_fails(store):
    notifications = [make_notification(f"Rule{n}", group_key=f"g{n}") for n in range(3)]
    arrivals = [
        Arrival(await store.inbox.keep("alertmanager", b"{}", NOW), told, deciding(told), NOW) for told in notifications
    ]

    def fail(_: object) -> Outcome:
        raise RuntimeError("defect")

    with pytest.raises(RuntimeError, match="defect"):
        await store.incidents.receive_some([replace(arrivals[0], tell=fail), *arrivals[1:]])
    none = await store.incidents.recent(10)
    outcomes = list[Outcome]()
    while arrivals:
        done = await store.incidents.receive_some(arrivals)
        outcomes += [each for some in done for each in some]
        arrivals = arrivals[len(done) :]

    assert none == []
    assert [outcome.incident.title for outcome in outcomes if outcome.incident] == ["Rule0", "Rule1", "Rule2"]
    assert (await store.inbox.counts())["applied"] == 3


async def test_of_what_is_open_the_newest_are_read_or_those_that_began_in_a_stretch_of_time(store):
    for n in range(4):
        at = NOW + timedelta(minutes=n)
        alert = make_alert(f"Rule{n}", starts_at=at)
        await receive(store, make_notification(f"Rule{n}", group_key=f"g{n}", alerts=(alert,)), at)
    await store.outbox.delivered((await store.outbox.due(LATER, 1))[0], 1, REF, LATER)

    stretch = (NOW + timedelta(minutes=1), NOW + timedelta(minutes=2))

    assert [each.number for each in await store.incidents.open(2)] == [4, 3]
    assert [each.number for each in await store.incidents.open(began=stretch)] == [3, 2]
    assert await store.incidents.with_card() == [1]
