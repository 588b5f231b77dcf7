"""The scheduler: what is due is done, what fails comes again, and nothing holds up the rest."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.scheduler import JobKind, Scheduler
from bot.domain.jobs import JobName, Planned, Weekly
from bot.errors import SourceUnavailable

KEY = "by hand"


class Doing:
    """Does jobs, and fails as often as it is told."""

    def __init__(self, *errors, following=()):
        self.errors = list(errors)
        self.following = following
        self.done = []

    async def __call__(self, job):
        if self.errors:
            raise self.errors.pop(0)
        self.done.append((job.key, job.again))
        return self.following


def scheduler(database, clock, doing, **kind):
    others = [JobKind(name, Doing()) for name in JobName if name is not JobName.PRUNE]
    return Scheduler(database.jobs, clock, [JobKind(JobName.PRUNE, doing, **kind), *others])


async def test_a_job_is_done_when_its_time_has_come_and_not_again(database, clock):
    doing = Doing()
    made = scheduler(database, clock, doing)
    await made.plan(Planned(JobName.PRUNE, KEY, clock() + timedelta(minutes=1)))

    early = await made.step()
    clock.forward(minutes=1)
    await made.step()
    clock.forward(days=1)
    await made.step()

    assert (early, doing.done) == (False, [(KEY, False)])


async def test_what_a_source_refused_is_tried_again_and_knows_it(database, clock):
    doing = Doing(SourceUnavailable("prometheus"), TimeoutError())
    made = scheduler(database, clock, doing)
    await made.plan(Planned(JobName.PRUNE, KEY, clock()))

    for _ in range(3):
        await made.step()
        clock.forward(seconds=5)

    assert doing.done == [(KEY, True)]


@pytest.mark.parametrize(("long", "most_s"), [(False, 30), (True, 600)])
async def test_what_failed_for_an_hour_is_tried_again_soon_after_its_end(database, clock, long, most_s):
    doing, began = Doing(*[SourceUnavailable("discord")] * 1000), clock()
    made = scheduler(database, clock, doing, long=long)
    await made.plan(Planned(JobName.PRUNE, KEY, clock()))

    while clock() - began < timedelta(hours=1):
        await made.step(long=long)
        clock.forward(seconds=1)
    doing.errors.clear()
    ended = clock()
    while not doing.done:
        await made.step(long=long)
        clock.forward(seconds=1)

    assert clock() - ended <= timedelta(seconds=most_s + 1)


async def test_a_defect_is_told_and_holds_up_nothing_else(database, clock):
    doing = Doing(RuntimeError("a defect"))
    made = scheduler(database, clock, doing)
    await made.plan(Planned(JobName.PRUNE, "a", clock()), Planned(JobName.PRUNE, "b", clock()))

    with pytest.raises(RuntimeError, match="a defect"):
        await made.step()

    assert [key for key, _ in doing.done] == ["b"]


async def test_what_comes_by_itself_comes_every_day_and_is_made_up_for_once(database, clock):
    doing = Doing()
    weekly = Weekly(time(4, 30), ZoneInfo("Asia/Seoul"))
    made = scheduler(database, clock, doing, next_after=weekly.after)
    await made.step()

    clock.forward(days=5)
    # Somebody started it again meanwhile.
    made = scheduler(database, clock, doing, next_after=weekly.after)
    await made.step()
    await made.step()
    clock.forward(days=1)
    await made.step()

    assert len(doing.done) == 2


async def test_a_clock_that_is_set_back_while_a_job_is_done_ends_nothing(database, clock):
    weekly = Weekly(time(4, 30), ZoneInfo("UTC"))
    doing = Doing()

    async def slow(job):
        clock.now -= timedelta(seconds=2)
        return await doing(job)

    made = scheduler(database, clock, slow, next_after=weekly.after)
    await made.step()
    clock.now = weekly.after(clock.now)
    for days in range(3):
        await made.step()
        clock.now = weekly.after(clock.now + timedelta(hours=1))
        assert len(doing.done) == days + 1


@pytest.mark.parametrize("restarts", [True, False])
async def test_a_clock_that_was_ahead_for_a_while_makes_nothing_late_or_end(database, clock, restarts):
    weekly = Weekly(time(4, 30), ZoneInfo("UTC"))
    doing = Doing()
    made = scheduler(database, clock, doing, next_after=weekly.after)
    await made.step()
    right = clock.now

    clock.now = right + timedelta(days=30)
    await made.step()
    clock.now = right
    made = scheduler(database, clock, doing, next_after=weekly.after) if restarts else made
    await made.step()
    # What was due first was done by the clock that was ahead.
    clock.now = weekly.after(weekly.after(right))
    await made.step()

    assert len(doing.done) == 2


@pytest.mark.parametrize("restarts", [True, False])
async def test_what_is_counted_from_a_clock_that_was_ahead_comes_as_long_after_it_is_right(database, clock, restarts):
    right, doing, at_noon = clock.now, Doing(), right_time(clock)
    made = scheduler(database, clock, doing, counted=True)
    await made.step()
    clock.now = right + timedelta(hours=1)
    await made.step()
    await made.plan(Planned(JobName.PRUNE, KEY, clock() + timedelta(minutes=5)), at_noon)

    clock.now = right
    made = scheduler(database, clock, doing, counted=True) if restarts else made
    early = await made.step()
    clock.forward(minutes=5)
    await made.step()

    assert (early, doing.done) == (False, [(KEY, False)])
    # A time of day is one whatever the clock has said.
    assert [job.due_at for job in await database.jobs.waiting(at_noon.name)] == [at_noon.due_at]


def right_time(clock):
    return Planned(JobName.MAINTENANCE, "noon", clock() + timedelta(hours=3))


async def test_what_failed_under_a_clock_that_was_ahead_is_tried_soon_after_it_is_right(database, clock):
    doing = Doing(SourceUnavailable("prometheus"))
    made = scheduler(database, clock, doing)
    right = clock.now
    clock.forward(hours=1)
    await made.step()
    await made.plan(Planned(JobName.PRUNE, KEY, clock()))
    await made.step()

    clock.now = right
    await made.step()
    clock.forward(seconds=2)
    await made.step()

    assert doing.done == [(KEY, True)]


async def test_a_job_of_the_other_lane_is_left_alone(database, clock):
    doing = Doing()
    made = scheduler(database, clock, doing, long=True)
    await made.plan(Planned(JobName.PRUNE, KEY, clock()))

    await made.step()
    before = list(doing.done)
    await made.step(long=True)

    assert (before, doing.done) == ([], [(KEY, False)])


def test_a_kind_that_nobody_does_is_refused(database, clock):
    with pytest.raises(ValueError, match="each kind"):
        Scheduler(database.jobs, clock, [])
