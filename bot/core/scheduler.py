"""Does jobs of the store when they are due, by the one use case that knows their kind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.jobs import Job, JobName, Planned
from bot.errors import BongsuError
from bot.ports import Clock, Jobs

log = logging.getLogger(__name__)

# Whoever dies over a job finds it again after this, then after twice that. For a step of an escalation, which Discord
# did not take for some minutes, people do not wait for as many again.
_PAUSE, _MOST_PAUSE, _MOST_LONG_PAUSE = timedelta(seconds=2), timedelta(seconds=30), timedelta(minutes=10)
_MOST_AT_ONCE = 20
# So far a clock is set to the right time without anybody noticing; and jobs that were done by one that was ahead.
_SET_BACK = timedelta(minutes=1)
_MOST_DONE = 100
_DEADLINE_S, _LONG_DEADLINE_S = 60.0, 900.0

Run = Callable[[Job], Awaitable[Sequence[Planned]]]


@dataclass(frozen=True, slots=True)
class JobKind:
    """How a kind of job is done: `run` does it and returns the jobs that follow from it.

    A job that `run` could not do (it raised) is tried again, so `run` looks at `job.again` before it does anything that
    must not be done twice. With `next_after` the kind happens again and again by itself, and what was missed is made up
    for once; it returns None if that is switched off. What is `long` takes up to 15 minutes (else one), in a lane of its own.
    The time of what is `counted` is so long after it was planned, and not a time of day.
    """

    name: JobName
    run: Run
    next_after: Callable[[datetime], datetime | None] | None = None
    long: bool = False
    counted: bool = False


class Scheduler:
    """Does what is due. Raises ValueError for a kind that nobody or more than one does."""

    def __init__(self, jobs: Jobs, clock: Clock, kinds: Iterable[JobKind]) -> None:
        self._jobs = jobs
        self._clock = clock
        listed = list(kinds)
        self._kinds = {kind.name: kind for kind in listed}
        if len(listed) != len(self._kinds) or set(self._kinds) != set(JobName):
            raise ValueError(f"each kind of job needs one who does it: {sorted(kind.name for kind in listed)}")
        self._planted = False
        self._seen_at = clock()

    async def step(self, *, long: bool = False) -> bool:
        """Do what is due of one lane; return whether there was anything.

        Raises what a defect of ours raised, when everything else is done.
        """
        at = self._clock()
        # What was planned by a clock that was ahead would come late by as much.
        if not self._planted or at < self._seen_at - _SET_BACK:
            counted = [kind.name for kind in self._kinds.values() if kind.counted]
            await self._jobs.set_back(counted, at, _SET_BACK)
            await self._plant(list(self._kinds.values()))
            self._planted = True
        self._seen_at = at
        names = [kind.name for kind in self._kinds.values() if kind.long is long]
        most = _MOST_LONG_PAUSE if long else _MOST_PAUSE
        due = await self._jobs.take(names, self._clock(), _MOST_AT_ONCE, _PAUSE, most)
        results = await asyncio.gather(*(self._do(job) for job in due), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return bool(due)

    async def plan(self, *planned: Planned) -> None:
        """Add jobs; one whose kind and key were ever used is left as it is."""
        await self._jobs.plan(planned, self._clock())

    async def _do(self, job: Job) -> None:
        kind = self._kinds[job.name]
        try:
            async with asyncio.timeout(_LONG_DEADLINE_S if kind.long else _DEADLINE_S):
                following = await kind.run(job)
        except (BongsuError, TimeoutError) as error:
            log.warning("%s %s failed, trying again: %s", job.name, job.key, str(error) or type(error).__name__)
            await self._jobs.fail(job, str(error) or type(error).__name__)
            return
        # By a clock that was set back meanwhile it would be the same job again, which was done.
        after = max(self._clock(), job.due_at)
        await self._jobs.finish(job, [*following, *self._next(kind, after)], self._clock())

    async def _plant(self, kinds: Sequence[JobKind]) -> None:
        for kind in kinds:
            after = self._clock()
            for _ in range(_MOST_DONE):
                planned = self._next(kind, after)
                if not planned or await self._jobs.replan(planned[0], self._clock()):
                    break
                after = planned[0].due_at

    def _next(self, kind: JobKind, after: datetime) -> list[Planned]:
        due_at = kind.next_after(after) if kind.next_after else None
        return [Planned(kind.name, due_at.isoformat(), due_at)] if due_at else []
