"""Steps for ever: woken by a bell, never stopped by a defect."""

from __future__ import annotations

import asyncio

from bot.app import workers
from bot.app.leader import ring_concerned
from bot.app.workers import Bell, forever
from bot.domain.alerts import Severity
from bot.errors import SourceUnavailable


async def until_done(task, condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_bell_rung_before_anybody_waits_is_heard():
    bell = Bell()
    bell.ring()
    bell.ring()

    async with asyncio.timeout(60):
        await bell.wait(600)


async def test_waiting_ends_when_the_time_is_over():
    await Bell().wait(0)


async def test_busy_steps_follow_at_once_and_idle_ones_wait_for_the_bell():
    bell, steps = Bell(), []

    async def step():
        steps.append(len(steps))
        return len(steps) < 3

    task = asyncio.create_task(forever("test", step, bell, every_s=60))
    async with asyncio.timeout(60):
        while len(steps) < 3:
            await asyncio.sleep(0)
    bell.ring()
    await until_done(task, lambda: len(steps) == 4)

    assert steps == [0, 1, 2, 3]


async def test_a_defect_in_one_step_is_logged_and_the_next_step_taken(monkeypatch, caplog):
    monkeypatch.setattr(workers, "_PAUSE_AFTER_FAILURE_S", 0.0)
    steps = []

    async def step():
        steps.append(1)
        if len(steps) == 1:
            raise ValueError("defect")
        return True

    await until_done(asyncio.create_task(forever("inbox", step, Bell(), every_s=0)), lambda: len(steps) > 2)

    assert "inbox failed" in caplog.text


async def test_a_storm_of_rings_wakes_once_in_a_while_and_the_first_at_once():
    bell, woken = Bell(least_s=3600), 0
    bell.ring()
    async with asyncio.timeout(60):
        await bell.wait(600)
        woken += 1
    bell.ring()
    waiting = asyncio.create_task(bell.wait(600))
    for _ in range(20):
        await asyncio.sleep(0)

    assert woken == 1
    assert not waiting.done()
    waiting.cancel()


async def test_an_outage_of_the_store_is_told_by_the_store_and_not_by_each_worker(caplog, monkeypatch):
    monkeypatch.setattr(workers, "_PAUSE_AFTER_FAILURE_S", 0.0)
    steps = []

    async def step():
        steps.append(1)
        raise SourceUnavailable("store", "OperationalError")

    await until_done(asyncio.create_task(forever("inbox", step, Bell(), every_s=0)), lambda: len(steps) > 5)

    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_what_begins_wakes_who_shows_it_and_any_other_change_wakes_all():
    bells = tuple(Bell() for _ in range(4))

    async def woken():
        return [index for index, bell in enumerate(bells) if await rings(bell)]

    async def rings(bell):
        waiting = asyncio.create_task(bell.wait(1000))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        done = waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return done

    seen = []
    for begun in (
        frozenset({Severity.P1}),
        frozenset({Severity.P4}),
        frozenset({Severity.P2, Severity.P3}),
        frozenset(),
        None,
    ):
        ring_concerned(bells, begun)
        seen.append(await woken())

    assert seen == [[0], [2], [0, 2], [], [0, 1, 2, 3]]
