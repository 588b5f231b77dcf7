"""Keeps silences and proposals of silences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, bindparam, delete, insert, select, update

from bot.domain.silences import Draft, Silence
from bot.domain.views import SilenceRow
from bot.errors import OutOfDate
from bot.ports import AuditRow
from bot.store.rows import audit_columns, storable
from bot.store.runner import Runner
from bot.store.silence_rows import draft_in, draft_out, silence_columns, silence_of
from bot.store.tables import audit as audit_table
from bot.store.tables import drafts, silences

# A silence that was just made or ended may be missing from, or still be in, the list its source gave a moment before.
_FRESH = timedelta(seconds=30)

_LISTED = select(silences).order_by(silences.c.ends_at, silences.c.id)
_AT = bindparam("at", type_=silences.c.ends_at.type)
_IN_FORCE = _LISTED.where(silences.c.ended_at.is_(None), silences.c.starts_at <= _AT, silences.c.ends_at > _AT)


class StoredSilences:
    """The tables `silences` and `drafts`, as `bot.ports.SilenceBook` describes them."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def draft(self, draft: Draft, at: datetime) -> Draft:
        payload = storable(draft_out(draft))

        def work(connection: Connection) -> Draft:
            if not draft.id:
                row = insert(drafts).values(payload=payload, created_at=at).returning(drafts.c.id)
                return draft_in(connection.execute(row).scalar_one(), payload)
            free = (drafts.c.id == draft.id) & drafts.c.claimed_at.is_(None)
            if not connection.execute(update(drafts).where(free).values(payload=payload)).rowcount:
                raise OutOfDate("errors.out_of_date")
            return draft

        return await self._runner.write(work)

    async def load_draft(self, draft: int) -> Draft:
        query = select(drafts.c.payload).where(drafts.c.id == draft, drafts.c.claimed_at.is_(None))
        payload = await self._runner.read(lambda connection: connection.execute(query).scalar_one_or_none())
        return _draft(draft, payload)

    async def claim_draft(self, draft: int, at: datetime, audit: AuditRow | None = None) -> Draft:
        free = (drafts.c.id == draft) & drafts.c.claimed_at.is_(None)
        claim = update(drafts).where(free).values(claimed_at=at).returning(drafts.c.payload)

        def work(connection: Connection) -> str | None:
            payload = connection.execute(claim).scalar_one_or_none()
            if payload is not None and audit:
                connection.execute(insert(audit_table).values(audit_columns(audit)))
            return payload

        return _draft(draft, await self._runner.write(work))

    async def release_draft(self, draft: Draft) -> None:
        values = {"claimed_at": None, "payload": storable(draft_out(draft))}
        released = update(drafts).where(drafts.c.id == draft.id).values(values)
        await self._runner.write(lambda connection: connection.execute(released))

    async def add(self, silence: Silence, draft: Draft, audit: AuditRow) -> SilenceRow:
        values = {"rule": storable(draft.rule.name), "incident": draft.incident, "seen_at": audit.at}
        this = silences.c.source_id == silence.source_id

        def work(connection: Connection) -> SilenceRow:
            connection.execute(insert(audit_table).values(audit_columns(audit)))
            # A round of the reconciler may have seen it at the source before we could write it down.
            if not connection.execute(update(silences).where(this).values(values)).rowcount:
                connection.execute(insert(silences).values(**silence_columns(silence), **values))
            return silence_of(connection.execute(select(silences).where(this)).mappings().one())

        return await self._runner.write(work)

    async def load(self, row: int) -> SilenceRow:
        query = select(silences).where(silences.c.id == row)
        found = await self._runner.read(lambda connection: connection.execute(query).mappings().one_or_none())
        if found is None:
            raise OutOfDate("errors.out_of_date")
        return silence_of(found)

    async def active(self, at: datetime) -> Sequence[SilenceRow]:
        return await self._runner.read(lambda connection: in_force(connection, at))

    async def listed(self, at: datetime) -> Sequence[SilenceRow]:
        query = _LISTED.where(silences.c.ended_at.is_(None), silences.c.ends_at > at)
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [silence_of(row) for row in rows]

    async def end(self, row: int, at: datetime, audit: AuditRow) -> None:

        def work(connection: Connection) -> None:
            connection.execute(insert(audit_table).values(audit_columns(audit)))
            connection.execute(_changed(silences.c.id == row, ended_at=at))

        await self._runner.write(work)

    async def muted(self, rows: Sequence[int], at: datetime) -> None:
        seen = update(silences).where(silences.c.id.in_(rows)).values(muted_at=at)
        await self._runner.write(lambda connection: connection.execute(seen))

    async def extend(self, row: int, silence: Silence, audit: AuditRow) -> SilenceRow:
        this = silences.c.id == row

        def work(connection: Connection) -> SilenceRow:
            connection.execute(insert(audit_table).values(audit_columns(audit)))
            # Under a new id a round of the reconciler may have taken it for another one.
            connection.execute(delete(silences).where(silences.c.source_id == silence.source_id, silences.c.id != row))
            fresh = {"source_id": silence.source_id, "ends_at": silence.ends_at, "ended_at": None}
            connection.execute(_changed(this, **fresh, seen_at=audit.at))
            return silence_of(connection.execute(select(silences).where(this)).mappings().one())

        return await self._runner.write(work)

    async def sync(self, seen: Sequence[Silence], at: datetime) -> Sequence[SilenceRow]:
        return await self._runner.write(lambda connection: _sync(connection, seen, at))


