"""Reads webhook bodies into what they mean for incidents, before anything of it is written down."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial

from bot.core.correlation import Correlation
from bot.core.endings import Endings
from bot.domain import lifecycle
from bot.domain.alerts import Notification
from bot.domain.flapping import FlappingRules
from bot.domain.joining import NEVER, places_of
from bot.domain.labels import USUAL, Vocabulary
from bot.domain.notifications import parse
from bot.errors import InvalidNotification
from bot.ports import Arrival, Beside, Clock, Posted

# A body of this size is read within a millisecond or two; a larger one would hold up everything else.
READ_AT_ONCE_BYTES = 64 * 1024
# Whoever sent it waits for its answer until all of it is written down.
_TAKEN_AT_ONCE_BYTES = 16 * 1024


async def read(source: str, body: bytes, received_at: datetime, vocabulary: Vocabulary = USUAL) -> Notification:
    """Read a webhook body, a large one beside everything else. Raises InvalidNotification."""
    if len(body) <= READ_AT_ONCE_BYTES:
        return parse(source, body, received_at, vocabulary)
    return await asyncio.to_thread(parse, source, body, received_at, vocabulary)


class Arrivals:
    """Knows by which rules alerts end, join and flap."""

    def __init__(
        self,
        *,
        vocabulary: Vocabulary,
        endings: Endings | None,
        correlation: Correlation | None,
        flapping: FlappingRules,
        clock: Clock,
    ) -> None:
        self._vocabulary = vocabulary
        self._endings = endings
        self._correlation = correlation
        self._flapping = flapping
        self._clock = clock

    def asks(self, notification: Notification) -> bool:
        """Tell whether somebody is to be asked about a notification, which may take a moment."""
        return self._endings is not None and self._endings.asks(notification)

    async def of(self, number: int, notification: Notification) -> Arrival:
        """Return what a kept body means that was read."""
        at = self._clock()
        if not notification.alerts:
            return Arrival(number, notification, lambda _: (), at)
        if self._endings:
            notification = await self._endings.judged(notification)
        joining = await self._correlation.joining() if self._correlation else NEVER
        # What begins now may have begun at its source as long ago as the window reaches.
        since = _earliest(notification, at) - joining.window
        beside = Beside(joining.wanted(notification), since, places_of(notification.alerts))
        tell = partial(lifecycle.tell, notification=notification, at=at, joining=joining, flapping=self._flapping)
        return Arrival(number, notification, tell, at, beside)

    async def plain(self, posted: Posted) -> Arrival | None:
        """Return what a body means that is soon read, and about which nobody is to be asked or told; None for any other."""
        if len(posted.body) > _TAKEN_AT_ONCE_BYTES:
            return None
        try:
            notification = parse(posted.source, posted.body, posted.received_at, self._vocabulary)
        except InvalidNotification:
            return None
        watched = any(alert.is_watchdog for alert in notification.alerts)
        if watched or notification.unreadable or self.asks(notification):
            return None
        return await self.of(0, notification)


def _earliest(notification: Notification, at: datetime) -> datetime:
    return min([at, *(alert.starts_at for alert in notification.alerts if alert.firing)])
