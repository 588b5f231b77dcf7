"""Tries what is in the outbox, and says when what failed is tried again: one policy for cards, calls, reports, pictures."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeGuard

from bot.errors import (
    BongsuError,
    ChannelClosed,
    DeliveryDelayed,
    DeliveryError,
    DeliveryRefused,
    MessageGone,
    NoPicture,
)
from bot.ports import Clock, Outbox, Task, TaskKind

log = logging.getLogger(__name__)

# What is refused (no permission, channel deleted) is tried again at this pace: somebody may mend the permission.
_REFUSED_RETRY = timedelta(minutes=5)
_MOST_PATIENCE, _MOST_DOUBLED = timedelta(minutes=2), 10

# Cards and calls stay true. What was found out is worth reading for long, but not the next day, below a card that
# nobody looks at any more; a picture of the beginning while people are finding out what began.
_WORTH_SHOWING = {TaskKind.REPORT: timedelta(hours=6), TaskKind.PICTURE: timedelta(minutes=10)}


class Attempts:
    """Makes attempts at tasks, and writes down those that failed."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock
        # Over these we stumbled because of a defect of our own.
        self._stumbled: set[int] = set()

    async def make(self, task: Task, show: Callable[[Task], Awaitable[None]]) -> DeliveryError | NoPicture | None:
        """Try a task; return what was in the way, which is written down by then. Raises other errors of ours.

        One over which we stumble lets the others pass, and is tried again later and later.
        """
        at = self._clock()
        # Written down ahead of a clock that was set back, it would be due again at once whenever it is put off.
        task = replace(task, created_at=min(task.created_at, at))
        if task.id in self._stumbled:
            self._stumbled.discard(task.id)
            await self._outbox.failed(task, "a defect, see the log", at + backoff(task.attempts + 1))
            return None
        if at - task.created_at > _WORTH_SHOWING.get(task.kind, timedelta.max):
            await self._outbox.failed(task, "stale", None)
            return None
        self._stumbled.add(task.id)
        try:
            failure = await self._tried(task, show)
        except BongsuError:
            # A store that does not answer is nobody's defect.
            self._stumbled.discard(task.id)
            raise
        self._stumbled.discard(task.id)
        return failure

    async def _tried(self, task: Task, show: Callable[[Task], Awaitable[None]]) -> DeliveryError | NoPicture | None:
        try:
            await show(task)
        except MessageGone as error:
            await self._outbox.forget_card(task.incident, self._clock(), task.card)
            # At once the first time; what is gone again and again would keep us busy with nothing else.
            wait = backoff(task.attempts) if task.attempts else timedelta()
            await self._outbox.failed(task, "message gone", self._clock() + wait)
            return error
        except (DeliveryError, NoPicture) as error:
            wait = retry_after(error, task.attempts)
            level = logging.ERROR if isinstance(error, DeliveryRefused) else logging.WARNING
            log.log(level, "%s of #%s is tried again in %s: %s", task.kind.value, task.incident, wait, error)
            await self._outbox.failed(task, str(error), self._clock() + wait)
            return error
        return None


def retry_after(error: BongsuError, attempts: int) -> timedelta:
    """Return how long to wait after an attempt that failed; `attempts` were made before it."""
    if is_refused(error):
        return _REFUSED_RETRY
    asked = error.retry_after_s if isinstance(error, DeliveryDelayed) else 0.0
    return max(timedelta(seconds=asked), backoff(attempts))


def backoff(attempts: int) -> timedelta:
    """Return the pause after so many attempts: twice as long each time, two minutes at most."""
    # After fifty attempts a power of two is more seconds than a timedelta holds.
    return min(timedelta(seconds=2 ** min(attempts, _MOST_DOUBLED)), _MOST_PATIENCE)


def is_refused(error: BongsuError | None) -> TypeGuard[DeliveryRefused]:
    """Tell whether somebody has to mend something before Discord takes it."""
    return isinstance(error, DeliveryRefused) and not isinstance(error, ChannelClosed)
