"""Keeps scheduled jobs: rows that happen once, also after a restart that spans them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, bindparam, delete, select, update

from bot.domain.jobs import Job, JobName, Planned
from bot.errors import OutOfDate
from bot.store.changes import one_at_a_time
from bot.store.rows import storable
from bot.store.runner import Runner
from bot.store.tables import jobs
from bot.store.upsert import insert_or_keep

_MOST_DOUBLINGS = 8
_KEY = ("kind", "key")
_CANCEL = (
    update(jobs)
    .where(
        jobs.c.incident == bindparam("number"),
        jobs.c.kind.in_(bindparam("kinds", expanding=True)),
        jobs.c.done_at.is_(None),
    )
    .values(done_at=bindparam("at"), last_error="cancelled")
)

_OF_INCIDENT = (
    select(jobs)
    .where(jobs.c.kind == bindparam("kind"), jobs.c.incident == bindparam("number"), jobs.c.done_at.is_(None))
    .order_by(jobs.c.due_at)
    .limit(1)
)


class StoredJobs:
    """The table `jobs`, as `bot.ports.Jobs` describes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def plan(self, planned: Sequence[Planned], at: datetime) -> None:
        await self._runner.write(lambda connection: plan(connection, planned, at))

    async def replan(self, planned: Planned, at: datetime) -> bool:
        """Have the next job of a kind be this one, which was never done; one that is overdue is done first."""
        waiting = (jobs.c.kind == planned.name.value) & jobs.c.done_at.is_(None)

        this = (jobs.c.kind == planned.name.value) & (jobs.c.key == planned.key)

        def work(connection: Connection) -> bool:
            one_at_a_time(connection, "jobs")
            if connection.execute(select(jobs.c.id).where(this, jobs.c.done_at.is_not(None))).first():
                return False
            # Never begun: what was begun is finished, whatever has become of its hour.
            moved = waiting & (jobs.c.due_at > at) & (jobs.c.attempts == 0) & (jobs.c.key != planned.key)
            connection.execute(delete(jobs).where(moved))
            if connection.execute(select(jobs.c.id).where(waiting).limit(1)).first() is None:
                plan(connection, [planned], at)
            return True

        return await self._runner.write(work)

    async def cancel(self, name: JobName, key: str, at: datetime) -> None:
        await self._runner.write(lambda connection: cancel(connection, name, key, at))

    async def take(
        self,
        names: Collection[JobName],
        at: datetime,
        limit: int,
        pause: timedelta,
        most: timedelta = timedelta(minutes=10),
    ) -> Sequence[Job]:
        """Return what is due of these kinds, the oldest first, and count it as begun."""
        due = (
            select(jobs)
            .where(jobs.c.done_at.is_(None), jobs.c.due_at <= at, jobs.c.kind.in_([each.value for each in names]))
            .order_by(jobs.c.due_at, jobs.c.id)
            .limit(limit)
        )
        # Most of the time nothing is due, and looking costs no commit.
        if not await self._runner.read(lambda connection: connection.execute(due.limit(1)).first()):
            return ()

        def work(connection: Connection) -> list[Job]:
            rows = connection.execute(due.with_for_update()).mappings().all()
            for row in rows:
                again = at + min(pause * 2 ** min(row["attempts"], _MOST_DOUBLINGS), most)
                begun = {"attempts": row["attempts"] + 1, "due_at": again, "created_at": at}
                connection.execute(update(jobs).where(jobs.c.id == row["id"]).values(begun))
            return [_job(row, row["attempts"] + 1) for row in rows]

        return await self._runner.write(work)

    async def finish(self, job: Job, following: Sequence[Planned], at: datetime) -> None:
        """Mark it as done and add what follows, in one transaction."""
        await self._runner.write(lambda connection: finish(connection, job, following, at))

    async def fail(self, job: Job, reason: str) -> None:
        failed = update(jobs).where(jobs.c.id == job.id).values(last_error=storable(reason)[:500])
        await self._runner.write(lambda connection: connection.execute(failed))

    async def load(self, job: int) -> Job:
        query = select(jobs).where(jobs.c.id == job)
        row = await self._runner.read(lambda connection: connection.execute(query).mappings().one_or_none())
        if row is None:
            raise OutOfDate("errors.out_of_date")
        return _job(row, row["attempts"])

    async def of_incident(self, name: JobName, incident: int) -> Job | None:
        return await self._runner.read(lambda connection: job_of(connection, name, incident))

    async def postpone(self, job: Job, until: datetime, payload: Mapping[str, object], at: datetime) -> bool:
        moved = {"due_at": until, "payload": json.dumps(payload), "created_at": at}
        later = update(jobs).where(jobs.c.id == job.id, jobs.c.done_at.is_(None)).values(moved)
        return bool(await self._runner.write(lambda connection: connection.execute(later).rowcount))

    async def set_back(self, counted: Collection[JobName], at: datetime, skew: timedelta) -> None:
        counts = jobs.c.kind.in_([name.value for name in counted]) | (jobs.c.attempts > 0)
        ahead = select(jobs.c.id, jobs.c.due_at, jobs.c.created_at).where(
            jobs.c.done_at.is_(None), jobs.c.created_at > at + skew, counts
        )

        def work(connection: Connection) -> None:
            for row in connection.execute(ahead.with_for_update()).all():
                right = {"due_at": row.due_at - (row.created_at - at), "created_at": at}
                connection.execute(update(jobs).where(jobs.c.id == row.id).values(right))

        # Nearly always there is none, and looking costs no commit.
        if await self._runner.read(lambda connection: connection.execute(ahead.limit(1)).first()):
            await self._runner.write(work)

    async def waiting(self, name: JobName) -> Sequence[Job]:
        query = select(jobs).where(jobs.c.kind == name.value, jobs.c.done_at.is_(None)).order_by(jobs.c.due_at)
        rows = await self._runner.read(lambda connection: connection.execute(query).mappings().all())
        return [_job(row, row["attempts"]) for row in rows]


