"""Silences and proposals of silences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.silences import Draft, Silence
from bot.domain.views import SilenceRow
from bot.errors import OutOfDate
from bot.ports import AuditRow
from bot.store.rows import audit_columns, draft_in, draft_out, silence_columns, silence_of, storable
from bot.store.tables import audit as audit_table
from bot.store.tables import drafts, silences

# A silence that was just made may not be in the list its source gave a moment before.
_FRESH = timedelta(seconds=30)


class StoredSilences:
    """The tables `silences` and `drafts`, as `bot.ports.SilenceBook` describes them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def draft(self, draft: Draft, at: datetime) -> Draft:
        """Store a proposal and return it with its id; with an id it replaces the stored one."""
        payload = storable(draft_out(draft))
        async with self._engine.begin() as connection:
            if draft.id:
                free = (drafts.c.id == draft.id) & drafts.c.claimed_at.is_(None)
                changed = await connection.execute(update(drafts).where(free).values(payload=payload))
                if not changed.rowcount:
                    raise OutOfDate("errors.out_of_date")
                return draft
            row = insert(drafts).values(payload=payload, created_at=at).returning(drafts.c.id)
            number = (await connection.execute(row)).scalar_one()
        return draft_in(number, payload)

    async def load_draft(self, draft: int) -> Draft:
        """Return a proposal that was not used yet. Raises OutOfDate."""
        query = select(drafts.c.payload).where(drafts.c.id == draft, drafts.c.claimed_at.is_(None))
        async with self._engine.connect() as connection:
            payload = (await connection.execute(query)).scalar_one_or_none()
        if payload is None:
            raise OutOfDate("errors.out_of_date")
        return draft_in(draft, payload)

    async def claim_draft(self, draft: int, at: datetime) -> Draft:
        """Take a proposal so that nobody can take it twice. Raises OutOfDate."""
        free = (drafts.c.id == draft) & drafts.c.claimed_at.is_(None)
        claim = update(drafts).where(free).values(claimed_at=at).returning(drafts.c.payload)
        async with self._engine.begin() as connection:
            payload = (await connection.execute(claim)).scalar_one_or_none()
        if payload is None:
            raise OutOfDate("errors.out_of_date")
        return draft_in(draft, payload)

    async def release_draft(self, draft: int) -> None:
        """Give a claimed proposal back, because the source did not take it."""
        async with self._engine.begin() as connection:
            await connection.execute(update(drafts).where(drafts.c.id == draft).values(claimed_at=None))

    async def add(self, silence: Silence, draft: Draft, audit: AuditRow) -> SilenceRow:
        """Store a silence that we made."""
        values = {"rule": storable(draft.rule.name), "incident": draft.incident, "seen_at": audit.at}
        async with self._engine.begin() as connection:
            await connection.execute(insert(audit_table).values(audit_columns(audit)))
            # A round of the patrol may have seen it at the source before we could write it down.
            known = update(silences).where(silences.c.source_id == silence.source_id).values(values)
            if not (await connection.execute(known)).rowcount:
                await connection.execute(insert(silences).values(**silence_columns(silence), **values))
            query = select(silences).where(silences.c.source_id == silence.source_id)
            return silence_of((await connection.execute(query)).mappings().one())

    async def load(self, row: int) -> SilenceRow:
        """Return one. Raises OutOfDate."""
        async with self._engine.connect() as connection:
            found = (await connection.execute(select(silences).where(silences.c.id == row))).mappings().one_or_none()
        if found is None:
            raise OutOfDate("errors.out_of_date")
        return silence_of(found)

    async def active(self, at: datetime) -> Sequence[SilenceRow]:
        """Return those in force, the one that ends first first."""
        in_force = (silences.c.ended_at.is_(None)) & (silences.c.starts_at <= at) & (silences.c.ends_at > at)
        query = select(silences).where(in_force).order_by(silences.c.ends_at, silences.c.id)
        async with self._engine.connect() as connection:
            return [silence_of(row) for row in (await connection.execute(query)).mappings()]

    async def end(self, row: int, at: datetime, audit: AuditRow) -> None:
        """Mark one as ended by a person."""
        async with self._engine.begin() as connection:
            await connection.execute(insert(audit_table).values(audit_columns(audit)))
            await connection.execute(update(silences).where(silences.c.id == row).values(ended_at=at))

    async def sync(self, seen: Sequence[Silence], at: datetime) -> bool:
        """Take over what the source has; return whether anything changed."""
        async with self._engine.begin() as connection:
            query = select(silences).where(silences.c.ended_at.is_(None), silences.c.ends_at > at)
            rows = {row["source_id"]: row for row in (await connection.execute(query)).mappings()}
            changed = False
            for silence in seen:
                changed |= await _take_over(connection, silence, rows.get(silence.source_id) is not None, at)
            listed = {silence.source_id for silence in seen}
            for source_id, row in rows.items():
                if source_id not in listed and at - row["seen_at"] > _FRESH:
                    gone = update(silences).where(silences.c.source_id == source_id).values(ended_at=at)
                    await connection.execute(gone)
                    changed = True
        return changed


async def _take_over(connection: AsyncConnection, silence: Silence, known: bool, at: datetime) -> bool:
    columns = silence_columns(silence)
    this = silences.c.source_id == silence.source_id
    if known:
        news = update(silences).where(this, silences.c.ends_at != silence.ends_at).values(ends_at=silence.ends_at)
        return bool((await connection.execute(news)).rowcount)
    ended = (await connection.execute(select(silences.c.id).where(this))).first()
    if ended:
        # We ended it a moment ago, and the list is older than that.
        return False
    rule = next((m.value for m in silence.matchers if m.name == "alertname"), "")
    await connection.execute(insert(silences).values(**columns, rule=storable(rule), seen_at=at))
    return True
