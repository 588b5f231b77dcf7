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
    update,
)

from bot.domain.alerts import Severity
from bot.domain.incidents import PageReason
from bot.domain.views import MessageRef
from bot.ports import Task
from bot.store.calls import called_now, waiting_calls
from bot.store.rows import storable
from bot.store.runner import Runner
from bot.store.tables import cards, inbox, incidents, outbox

# Nothing is put off for longer, whatever Discord asks for: the clock was ahead, and has been set back since.
_LONGEST_WAIT = timedelta(days=1)
_CLOCK_SKEW = timedelta(minutes=1)

# What a report has in the column `page`: a row with nothing there is the card of its incident, and there is only one.
_REPORT = "report"
# And a picture for the thread of an incident; those are worked off by themselves, see bot.store.pictures.
PICTURE = "picture"

# The card first, then the call that points at it, then what takes longer to read.
_RANK = case((outbox.c.page.is_(None), 0), (outbox.c.inquiry.is_(None), 1), else_=2)

# What is drawn again gets ahead of what is one severity worse and has changed so much later.
_STEP, _STEPS = timedelta(seconds=30), range(1, 5)

# What nobody has seen yet: first cards, and calls. Cards are drawn again and reports posted beside them.
_UNSEEN = (outbox.c.page.is_(None) & cards.c.message_id.is_(None)) | (
    outbox.c.page.is_not(None) & outbox.c.inquiry.is_(None)
)


# Written once: in a storm it takes longer to write them than to have them done.
_NUMBER, _AT = bindparam("number", type_=outbox.c.incident.type), bindparam("at", type_=outbox.c.due_at.type)
_CARD_WAITS = (outbox.c.incident == _NUMBER) & outbox.c.page.is_(None) & outbox.c.done_at.is_(None)
_LATE = (outbox.c.due_at <= _AT) | (outbox.c.attempts > 0)
_WAITS = select(outbox.c.id).where(_CARD_WAITS).limit(1)
_IS_LATE = select(outbox.c.id).where(_CARD_WAITS, _LATE).limit(1)
_DUE_NOW = update(outbox).where(_CARD_WAITS, outbox.c.last_error == "").values(due_at=_AT)
_QUEUE = insert(outbox)
_NEWER = update(incidents).where(incidents.c.number == bindparam("which")).values(version=incidents.c.version + 1)
_APPLIED = (inbox.c.incident == _NUMBER) & (inbox.c.state == "applied")
_UNSHOWN = select(inbox.c.received_at).where(_APPLIED)
_ALL_SHOWN = update(inbox).where(_APPLIED).values(state="shown")


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
    ) -> Sequence[Task]:
        """Return the tasks whose time has come, in the order in which they are to be done."""
        query = _due(tuple(severities), unseen)
        values = {"at": at, "skew": at + _CLOCK_SKEW, "longest": at + _LONGEST_WAIT, "most": limit}
        if unseen is False:
            values |= {f"late_{steps}": at - steps * _STEP for steps in _STEPS}
        rows = await self._runner.read(lambda connection: connection.execute(query, values).mappings().all())
        return [_task(row) for row in rows]

    async def promised(self, incident: int) -> Mapping[int, PageReason]:
        query = select(outbox.c.id, outbox.c.page).where(waiting_calls(incident))
        rows = await self._runner.read(lambda connection: connection.execute(query).all())
        return {number: PageReason(page) for number, page in rows}

    async def delivered(
        self,
        task: Task,
        version: int,
        ref: MessageRef,
        at: datetime,
        *,
        called: Collection[int] | None = None,
        moved: bool = False,
    ) -> Sequence[datetime]:

        def work(connection: Connection) -> Sequence[datetime]:
            is_card = task.page is None and task.inquiry is None
            came = _unshown(connection, task.incident)
            if called is not None:
                called_now(connection, task.incident, at, called if _has_changed(connection, task, version) else None)
            if moved:
                _shown(connection, task, version, ref)
                queue_card(connection, task.incident, at)
            if is_card and not _shown(connection, task, version, ref):
                values = {"attempts": 0, "due_at": at, "created_at": at, "last_error": ""}
            else:
                values = {"done_at": at, "last_error": ""}
            connection.execute(update(outbox).where(outbox.c.id == task.id).values(values))
            return [] if _unshown(connection, task.incident) else came

        return await self._runner.write(work)

    async def failed(self, task: Task, reason: str, retry_at: datetime | None) -> None:
        values: dict[str, object] = {"last_error": storable(reason), "attempts": task.attempts + 1}
        values |= {"due_at": retry_at, "created_at": task.created_at} if retry_at else {"done_at": task.created_at}
        changed = update(outbox).where(outbox.c.id == task.id).values(values)
        await self._runner.write(lambda connection: connection.execute(changed))

    async def drop(self, task: Task) -> None:
        done = update(outbox).where(outbox.c.id == task.id)
        unheard = update(incidents).where(incidents.c.number == task.incident).values(paged_at=None)

        def work(connection: Connection) -> None:
            connection.execute(done.values(done_at=task.created_at, last_error="superseded"))
            if task.page is PageReason.SEVERITY_RAISED:
                # Who was called for less, or whom a card of less has not called, is no reason to wait when it is back.
                connection.execute(unheard)

        await self._runner.write(work)

    async def hurry(self, tasks: Collection[int], at: datetime) -> None:
        this = (outbox.c.id == bindparam("task"), outbox.c.done_at.is_(None), outbox.c.due_at > at)
        rows = [{"task": each} for each in tasks]
        if rows:
            put_off = update(outbox).where(*this).values(due_at=at)
            await self._runner.write(lambda connection: connection.execute(put_off, rows))

    async def forget_card(self, incident: int, at: datetime) -> None:

        def work(connection: Connection) -> None:
            if connection.execute(delete(cards).where(cards.c.incident == incident)).rowcount:
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
        not_a_picture = outbox.c.page.is_(None) | (outbox.c.page != PICTURE)
        oldest = select(func.min(outbox.c.created_at)).where(outbox.c.done_at.is_(None), not_a_picture, _LATE)
        since = await self._runner.read(lambda connection: connection.execute(oldest, {"at": at}).scalar_one_or_none())
        return max((at - since).total_seconds(), 0.0) if since else 0.0


