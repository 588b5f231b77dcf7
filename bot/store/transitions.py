"""Writes what becomes of an incident, with all that follows from it, as part of a transaction.

Statements are written once, when this is loaded: to write one takes longer than to have it done, and in a storm there are
a thousand a second.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from bot.domain.alerts import Severity
from bot.domain.events import Outcome
from bot.domain.incidents import Incident, PageReason
from bot.domain.notifications import ALERTMANAGER, GRAFANA
from bot.domain.people import BONGSU
from bot.ports import Arrival, AuditRow, Posted
from bot.store.alert_incidents import known, settle
from bot.store.calls import drop_pages
from bot.store.escalations import Follow, plan_after
from bot.store.inbox import inbox_columns, number_of
from bot.store.queueing import card_waits, queue_card, queue_page
from bot.store.rows import audit_columns, entry_columns, incident_columns
from bot.store.tables import audit, inbox, incidents, timeline

# So long one commit may take before the next begins: who has just posted a webhook waits for it.
_MOMENT_S: Final = 0.01
# So soon is shown what is no news, such as how often something has flapped by now.
_QUIET: Final = timedelta(minutes=1)

_STATE: Final = select(inbox.c.state).where(inbox.c.id == bindparam("delivery")).with_for_update()
_WAITING: Final = select(inbox.c.id).where(inbox.c.state == "received").limit(1)
_KEEP: Final = insert(inbox)
_TAKEN: Final = update(inbox).where(inbox.c.id == bindparam("delivery"))
_BEGIN: Final = insert(incidents).returning(incidents.c.number)
_CHANGE: Final = update(incidents).where(incidents.c.number == bindparam("which"))
_TELL: Final = insert(timeline)
_RECORD: Final = insert(audit)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a body has made of incidents, and for whom that is news: whoever shows these severities, all if it is None."""

    outcomes: Sequence[Outcome] = ()
    news: frozenset[Severity] | None = frozenset()


def receive(connection: Connection, arrivals: Sequence[Arrival], follow: Follow | None) -> list[Applied]:
    """Take in the first few, as many as a moment is enough for; return what each has made of incidents."""
    began = time.monotonic()
    found: list[Applied] = []
    for arrival in arrivals:
        found.append(_receive(connection, arrival, follow))
        # PostgreSQL has many writers, and whoever holds the rows of many incidents may wait for another in a circle.
        if connection.dialect.name == "postgresql" or time.monotonic() - began > _MOMENT_S:
            break
    return found


def receive_at_once(connection: Connection, posted: Posted, arrival: Arrival, follow: Follow | None) -> Applied | None:
    """Keep a body and take it in; None while another one waits that may have to be taken in before it."""
    if connection.execute(_WAITING).first():
        return None
    if posted.signature is not None and number_of(connection, posted.signature) is not None:
        # Another process has it.
        return Applied()
    lock_source(connection, arrival.notification.source)
    applied, taken = _apply(connection, arrival, follow)
    connection.execute(_KEEP, {**inbox_columns(posted), **taken})
    return applied


def _receive(connection: Connection, arrival: Arrival, follow: Follow | None) -> Applied:
    lock_source(connection, arrival.notification.source)
    body = {"delivery": arrival.delivery}
    if connection.execute(_STATE, body).scalar_one() != "received":
        return Applied()
    applied, taken = _apply(connection, arrival, follow)
    connection.execute(_TAKEN, {**body, **taken})
    return applied


def _apply(connection: Connection, arrival: Arrival, follow: Follow | None) -> tuple[Applied, dict[str, object]]:
    """Write down what a body makes of incidents; return that, and what is to be written down of the body."""
    at = arrival.at
    found, in_digest = known(connection, arrival.notification, arrival.beside)
    versions = {each.number: each.version for each in found.incidents}
    outcomes = [store(connection, before, outcome, at, follow) for before, outcome in arrival.tell(found)]
    stored = [each.incident for each in outcomes if each.incident]
    # What has a new version has its card drawn now.
    drawn = [each for each in stored if each.version > versions.get(each.number, 0)]
    numbers = {each.number for each in drawn}
    # A body is shown when the last of its cards is; the one that still waits stands for all.
    waits = next((each for each in stored if each.number in numbers or card_waits(connection, each.number, at)), None)
    incident = waits or next(iter(stored), None)
    taken: dict[str, object] = {"incident": incident and incident.number, "state": "applied" if waits else "shown"}
    return Applied(outcomes, _news(drawn, versions, in_digest)), taken


def _news(
    drawn: Iterable[Incident], versions: Mapping[int, int], in_digest: Collection[int]
) -> frozenset[Severity] | None:
    """Return the severities of incidents that began, None if others have changed: what is new has no card to edit."""
    # A digest looks by itself at what it shows, which is all but P1.
    shown = [each for each in drawn if each.number not in in_digest or each.severity is Severity.P1]
    return None if any(each.number in versions for each in shown) else frozenset(each.severity for each in shown)


def lock_sources(connection: Connection) -> None:
    """Have nobody else tell anything of any source until the transaction ends."""
    for source in (ALERTMANAGER, GRAFANA):
        lock_source(connection, source)


def lock_source(connection: Connection, source: str) -> None:
    """Have nobody else tell anything of a source until the transaction ends."""
    # An alert without an incident has no row to lock yet. SQLite has one writer at a time anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(source))))


def store(
    connection: Connection, before: Incident | None, outcome: Outcome, at: datetime, follow: Follow | None = None
) -> Outcome:
    """Write down what has become of an incident, and what is to be shown, called and planned for it."""
    after = outcome.incident
    if after is None or after is before or after == before:
        return outcome
    if outcome.begins:
        before = None
        number = connection.execute(_BEGIN, {**incident_columns(after), "version": 1}).scalar_one()
        stored = replace(after, number=number, version=1)
    else:
        stored = replace(after, version=after.version + (not outcome.quiet))
        connection.execute(_CHANGE, {**incident_columns(stored), "version": stored.version, "which": stored.number})
    _tell(connection, stored.number, outcome)
    settle(connection, stored, before)
    queue_card(connection, stored.number, at, later=_QUIET if outcome.quiet else None, first=before is None)
    if stored.flapping_since and not (before and before.flapping_since) and stored.paged_at:
        # Whoever was called for it once is not called each time it fires again; for what is worse they are.
        drop_pages(connection, stored.number, at, (PageReason.REOPENED,))
    if outcome.page:
        queue_page(connection, stored.number, outcome.page, at, outcome.page_at or at)
    if follow:
        plan_after(connection, before, stored, at, follow)
    return replace(outcome, incident=stored)


def _tell(connection: Connection, number: int, outcome: Outcome) -> None:
    """Write the lines of the timeline, and into the audit what nobody did."""
    if not outcome.entries:
        return
    connection.execute(_TELL, [entry_columns(number, entry) for entry in outcome.entries])
    # What a person did comes with an audit row of its own, which also says that it was allowed.
    own = [entry for entry in outcome.entries if entry.actor.id == BONGSU.id]
    rows = [AuditRow(entry.at, BONGSU, entry.kind.value, f"#{number}") for entry in own]
    if rows:
        details = [json.dumps(dict(entry.detail)) for entry in own]
        connection.execute(_RECORD, [audit_columns(row, detail) for row, detail in zip(rows, details, strict=True)])
