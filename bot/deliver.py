"""The outbox: what still has to be shown, on to Discord; each incident has one card, whatever dies in between."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.domain.views import MessageRef, Page
from bot.errors import DeliveryDelayed, DeliveryRefused, MessageGone
from bot.ports import Announcer, Clock, Outbox, Task
from bot.viewing import Viewer

log = logging.getLogger(__name__)

# A refused card (no permission, channel deleted) is tried again at this pace: somebody may mend the permission.
_REFUSED_RETRY = timedelta(minutes=5)
_MOST_PATIENCE = timedelta(minutes=2)

# A call to the owner that could not be made for this long would only confuse.
_PAGE_STALE = timedelta(minutes=30)


class CardDelivery:
    """Shows what is due, one task after the other, the most severe first."""

    def __init__(self, *, outbox: Outbox, announcer: Announcer, viewer: Viewer, clock: Clock) -> None:
        self._outbox = outbox
        self._announcer = announcer
        self._viewer = viewer
        self._clock = clock

    async def step(self) -> bool:
        """Work off what is due; return whether there was anything."""
        tasks = await self._outbox.due(self._clock(), limit=20)
        for task in tasks:
            await self._deliver(task)
        return bool(tasks)

    async def _deliver(self, task: Task) -> None:
        try:
            if task.page is None:
                await self._show(task)
            else:
                await self._call(task)
        except MessageGone:
            await self._outbox.forget_card(task.incident)
            await self._outbox.failed(task, "message gone", self._clock())
        except DeliveryDelayed as error:
            wait = max(timedelta(seconds=error.retry_after_s), _backoff(task.attempts))
            log.warning("card of #%s delayed: %s", task.incident, error)
            await self._outbox.failed(task, str(error), self._clock() + wait)
        except DeliveryRefused as error:
            log.error("card of #%s refused, will try again in 5 min: %s", task.incident, error)  # noqa: TRY400
            await self._outbox.failed(task, str(error), self._clock() + _REFUSED_RETRY)

    async def _show(self, task: Task) -> None:
        view = await self._viewer.view(task.incident)
        ref = task.card
        if ref is None and task.attempts:
            # An earlier attempt may have posted it and died before it could write that down.
            ref = await self._announcer.find(view)
        if ref is None:
            ref = await self._announcer.post(view)
        else:
            await self._announcer.edit(ref, view)
        await self._outbox.delivered(task, view.incident.version, ref, self._clock())

    async def _call(self, task: Task) -> None:
        if self._clock() - task.created_at > _PAGE_STALE:
            await self._outbox.failed(task, "stale", None)
            return
        view = await self._viewer.view(task.incident)
        assert task.page is not None
        sent: MessageRef = await self._announcer.page(task.card, Page(view, task.page))
        await self._outbox.delivered(task, view.incident.version, sent, self._clock())


def _backoff(attempts: int) -> timedelta:
    return min(timedelta(seconds=2**attempts), _MOST_PATIENCE)
