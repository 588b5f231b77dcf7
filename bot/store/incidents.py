"""Keeps incidents: a decision is one transaction of incident, timeline, audit, inbox and outbox rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select

from bot.domain.alerts import Notification, Severity
from bot.domain.events import Outcome
from bot.domain.incidents import Entry, Incident, State
from bot.domain.views import MessageRef
from bot.errors import UnknownIncident
from bot.ports import NOTHING_BESIDE, Arrival, AuditRow, Beside, Decision, Posted, Rearrangement, Taken, Telling
from bot.ports.views import FirstCard
from bot.store import former_cards
from bot.store.calls import drop_pages, not_called, promised
from bot.store.escalations import Follow
from bot.store.first_cards import first_card
from bot.store.incident_rows import THIS, row_of, timeline_of
from bot.store.queueing import redraw
from bot.store.rows import audit_columns, entry_columns, incident_of
from bot.store.runner import Runner
from bot.store.tables import audit as audit_table
from bot.store.tables import cards, incidents, timeline
from bot.store.transitions import Applied, lock_sources, receive, receive_at_once, store

# Alerts of so many characters are read within a few milliseconds.
_READ_AT_ONCE = 256 * 1024
# And so many are read with one statement.
_READ_TOGETHER, _MOST_TOGETHER = 1024 * 1024, 500


class StoredIncidents:
    """The tables `incidents` and `timeline`, as `bot.ports.Incidents` describes them."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._changed: Callable[[frozenset[Severity] | None], None] = lambda _: None
        self._follow: Follow | None = None

    def follow(self, follow: Follow) -> None:
        """Have what follows by the clock from a change of an incident planned with it, in one transaction."""
        self._follow = follow

    def on_change(self, callback: Callable[[frozenset[Severity] | None], None]) -> None:
        """Have somebody told after each change that is on disk of which severities incidents began, None if more changed."""
        self._changed = callback

    async def receive(
        self, delivery: int, notification: Notification, tell: Telling, at: datetime, beside: Beside = NOTHING_BESIDE
    ) -> Sequence[Outcome]:
        (outcomes,) = await self.receive_some([Arrival(delivery, notification, tell, at, beside)])
        return outcomes

    async def receive_some(self, arrivals: Sequence[Arrival]) -> Sequence[Sequence[Outcome]]:
        applied = await self._runner.write(partial(receive, arrivals=arrivals, follow=self._follow))
        news = [each.news for each in applied]
        self._changed(None if None in news else frozenset[Severity]().union(*filter(None, news)))
        return [each.outcomes for each in applied]

    async def receive_at_once(
        self, posted: Posted, arrival: Arrival, draw: Callable[[FirstCard], None] | None = None
    ) -> Taken | None:
        def work(connection: Connection) -> tuple[Applied, FirstCard | None] | None:
            applied = receive_at_once(connection, posted, arrival, self._follow)
            if applied is None:
                return None
            return applied, first_card(connection, applied.outcomes, arrival.at) if draw else None

        def meanwhile(done: tuple[Applied, FirstCard | None] | None) -> None:
            if draw and done and done[1]:
                draw(done[1])

        done = await self._runner.write(work, meanwhile)
        if done is None:
            return None
        self._changed(done[0].news)
        return Taken(done[1])

    async def change(self, number: int, decide: Decision, at: datetime, audit: AuditRow | None = None) -> Outcome:

        def work(connection: Connection) -> Outcome:
            before = _locked(connection, number)
            outcome = decide(before)
            if audit:
                connection.execute(insert(audit_table).values(audit_columns(audit, outcome.refusal or "")))
            if outcome.refusal:
                return Outcome(before, refusal=outcome.refusal)
            return store(connection, before, outcome, at, self._follow)

        outcome = await self._runner.write(work)
        self._changed(None)
        return outcome

    async def rearrange(
        self, numbers: Sequence[int], decide: Rearrangement, at: datetime, audit: AuditRow | None = None
    ) -> Sequence[Outcome]:

        def work(connection: Connection) -> Sequence[Outcome]:
            lock_sources(connection)
            found = decide([_locked(connection, number) for number in sorted(numbers)])
            refusal = next((outcome.refusal for _, outcome in found if outcome.refusal), None)
            if audit:
                connection.execute(insert(audit_table).values(audit_columns(audit, refusal or "")))
            if refusal:
                return [outcome for _, outcome in found]
            outcomes = [store(connection, before, outcome, at, self._follow) for before, outcome in found]
            for outcome in outcomes:
                if outcome.incident and outcome.incident.joined_to is not None:
                    drop_pages(connection, outcome.incident.number, at)
                if outcome.incident and outcome.begins and any(promised(connection, number) for number in numbers):
                    # Of what it was taken from not everybody was called yet.
                    not_called(connection, outcome.incident.number)
            return outcomes

        outcomes = await self._runner.write(work)
        self._changed(None)
        return outcomes

    async def note(self, number: int, entry: Entry) -> None:

        def work(connection: Connection) -> None:
            _locked(connection, number)
            connection.execute(insert(timeline).values(entry_columns(number, entry)))
            redraw(connection, number, entry.at)

        await self._runner.write(work)
        self._changed(None)

    async def redraw(self, numbers: Sequence[int], at: datetime) -> None:

        def work(connection: Connection) -> None:
            for number in numbers:
                redraw(connection, number, at)

        await self._runner.write(work)
        self._changed(None)

    async def load(self, number: int) -> Incident:
        return (await _read([await self._runner.read(lambda connection: row_of(connection, number))]))[0]

    async def open(
        self, limit: int | None = None, *, began: tuple[datetime, datetime] | None = None
    ) -> Sequence[Incident]:
        query = select(incidents).where(incidents.c.state != State.RESOLVED.value)
        if began:
            query = query.where(func.coalesce(incidents.c.reopened_at, incidents.c.opened_at).between(*began))
        return await self._list(query.limit(limit))

    async def open_by_severity(self) -> Mapping[Severity, int]:
        unresolved = incidents.c.state != State.RESOLVED.value
        query = select(incidents.c.severity, func.count()).where(unresolved).group_by(incidents.c.severity)
        rows = await self._runner.read(lambda connection: connection.execute(query).all())
        return {Severity(row[0]): row[1] for row in rows}

    async def recent(self, limit: int) -> Sequence[Incident]:
        return await self._list(select(incidents).limit(limit))

    async def card(self, number: int) -> MessageRef | None:
        query = select(cards.c.channel_id, cards.c.message_id).where(cards.c.incident == number)
        row = await self._runner.read(lambda connection: connection.execute(query).one_or_none())
        return MessageRef(row[0], row[1]) if row else None

    async def of_card(self, message: int) -> int | None:
        return await self._runner.read(lambda connection: former_cards.incident_of(connection, message))

    async def with_card(self) -> Sequence[int]:
        unresolved = incidents.c.state != State.RESOLVED.value
        query = select(cards.c.incident).join(incidents, incidents.c.number == cards.c.incident).where(unresolved)
        return await self._runner.read(lambda connection: list(connection.execute(query).scalars()))

    async def timeline(self, number: int) -> Sequence[Entry]:
        return await self._runner.read(lambda connection: timeline_of(connection, number))

    async def lapsed(self, at: datetime) -> Sequence[int]:
        lapsed = (incidents.c.ack_until <= at) & (incidents.c.state == State.ACKNOWLEDGED.value)
        query = select(incidents.c.number).where(lapsed)
        return await self._runner.read(lambda connection: list(connection.execute(query).scalars()))

    async def settling(self, at: datetime) -> Sequence[int]:
        settled = (incidents.c.flapping_until <= at) | (incidents.c.flapping_since > at)
        query = select(incidents.c.number).where(settled)
        return await self._runner.read(lambda connection: list(connection.execute(query).scalars()))

    async def doubted(self) -> Sequence[Incident]:
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


def _locked(connection: Connection, number: int) -> Incident:
    row = connection.execute(THIS.with_for_update(), {"number": number}).mappings().one_or_none()
    if row is None:
        raise UnknownIncident("errors.unknown_incident")
    return incident_of(row)
