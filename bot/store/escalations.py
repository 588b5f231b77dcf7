"""Keeps what follows by the clock from what becomes of an incident: planned, cancelled and done in the same transactions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from bot.domain.incidents import Entry, EntryKind, Incident, State
from bot.domain.jobs import Job, JobName, Planned
from bot.domain.views import MessageRef
from bot.store.jobs import cancel_of, finish, plan
from bot.store.outbox import redraw
from bot.store.rows import entry_columns
from bot.store.runner import Runner
from bot.store.tables import cards, incidents, timeline

# An incident as it is now, and the place in its chain, into what is to happen.
Follow = Callable[[Incident, int, datetime], Sequence[Planned]]


_ESCALATED = select(timeline.c.detail).where(
    timeline.c.incident == bindparam("number"),
    timeline.c.kind == EntryKind.ESCALATED.value,
    timeline.c.at >= bindparam("since"),
)


def plan_after(connection: Connection, before: Incident | None, after: Incident, at: datetime, follow: Follow) -> None:
    """Plan what follows when it becomes another's turn: it fires, somebody has it, it is over, it got worse."""
    if before and (before.state, before.severity, before.ack) == (after.state, after.severity, after.ack):
        return
    if before:
        cancel_of(connection, (JobName.ESCALATE, JobName.REMIND), after.number, at)
    if after.is_open:
        plan(connection, follow(after, _place(connection, after) if before else 0, at), at)


def _place(connection: Connection, incident: Incident) -> int:
    """Return how far the chain of this severity has come since it began."""
    values = {"number": incident.number, "since": incident.began_at}
    details = [json.loads(each) for each in connection.execute(_ESCALATED, values).scalars()]
    return max((int(d["step"]) + 1 for d in details if d.get("severity") == incident.severity.name), default=0)


class StoredEscalations:
    """Steps that were taken, as `bot.ports.oncall.Escalations` describes them."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._changed: Callable[[], None] = lambda: None

    def on_change(self, callback: Callable[[], None]) -> None:
        """Have somebody called after each change that is on disk."""
        self._changed = callback

    async def advance(self, job: Job, entries: Sequence[Entry], following: Sequence[Planned], at: datetime) -> None:
        number = job.incident
        assert number is not None

        def work(connection: Connection) -> None:
            state = select(incidents.c.state).where(incidents.c.number == number).with_for_update()
            fires = connection.execute(state).scalar_one() == State.FIRING.value
            if finish(connection, job, following if fires else (), at):
                for entry in entries:
                    connection.execute(insert(timeline).values(entry_columns(number, entry)))
                redraw(connection, number, at)

        await self._runner.write(work)
        self._changed()

    async def card(self, incident: int) -> MessageRef | None:
        query = select(cards.c.channel_id, cards.c.message_id).where(cards.c.incident == incident)
        row = await self._runner.read(lambda connection: connection.execute(query).one_or_none())
        return MessageRef(row[0], row[1]) if row else None
