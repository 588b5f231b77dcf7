"""Incidents: a decision into one transaction of incident, timeline, audit, inbox and outbox rows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update

from bot.domain.alerts import Notification, Severity
from bot.domain.events import Outcome
from bot.domain.incidents import Entry, Incident, PageReason, State
from bot.domain.notifications import ALERTMANAGER, GRAFANA
from bot.domain.people import BONGSU
from bot.domain.views import MessageRef
from bot.errors import UnknownIncident
from bot.ports import NOTHING_BESIDE, AuditRow, Beside, Decision, Rearrangement, Telling
from bot.store.alert_incidents import known, settle
from bot.store.calls import drop_pages
from bot.store.escalations import Follow, plan_after
from bot.store.outbox import card_waits, queue_card, queue_page, redraw
from bot.store.rows import audit_columns, entry_columns, entry_of, incident_columns, incident_of
from bot.store.runner import Runner
from bot.store.tables import audit as audit_table
from bot.store.tables import cards, inbox, incidents, timeline

# Alerts of so many characters are read within a few milliseconds.
_READ_AT_ONCE = 256 * 1024
# And so many are read with one statement.
_READ_TOGETHER, _MOST_TOGETHER = 1024 * 1024, 500
# So soon is shown what is no news, such as how often something has flapped by now.
_QUIET = timedelta(minutes=1)


class StoredIncidents:
    """The tables `incidents` and `timeline`, as `bot.ports.Incidents` describes them."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._changed: Callable[[], None] = lambda: None
        self._follow: Follow | None = None

    def follow(self, follow: Follow) -> None:
        """Have what follows by the clock from a change of an incident planned with it, in one transaction."""
        self._follow = follow

    def on_change(self, callback: Callable[[], None]) -> None:
        """Have somebody called after each change that is on disk."""
        self._changed = callback

    async def receive(
        self, delivery: int, notification: Notification, tell: Telling, at: datetime, beside: Beside = NOTHING_BESIDE
    ) -> Sequence[Outcome]:
        """Apply what a message tells to the incidents it may be about, and mark its body as taken in."""
        outcomes = await self._runner.write(
            lambda connection: _receive(
                connection,
                delivery,
                notification,
                lambda: tell(known(connection, notification, beside)),
                at,
                self._follow,
            )
        )
        self._changed()
        return outcomes

    async def change(self, number: int, decide: Decision, at: datetime, audit: AuditRow | None = None) -> Outcome:
        """Apply a decision to one incident. Raises UnknownIncident."""

        def work(connection: Connection) -> Outcome:
            before = _locked(connection, number)
            outcome = decide(before)
            if audit:
                connection.execute(insert(audit_table).values(audit_columns(audit, outcome.refusal or "")))
            if outcome.refusal:
                return Outcome(before, refusal=outcome.refusal)
            return _store(connection, before, outcome, at, self._follow)

        outcome = await self._runner.write(work)
        self._changed()
        return outcome

    async def rearrange(
        self, numbers: Sequence[int], decide: Rearrangement, at: datetime, audit: AuditRow | None = None
    ) -> Sequence[Outcome]:
        """Apply a decision to several incidents in one transaction. Raises UnknownIncident."""

        def work(connection: Connection) -> Sequence[Outcome]:
            _lock_sources(connection)
            found = decide([_locked(connection, number) for number in sorted(numbers)])
            refusal = next((outcome.refusal for _, outcome in found if outcome.refusal), None)
            if audit:
                connection.execute(insert(audit_table).values(audit_columns(audit, refusal or "")))
            if refusal:
                return [outcome for _, outcome in found]
            outcomes = [_store(connection, before, outcome, at, self._follow) for before, outcome in found]
            for outcome in outcomes:
                if outcome.incident and outcome.incident.joined_to is not None:
                    drop_pages(connection, outcome.incident.number, at)
            return outcomes

        outcomes = await self._runner.write(work)
        self._changed()
        return outcomes

    async def note(self, number: int, entry: Entry) -> None:
        """Add a line to the timeline and have the card drawn again."""

        def work(connection: Connection) -> None:
            _locked(connection, number)
            connection.execute(insert(timeline).values(entry_columns(number, entry)))
            redraw(connection, number, entry.at)

        await self._runner.write(work)
        self._changed()

    async def redraw(self, numbers: Sequence[int], at: datetime) -> None:
        """Have the cards of these incidents drawn again."""

        def work(connection: Connection) -> None:
            for number in numbers:
                _locked(connection, number)
                redraw(connection, number, at)

        await self._runner.write(work)
        self._changed()

    async def load(self, number: int) -> Incident:
        """Return one incident. Raises UnknownIncident."""
        query = select(incidents).where(incidents.c.number == number)
        row = await self._runner.read(lambda connection: connection.execute(query).mappings().one_or_none())
        if row is None:
            raise UnknownIncident("errors.unknown_incident")
        return (await _read([row]))[0]

    async def open(self) -> Sequence[Incident]:
        """Return what is not resolved, newest first."""
        return await self._list(select(incidents).where(incidents.c.state != State.RESOLVED.value))

    async def open_by_severity(self) -> Mapping[Severity, int]:
        """Count what is not resolved."""
        unresolved = incidents.c.state != State.RESOLVED.value
        query = select(incidents.c.severity, func.count()).where(unresolved).group_by(incidents.c.severity)
        rows = await self._runner.read(lambda connection: connection.execute(query).all())
        return {Severity(row[0]): row[1] for row in rows}

    async def recent(self, limit: int) -> Sequence[Incident]:
        """Return the last incidents, open or not, newest first."""
        return await self._list(select(incidents).limit(limit))

    async def card(self, number: int) -> MessageRef | None:
        """Return where the card of an incident is, None if that is not known."""
        query = select(cards.c.channel_id, cards.c.message_id).where(cards.c.incident == number)
        row = await self._runner.read(lambda connection: connection.execute(query).one_or_none())
        return MessageRef(row[0], row[1]) if row else None

    async def timeline(self, number: int) -> Sequence[Entry]:
        """Return the lines of the timeline, oldest first."""
        query = select(timeline).where(timeline.c.incident == number).order_by(timeline.c.id)
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [entry_of(row) for row in rows]

    async def lapsed(self, at: datetime) -> Sequence[int]:
        """Return the numbers of the incidents whose acknowledgement has lapsed."""
        lapsed = (incidents.c.ack_until <= at) & (incidents.c.state == State.ACKNOWLEDGED.value)
        query = select(incidents.c.number).where(lapsed)
        return await self._runner.read(lambda connection: list(connection.execute(query).scalars()))

    async def settling(self, at: datetime) -> Sequence[int]:
        """Return the numbers of the incidents that flapped and have settled by now."""
        settled = (incidents.c.flapping_until <= at) | (incidents.c.flapping_since > at)
        query = select(incidents.c.number).where(settled)
        return await self._runner.read(lambda connection: list(connection.execute(query).scalars()))

    async def doubted(self) -> Sequence[Incident]:
        """Return the incidents of which a message says that they fire although they had just ended."""
        return await self._list(select(incidents).where(incidents.c.doubted_at.is_not(None)))

    async def _list(self, query: Select[Any]) -> Sequence[Incident]:
        """Read incidents, newest first; some at a time, because what is written takes more room than what is read."""
        ordered = query.order_by(incidents.c.number.desc())
        sizes = ordered.with_only_columns(incidents.c.number, func.length(incidents.c.alerts))
        found: list[Incident] = []
        listed = await self._runner.read(lambda connection: [(row[0], row[1]) for row in connection.execute(sizes)])
        for numbers in _portions(listed):
            some = ordered.where(incidents.c.number.in_(numbers))
            found += await _read(await self._runner.read(partial(_rows, query=some)))
        return found