@cache
def _due(severities: tuple[Severity, ...], unseen: bool | None) -> Select[Any]:
    """Write the question once: asked many times a second, to write it takes longer than to answer it."""
    query = (
        select(outbox, cards.c.channel_id, cards.c.message_id, incidents.c.cards_lost, incidents.c.severity)
        .join(incidents, incidents.c.number == outbox.c.incident)
        .outerjoin(cards, cards.c.incident == outbox.c.incident)
        .where(outbox.c.done_at.is_(None), _is_due())
        # Whoever is called again must find the card, and a report is posted below it.
        .where(outbox.c.page.is_(None) | cards.c.message_id.is_not(None))
        # A picture takes its time, and no card waits for it.
        .where(outbox.c.page.is_(None) | (outbox.c.page != PICTURE))
        .where(incidents.c.severity.in_([severity.value for severity in severities]))
        # What a digest shows has no card, until it becomes a P1.
        .where(incidents.c.digest.is_(None) | (incidents.c.severity == Severity.P1.value))
        .order_by(
            outbox.c.inquiry.is_not(None),
            incidents.c.severity if unseen is not False else _aged(),
            *(_RANK, cards.c.message_id.is_not(None), outbox.c.id),
        )
        .limit(bindparam("most", type_=outbox.c.id.type))
    )
    return query if unseen is None else query.where(_UNSEEN if unseen else ~_UNSEEN)


def _is_due() -> ColumnElement[bool]:
    """Select what is due at `at`; with a clock that was set back, what was put off or written down ahead of it."""
    at, skew, longest = (bindparam(name, type_=outbox.c.due_at.type) for name in ("at", "skew", "longest"))
    return (outbox.c.due_at <= at) | (outbox.c.created_at > skew) | (outbox.c.due_at > longest)


