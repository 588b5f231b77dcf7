"""Posts pictures into the threads of severe incidents: once each, never before the card, never hours later."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta

from bot.core.pictures.picturing import Picturing
from bot.core.viewing import Viewer
from bot.domain.alerts import Severity
from bot.domain.exhibits import Exhibit, IncidentPicture, Request
from bot.errors import BongsuError, DeliveryDelayed, DeliveryError, MessageGone, NoPicture
from bot.ports import Clock, Task
from bot.ports.dashboards import IncidentBoard, PictureTasks

log = logging.getLogger(__name__)

# A picture of the beginning is worth something while people are finding out what began.
_STALE = timedelta(minutes=10)
_MOST_ATTEMPTS = 4
_PAUSE = timedelta(seconds=20)
# The queue counts turns per person; this is nobody's id on Discord.
_OURSELVES = 0
# As long as an answer to a person may take, and some patience for the queue.
_PATIENCE_S = 30.0


class IncidentPictures:
    """Works off the list of incidents that are to be pictured."""

    def __init__(
        self,
        *,
        tasks: PictureTasks,
        board: IncidentBoard,
        picturing: Picturing,
        viewer: Viewer,
        clock: Clock,
        severities: Collection[Severity] = (Severity.P1, Severity.P2),
    ) -> None:
        self._tasks = tasks
        self._board = board
        self._picturing = picturing
        self._viewer = viewer
        self._clock = clock
        self._severities = severities

    async def step(self) -> bool:
        """Picture the next incident; return whether there was one."""
        if not self._picturing.able:
            return False
        at = self._clock()
        await self._tasks.admit(self._severities, at - _STALE, at)
        tasks = await self._tasks.due(at, limit=1)
        for task in tasks:
            await self._hang(task)
        return bool(tasks)

    async def _hang(self, task: Task) -> None:
        at = self._clock()
        if at - task.created_at > _STALE or task.attempts > _MOST_ATTEMPTS:
            await self._tasks.done(task, "stale", at)
            return
        try:
            shown = await self._picture(task)
        except BongsuError as error:
            log.info("#%s is not pictured for now: %s", task.incident, error)
            await self._tasks.later(task, str(error), at + _PAUSE)
            return
        await self._tasks.done(task, shown, self._clock())

    async def _picture(self, task: Task) -> str:
        """Take and post it; return why there is nothing to post, or nothing. Raises BongsuError for "not now"."""
        view = await self._viewer.view(task.incident)
        request = await self._picturing.pointed_at(view)
        if request is None:
            return "no dashboard"
        assert task.card is not None
        exhibit = await self._taken(request)
        if exhibit.picture is None:
            raise NoPicture("ladder.other", ", ".join(each.key for each in exhibit.missed)[:200])
        try:
            await self._board.hang(task.card, IncidentPicture(view, exhibit), again=task.attempts > 0)
        except (MessageGone, DeliveryDelayed):
            raise
        except DeliveryError as error:
            log.warning("the picture of #%s is not taken by Discord: %s", task.incident, error)
            return str(error)
        return ""

    async def _taken(self, request: Request) -> Exhibit:
        ticket = self._picturing.order(request, _OURSELVES)
        try:
            left = _PATIENCE_S
            while left > 0:
                exhibit = await ticket.news(1.0)
                if exhibit is not None:
                    return exhibit
                left -= 1.0
        finally:
            self._picturing.drop(ticket)
        return Exhibit(request)
