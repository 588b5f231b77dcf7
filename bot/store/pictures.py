"""Keeps which incidents are still to be pictured: rows of the outbox, so that they outlive the process."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, exists, insert, literal, select, update

from bot.domain.alerts import Severity
from bot.domain.incidents import State
from bot.domain.views import MessageRef
from bot.ports import Task
from bot.store.changes import one_at_a_time
from bot.store.outbox import PICTURE
from bot.store.rows import storable
from bot.store.runner import Runner
from bot.store.tables import cards, incidents, outbox


class StoredPictures:
    """The rows of `outbox` that stand for pictures, as `bot.ports.dashboards.PictureTasks` describes them."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def admit(self, severities: Collection[Severity], since: datetime, at: datetime) -> int:
        known = exists().where(outbox.c.incident == incidents.c.number, outbox.c.page == PICTURE)
        new = select(
            incidents.c.number,
            literal(PICTURE),
            literal(at, outbox.c.created_at.type),
            literal(at, outbox.c.due_at.type),
            literal(0),
        ).where(
            incidents.c.severity.in_([each.value for each in severities]),
            incidents.c.state != State.RESOLVED.value,
            incidents.c.opened_at >= since,
            # There is no thread for it in a storm.
            incidents.c.digest.is_(None),
            ~known,
        )
        # Nearly always there is nothing new, and what writes makes everybody else wait.
        if await self._runner.read(lambda connection: connection.execute(new.limit(1)).first()) is None:
            return 0
        columns = ["incident", "page", "created_at", "due_at", "attempts"]
        listed = insert(outbox).from_select(columns, new.order_by(incidents.c.number)).returning(outbox.c.id)

        def work(connection: Connection) -> int:
            # Whoever looked at the same time is not to be let in as well.
            one_at_a_time(connection, "pictures")
            return len(connection.execute(listed).all())

        return await self._runner.write(work)

    async def due(self, at: datetime, limit: int) -> Sequence[Task]:
        query = (
            select(outbox, cards.c.channel_id, cards.c.message_id)
            .join(incidents, incidents.c.number == outbox.c.incident)
            .join(cards, cards.c.incident == outbox.c.incident)
            .where(outbox.c.page == PICTURE, outbox.c.done_at.is_(None), outbox.c.due_at <= at)
            .order_by(incidents.c.severity, outbox.c.id)
            .limit(limit)
        )
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [_task(row) for row in rows]

    async def done(self, task: Task, reason: str, at: datetime) -> None:
        await self._change(task, {"done_at": at, "last_error": storable(reason)})

    async def later(self, task: Task, reason: str, at: datetime) -> None:
        await self._change(task, {"due_at": at, "last_error": storable(reason), "attempts": task.attempts + 1})

    async def _change(self, task: Task, values: dict[str, object]) -> None:
        changed = update(outbox).where(outbox.c.id == task.id).values(values)

        def work(connection: Connection) -> None:
            connection.execute(changed)

        await self._runner.write(work)


def _task(row: RowMapping) -> Task:
    return Task(
        id=row["id"],
        incident=row["incident"],
        page=None,
        attempts=row["attempts"],
        created_at=row["created_at"],
        card=MessageRef(row["channel_id"], row["message_id"]),
    )