def _aged() -> ColumnElement[int]:
    """Order by severity, and count each `_STEP` that something has waited as one more severe."""
    # Strictly by severity, a P4 that is over would stay red while more changes among P3 than Discord takes.
    bounds = [bindparam(f"late_{steps}", type_=outbox.c.created_at.type) for steps in _STEPS]
    return reduce(sub, [case((outbox.c.created_at <= bound, 1), else_=0) for bound in bounds], incidents.c.severity)


def redraw(connection: Connection, number: int, at: datetime) -> None:
    """Have the card of an incident drawn again, as part of a transaction."""
    # Whoever changes the incident meanwhile waits for its row, so nobody else queues a second card.
    connection.execute(_NEWER, {"which": number})
    queue_card(connection, number, at)


def queue_card(connection: Connection, number: int, at: datetime, later: timedelta | None = None) -> None:
    """Have the card drawn: one task is enough, however many changes wait for it, and it is due now, or `later`."""
    if not card_waits(connection, number):
        _queue(connection, number, at, due_at=at + later if later else None)
    elif later is None:
        # A task that Discord has put off stays put off, or a storm would hammer on a closed door.
        connection.execute(_DUE_NOW, {"number": number, "at": at})


def card_waits(connection: Connection, number: int, at: datetime | None = None) -> bool:
    """Tell whether the card of an incident is still to be drawn; with `at` what is only to be drawn later is none."""
    if at is None:
        return connection.execute(_WAITS, {"number": number}).first() is not None
    return connection.execute(_IS_LATE, {"number": number, "at": at}).first() is not None


def queue_page(connection: Connection, number: int, reason: PageReason, at: datetime, due_at: datetime) -> None:
    """Have somebody called, as part of a transaction; it says in one call what several would have said."""
    calls = waiting_calls(number)
    waiting = connection.execute(select(outbox.c.page, outbox.c.due_at).where(calls)).all()
    if any(page == PageReason.SEVERITY_RAISED.value for page, _ in waiting):
        reason, due_at = PageReason.SEVERITY_RAISED, min(due_at, *(due for _, due in waiting))
    connection.execute(update(outbox).where(calls).values(done_at=at, last_error="superseded"))
    _queue(connection, number, at, due_at=due_at, page=reason.value)


def queue_report(connection: Connection, number: int, inquiry: int, at: datetime) -> None:
    """Have the report of an investigation posted, as part of a transaction."""
    _queue(connection, number, at, page=_REPORT, inquiry=inquiry)


def _queue(
    connection: Connection, number: int, at: datetime, due_at: datetime | None = None, **kind: str | int
) -> None:
    connection.execute(_QUEUE, {"incident": number, "created_at": at, "due_at": due_at or at, "attempts": 0, **kind})


def _has_changed(connection: Connection, task: Task, version: int) -> bool:
    """Tell whether an incident is newer than what was shown; whoever changes it now waits for us."""
    newest = select(incidents.c.version).where(incidents.c.number == task.incident).with_for_update()
    return connection.execute(newest).scalar_one() > version


def _unshown(connection: Connection, number: int) -> Sequence[datetime]:
    return connection.execute(_UNSHOWN, {"number": number}).scalars().all()


def _task(row: RowMapping) -> Task:
    return Task(
        id=row["id"],
        incident=row["incident"],
        page=PageReason(row["page"]) if row["page"] and row["inquiry"] is None else None,
        attempts=row["attempts"],
        created_at=row["created_at"],
        card=MessageRef(row["channel_id"], row["message_id"]) if row["message_id"] is not None else None,
        inquiry=row["inquiry"],
        lost=row["cards_lost"],
        severity=Severity(row["severity"]),
    )


def _shown(connection: Connection, task: Task, version: int, ref: MessageRef) -> bool:
    """Write down where the card is; return whether it shows the newest version of its incident."""
    place = {"channel_id": ref.channel_id, "message_id": ref.message_id, "version": version}
    if not connection.execute(update(cards).where(cards.c.incident == task.incident).values(place)).rowcount:
        connection.execute(insert(cards).values(incident=task.incident, **place))
        connection.execute(update(incidents).where(incidents.c.number == task.incident).values(digest=None))
    if _has_changed(connection, task, version):
        return False
    connection.execute(_ALL_SHOWN, {"number": task.incident})
    return True
