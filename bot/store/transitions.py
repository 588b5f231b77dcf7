"""Writes what becomes of an incident, with all that follows from it, as part of a transaction.

Statements are written once, when this is loaded: to write one takes longer than to have it done, and in a storm there are
a thousand a second.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from bot.domain.events import Outcome
from bot.domain.incidents import Incident, PageReason
from bot.domain.notifications import ALERTMANAGER, GRAFANA
from bot.domain.people import BONGSU
from bot.ports import Arrival, AuditRow
from bot.store.alert_incidents import known, settle
from bot.store.calls import drop_pages
from bot.store.escalations import Follow, plan_after
from bot.store.outbox import card_waits, queue_card, queue_page
from bot.store.rows import audit_columns, entry_columns, incident_columns
from bot.store.tables import audit, inbox, incidents, timeline

# So long one commit may take before the next begins: who has just posted a webhook waits for it.
_MOMENT_S: Final = 0.01
# So soon is shown what is no news, such as how often something has flapped by now.
_QUIET: Final = timedelta(minutes=1)

_STATE: Final = select(inbox.c.state).where(inbox.c.id == bindparam("delivery")).with_for_update()
_TAKEN: Final = update(inbox).where(inbox.c.id == bindparam("delivery"))
_BEGIN: Final = insert(incidents).returning(incidents.c.number)
_CHANGE: Final = update(incidents).where(incidents.c.number == bindparam("which"))
_TELL: Final = insert(timeline)
_RECORD: Final = insert(audit)


def receive(connection: Connection, arrivals: Sequence[Arrival], follow: Follow | None) -> list[Sequence[Outcome]]:
    """Take in the first few, as many as a moment is enough for; return the outcomes of each."""
    began = time.monotonic()
    found: list[Sequence[Outcome]] = []
    for arrival in arrivals:
        found.append(_receive(connection, arrival, follow))
        # PostgreSQL has many writers, and whoever holds the rows of many incidents may wait for another in a circle.
        if connection.dialect.name == "postgresql" or time.monotonic() - began > _MOMENT_S:
            break
    return found


def _receive(connection: Connection, arrival: Arrival, follow: Follow | None) -> Sequence[Outcome]:
    lock_source(connection, arrival.notification.source)
    at, body = arrival.at, {"delivery": arrival.delivery}
    if connection.execute(_STATE, body).scalar_one() != "received":
        return ()
    told = arrival.tell(known(connection, arrival.notification, arrival.beside))
    outcomes = [store(connection, before, outcome, at, follow) for before, outcome in told]
    numbers = [outcome.incident.number for outcome in outcomes if outcome.incident]
    # A body is shown when the last of its cards is; the one that still waits stands for all.
    waits = next((each for each in numbers if card_waits(connection, each, at)), None)
    taken = {"incident": next(iter(numbers), None) if waits is None else waits}
    connection.execute(_TAKEN, {**body, **taken, "state": "shown" if waits is None else "applied"})
    return outcomes


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
    queue_card(connection, stored.number, at, later=_QUIET if outcome.quiet else None)
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
