"""Does what must happen by the clock: acknowledgements lapse, silences are watched, lost messages are made up for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.core.directory import Directory
from bot.core.muting import Muting
from bot.core.respond import Respond
from bot.core.watching import SourceWatch
from bot.errors import SourceError
from bot.ports import Clock

log = logging.getLogger(__name__)


class Reconciler:
    """Walks its rounds; a source that does not answer is asked again on the next one."""

    def __init__(
        self,
        *,
        respond: Respond,
        muting: Muting,
        directory: Directory,
        watch: SourceWatch,
        follow: Callable[[], Awaitable[None]],
        clock: Clock,
        reconcile_every: timedelta,
    ) -> None:
        self._respond = respond
        self._muting = muting
        self._directory = directory
        self._watch = watch
        self._follow = follow
        self._clock = clock
        self._reconcile_every = reconcile_every
        self._looked_at: datetime | None = None
        # Once the sources were asked, whether or not they have answered.
        self.asked = asyncio.Event()

    async def lapse(self) -> bool:
        """End acknowledgements whose time has come."""
        return bool(await self._respond.lapse())

    async def refresh(self) -> bool:
        """Ask the sources what there is: rules, alerts, dashboards, silences."""
        try:
            return await self._refresh()
        finally:
            self.asked.set()

    async def _refresh(self) -> bool:
        await self._directory.refresh()
        now = self._clock()
        due = self._looked_at is None or not now - self._reconcile_every < self._looked_at <= now
        # A source that is started together with us is not there at once, and until it was seen nothing is known of it.
        if (due or await self._watch.wanted()) and await self._watch.look():
            self._looked_at = now
        # Another organisation has no silences of ours; that does not end those there are.
        if self._watch.trusted:
            await self._sync()
        return False

    async def _sync(self) -> None:
        try:
            await self._muting.sync()
            await self._follow()
        except SourceError as error:
            log.info("silences not refreshed: %s", error)
