"""Keeps what has to be shown, where the cards are, and what became of each attempt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, reduce
from operator import sub
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    true,
    update,
)

from bot.domain.alerts import Severity
from bot.domain.incidents import PageReason
from bot.domain.views import MessageRef
from bot.ports import MESSAGES, Task, TaskKind
from bot.store.calls import called_now, not_called
from bot.store.digest_table import is_to_be_gathered, lately
from bot.store.due import is_due, moments
from bot.store.former_cards import leave
from bot.store.kinds import IS_CALL, IS_CARD, IS_PICTURE, IS_REPORT, KIND, REASON, written
from bot.store.queueing import LATE, queue_card
from bot.store.rows import storable
from bot.store.runner import Runner
from bot.store.tables import cards, inbox, incidents, outbox

# The card first, then the call that points at it, then what takes longer to read.
_RANK = case((IS_CARD, 0), (IS_REPORT, 2), else_=1)

# What is drawn again gets ahead of what is one severity worse and has changed so much later.
_STEP, _STEPS = timedelta(seconds=30), range(1, 5)

# What nobody has seen yet: first cards, and calls. Cards are drawn again and reports posted beside them.
_UNSEEN = (IS_CARD & cards.c.message_id.is_(None)) | IS_CALL

# Written once: in a storm it takes longer to write them than to have them done.
_NUMBER = bindparam("number", type_=outbox.c.incident.type)
_APPLIED = (inbox.c.incident == _NUMBER) & (inbox.c.state == "applied")
_ALL_SHOWN = update(inbox).where(_APPLIED).values(state="shown").returning(inbox.c.received_at)
_VERSION = select(incidents.c.version).where(incidents.c.number == _NUMBER).with_for_update()
_CHANGE = update(outbox).where(outbox.c.id == bindparam("which"))
_MOVE_CARD = update(cards).where(cards.c.incident == _NUMBER)
_NEW_CARD = insert(cards)
_NO_DIGEST = update(incidents).where(incidents.c.number == bindparam("which")).values(digest=None)


class StoredOutbox:
    """The tables `outbox` and `cards`, as `bot.ports.Outbox` describes them."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def suspect(self) -> None:
        """Take every waiting task for one that an earlier process may have begun: its message may exist."""
        waiting = update(outbox).where(outbox.c.done_at.is_(None), outbox.c.attempts == 0).values(attempts=1)
        await self._runner.write(lambda connection: connection.execute(waiting))

    async def retry(self) -> None:
        """Have all that was tried in vain tried at once: whoever starts us may have mended what was in the way."""
        tried = update(outbox).where(outbox.c.done_at.is_(None), outbox.c.last_error != "")
        await self._runner.write(lambda connection: connection.execute(tried.values(due_at=outbox.c.created_at)))

    async def due(
        self,
        at: datetime,
        limit: int,
        severities: Collection[Severity] = tuple(Severity),
        *,
        unseen: bool | None = None,
        kinds: Collection[TaskKind] = MESSAGES,
    ) -> Sequence[Task]:
        """Return the tasks whose time has come, in the order in which they are to be done."""
        return await self._runner.read(
            lambda connection: due_tasks(connection, at, limit, severities, unseen=unseen, kinds=kinds)
        )

    async def delivered(
        self,
        task: Task,
        version: int,
        ref: MessageRef,
        at: datetime,
        *,
        called: Collection[int] | None = None,
        called_at: datetime | None = None,
        moved: bool = False,
    ) -> Sequence[datetime]:

        def work(connection: Connection) -> Sequence[datetime]:
            # Whoever changes the incident now waits for us.
            newest = connection.execute(_VERSION, {"number": task.incident}).scalar_one()
            is_newest = newest <= version
            if called is not None:
                called_now(connection, task.incident, called_at or at, None if is_newest else called)
            is_card = moved or task.kind is TaskKind.CARD
            # What was drawn and then deleted, of which another one has heard already, shows nothing.
            there = not is_card or _place_card(connection, task, version, ref)
            if moved:
                queue_card(connection, task.incident, at)
            again = {"attempts": 0, "due_at": at, "created_at": at}
            is_done = (is_newest and there) or task.kind is not TaskKind.CARD
            values = {"done_at": at} if is_done else again
            connection.execute(_CHANGE, {"which": task.id, "last_error": "", **values})
            if not (is_newest and there and is_card):
                return []
            return connection.execute(_ALL_SHOWN, {"number": task.incident}).scalars().all()

        return await self._runner.write(work)

    async def failed(self, task: Task, reason: str, retry_at: datetime | None) -> None:
        values: dict[str, object] = {"last_error": storable(reason), "attempts": task.attempts + 1}
        values |= {"due_at": retry_at, "created_at": task.created_at} if retry_at else {"done_at": task.created_at}
        changed = update(outbox).where(outbox.c.id == task.id).values(values)
        await self._runner.write(lambda connection: connection.execute(changed))

    async def drop(self, task: Task) -> None:
        done = update(outbox).where(outbox.c.id == task.id)

        def work(connection: Connection) -> None:
            connection.execute(done.values(done_at=task.created_at, last_error="superseded"))
            if task.reason is PageReason.SEVERITY_RAISED:
                # Who was called for less, or whom a card of less has not called, is no reason to wait when it is back.
                not_called(connection, task.incident)

        await self._runner.write(work)

    async def hurry(self, tasks: Collection[int], at: datetime) -> None:
        this = (outbox.c.id == bindparam("task"), outbox.c.done_at.is_(None), outbox.c.due_at > at)
        rows = [{"task": each} for each in tasks]
        if rows:
            put_off = update(outbox).where(*this).values(due_at=at)
            await self._runner.write(lambda connection: connection.execute(put_off, rows))

    async def forget_card(self, incident: int, at: datetime, card: MessageRef | None = None) -> None:
        # Another lane may have found out sooner, and a new one is there by now.
        same = cards.c.message_id == card.message_id if card else true()
        gone = delete(cards).where(cards.c.incident == incident, same)

        def work(connection: Connection) -> None:
            leave(connection, incident)
            if connection.execute(gone).rowcount:
                # With another one's name, or Discord may answer with the message that is gone.
                lost = update(incidents).where(incidents.c.number == incident)
                connection.execute(lost.values(cards_lost=incidents.c.cards_lost + 1))
            # What was to be posted below it waits for the new one, so that one must come by itself.
            queue_card(connection, incident, at)

        await self._runner.write(work)

    async def waiting(self, at: datetime) -> Mapping[str, tuple[int, float]]:
        tried = (outbox.c.done_at.is_(None), outbox.c.attempts > 0, outbox.c.last_error != "")
        query = select(outbox.c.last_error, func.count(), func.min(outbox.c.created_at)).where(*tried)
        rows = await self._runner.read(lambda connection: connection.execute(query.group_by(outbox.c.last_error)).all())
        return {row[0]: (row[1], max((at - row[2]).total_seconds(), 0.0)) for row in rows}

    async def lag(self, at: datetime) -> float:
        no_picture = ~IS_PICTURE
        oldest = select(func.min(outbox.c.created_at)).where(outbox.c.done_at.is_(None), no_picture, LATE)
        since = await self._runner.read(lambda connection: connection.execute(oldest, {"at": at}).scalar_one_or_none())
        return max((at - since).total_seconds(), 0.0) if since else 0.0


