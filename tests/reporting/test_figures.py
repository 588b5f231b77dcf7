"""What people have been through: how soon was answered, who was called when, what was noisy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alerts import Severity
from bot.domain.incidents import Entry, EntryKind, Incident
from bot.domain.owners import Owner
from bot.domain.people import BONGSU
from bot.reporting.answering import answered, quantile
from bot.reporting.history import History, Target
from bot.reporting.pages import load_of, pages_of
from bot.reporting.rules import LONG, noisiest, untidy
from tests.builders import NOW, make_alert, make_incident

MINUTE = timedelta(minutes=1)
TARGETS = {Severity.P1: Target(15 * MINUTE, 60 * MINUTE)}
SEOUL = ZoneInfo("Asia/Seoul")


def incident(number: int = 1, name: str = "HighLatency", **changes: object) -> Incident:
    """One P1 that called; `acked` and `lasted` are minutes."""
    acked, lasted = changes.pop("acked", None), changes.pop("lasted", 5)
    at = changes.pop("at", NOW)
    alert = make_alert(name, starts_at=at)
    made = replace(make_incident(name, at=at, number=number), severity=Severity.P1, opened_at=at, alerts=(alert,))
    return replace(
        made,
        paged_at=at,
        first_ack_at=at + acked * MINUTE if acked is not None else None,
        resolved_at=at + lasted * MINUTE if lasted is not None else None,
        **changes,
    )


def told(*incidents: Incident, **lines: list[Entry]) -> History:
    entries = {each.number: (Entry(each.opened_at, EntryKind.OPENED, BONGSU),) for each in incidents}
    for name, more in lines.items():
        number = int(name.removeprefix("of"))
        entries[number] = (*entries[number], *more)
    return History(incidents, entries)


def test_how_soon_was_answered_is_measured_against_the_target():
    incidents = [
        incident(1, acked=2, lasted=10),
        incident(2, acked=20, lasted=100),
        # Nobody had to answer what was over in time; of this one somebody had.
        incident(3, lasted=5),
        incident(4, lasted=50),
        incident(5, acked=4, lasted=None),
    ]

    (row,) = answered(incidents, TARGETS, NOW + 30 * MINUTE)

    assert (row.count, row.unanswered, row.by_itself) == (5, 2, 2)
    assert (row.acknowledged.count, row.acknowledged.median, row.acknowledged.p90) == (3, 4 * MINUTE, 16.8 * MINUTE)
    assert (row.acknowledged.met, row.acknowledged.judged) == (2, 4)
    # The one that is still open has lasted 30 of its 60 minutes.
    assert (row.resolved.met, row.resolved.judged) == (3, 4)


def test_what_called_nobody_at_night_is_no_call_because_it_got_worse_by_day():
    night, worse = NOW.replace(hour=18), NOW.replace(hour=18) + timedelta(hours=9)
    detail = {"before": "P3", "after": "P1"}
    history = told(incident(1, at=night), of1=[Entry(worse, EntryKind.SEVERITY_RAISED, BONGSU, detail)])

    pages = pages_of(history, lambda _: [], lambda _: SEOUL)

    assert [page.at for page in pages] == [worse]


def test_severities_without_a_target_are_told_without_one():
    rows = answered([incident(1, acked=2), replace(incident(2), severity=Severity.P3)], {}, NOW)

    assert [(row.severity, row.acknowledged and row.acknowledged.judged) for row in rows] == [
        (Severity.P1, 0),
        (Severity.P3, None),
    ]


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_within_and_grows(values, part):
    found = quantile(values, part)

    assert min(values) <= found <= max(values)
    assert quantile(values, 0) == min(values)
    assert found <= quantile(values, 1)


def owners(_: Incident) -> list[Owner]:
    return [Owner(1001, is_role=False), Owner(502, is_role=True)]


def test_calls_are_counted_by_the_clock_of_the_team():
    night = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
    step = Entry(night + 15 * MINUTE, EntryKind.ESCALATED, BONGSU, {"who": "<@1002> <@!1003> <@&502> @here"})
    soon = Entry(night + 2 * MINUTE, EntryKind.REOPENED, BONGSU)
    joined = Entry(night + 3 * MINUTE, EntryKind.JOINED, BONGSU)
    again = Entry(night + 60 * MINUTE, EntryKind.ACK_LAPSED, BONGSU)

    pages = pages_of(told(incident(1, at=night), of1=[soon, joined, step, again]), owners, lambda _: SEOUL)
    load = load_of(pages)

    # 03:30 on a Saturday in Seoul.
    assert [(page.at.hour, page.people) for page in pages] == [(3, (1001,)), (3, (1002, 1003)), (4, (1001,))]
    assert (load.pages, load.nights, load.weekends) == (3, 3, 3)
    assert [(each.person, each.pages) for each in load.people] == [(1001, 2), (1002, 1), (1003, 1)]
    assert load.hours == {(5, 3): 2, (5, 4): 1}
    assert load.worst_hour is None


def test_what_called_nobody_is_no_call():
    quiet = replace(incident(1), severity=Severity.P3)
    silent = replace(incident(2), paged_at=None)
    merged = replace(incident(3), joined_to=1)
    tried = replace(incident(4), alerts=(make_alert("TestAlert"),))

    assert pages_of(told(quiet, silent, merged, tried), owners, lambda _: UTC) == []


def test_an_hour_stands_out_only_by_itself():
    pages = pages_of(told(*(incident(n, at=NOW + n * timedelta(days=1)) for n in range(1, 4))), owners, lambda _: UTC)

    assert load_of(pages).worst_hour == (NOW.hour, 3)
    assert load_of(pages[:2]).worst_hour is None


def test_the_noisiest_is_what_told_most_in_vain():
    lasting = LONG / MINUTE
    history = told(
        *(incident(n, "Blips") for n in range(1, 6)),
        *(incident(n, "Real", acked=1) for n in range(6, 20)),
        *(incident(n, "Long", lasted=lasting) for n in range(20, 30)),
        incident(30, "Open", lasted=None),
        incident(31, "Flaps", acked=1, flaps=7),
        replace(incident(32, "Blips"), alerts=(make_alert("Blips"), make_alert("Also"), make_alert("Watchdog"))),
    )

    found = noisiest(history, 5)

    assert [(each.rule, each.notifications, each.in_vain, each.again) for each in found] == [
        ("Flaps", 8, 0, 7),
        ("Blips", 6, 6, 0),
        ("Also", 1, 1, 0),
    ]


def test_what_is_to_be_tidied_up_is_named():
    history = told(
        incident(1, "Flaps", flaps=2), incident(2, "Flaps", flaps=2), incident(3, "Orphan", service="mail"),
        replace(incident(4, "Watchdog"), alerts=(make_alert("Watchdog"),)),
    )  # fmt: skip

    found = untidy(history, lambda each: each.title == "Orphan", lambda each: each.service != "mail")

    assert (found.flapping, found.no_runbook, found.no_owner) == ((("Flaps", 4),), ("Flaps",), ("mail",))


@pytest.mark.parametrize(("hour", "at_night"), [(21, False), (22, True), (6, True), (7, False)])
def test_the_night_is_when_people_sleep(hour, at_night):
    at = datetime(2026, 11, 18, hour, tzinfo=UTC)
    (page,) = pages_of(told(incident(1, at=at)), owners, lambda _: UTC)

    assert (page.at_night, page.at_weekend) == (at_night, False)
