"""Keeps what is remembered of incidents: what was found to be the cause, and what people say has ended them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, bindparam, insert, or_, select, update

from bot.domain.alerts import Severity
from bot.domain.evidence import Analysis
from bot.domain.incidents import Entry, EntryKind, State
from bot.domain.memory import Fix, Remembered, Traits, templates_of
from bot.domain.messages import MessageRef
from bot.domain.searches import Search
from bot.errors import Refused, UnknownIncident
from bot.ports import AuditRow
from bot.store.queueing import redraw
from bot.store.rows import audit_columns, entry_columns, person_in, person_out, storable
from bot.store.runner import Runner
from bot.store.tables import audit, cards, incidents, memories, timeline

# What is compared with a new incident; older ones would be read each time a card is drawn.
_COMPARED = 200
_CAUSE_LIMIT = 200
_FIX = select(memories).where(memories.c.incident == bindparam("number"))


class StoredMemories:
    """The table `memories`, as `bot.ports.Memories` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._changed: Callable[[], None] = lambda: None

    def on_change(self, callback: Callable[[], None]) -> None:
        """Have somebody called after each change that is on disk."""
        self._changed = callback

    async def fix(self, number: int, fix: Fix, row: AuditRow) -> None:

        def work(connection: Connection) -> None:
            query = select(incidents.c.state).where(incidents.c.number == number).with_for_update()
            state = connection.execute(query).scalar_one_or_none()
            if state is None:
                raise UnknownIncident("errors.unknown_incident")
            if state != State.RESOLVED.value:
                raise Refused("errors.not_resolved")
            told = select(memories.c.fix).where(memories.c.incident == number)
            if connection.execute(told).scalar_one_or_none():
                raise Refused("errors.fixed_already")
            by = json.dumps(person_out(fix.by))
            _keep(connection, number, {"fix": storable(fix.words), "fixed_by": by, "fixed_at": fix.at})
            entry = Entry(fix.at, EntryKind.FIXED, fix.by, {"reason": storable(fix.words)})
            connection.execute(insert(timeline).values(entry_columns(number, entry)))
            connection.execute(insert(audit).values(audit_columns(row, fix.words)))
            redraw(connection, number, fix.at)

        await self._runner.write(work)
        self._changed()

    async def fix_of(self, number: int) -> Fix | None:
        return await self._runner.read(lambda connection: fix_of(connection, number))

    async def near(self, number: int, traits: Traits) -> Sequence[Remembered]:
        return await self._runner.read(lambda connection: near(connection, number, traits))

    async def search(self, search: Search, limit: int) -> Sequence[Remembered]:
        query = _known().limit(limit)
        for word in search.words:
            columns = (incidents.c.title, incidents.c.service, memories.c.cause, memories.c.fix)
            meant = [column.icontains(storable(word), autoescape=True) for column in columns]
            if word.isdecimal() and len(word) < 10:
                meant.append(incidents.c.number == int(word))
            query = query.where(or_(*meant))
        if search.severities:
            query = query.where(incidents.c.severity.in_([each.value for each in search.severities]))
        if search.is_open is not None:
            is_over = incidents.c.state == State.RESOLVED.value
            query = query.where(~is_over if search.is_open else is_over)
        if search.since:
            query = query.where(incidents.c.opened_at >= search.since)
        if search.until:
            query = query.where(incidents.c.opened_at < search.until)
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [_remembered(row) for row in rows]


def fix_of(connection: Connection, number: int) -> Fix | None:
    """Return what is known to have ended an incident."""
    row = connection.execute(_FIX, {"number": number}).mappings().one_or_none()
    return _fix(row) if row else None


def near(connection: Connection, number: int, traits: Traits) -> Sequence[Remembered]:
    """Return what is over and shares rule, service or mechanism with an incident."""
    values = {"number": number, "title": storable(traits.rule), "service": storable(traits.service)}
    values |= {"mechanism": traits.mechanism, "culprit": storable(traits.culprit)} if traits.mechanism else {}
    query = _near(service=bool(traits.service), mechanism=bool(traits.mechanism))
    return [_remembered(row) for row in connection.execute(query, values).mappings()]


@cache
def _near(*, service: bool, mechanism: bool) -> Select[*tuple[Any, ...]]:
    """Write the question once: it is asked for each card, and to write it takes longer than to answer it."""
    shares: list[ColumnElement[bool]] = [incidents.c.title == bindparam("title")]
    if service:
        shares.append(incidents.c.service == bindparam("service"))
    if mechanism:
        same = (memories.c.mechanism == bindparam("mechanism")) & (memories.c.culprit == bindparam("culprit"))
        shares.append(same)
    over = (incidents.c.state == State.RESOLVED.value) & incidents.c.resolved_at.is_not(None)
    return _known().where(over, or_(*shares), incidents.c.number < bindparam("number")).limit(_COMPARED)


def keep_findings(connection: Connection, incident: int, analysis: Analysis) -> None:
    """Keep what an investigation found, as part of a transaction."""
    lead, cause = analysis.ranking.lead, analysis.verdict.cause
    found = {
        "mechanism": lead.mechanism if lead else "",
        "culprit": storable(lead.service) if lead else "",
        "cause": storable(cause.text)[:_CAUSE_LIMIT] if cause else "",
        "templates": json.dumps([storable(each) for each in templates_of(analysis)]),
    }
    _keep(connection, incident, found)


def _keep(connection: Connection, incident: int, values: dict[str, Any]) -> None:
    # Whoever writes has locked the incident.
    if not connection.execute(update(memories).where(memories.c.incident == incident).values(values)).rowcount:
        connection.execute(insert(memories).values(incident=incident, **values))


def _known() -> Select[*tuple[Any, ...]]:
    columns: tuple[ColumnElement[Any], ...] = (
        *(incidents.c.number, incidents.c.title, incidents.c.service, incidents.c.severity),
        *(incidents.c.opened_at, incidents.c.resolved_at, incidents.c.first_ack_at, incidents.c.flaps),
        *(memories.c.mechanism, memories.c.culprit, memories.c.cause, memories.c.templates),
        *(memories.c.fix, memories.c.fixed_by, memories.c.fixed_at),
        *(cards.c.channel_id, cards.c.message_id),
    )
    found = (
        select(*columns)
        .outerjoin(memories, memories.c.incident == incidents.c.number)
        .outerjoin(cards, cards.c.incident == incidents.c.number)
    )
    return found.order_by(incidents.c.number.desc())


def _remembered(row: RowMapping) -> Remembered:
    templates = frozenset[str](json.loads(row["templates"] or "[]"))
    traits = Traits(row["title"], row["service"] or "", row["mechanism"] or "", row["culprit"] or "", templates)
    return Remembered(
        number=row["number"],
        title=row["title"],
        severity=Severity(row["severity"]),
        opened_at=row["opened_at"],
        resolved_at=row["resolved_at"],
        traits=traits,
        acked_at=row["first_ack_at"],
        flaps=row["flaps"],
        cause=row["cause"] or "",
        fix=_fix(row),
        card=MessageRef(row["channel_id"], row["message_id"]) if row["message_id"] is not None else None,
    )


def _fix(row: RowMapping) -> Fix | None:
    return Fix(row["fix"], person_in(json.loads(row["fixed_by"])), row["fixed_at"]) if row["fix"] else None
