"""Calls that were promised and wait in the outbox: made, or given up, as part of a transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, select, update

from bot.domain.incidents import PageReason
from bot.store.kinds import IS_CALL, REASON
from bot.store.tables import incidents, outbox


def waiting_calls(number: int | BindParameter[int]) -> ColumnElement[bool]:
    """Select the calls that were promised and not made yet."""
    return (outbox.c.incident == number) & IS_CALL & outbox.c.done_at.is_(None)


_PROMISED = select(outbox.c.id, REASON).where(waiting_calls(bindparam("number", type_=outbox.c.incident.type)))


def promised(connection: Connection, incident: int) -> Mapping[int, PageReason]:
    """Return the calls that were promised and not made yet, by the numbers of their tasks."""
    return {row[0]: PageReason(row[1]) for row in connection.execute(_PROMISED, {"number": incident})}


def drop_pages(
    connection: Connection, number: int, at: datetime, reasons: Collection[PageReason] = tuple(PageReason)
) -> None:
    """Call nobody for these reasons any more, as part of a transaction: what it was about is called for elsewhere."""
    dropped = waiting_calls(number) & REASON.in_([reason.value for reason in reasons])
    connection.execute(update(outbox).where(dropped).values(done_at=at, last_error="superseded"))


def not_called(connection: Connection, number: int) -> None:
    """Write down that nobody was called for an incident yet."""
    connection.execute(update(incidents).where(incidents.c.number == number).values(paged_at=None))


def called_now(connection: Connection, number: int, at: datetime, only: Collection[int] | None = None) -> None:
    """Write down that people were called: whatever they were to be called for, or `only` for these, they look now."""
    connection.execute(update(incidents).where(incidents.c.number == number).values(paged_at=at))
    made = waiting_calls(number) if only is None else waiting_calls(number) & outbox.c.id.in_(only)
    connection.execute(update(outbox).where(made).values(done_at=at, last_error="superseded"))
