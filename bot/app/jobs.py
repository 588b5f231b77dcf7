"""The registry of scheduled jobs: each kind with what does it and when it comes by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from bot.app.settings import Settings
from bot.core.scheduler import JobKind, Scheduler
from bot.domain.jobs import Job, JobName, Planned, Weekly
from bot.ports import Clock
from bot.store.database import Database

_KEPT = timedelta(days=30)


def scheduler_of(settings: Settings, store: Database, clock: Clock) -> Scheduler:
    """Make what does the jobs; there is none without one who does it."""
    zone = ZoneInfo(settings.timezone)

    async def prune(_: Job) -> Sequence[Planned]:
        await store.prune(clock() - _KEPT)
        return ()

    kinds = [
        # At an hour in which people sleep, and after the hours that clocks skip.
        JobKind(JobName.PRUNE, prune, Weekly(time(4, 30), zone).after, long=True),
    ]
    return Scheduler(store.jobs, clock, kinds)