def in_force(connection: Connection, at: datetime) -> Sequence[SilenceRow]:
    """Return the silences in force, the one that ends first first."""
    return [silence_of(row) for row in connection.execute(_IN_FORCE, {"at": at}).mappings()]


def _draft(number: int, payload: str | None) -> Draft:
    if payload is None:
        raise OutOfDate("errors.out_of_date")
    return draft_in(number, payload)


def _sync(connection: Connection, seen: Sequence[Silence], at: datetime) -> Sequence[SilenceRow]:
    query = select(silences).where(silences.c.ended_at.is_(None), silences.c.ends_at > at)
    known = {row["source_id"]: row for row in connection.execute(query).mappings()}
    for silence in seen:
        if silence.ended_at is None:
            _take_over(connection, silence, at)
    ended = [silence.source_id for silence in seen if silence.ended_at and silence.source_id in known]
    listed = {silence.source_id for silence in seen}
    lost = [row for name, row in known.items() if name not in listed and at - row["seen_at"] > _FRESH]
    gone = [*ended, *(row["source_id"] for row in lost)]
    if gone:
        connection.execute(_changed(silences.c.source_id.in_(gone), ended_at=at))
    return [silence_of(row) for row in lost]


def _take_over(connection: Connection, silence: Silence, at: datetime) -> None:
    this = silences.c.source_id == silence.source_id
    known = connection.execute(select(silences.c.ends_at, silences.c.ended_at).where(this)).one_or_none()
    if known is None:
        # Another kind of matcher names no rule: `alertname!="Watchdog"` is about everything else.
        rule = next((m.value for m in silence.matchers if m.name == "alertname" and m.is_equal and not m.is_regex), "")
        connection.execute(insert(silences).values(**silence_columns(silence), rule=storable(rule), seen_at=at))
        return
    if known.ended_at and at - known.ended_at <= _FRESH:
        return
    if known.ended_at or known.ends_at != silence.ends_at:
        # Extended, if only in its last second; or it had been missing from one list and mutes all the same.
        connection.execute(_changed(this, ends_at=silence.ends_at, ended_at=None, seen_at=at))


def _changed(which: ColumnElement[bool], **values: object) -> Update:
    return update(silences).where(which).values(values | {"version": silences.c.version + 1})