def _rows(connection: Connection, query: Select[Any]) -> Sequence[RowMapping]:
    return connection.execute(query).mappings().all()


def _portions(sizes: Sequence[tuple[int, int]]) -> Iterator[Sequence[int]]:
    """Divide incidents into those that are read together: few statements, and no more than one large incident."""
    numbers, total = list[int](), 0
    for number, size in sizes:
        if numbers and (total + size > _READ_TOGETHER or len(numbers) == _MOST_TOGETHER):
            yield numbers
            numbers, total = [], 0
        numbers, total = [*numbers, number], total + size
    if numbers:
        yield numbers


async def _read(rows: Sequence[RowMapping]) -> list[Incident]:
    """Make incidents of rows, those of thousands of alerts beside everything else."""
    if sum(len(row["alerts"]) for row in rows) <= _READ_AT_ONCE:
        return [incident_of(row) for row in rows]
    return await asyncio.to_thread(lambda: [incident_of(row) for row in rows])


def _receive(
    connection: Connection,
    delivery: int,
    notification: Notification,
    tell: Callable[[], Sequence[tuple[Incident | None, Outcome]]],
    at: datetime,
    follow: Follow | None,
) -> Sequence[Outcome]:
    waiting = select(inbox.c.state).where(inbox.c.id == delivery).with_for_update()
    _lock_source(connection, notification.source)
    if connection.execute(waiting).scalar_one() != "received":
        return ()

    outcomes = [_store(connection, before, outcome, at, follow) for before, outcome in tell()]
    numbers = [outcome.incident.number for outcome in outcomes if outcome.incident]
    # A body is shown when the last of its cards is; the one that still waits stands for all.
    number = next((each for each in numbers if card_waits(connection, each, at)), next(iter(numbers), None))
    taken = {"incident": number, "state": "applied" if card_waits(connection, number, at) else "shown"}
    connection.execute(update(inbox).where(inbox.c.id == delivery).values(taken))
    return outcomes


