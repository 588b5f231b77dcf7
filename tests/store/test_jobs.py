"""Scheduled jobs on both databases: each once, whoever dies over it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.jobs import JobName, Planned
from tests.builders import NOW

PAUSE = timedelta(seconds=2)
PRUNE = [JobName.PRUNE]


def job(key="a", due=NOW, **payload):
    return Planned(JobName.PRUNE, key, due, payload)


async def test_what_is_due_is_taken_oldest_first_with_what_it_carries(store):
    await store.jobs.plan([job("later", NOW + PAUSE), job("b"), job("a", NOW - PAUSE, 말="봉수")], NOW)

    taken = await store.jobs.take(PRUNE, NOW, 10, PAUSE)

    assert [(each.key, dict(each.payload), each.again) for each in taken] == [
        ("a", {"말": "봉수"}, False),
        ("b", {}, False),
    ]


async def test_a_key_that_was_ever_used_is_never_planned_again(store):
    await store.jobs.plan([job()], NOW)
    await store.jobs.plan([job(due=NOW - PAUSE)], NOW)
    (taken,) = await store.jobs.take(PRUNE, NOW, 10, PAUSE)
    await store.jobs.finish(taken, [], NOW)

    await store.jobs.plan([job()], NOW)

    assert await store.jobs.take(PRUNE, NOW + timedelta(days=1), 10, PAUSE) == ()


async def test_plans_of_twenty_at_once_are_one_job(store):
    await asyncio.gather(*(store.jobs.plan([job()], NOW) for _ in range(20)))

    assert len(await store.jobs.waiting(JobName.PRUNE)) == 1


async def test_whoever_dies_over_a_job_finds_it_again_and_knows_that_it_was_begun(store):
    await store.jobs.plan([job()], NOW)
    await store.jobs.take(PRUNE, NOW, 10, PAUSE)

    at_once = await store.jobs.take(PRUNE, NOW, 10, PAUSE)
    (later,) = await store.jobs.take(PRUNE, NOW + PAUSE, 10, PAUSE)
    soon = await store.jobs.take(PRUNE, NOW + 2 * PAUSE, 10, PAUSE)

    assert (list(at_once), later.again, list(soon)) == ([], True, [])


async def test_what_is_done_stays_done_and_what_follows_is_there(store):
    await store.jobs.plan([job()], NOW)
    (taken,) = await store.jobs.take(PRUNE, NOW, 10, PAUSE)

    await store.jobs.finish(taken, [job("next", NOW + PAUSE)], NOW)
    await store.jobs.finish(taken, [job("never")], NOW)

    assert [each.key for each in await store.jobs.waiting(JobName.PRUNE)] == ["next"]


async def test_a_cancelled_job_does_not_happen_and_nothing_follows_from_it(store):
    await store.jobs.plan([job("a"), job("b")], NOW)
    taken = await store.jobs.take(PRUNE, NOW, 1, PAUSE)

    await store.jobs.cancel(JobName.PRUNE, "a", NOW)
    await store.jobs.cancel(JobName.PRUNE, "b", NOW)
    await store.jobs.finish(taken[0], [job("c")], NOW)

    assert await store.jobs.take(PRUNE, NOW + timedelta(days=1), 10, PAUSE) == ()


async def test_a_schedule_that_changed_moves_the_next_job(store):
    await store.jobs.replan(job("ten", NOW + timedelta(hours=10)), NOW)

    await store.jobs.replan(job("nine", NOW + timedelta(hours=9)), NOW)

    assert [each.key for each in await store.jobs.waiting(JobName.PRUNE)] == ["nine"]


async def test_a_job_that_is_overdue_is_not_moved_but_done(store):
    await store.jobs.replan(job("missed", NOW - timedelta(hours=1)), NOW - timedelta(days=1))

    await store.jobs.replan(job("next", NOW + timedelta(hours=9)), NOW)

    assert [each.key for each in await store.jobs.waiting(JobName.PRUNE)] == ["missed"]


async def test_done_jobs_are_forgotten_after_a_while_and_waiting_ones_never(store):
    await store.jobs.plan([job("a"), job("b", NOW + timedelta(days=365))], NOW)
    (taken,) = await store.jobs.take(PRUNE, NOW, 10, PAUSE)
    await store.jobs.finish(taken, [], NOW)

    await store.prune(NOW + timedelta(days=30))
    await store.jobs.plan([job("a")], NOW)

    assert len(await store.jobs.waiting(JobName.PRUNE)) == 2


@pytest.mark.parametrize("words", ["x" * 5000, "zero \x00 byte"])
async def test_why_it_failed_is_kept_whatever_it_is(store, words):
    await store.jobs.plan([job()], NOW)
    (taken,) = await store.jobs.take(PRUNE, NOW, 10, PAUSE)

    await store.jobs.fail(taken, words)

    assert (await store.jobs.take(PRUNE, NOW + PAUSE, 1, PAUSE))[0].again
