"""Keeps what follows by the clock from what becomes of an incident: planned, cancelled and done in the same transactions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from bot.domain.alerts import Severity
from bot.domain.incidents import Entry, EntryKind, Incident
from bot.domain.jobs import Job, JobName, Planned
from bot.domain.views import MessageRef
from bot.store.digests import digests
from bot.store.jobs import cancel_of, finish, plan
from bot.store.queueing import redraw
from bot.store.rows import entry_columns, incident_of
from bot.store.runner import Runner
from bot.store.tables import cards, incidents, timeline

# An incident as it is now, and the place in its chain, into what is to happen.
Follow = Callable[[Incident, int, datetime], Sequence[Planned]]


_NUMBER, _SINCE = bindparam("number", type_=timeline.c.incident.type), bindparam("since", type_=timeline.c.at.type)
_MINE = (timeline.c.incident == _NUMBER) & (timeline.c.at >= _SINCE)
_ESCALATED = select(timeline.c.detail).where(_MINE, timeline.c.kind == EntryKind.ESCALATED.value)
_UNTIL = timeline.c.at <= bindparam("until", type_=timeline.c.at.type)
_TAKEN_FROM = select(timeline.c.at, timeline.c.detail).where(_MINE, timeline.c.kind == EntryKind.SPLIT_FROM.value)


def plan_after(connection: Connection, before: Incident | None, after: Incident, at: datetime, follow: Follow) -> None:
    """Plan what follows when it becomes another's turn: it fires, somebody has it, it is over, it got worse."""
    if before and (before.state, before.severity, before.ack) == (after.state, after.severity, after.ack):
        return
    if before:
        cancel_of(connection, (JobName.ESCALATE, JobName.REMIND), after.number, at)
    if after.is_open:
        place = _place(connection, after) if before or after.apart else 0
        plan(connection, follow(after, place, at), at)


def _place(connection: Connection, incident: Incident) -> int:
    """Return how far the chain of this severity has come since it began, also while it was a part of another incident."""
    values: dict[str, object] = {"number": incident.number, "since": incident.began_at}
    steps = list(connection.execute(_ESCALATED, values).scalars())
    for until, detail in connection.execute(_TAKEN_FROM, values).all():
        origin: dict[str, str] = json.loads(detail)
        # Earlier versions have not written down since when.
        since = datetime.fromisoformat(origin["since"]) if "since" in origin else until
        before = {"number": int(origin["other"]), "since": since, "until": until}
        steps += connection.execute(_ESCALATED.where(_UNTIL), before).scalars()
    details = [json.loads(each) for each in steps]
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
            query = select(incidents).where(incidents.c.number == number).with_for_update()
            incident = incident_of(connection.execute(query).mappings().one())
            if finish(connection, job, following if incident.unanswered else (), at):
                for entry in entries:
                    connection.execute(insert(timeline).values(entry_columns(number, entry)))
                redraw(connection, number, at)

        await self._runner.write(work)
        self._changed()

    async def card(self, incident: int) -> MessageRef | None:
        own = select(cards.c.channel_id, cards.c.message_id).where(cards.c.incident == incident)
        shared = (
            select(digests.c.channel_id, digests.c.message_id)
            .join(incidents, incidents.c.digest == digests.c.id)
            # A P1 has a card of its own, soon.
            .where(incidents.c.number == incident, incidents.c.severity != Severity.P1.value)
            .where(digests.c.message_id.is_not(None))
        )

        def work(connection: Connection) -> MessageRef | None:
            row = connection.execute(own).one_or_none() or connection.execute(shared).one_or_none()
            return MessageRef(row[0], row[1]) if row else None

        return await self._runner.read(work)