def _lock_sources(connection: Connection) -> None:
    for source in (ALERTMANAGER, GRAFANA):
        _lock_source(connection, source)


def _lock_source(connection: Connection, source: str) -> None:
    # An alert without an incident has no row to lock yet. SQLite has one writer at a time anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(source))))


def _locked(connection: Connection, number: int) -> Incident:
    query = select(incidents).where(incidents.c.number == number).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise UnknownIncident("errors.unknown_incident")
    return incident_of(row)


def _store(
    connection: Connection, before: Incident | None, outcome: Outcome, at: datetime, follow: Follow | None = None
) -> Outcome:
    after = outcome.incident
    if after is None or after is before or after == before:
        return outcome
    if outcome.begins:
        values = {**incident_columns(after), "version": 1}
        number = connection.execute(insert(incidents).values(values).returning(incidents.c.number)).scalar_one()
        stored = replace(after, number=number, version=1)
    else:
        stored = replace(after, version=after.version + (not outcome.quiet))
        values = {**incident_columns(stored), "version": stored.version}
        connection.execute(update(incidents).where(incidents.c.number == stored.number).values(values))
    for entry in outcome.entries:
        connection.execute(insert(timeline).values(entry_columns(stored.number, entry)))
        # What a person did comes with an audit row of its own, which also says that it was allowed.
        if entry.actor.id == BONGSU.id:
            row = AuditRow(entry.at, BONGSU, entry.kind.value, f"#{stored.number}")
            connection.execute(insert(audit_table).values(audit_columns(row, json.dumps(dict(entry.detail)))))
    settle(connection, stored, None if outcome.begins else before)
    queue_card(connection, stored.number, at, later=_QUIET if outcome.quiet else None)
    if stored.flapping_since and not (before and before.flapping_since) and stored.paged_at:
        # Whoever was called for it once is not called each time it fires again; for what is worse they are.
        drop_pages(connection, stored.number, at, (PageReason.REOPENED,))
    if outcome.page:
        queue_page(connection, stored.number, outcome.page, at, outcome.page_at or at)
    if follow:
        plan_after(connection, None if outcome.begins else before, stored, at, follow)
    return replace(outcome, incident=stored)
