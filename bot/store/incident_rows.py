"""Reads one incident and its timeline, as part of a transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, bindparam, select

from bot.domain.incidents import Entry
from bot.errors import UnknownIncident
from bot.store.rows import entry_of
from bot.store.tables import incidents, timeline

THIS = select(incidents).where(incidents.c.number == bindparam("number"))
_TIMELINE = select(timeline).where(timeline.c.incident == bindparam("number")).order_by(timeline.c.id)


def row_of(connection: Connection, number: int) -> RowMapping:
    """Return the row of an incident. Raises UnknownIncident."""
    row = connection.execute(THIS, {"number": number}).mappings().one_or_none()
    if row is None:
        raise UnknownIncident("errors.unknown_incident")
    return row


def timeline_of(connection: Connection, number: int) -> Sequence[Entry]:
    """Return the lines of the timeline, oldest first."""
    return [entry_of(row) for row in connection.execute(_TIMELINE, {"number": number}).mappings()]
