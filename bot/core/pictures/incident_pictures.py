"""Posts pictures into the threads of severe incidents: once each, never before the card, never hours later."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from bot.core.attempts import Attempts
from bot.core.pictures.picturing import Picturing
from bot.core.viewing import Viewer
from bot.domain.alerts import Severity
from bot.domain.exhibits import Exhibit, IncidentPicture, Request
from bot.domain.views import IncidentView
from bot.errors import BongsuError, NoPicture
from bot.ports import Clock, Outbox, Task, TaskKind
from bot.ports.dashboards import IncidentBoard, PictureTasks

# Only what began so lately is pictured.
_LATELY = timedelta(minutes=10)
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
        outbox: Outbox,
        board: IncidentBoard,
        picturing: Picturing,
        viewer: Viewer,
        clock: Clock,
        severities: Collection[Severity] = (Severity.P1, Severity.P2),
    ) -> None:
        self._tasks = tasks
        self._outbox = outbox
        self._attempts = Attempts(outbox, clock)
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
        await self._tasks.admit(self._severities, at - _LATELY, at)
        tasks = await self._outbox.due(at, 1, kinds=[TaskKind.PICTURE])
        for task in tasks:
            await self._attempts.make(task, self._hang)
        return bool(tasks)

    async def _hang(self, task: Task) -> None:
        """Take and post it. Raises NoPicture or DeliveryError for "not now"."""
        view = await self._viewer.view(task.incident)
        try:
            exhibit = await self._exhibit(view)
        except NoPicture:
            raise
        except BongsuError as error:
            raise NoPicture("ladder.other", str(error)) from error
        if exhibit is None:
            await self._outbox.failed(task, "no dashboard", None)
            return
        assert task.card is not None
        await self._board.hang(task.card, IncidentPicture(view, exhibit), again=task.attempts > 0)
        await self._outbox.delivered(task, view.incident.version, task.card, self._clock())

    async def _exhibit(self, view: IncidentView) -> Exhibit | None:
        """Picture the dashboard that an incident points at; return None if it points at none. Raises BongsuError."""
        request = await self._picturing.pointed_at(view)
        if request is None:
            return None
        exhibit = await self._taken(request)
        if exhibit.picture is None:
            raise NoPicture("ladder.other", ", ".join(each.key for each in exhibit.missed)[:200])
        return exhibit

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