def due_tasks(
    connection: Connection,
    at: datetime,
    limit: int,
    severities: Collection[Severity],
    *,
    unseen: bool | None = None,
    kinds: Collection[TaskKind] = MESSAGES,
) -> Sequence[Task]:
    """Return the tasks whose time has come, in the order in which they are to be done, as part of a transaction."""
    values: dict[str, object] = {**moments(at), **lately(at), "most": limit}
    if unseen is False:
        values |= {f"late_{steps}": at - steps * _STEP for steps in _STEPS}
    query = _due(tuple(severities), unseen, tuple(kinds))
    return [_task(row) for row in connection.execute(query, values).mappings()]


@cache
def _due(severities: tuple[Severity, ...], unseen: bool | None, kinds: tuple[TaskKind, ...]) -> Select[Any]:
    """Write the question once: asked many times a second, to write it takes longer than to answer it."""
    query = (
        select(
            outbox,
            KIND.label("what"),
            REASON.label("why"),
            cards.c.channel_id,
            cards.c.message_id,
            incidents.c.cards_lost,
            incidents.c.severity,
        )
        .join(incidents, incidents.c.number == outbox.c.incident)
        .outerjoin(cards, cards.c.incident == outbox.c.incident)
        .where(outbox.c.done_at.is_(None), is_due())
        .where(KIND.in_([kind.value for kind in kinds]))
        # Whoever is called again must find the card; a report or a picture is posted below it.
        .where(IS_CARD | cards.c.message_id.is_not(None))
        .where(incidents.c.severity.in_(written(severity.value for severity in severities)))
        # What a digest shows has no card, until it becomes a P1.
        .where(incidents.c.digest.is_(None) | (incidents.c.severity == Severity.P1.value))
        .where(~is_to_be_gathered())
        .order_by(
            IS_REPORT,
            incidents.c.severity if unseen is not False else _aged(),
            *(_RANK, cards.c.message_id.is_not(None), outbox.c.id),
        )
        .limit(bindparam("most", type_=outbox.c.id.type))
    )
    return query if unseen is None else query.where(_UNSEEN if unseen else ~_UNSEEN)


def _aged() -> ColumnElement[int]:
    """Order by severity, and count each `_STEP` that something has waited as one more severe."""
    # Strictly by severity, a P4 that is over would stay red while more changes among P3 than Discord takes.
    bounds = [bindparam(f"late_{steps}", type_=outbox.c.created_at.type) for steps in _STEPS]
    return reduce(sub, [case((outbox.c.created_at <= bound, 1), else_=0) for bound in bounds], incidents.c.severity)


def _task(row: RowMapping) -> Task:
    return Task(
        id=row["id"],
        incident=row["incident"],
        kind=TaskKind(row["what"]),
        attempts=row["attempts"],
        created_at=row["created_at"],
        card=MessageRef(row["channel_id"], row["message_id"]) if row["message_id"] is not None else None,
        reason=PageReason(row["why"]) if row["why"] else None,
        inquiry=row["inquiry"],
        lost=row["cards_lost"],
        severity=Severity(row["severity"]),
    )


def _place_card(connection: Connection, task: Task, version: int, ref: MessageRef) -> bool:
    """Write down where the card is, and which version of its incident it shows; return whether it is still there."""
    place = {"channel_id": ref.channel_id, "message_id": ref.message_id, "version": version}
    if ref == task.card:
        same = _MOVE_CARD.where(cards.c.message_id == bindparam("old"))
        return bool(connection.execute(same, {"number": task.incident, **place, "old": ref.message_id}).rowcount)
    if task.card is not None:
        leave(connection, task.incident)
    if not connection.execute(_MOVE_CARD, {"number": task.incident, **place}).rowcount:
        connection.execute(_NEW_CARD, {"incident": task.incident, **place})
        connection.execute(_NO_DIGEST, {"which": task.incident})
    return True
