"""Puts into the outbox what has to be shown, as part of the transaction that makes it so."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.domain.incidents import PageReason
from bot.ports import TaskKind
from bot.store.calls import waiting_calls
from bot.store.kinds import IS_CARD, REASON, old_name
from bot.store.tables import incidents, outbox

# Written once: in a storm it takes longer to write them than to have them done.
_NUMBER, _AT = bindparam("number", type_=outbox.c.incident.type), bindparam("at", type_=outbox.c.due_at.type)
_CARD_WAITS = (outbox.c.incident == _NUMBER) & IS_CARD & outbox.c.done_at.is_(None)
LATE = (outbox.c.due_at <= _AT) | (outbox.c.attempts > 0)
_WAITS = select(outbox.c.id).where(_CARD_WAITS).limit(1)
_IS_LATE = select(outbox.c.id).where(_CARD_WAITS, LATE).limit(1)
_DUE_NOW = update(outbox).where(_CARD_WAITS, outbox.c.last_error == "").values(due_at=_AT)
_QUEUE = insert(outbox)
_NEWER = update(incidents).where(incidents.c.number == bindparam("which")).values(version=incidents.c.version + 1)


def redraw(connection: Connection, number: int, at: datetime) -> None:
    """Have the card of an incident drawn again, as part of a transaction."""
    # Whoever changes the incident meanwhile waits for its row, so nobody else queues a second card.
    connection.execute(_NEWER, {"which": number})
    queue_card(connection, number, at)


def queue_card(
    connection: Connection, number: int, at: datetime, later: timedelta | None = None, *, first: bool = False
) -> None:
    """Have the card drawn: one task is enough, however many changes wait for it, and it is due now, or `later`."""
    if first or not card_waits(connection, number):
        _queue(connection, number, TaskKind.CARD, at, due_at=at + later if later else None)
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
    waiting = connection.execute(select(REASON, outbox.c.due_at).where(calls)).all()
    # Whoever is called for what joined is not all who were to be called.
    reason = min((reason, *(PageReason(promised) for promised, _ in waiting)), key=list(PageReason).index)
    due_at = min((due_at, *(due for _, due in waiting)))
    connection.execute(update(outbox).where(calls).values(done_at=at, last_error="superseded"))
    _queue(connection, number, TaskKind.CALL, at, due_at=due_at, reason=reason)


def queue_report(connection: Connection, number: int, inquiry: int, at: datetime) -> None:
    """Have the report of an investigation posted, as part of a transaction."""
    _queue(connection, number, TaskKind.REPORT, at, inquiry=inquiry)


def _queue(
    connection: Connection,
    number: int,
    kind: TaskKind,
    at: datetime,
    *,
    due_at: datetime | None = None,
    reason: PageReason | None = None,
    inquiry: int | None = None,
) -> None:
    why = reason.value if reason else None
    what = {"kind": kind.value, "reason": why, "inquiry": inquiry, "page": old_name(kind, reason)}
    connection.execute(_QUEUE, {"incident": number, "created_at": at, "due_at": due_at or at, "attempts": 0, **what})
