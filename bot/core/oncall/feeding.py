"""Reads the calendars of the schedules again and again; one that cannot be read keeps its last good state, also over a restart."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.feeds import Feed
from bot.domain.schedules import Stint
from bot.errors import SourceError
from bot.i18n import Phrase
from bot.ports import Clock, Keepsakes

log = logging.getLogger(__name__)


class Reader(Protocol):
    """Reads a calendar."""

    async def read(self, feed: Feed, at: datetime) -> tuple[list[Stint], list[Phrase]]:
        """Return its stints, and what of it could not be read. Raises SourceError."""
        ...


class Feeding:
    """Keeps the feeds fresh."""

    def __init__(self, *, feeds: Sequence[Feed], reader: Reader, keepsakes: Keepsakes, clock: Clock) -> None:
        self._feeds = feeds
        self._reader = reader
        self._keepsakes = keepsakes
        self._clock = clock

    async def recall(self) -> None:
        """Take what an earlier process read, so that somebody is on call before the calendars have answered."""
        for feed in self._feeds:
            kept = await self._keepsakes.recall(_name(feed))
            if kept:
                feed.take([Stint(*each) for each in json.loads(kept)])

    async def step(self) -> bool:
        """Read each calendar once; of one that cannot be read the last good state goes on to count. Returns False."""
        for feed in self._feeds:
            try:
                stints, notes = await self._reader.read(feed, self._clock())
            except SourceError as error:
                feed.fail(str(error.detail))
                log.warning("calendar %s cannot be read, the last good one counts: %s", feed.name, error.detail)
                continue
            feed.take(stints, notes)
            for note in notes:
                log.warning("calendar %s: %s", feed.name, note)
            kept = json.dumps([[stint.name, stint.start, stint.end] for stint in stints])
            await self._keepsakes.remember(_name(feed), kept)
        return False


def _name(feed: Feed) -> str:
    # Addresses of calendars are secrets, and longer than a name.
    return f"feed-{hashlib.sha256(f'{feed.name} {feed.source}'.encode()).hexdigest()[:40]}"
