"""The report that comes by itself: once, also when its hour fell into a restart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.core.reporting.reporting import Reporting, last
from bot.domain.jobs import Job, Planned
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
        overview = await self._reporting.overview(last(WEEK, datetime.fromisoformat(job.key)))
        picture = await self._reporting.picture(overview, self._language)
        await self._board.tell(self._channel, job.id, overview, picture, again=job.again)
        return ()
