"""Names what is asked of scheduled jobs, which the store keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.jobs import Job, JobName, Planned


class Jobs(Protocol):
    """What is to happen by the clock; each job happens once, also if nobody was there when it was due."""

    async def plan(self, planned: Sequence[Planned], at: datetime) -> None:
        """Add jobs; one whose kind and key were ever used is left as it is."""
        ...

    async def replan(self, planned: Planned, at: datetime) -> bool:
        """Have the next job of a kind that happens again and again be this one; one that is overdue is done first.

        Return False, and leave everything as it is, if this one was done before.
        """
        ...

    async def cancel(self, name: JobName, key: str, at: datetime) -> None:
        """Have a job not happen, if it has not yet."""
        ...

    async def take(
        self, names: Collection[JobName], at: datetime, limit: int, pause: timedelta, most: timedelta = ...
    ) -> Sequence[Job]:
        """Return what is due of these kinds, the oldest first, and count it as begun.

        Whoever dies over it, or fails, has it again after `pause`, which doubles with each attempt up to `most`.
        """
        ...

    async def finish(self, job: Job, following: Sequence[Planned], at: datetime) -> None:
        """Mark it as done and add what follows, in one transaction; nothing happens if it is done or cancelled."""
        ...

    async def fail(self, job: Job, reason: str) -> None:
        """Write down why an attempt failed (500 characters at most); when it is taken again was settled by `take`."""
        ...

    async def load(self, job: int) -> Job:
        """Return one, done or not. Raises OutOfDate."""
        ...

    async def of_incident(self, name: JobName, incident: int) -> Job | None:
        """Return the job of a kind that waits for an incident, the first due."""
        ...

    async def postpone(self, job: Job, until: datetime, payload: Mapping[str, object], at: datetime) -> bool:
        """Have a job that waits be due later, or at once, with this payload; tell whether it still waited."""
        ...

    async def set_back(self, counted: Collection[JobName], at: datetime, skew: timedelta) -> None:
        """Have what a clock that was ahead has put off be due as long after `at` as it was to be put off then.

        That is what was begun, and of these kinds all that waits.
        """
        ...

    async def waiting(self, name: JobName) -> Sequence[Job]:
        """Return what is not done of a kind, the first due first."""
        ...
