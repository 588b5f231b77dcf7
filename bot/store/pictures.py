"""Puts incidents that are to be pictured into the outbox, so that they outlive the process."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, exists, insert, literal, select

from bot.domain.alerts import Severity
from bot.domain.incidents import State
from bot.ports import TaskKind
from bot.store.changes import one_at_a_time
from bot.store.kinds import IS_PICTURE, old_name
from bot.store.runner import Runner
from bot.store.tables import incidents, outbox


class StoredPictures:
    """The rows of `outbox` that stand for pictures, as `bot.ports.dashboards.PictureTasks` describes them."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def admit(self, severities: Collection[Severity], since: datetime, at: datetime) -> int:
        known = exists().where(outbox.c.incident == incidents.c.number, IS_PICTURE)
        row = {
            "incident": incidents.c.number,
            "kind": literal(TaskKind.PICTURE.value),
            "page": literal(old_name(TaskKind.PICTURE)),
            "created_at": literal(at, outbox.c.created_at.type),
            "due_at": literal(at, outbox.c.due_at.type),
            "attempts": literal(0),
        }
        new = select(*row.values()).where(
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
        listed = insert(outbox).from_select(list(row), new.order_by(incidents.c.number)).returning(outbox.c.id)

        def work(connection: Connection) -> int:
            # Whoever looked at the same time is not to be let in as well.
            one_at_a_time(connection, "pictures")
            return len(connection.execute(listed).all())

        return await self._runner.write(work)
