"""Sends the report that comes by itself: once, also when its hour fell into a restart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from bot.core.reporting.reporting import Reporting
from bot.domain.jobs import Job, Planned
from bot.domain.telemetry import Window
from bot.i18n import Language
from bot.ports.reports import Board

WEEK: Final = timedelta(days=7)


class WeeklyReport:
    """Tells it in a channel."""

    def __init__(self, *, reporting: Reporting, board: Board, channel: str | int, language: Language) -> None:
        self._reporting = reporting
        self._board = board
        self._channel = channel
        self._language: Language = language

    async def run(self, job: Job) -> Sequence[Planned]:
        """Report on the seven days before the hour for which it was planned."""
        window = week_before(datetime.fromisoformat(job.key), self._reporting.terms.zone)
        overview = await self._reporting.overview(window)
        picture = await self._reporting.picture(overview, self._language)
        await self._board.tell(self._channel, job.id, overview, picture, again=job.again)
        return ()


def week_before(at: datetime, zone: tzinfo) -> Window:
    """Return the week that ends then, from the same hour on the clock: one that is changed makes it longer or shorter."""
    return Window((at.astimezone(zone) - WEEK).astimezone(UTC), at.astimezone(UTC))
