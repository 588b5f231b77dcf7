"""The state machine, cell by cell: every event in every state has one defined outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.alerts import DRILL_LABEL, AlertStatus, Severity
from bot.domain.episodes import LATE_COPY_WITHIN
from bot.domain.incidents import EntryKind, Incident, PageReason, State
from bot.domain.lifecycle import (
    REOPEN_WITHIN,
    AckLapsed,
    Acknowledged,
    Event,
    Notified,
    Rechecked,
    Released,
    Vanished,
    apply,
)
from bot.domain.worsening import PAGE_AT_MOST_EVERY
from tests.builders import JUN, MINJI, NOW, make_alert, make_alerts, make_incident, make_notification

LATER = NOW + timedelta(minutes=10)
SOON = NOW + timedelta(minutes=20)


def firing() -> Incident:
    return make_incident(firing=2)


def acknowledged() -> Incident:
    incident = apply(firing(), Acknowledged(MINJI, NOW, until=NOW + timedelta(minutes=5))).incident
    assert incident
    return incident


def resolved() -> Incident:
    incident = apply(acknowledged(), Notified(make_notification(firing=0, resolved=2), LATER)).incident
    assert incident
    return incident


REPLICA = "http://alertmanager-1.example"


def again(starts_at: object = LATER + timedelta(minutes=4)) -> tuple[object, ...]:
    return make_alerts(1, starts_at=starts_at)


STATES = {"none": lambda: None, "firing": firing, "acknowledged": acknowledged, "resolved": resolved}

EVENTS: dict[str, Event] = {
    "fires": Notified(make_notification(firing=2), SOON),
    "joins": Notified(make_notification(firing=3), SOON),
    "partly resolves": Notified(make_notification(firing=1, resolved=1), SOON),
    "resolves": Notified(make_notification(firing=0, resolved=2), SOON),
    "fires again": Notified(make_notification(alerts=again(SOON)), SOON),
    "fires much later": Notified(make_notification(alerts=again(NOW + timedelta(hours=2))), NOW + timedelta(hours=2)),
    "gets worse": Notified(make_notification(alerts=(make_alert(labels={"severity": "critical"}),)), SOON),
    "ack": Acknowledged(JUN, SOON),
    "ack by its holder": Acknowledged(MINJI, SOON, until=NOW + timedelta(minutes=5)),
    "unack": Released(JUN, SOON),
    "ack lapses": AckLapsed(SOON),
    "vanishes": Vanished(SOON),
    "is looked at": Rechecked(SOON, frozenset()),
}

# (state, event) -> (state after, entries, page, refusal, begins)
TABLE: dict[tuple[str, str], tuple[State | None, list[str], str | None, str | None, bool]] = {
    ("none", "fires"): (State.FIRING, ["opened"], None, None, True),
    ("none", "joins"): (State.FIRING, ["opened"], None, None, True),
    ("none", "partly resolves"): (State.FIRING, ["opened"], None, None, True),
    ("none", "resolves"): (None, [], None, None, False),
    ("none", "fires again"): (State.FIRING, ["opened"], None, None, True),
    ("none", "fires much later"): (State.FIRING, ["opened"], None, None, True),
    ("none", "gets worse"): (State.FIRING, ["opened"], None, None, True),
    ("none", "ack"): (None, [], None, "errors.unknown_incident", False),
    ("none", "ack by its holder"): (None, [], None, "errors.unknown_incident", False),
    ("none", "unack"): (None, [], None, "errors.unknown_incident", False),
    ("none", "ack lapses"): (None, [], None, None, False),
    ("none", "vanishes"): (None, [], None, None, False),
    ("none", "is looked at"): (None, [], None, None, False),
    ("firing", "fires"): (State.FIRING, [], None, None, False),
    ("firing", "joins"): (State.FIRING, ["joined"], None, None, False),
    ("firing", "partly resolves"): (State.FIRING, ["partly_resolved"], None, None, False),
    ("firing", "resolves"): (State.RESOLVED, ["resolved"], None, None, False),
    ("firing", "fires again"): (State.FIRING, [], None, None, False),
    ("firing", "fires much later"): (State.FIRING, [], None, None, False),
    ("firing", "gets worse"): (State.FIRING, ["severity_raised"], "severity_raised", None, False),
    ("firing", "ack"): (State.ACKNOWLEDGED, ["acknowledged"], None, None, False),
    ("firing", "ack by its holder"): (State.ACKNOWLEDGED, ["acknowledged"], None, None, False),
    ("firing", "unack"): (State.FIRING, [], None, "errors.not_acknowledged", False),
    ("firing", "ack lapses"): (State.FIRING, [], None, None, False),
    ("firing", "vanishes"): (State.RESOLVED, ["resolved"], None, None, False),
    ("firing", "is looked at"): (State.FIRING, [], None, None, False),
    ("acknowledged", "fires"): (State.ACKNOWLEDGED, [], None, None, False),
    ("acknowledged", "joins"): (State.ACKNOWLEDGED, ["joined"], "joined", None, False),
    ("acknowledged", "partly resolves"): (State.ACKNOWLEDGED, ["partly_resolved"], None, None, False),
    ("acknowledged", "resolves"): (State.RESOLVED, ["resolved"], None, None, False),
    ("acknowledged", "fires again"): (State.ACKNOWLEDGED, [], None, None, False),
    ("acknowledged", "fires much later"): (State.ACKNOWLEDGED, [], None, None, False),
    ("acknowledged", "gets worse"): (State.FIRING, ["severity_raised"], "severity_raised", None, False),
    ("acknowledged", "ack"): (State.ACKNOWLEDGED, ["taken_over"], None, None, False),
    ("acknowledged", "ack by its holder"): (State.ACKNOWLEDGED, [], None, None, False),
    ("acknowledged", "unack"): (State.FIRING, ["released"], "opened", None, False),
    ("acknowledged", "ack lapses"): (State.FIRING, ["ack_lapsed"], "ack_lapsed", None, False),
    ("acknowledged", "vanishes"): (State.RESOLVED, ["resolved"], None, None, False),
    ("acknowledged", "is looked at"): (State.ACKNOWLEDGED, [], None, None, False),
    ("resolved", "fires"): (State.FIRING, ["reopened"], "reopened", None, False),
    ("resolved", "joins"): (State.FIRING, ["reopened"], "reopened", None, False),
    ("resolved", "partly resolves"): (State.FIRING, ["reopened"], "reopened", None, False),
    ("resolved", "resolves"): (State.RESOLVED, [], None, None, False),
    ("resolved", "fires again"): (State.FIRING, ["reopened"], "reopened", None, False),
    ("resolved", "fires much later"): (State.FIRING, ["opened"], None, None, True),
    ("resolved", "gets worse"): (State.FIRING, ["reopened"], "severity_raised", None, False),
    ("resolved", "ack"): (State.RESOLVED, [], None, "errors.already_resolved", False),
    ("resolved", "ack by its holder"): (State.RESOLVED, [], None, "errors.already_resolved", False),
    ("resolved", "unack"): (State.RESOLVED, [], None, "errors.already_resolved", False),
    ("resolved", "ack lapses"): (State.RESOLVED, [], None, None, False),
    ("resolved", "vanishes"): (State.RESOLVED, [], None, None, False),
    ("resolved", "is looked at"): (State.RESOLVED, [], None, None, False),
}


def test_the_table_has_every_event_in_every_state():
    assert set(TABLE) == {(state, event) for state in STATES for event in EVENTS}


@pytest.mark.parametrize(("state", "event"), TABLE, ids=lambda name: name.replace(" ", "_"))
def test_every_cell(state, event):
    outcome = apply(STATES[state](), EVENTS[event])

    after = outcome.incident.state if outcome.incident else None
    kinds = [entry.kind.value for entry in outcome.entries]
    page = outcome.page.value if outcome.page else None
    assert (after, kinds, page, outcome.refusal, outcome.begins) == TABLE[state, event]


def test_the_documented_table_is_the_tested_one():
    documented = (Path(__file__).parents[2] / "docs/incidents.md").read_text("utf-8")

    for (state, event), (after, kinds, page, refusal, begins) in TABLE.items():
        notes = [
            *kinds,
            *([f"page: {page}"] if page else []),
            *(["refused"] if refusal else []),
            *(["new incident"] if begins else []),
        ]
        row = f"| {state} | {event} | {after.value if after else 'none'} | {', '.join(notes) or 'nothing'} |"
        assert row in documented, row


def test_an_unchanged_incident_is_the_same_object_after_a_repeated_ack():
    incident = acknowledged()

    outcome = apply(incident, EVENTS["ack by its holder"])

    assert outcome.incident is incident


def test_a_late_copy_of_a_firing_message_does_not_reopen_what_has_just_ended():
    ended = resolved()

    outcome = apply(ended, Notified(make_notification(firing=2, external_url=REPLICA), LATER + LATE_COPY_WITHIN / 2))

    assert outcome.incident
    assert (outcome.incident.state, outcome.entries, outcome.page) == (State.RESOLVED, (), None)
    assert outcome.incident.doubted_at == LATER + LATE_COPY_WITHIN / 2


def test_what_one_sender_says_last_is_no_late_copy():
    outcome = apply(resolved(), Notified(make_notification(firing=2), LATER + timedelta(seconds=2)))

    assert outcome.incident
    assert (outcome.incident.state, len(outcome.incident.firing)) == (State.FIRING, 2)


@pytest.mark.parametrize(("active", "state"), [(True, State.FIRING), (False, State.RESOLVED)])
def test_a_doubt_is_settled_by_a_look(active, state):
    doubted = apply(resolved(), Notified(make_notification(firing=2, external_url=REPLICA), LATER)).incident
    assert doubted
    seen = frozenset(alert.fingerprint for alert in doubted.alerts) if active else frozenset()

    outcome = apply(doubted, Rechecked(SOON, seen))

    assert outcome.incident
    assert (outcome.incident.state, outcome.incident.doubted_at) == (state, None)


def test_the_end_told_by_the_other_replica_too_settles_a_doubt():
    doubted = apply(resolved(), Notified(make_notification(firing=2, external_url=REPLICA), LATER)).incident

    outcome = apply(doubted, Notified(make_notification(firing=0, resolved=2, external_url=REPLICA), SOON))

    assert outcome.incident
    assert (outcome.incident.state, outcome.incident.doubted_at) == (State.RESOLVED, None)


def test_within_an_open_incident_a_late_copy_does_not_revive_an_ended_instance():
    incident = apply(firing(), Notified(make_notification(firing=1, resolved=1), LATER)).incident

    late = make_notification(firing=2, external_url=REPLICA)
    outcome = apply(incident, Notified(late, LATER + timedelta(seconds=10)))

    assert outcome.incident
    assert len(outcome.incident.firing) == 1


def test_reopening_counts_the_flap_and_says_since_when():
    reopened = apply(resolved(), Notified(make_notification(alerts=again(SOON)), SOON)).incident

    assert reopened
    assert (reopened.flaps, reopened.resolved_at, reopened.number) == (1, None, 42)
    assert (reopened.opened_at, reopened.reopened_at) == (NOW, SOON)


@pytest.mark.parametrize(
    ("until", "severity", "kept"),
    [
        (None, "high", True),
        (SOON + timedelta(minutes=1), "high", True),
        (LATER, "high", False),
        (None, "critical", False),
    ],
    ids=["for good", "not over", "over", "got worse"],
)
def test_whoever_had_it_has_it_again_after_a_flap(until, severity, kept):
    held = apply(firing(), Acknowledged(MINJI, NOW, until=until)).incident
    ended = apply(held, Notified(make_notification(firing=0, resolved=2), LATER)).incident
    alerts = (make_alert(starts_at=SOON, labels={"severity": severity}),)

    outcome = apply(ended, Notified(make_notification(alerts=alerts), SOON))

    assert outcome.incident
    assert outcome.incident.state is (State.ACKNOWLEDGED if kept else State.FIRING)
    assert (outcome.incident.ack is not None) is kept
    assert outcome.page is (PageReason.REOPENED if severity == "high" else PageReason.SEVERITY_RAISED)


@pytest.mark.parametrize(
    ("called_at", "page_at"),
    [
        (None, SOON),
        (SOON - PAGE_AT_MOST_EVERY, SOON),
        (SOON - timedelta(minutes=1), SOON + timedelta(minutes=4)),
        # The clock was set back.
        (SOON + timedelta(hours=3), SOON),
    ],
)
def test_a_flapping_incident_calls_at_most_every_five_minutes_and_then_it_does(called_at, page_at):
    ended = replace(resolved(), paged_at=called_at)

    outcome = apply(ended, Notified(make_notification(alerts=again(SOON)), SOON))

    assert (outcome.page, outcome.page_at) == (PageReason.REOPENED, page_at)


def test_what_we_ended_ourselves_and_goes_on_has_never_ended():
    held = apply(firing(), Acknowledged(MINJI, NOW)).incident
    guessed = apply(held, Vanished(LATER)).incident

    outcome = apply(guessed, Notified(make_notification(firing=2), NOW + timedelta(hours=5)))

    assert outcome.incident
    assert (outcome.incident.number, outcome.incident.state, outcome.incident.flaps) == (42, State.ACKNOWLEDGED, 0)
    assert (outcome.incident.reopened_at, outcome.page) == (None, None)


def test_a_real_end_corrects_one_that_we_guessed():
    guessed = apply(firing(), Vanished(SOON)).incident
    real = tuple(
        replace(a, status=AlertStatus.RESOLVED, ends_at=LATER, annotations={"grafana_state_reason": "Paused"})
        for a in make_alerts(2)
    )

    corrected = apply(guessed, Notified(make_notification(alerts=real), SOON + timedelta(minutes=1))).incident

    assert guessed
    assert corrected
    assert (guessed.end_reason, guessed.resolved_at) == ("Reconciled", SOON)
    assert (corrected.end_reason, corrected.resolved_at) == ("Paused", LATER)


def test_an_old_end_does_not_end_what_began_after_it():
    old = make_alert(firing=False, starts_at=NOW - timedelta(hours=1), ends_at=NOW - timedelta(minutes=50))
    incident = make_incident()

    outcome = apply(
        incident, Notified(make_notification(alerts=(replace(old, fingerprint=incident.lead.fingerprint),)), SOON)
    )

    assert outcome.incident
    assert outcome.incident.state is State.FIRING


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_episodes_in_one_body_the_later_counts(order):
    over = make_alert(firing=False, starts_at=NOW - timedelta(minutes=30), ends_at=NOW)
    alerts = (over, make_alert(starts_at=NOW))[::order]

    incident = apply(None, Notified(make_notification(alerts=alerts), NOW)).incident

    assert incident
    assert (len(incident.alerts), incident.state) == (1, State.FIRING)


def test_a_beginning_in_the_future_is_the_arrival():
    ahead = make_alert(starts_at=NOW + timedelta(minutes=45))

    incident = apply(None, Notified(make_notification(alerts=(ahead,)), NOW)).incident

    assert incident
    assert incident.opened_at == NOW


@pytest.mark.parametrize(("after", "begins"), [(REOPEN_WITHIN, False), (REOPEN_WITHIN + timedelta(seconds=1), True)])
def test_thirty_minutes_divide_a_flap_from_new_trouble(after, begins):
    at = LATER + after

    outcome = apply(resolved(), Notified(make_notification(alerts=again(at)), at))

    assert outcome.begins is begins
    assert outcome.incident
    assert outcome.incident.number == (0 if begins else 42)


def test_a_truncated_message_never_resolves_an_incident():
    outcome = apply(firing(), Notified(make_notification(firing=0, resolved=2, truncated=3), SOON))

    assert outcome.incident
    assert outcome.incident.state is State.FIRING


def test_what_a_truncated_group_hides_ends_when_the_source_knows_nothing_of_it():
    hidden = apply(firing(), Notified(make_notification(firing=0, resolved=2, truncated=3), SOON)).incident

    outcome = apply(hidden, Vanished(SOON + timedelta(minutes=5)))

    assert outcome.incident
    assert (outcome.incident.state, outcome.incident.end_reason) == (State.RESOLVED, "Reconciled")


@pytest.mark.parametrize("labels", [{"alertname": "TestAlert"}, {DRILL_LABEL: "0123456789abcdef"}])
@pytest.mark.parametrize("source_says_so", [True, False])
def test_a_test_ends_as_a_test_and_not_as_a_lost_message(labels, source_says_so):
    test = make_alert("TestAlert" if "alertname" in labels else "BongsuVerify", labels=labels)
    incident = apply(None, Notified(make_notification(alerts=(test,)), NOW)).incident
    over = make_notification(alerts=(replace(test, status=AlertStatus.RESOLVED),))

    outcome = apply(incident, Notified(over, SOON) if source_says_so else Vanished(SOON))

    assert outcome.incident
    assert (outcome.incident.state, outcome.incident.end_reason) == (State.RESOLVED, "Test")


def test_an_alert_that_is_not_mentioned_keeps_firing():
    outcome = apply(firing(), Notified(make_notification(alerts=make_alerts(1)), SOON))

    assert outcome.incident
    assert len(outcome.incident.firing) == 2


@pytest.mark.parametrize("reason", ["Paused", "RuleDeleted", "Updated", "MissingSeries"])
def test_a_rule_that_was_switched_off_has_not_recovered(reason):
    off = tuple(
        replace(alert, status=AlertStatus.RESOLVED, annotations={"grafana_state_reason": reason})
        for alert in make_alerts(2)
    )

    outcome = apply(firing(), Notified(make_notification(alerts=off), SOON))

    assert outcome.incident
    assert outcome.incident.end_reason == reason


def test_an_unknown_severity_is_treated_as_high_and_said_so():
    alerts = (make_alert(labels={"severity": "banana"}),)

    incident = apply(None, Notified(make_notification(alerts=alerts), NOW)).incident

    assert incident
    assert (incident.severity, incident.unstated) == (Severity.P2, incident.alerts[0])


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ("critical", Severity.P1),
        ("P1", Severity.P1),
        ("High", Severity.P2),
        (" warning ", Severity.P3),
        ("p4", Severity.P4),
    ],
)
def test_severity_labels_have_synonyms(label, severity):
    assert make_alert(labels={"severity": label}).severity is severity


def test_the_first_acknowledgement_is_remembered_for_the_time_to_ack():
    taken = apply(apply(firing(), Acknowledged(MINJI, LATER)).incident, Acknowledged(JUN, SOON)).incident

    assert taken
    assert taken.first_ack_at == LATER
    assert taken.ack
    assert taken.ack.by == JUN


def test_a_group_of_several_rules_names_one_and_counts_the_others():
    alerts = (make_alert("HighLatency"), make_alert("HighErrorRate"))

    incident = apply(None, Notified(make_notification(alerts=alerts), NOW)).incident

    assert incident
    assert incident.title == "HighErrorRate +1"


def test_an_ack_that_has_not_lapsed_stays():
    incident = acknowledged()

    assert apply(incident, AckLapsed(NOW)).incident is incident


def test_every_timeline_kind_can_happen():
    kinds = {
        entry.kind for state in STATES.values() for event in EVENTS.values() for entry in apply(state(), event).entries
    }

    # By the use cases of silences, investigations, escalations, and by putting incidents together and apart.
    written_elsewhere = {
        *(EntryKind.SILENCED, EntryKind.UNSILENCED, EntryKind.SILENCE_LOST, EntryKind.INVESTIGATED),
        EntryKind.FIXED,
        # Many events in a row, see test_flapping.py.
        *(EntryKind.FLAPPING, EntryKind.SETTLED),
        *(EntryKind.ESCALATED, EntryKind.MERGED, EntryKind.MERGED_INTO, EntryKind.SPLIT, EntryKind.SPLIT_FROM),
    }
    assert kinds == set(EntryKind) - written_elsewhere


# What fires makes the severity, the worst first; it called when it was worse.

P1, P3 = {"severity": "critical", "alertname": "Down"}, {"severity": "warning", "alertname": "Slow"}


def both(status=AlertStatus.FIRING, at=NOW, **more):
    worse = make_alert(
        fingerprint="p1", labels=P1, status=status, ends_at=None if status is AlertStatus.FIRING else at, **more
    )
    return worse, make_alert(fingerprint="p3", labels=P3)


def told(incident, at, *alerts):
    return apply(incident, Notified(make_notification(alerts=alerts), at))


def test_the_severity_is_that_of_what_fires_and_the_worst_once_it_is_over():
    opened = told(None, NOW, *both()).incident
    left = told(opened, LATER, *both(AlertStatus.RESOLVED, LATER)).incident
    over = told(left, SOON, make_alert(fingerprint="p3", labels=P3, status=AlertStatus.RESOLVED, ends_at=SOON)).incident

    assert [(each.severity, each.heading) for each in (opened, left)] == [
        (Severity.P1, "Down +1"),
        (Severity.P3, "Slow"),
    ]
    assert (over.state, over.severity) == (State.RESOLVED, Severity.P1)


@pytest.mark.parametrize(
    ("acked_at", "fingerprint", "pause", "page", "state"),
    [
        # It flaps: who has it keeps it, and else its owners are called as for what fires again.
        (NOW, "p1", timedelta(minutes=1), PageReason.JOINED, State.ACKNOWLEDGED),
        (None, "p1", timedelta(minutes=1), PageReason.REOPENED, State.FIRING),
        # New trouble, or after long: as bad as a new P1.
        (None, "p1", timedelta(hours=1), PageReason.SEVERITY_RAISED, State.FIRING),
        (None, "other", timedelta(minutes=1), PageReason.SEVERITY_RAISED, State.FIRING),
        (NOW, "other", timedelta(minutes=1), PageReason.JOINED, State.ACKNOWLEDGED),
        # Whoever took what was left over has promised no more.
        (LATER + timedelta(seconds=9), "other", timedelta(minutes=1), PageReason.SEVERITY_RAISED, State.FIRING),
    ],
)
def test_what_is_worse_again_calls_as_it_must(acked_at, fingerprint, pause, page, state):
    incident = told(None, NOW, *both()).incident
    if acked_at == NOW:
        incident = apply(incident, Acknowledged(MINJI, NOW)).incident
    incident = told(incident, LATER, *both(AlertStatus.RESOLVED, LATER)).incident
    if acked_at and acked_at > LATER:
        incident = apply(incident, Acknowledged(MINJI, acked_at)).incident
    again = LATER + pause

    outcome = told(incident, again, make_alert(fingerprint=fingerprint, labels=P1, starts_at=again))

    assert (outcome.incident.severity, outcome.page, outcome.incident.state) == (Severity.P1, page, state)


def test_what_comes_again_is_as_bad_as_what_fires_and_what_gets_worse_then_calls():
    over = told(told(None, NOW, *both()).incident, LATER, *both(AlertStatus.RESOLVED, LATER)).incident
    over = told(
        over, LATER, make_alert(fingerprint="p3", labels=P3, status=AlertStatus.RESOLVED, ends_at=LATER)
    ).incident

    again = told(over, SOON, make_alert(fingerprint="p3", labels=P3, starts_at=SOON)).incident
    worse = told(again, SOON, make_alert(fingerprint="new", labels=P1, starts_at=SOON))

    assert (again.severity, again.heading) == (Severity.P3, "Slow")
    assert (worse.incident.severity, worse.page) == (Severity.P1, PageReason.SEVERITY_RAISED)


def test_what_was_cut_off_may_be_the_worst():
    opened = told(None, NOW, *both()).incident
    cut = apply(opened, Notified(make_notification(alerts=both(AlertStatus.RESOLVED, LATER), truncated=3), LATER))

    assert cut.incident.severity is Severity.P1


@pytest.mark.parametrize("stated", [Severity.P3, Severity.P1])
def test_that_nobody_states_how_bad_it_is_is_said_only_while_it_is_so(stated):
    unstated = make_alert(fingerprint="old", labels={"severity": ""})
    opened = told(None, NOW, unstated).incident
    over = replace(unstated, status=AlertStatus.RESOLVED, ends_at=LATER)
    labelled = make_alert(fingerprint="new", labels={"severity": stated.name.lower()}, starts_at=LATER)

    changed = told(opened, LATER, over, labelled).incident

    assert opened.unstated
    assert (changed.severity, changed.unstated) == (stated, None)


def test_what_nobody_states_does_not_matter_beside_a_p1():
    incident = told(None, NOW, make_alert(fingerprint="a", labels={"severity": ""}), make_alert(labels=P1)).incident

    assert (incident.severity, incident.unstated) == (Severity.P1, None)


@pytest.mark.parametrize(
    ("labels", "known"),
    [({"service": "api", "instance": "api-2:8080"}, True), ({"service": "checkout"}, False)],
)
def test_another_service_of_its_own_group_is_news_to_its_investigation(labels, known):
    incident = told(None, NOW, make_alert()).incident

    grown = told(incident, SOON, make_alert(), make_alert(fingerprint="new", labels=labels, starts_at=SOON)).incident

    assert (grown.joined_at is None) is known


def test_what_fires_again_beside_others_is_no_news_to_its_investigation():
    first, other = make_alert(), make_alert(fingerprint="other", labels={"service": "chat"})
    over = replace(other, status=AlertStatus.RESOLVED, ends_at=LATER)
    incident = told(told(None, NOW, first, other).incident, LATER, first, over).incident

    again = told(incident, SOON, first, replace(other, starts_at=SOON)).incident

    assert again.joined_at is None


@pytest.mark.parametrize("uid", ["rule", "other", None])
@pytest.mark.parametrize("status", [AlertStatus.FIRING, AlertStatus.RESOLVED])
def test_one_alert_whose_fingerprint_has_changed_stays_one(uid, status):
    before = make_alert(fingerprint="before", rule_uid="rule")
    incident = told(None, NOW, before).incident
    ends_at = SOON if status is AlertStatus.RESOLVED else None

    after = make_alert(fingerprint="after", rule_uid=uid, starts_at=LATER, status=status, ends_at=ends_at)
    known = told(incident, SOON, after).incident

    assert len(known.alerts) == (1 if uid == "rule" else 2)
    if uid == "rule":
        assert (known.alerts[0].fingerprint, known.alerts[0].starts_at) == ("after", NOW)
        assert known.is_open is (status is AlertStatus.FIRING)


def test_two_that_look_alike_in_one_message_stay_two():
    before = make_alert(fingerprint="before", rule_uid="rule")
    incident = told(None, NOW, before).incident

    known = told(incident, SOON, before, replace(before, fingerprint="after")).incident

    assert len(known.firing) == 2
