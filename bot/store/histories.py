"""Reads a stretch of time: incidents with their timelines, what models have cost, how people rated them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from bot.domain.incidents import Entry
from bot.domain.inquiries import InquiryState
from bot.domain.telemetry import Window
from bot.reporting.history import Advice, History
from bot.store.rows import entry_of, incident_of
from bot.store.runner import Runner
from bot.store.tables import feedback, incidents, investigations, spending, timeline

# More numbers than that make no statement.
_AT_ONCE = 500


class StoredHistories:
    """Reads across the tables, as `bot.ports.reports.Histories` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def between(self, window: Window, limit: int) -> History:
        return await self._runner.read(lambda connection: _history(connection, window, limit))

    async def count(self, window: Window) -> int:
        query = select(func.count()).where(_began(window), incidents.c.joined_to.is_(None))
        return int(await self._runner.read(lambda connection: connection.execute(query).scalar_one()))


def _began(window: Window) -> ColumnElement[bool]:
    return (incidents.c.opened_at >= window.start) & (incidents.c.opened_at < window.end)


def _history(connection: Connection, window: Window, limit: int) -> History:
    query = select(incidents).where(_began(window)).order_by(incidents.c.number.desc()).limit(limit)
    rows = connection.execute(query).mappings().all()
    found = tuple(incident_of(row) for row in reversed(rows))
    every = connection.execute(select(func.count()).where(_began(window))).scalar_one()
    entries: dict[int, list[Entry]] = {}
    numbers = [each.number for each in found]
    for start in range(0, len(numbers), _AT_ONCE):
        theirs = timeline.c.incident.in_(numbers[start : start + _AT_ONCE])
        lines = select(timeline).where(theirs, timeline.c.at < window.end).order_by(timeline.c.id)
        for row in connection.execute(lines).mappings():
            entries.setdefault(row["incident"], []).append(entry_of(row))
    advice = _advice(connection, window)
    return History(found, {number: tuple(lines) for number, lines in entries.items()}, advice, every - len(found))


def _advice(connection: Connection, window: Window) -> Advice:
    def within(column: ColumnElement[datetime]) -> ColumnElement[bool]:
        return (column >= window.start) & (column < window.end)

    usd = select(func.coalesce(func.sum(spending.c.usd), 0.0)).where(within(spending.c.at))
    done = investigations.c.state == InquiryState.DONE.value
    looked = select(func.count()).where(done, within(investigations.c.finished_at))
    rated = select(feedback.c.rating).where(within(feedback.c.at))
    ratings = Counter(connection.execute(rated).scalars())
    return Advice(float(connection.execute(usd).scalar_one()), connection.execute(looked).scalar_one(), dict(ratings))
