"""The outbox: what has to be shown, where the cards are, and what became of each attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.incidents import PageReason
from bot.domain.views import MessageRef
from bot.ports import Task
from bot.store.rows import storable
from bot.store.tables import cards, inbox, incidents, outbox


class StoredOutbox:
    """The tables `outbox` and `cards`, as `bot.ports.Outbox` describes them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def due(self, at: datetime, limit: int) -> Sequence[Task]:
        """Return the tasks whose time has come, the most severe incident first, then the oldest."""
        has_card = select(cards.c.incident).where(cards.c.incident == outbox.c.incident).exists()
        query = (
            select(outbox)
            .join(incidents, incidents.c.number == outbox.c.incident)
            .where(outbox.c.done_at.is_(None), outbox.c.due_at <= at, outbox.c.page.is_(None) | has_card)
            .order_by(incidents.c.severity, case((outbox.c.page.is_(None), 0), else_=1), outbox.c.id)
            .limit(limit)
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [
            Task(
                id=row["id"],
                incident=row["incident"],
                page=PageReason(row["page"]) if row["page"] else None,
                attempts=row["attempts"],
                created_at=row["created_at"],
            )
            for row in rows
        ]

    async def card(self, incident: int) -> MessageRef | None:
        """Return where the card of an incident is, if it has been posted."""
        query = select(cards.c.channel_id, cards.c.message_id).where(cards.c.incident == incident)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return MessageRef(row.channel_id, row.message_id) if row else None

    async def begin(self, task: Task, at: datetime) -> None:
        """Write down that an attempt starts: from here on the message may exist although no row says so."""
        started = update(outbox).where(outbox.c.id == task.id).values(started_at=at, attempts=task.attempts + 1)
        async with self._engine.begin() as connection:
            await connection.execute(started)

    async def delivered(self, task: Task, version: int, ref: MessageRef, at: datetime) -> None:
        """Mark a task as done; a card that is older than its incident by now stays due."""
        async with self._engine.begin() as connection:
            if task.page is None:
                place = {"channel_id": ref.channel_id, "message_id": ref.message_id, "version": version}
                await connection.execute(delete(cards).where(cards.c.incident == task.incident))
                await connection.execute(insert(cards).values(incident=task.incident, **place))
                newest = select(incidents.c.version).where(incidents.c.number == task.incident).with_for_update()
                if (await connection.execute(newest)).scalar_one() > version:
                    again = {"attempts": 0, "due_at": at, "last_error": ""}
                    await connection.execute(update(outbox).where(outbox.c.id == task.id).values(again))
                    return
                shown = (inbox.c.incident == task.incident) & (inbox.c.state == "applied")
                await connection.execute(update(inbox).where(shown).values(state="shown"))
            await connection.execute(update(outbox).where(outbox.c.id == task.id).values(done_at=at, last_error=""))

    async def failed(self, task: Task, reason: str, retry_at: datetime | None) -> None:
        """Try again at `retry_at`, or give up for good if that is None."""
        values: dict[str, object] = {"last_error": storable(reason), "attempts": task.attempts + 1}
        values |= {"due_at": retry_at} if retry_at else {"done_at": task.created_at}
        async with self._engine.begin() as connection:
            await connection.execute(update(outbox).where(outbox.c.id == task.id).values(values))

    async def forget_card(self, incident: int) -> None:
        """Forget where the card is, because it is gone; the next attempt posts a new one."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(cards).where(cards.c.incident == incident))

    async def lag(self, at: datetime) -> float:
        """Return the age of the oldest task that waits, in seconds; 0 when nothing does."""
        oldest = select(func.min(outbox.c.created_at)).where(outbox.c.done_at.is_(None))
        async with self._engine.connect() as connection:
            since = (await connection.execute(oldest)).scalar_one_or_none()
        return max((at - since).total_seconds(), 0.0) if since else 0.0
