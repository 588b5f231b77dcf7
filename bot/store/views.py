"""Reads all that a card shows of an incident, as it is at one moment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.jobs import JobName
from bot.domain.memory import traits_of
from bot.ports.views import Kept
from bot.store.calls import promised
from bot.store.incident_rows import row_of, timeline_of
from bot.store.investigations import latest
from bot.store.jobs import job_of
from bot.store.memories import fix_of, near
from bot.store.rows import incident_of
from bot.store.runner import Runner
from bot.store.silences import in_force


class StoredViews:
    """What the tables say of one incident, as `bot.ports.views.Views` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def read(self, number: int, at: datetime) -> Kept:
        # One trip: with one for each table, a card would wait as often for the store and for the event loop.
        return await self._runner.read(lambda connection: kept_of(connection, number, at))


def kept_of(connection: Connection, number: int, at: datetime) -> Kept:
    """Read all that the card of an incident shows. Raises UnknownIncident."""
    # First: what is promised later than what is shown was read is still to be kept.
    calls = promised(connection, number)
    incident = incident_of(row_of(connection, number))
    inquiry = latest(connection, number)
    traits = traits_of(incident, inquiry.analysis if inquiry else None)
    return Kept(
        incident=incident,
        inquiry=inquiry,
        timeline=timeline_of(connection, number),
        silences=in_force(connection, at),
        near=near(connection, number, traits) if incident.is_open else (),
        fix=None if incident.is_open else fix_of(connection, number),
        escalation=job_of(connection, JobName.ESCALATE, number) if incident.unanswered else None,
        promised=calls,
    )
