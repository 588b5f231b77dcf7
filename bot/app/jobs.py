"""Registers the kinds of scheduled jobs: each with what does it and when it comes by itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import time, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import aiohttp

from bot.app.report_options import report_hours
from bot.app.settings import Settings
from bot.core.doubles import Doubles
from bot.core.oncall.announcing import Announcing
from bot.core.oncall.desk import OnCallDesk
from bot.core.oncall.escalating import Escalating
from bot.core.reporting.weekly import WeeklyReport
from bot.core.scheduler import JobKind, Run, Scheduler
from bot.core.services import Services
from bot.core.viewing import Viewer
from bot.domain.jobs import Job, JobName, Planned, Weekly
from bot.ports import Clock
from bot.store.database import Database
from bot.telemetry.hooks import WebhookPoster
from bot.ui.announcer import DiscordAnnouncer

_KEPT = timedelta(days=30)
_MONDAY = frozenset({0})


# Who does not answer keeps nobody from being called for longer.
_ASKED_WITHIN_S: Final = 15.0


def scheduler_of(
    settings: Settings,
    store: Database,
    services: Services,
    desk: OnCallDesk,
    viewer: Viewer,
    announcer: DiscordAnnouncer,
    session: aiohttp.ClientSession,
    doubles: Doubles,
    asked: asyncio.Event,
    clock: Clock,
) -> Scheduler:
    """Make what does the jobs; there is none without one who does it. Nobody is called before the sources were `asked`."""
    zone, caller = ZoneInfo(settings.timezone), announcer.calls
    escalating = Escalating(
        desk=desk,
        viewer=viewer,
        escalations=store.escalations,
        caller=caller,
        hooks=WebhookPoster(session),
        clock=clock,
    )
    announcing = Announcing(desk=desk, incidents=store.incidents, caller=caller, clock=clock)

    async def prune(_: Job) -> Sequence[Planned]:
        await store.prune(clock() - _KEPT)
        return ()

    weekly, hours = _weekly(settings, services, announcer), report_hours(settings)

    kinds = [
        # At an hour in which people sleep, and after the hours that clocks skip.
        JobKind(JobName.PRUNE, prune, Weekly(time(4, 30), zone).after, long=True),
        JobKind(JobName.ESCALATE, _after(asked, escalating.step), counted=True),
        JobKind(JobName.REMIND, escalating.remind, counted=True),
        JobKind(JobName.HANDOVER, announcing.handover, announcing.next_handover),
        JobKind(JobName.MORNING, announcing.morning, announcing.next_morning),
        JobKind(JobName.COVERAGE, announcing.coverage, Weekly(time(9), zone, _MONDAY).after),
        JobKind(JobName.SILENCE_ENDS, _after(asked, partial(services.asking_silences.ends, caller=caller))),
        JobKind(JobName.MAINTENANCE, partial(services.maintenance.announce, caller=caller)),
        JobKind(JobName.SILENCE_UNUSED, partial(services.asking_silences.unused, caller=caller)),
        JobKind(JobName.DOUBLES, doubles.run, counted=True),
        JobKind(JobName.REPORT, weekly.run, hours.after if hours else None, long=True),
    ]
    return Scheduler(store.jobs, clock, kinds)


def _weekly(settings: Settings, services: Services, announcer: DiscordAnnouncer) -> WeeklyReport:
    return WeeklyReport(
        reporting=services.reporting,
        board=announcer.bulletins,
        channel=settings.reports.channel,
        language=settings.language,
    )


def _after(asked: asyncio.Event, run: Run) -> Run:
    """Have a kind wait at the start until the sources were asked: what came to an end, or was silenced, calls nobody."""

    async def after(job: Job) -> Sequence[Planned]:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ASKED_WITHIN_S):
                await asked.wait()
        return await run(job)

    return after