def job_of(connection: Connection, name: JobName, incident: int) -> Job | None:
    """Return what of a kind happens next for an incident."""
    row = connection.execute(_OF_INCIDENT, {"kind": name.value, "number": incident}).mappings().one_or_none()
    return _job(row, row["attempts"]) if row else None


def plan(connection: Connection, planned: Sequence[Planned], at: datetime) -> None:
    """Add jobs as part of a transaction; one whose kind and key were ever used is left as it is."""
    if not planned:
        return
    one_at_a_time(connection, "jobs")
    for each in planned:
        row = {"due_at": each.due_at, "payload": json.dumps(each.payload), "incident": each.incident}
        row |= {"kind": each.name.value, "key": each.key, "created_at": at, "attempts": 0}
        connection.execute(insert_or_keep(connection.dialect.name, jobs, _KEY), row)


def cancel(connection: Connection, name: JobName, key: str, at: datetime) -> None:
    """Have a job not happen, as part of a transaction."""
    one = (jobs.c.kind == name.value) & (jobs.c.key == key) & jobs.c.done_at.is_(None)
    connection.execute(update(jobs).where(one).values(done_at=at, last_error="cancelled"))


def cancel_of(connection: Connection, names: Collection[JobName], incident: int, at: datetime) -> None:
    """Have nothing of these kinds happen that waits for an incident, as part of a transaction."""
    connection.execute(_CANCEL, {"kinds": [name.value for name in names], "number": incident, "at": at})


def finish(connection: Connection, job: Job, following: Sequence[Planned], at: datetime) -> bool:
    """Mark a job as done and add what follows, as part of a transaction; tell whether it was not done or cancelled yet."""
    done = update(jobs).where(jobs.c.id == job.id, jobs.c.done_at.is_(None)).values(done_at=at, last_error="")
    if not connection.execute(done).rowcount:
        return False
    plan(connection, following, at)
    return True


def _job(row: RowMapping, attempts: int) -> Job:
    payload = json.loads(row["payload"])
    return Job(row["id"], JobName(row["kind"]), row["key"], row["due_at"], payload, attempts, row["incident"])
