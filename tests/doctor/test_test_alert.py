"""A test alert's way: followed until it is shown, or the time is over; ended whatever happens."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.doctor.drills import Drill
from bot.doctor.test_alert import drill
from bot.errors import QueryRejected, SourceUnavailable
from tests.builders import NOW


class Ground:
    """Remembers what was done; refuses what it is told to refuse."""

    name = "alertmanager"

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses
        self.begun: list[Drill] = []
        self.ended: list[Drill] = []

    async def begin(self, drill):
        if self.refuses == "begin":
            raise QueryRejected(self.name, "no")
        self.begun.append(drill)

    async def whereabouts(self, drill):
        return ["elsewhere"]

    async def end(self, drill, at):
        if self.refuses == "end":
            raise SourceUnavailable(self.name, "gone")
        self.ended.append(drill)


def saying(*states):
    left = list(states)

    async def state(marker):
        return left.pop(0) if len(left) > 1 else left[0]

    return state


async def run(ground, state, wait_s=20.0):
    return await drill(ground, state, clock=lambda: NOW, summary="a test", wait_s=wait_s)


async def test_it_is_followed_until_its_card_is_shown_and_then_ended():
    ground = Ground()

    outcome = await run(ground, saying("unknown", "received", "applied", "shown"))

    assert outcome.state == "shown"
    assert ground.begun == ground.ended
    (sent,) = ground.begun
    assert len(sent.marker) == 16
    assert sent.ends_at - sent.begins_at == timedelta(seconds=20) + timedelta(minutes=2)


@pytest.mark.parametrize("state", ["received", "applied"])
async def test_where_it_stuck_is_told(state):
    ground = Ground()

    outcome = await run(ground, saying(state), wait_s=0.05)

    assert (outcome.state, list(outcome.receivers)) == (state, [])
    assert ground.ended == ground.begun


async def test_one_that_never_arrives_tells_whom_it_was_for():
    ground = Ground()

    outcome = await run(ground, saying("unknown"), wait_s=0.05)

    assert (outcome.state, list(outcome.receivers)) == ("unknown", ["elsewhere"])
    assert ground.ended == ground.begun


async def test_one_that_cannot_be_read_is_not_waited_for():
    async with asyncio.timeout(60):
        assert (await run(Ground(), saying("rejected"), wait_s=600)).state == "rejected"


async def test_an_end_that_fails_does_not_hide_how_far_it_came(caplog):
    outcome = await run(Ground(refuses="end"), saying("shown"))

    assert outcome.state == "shown"
    assert "ends by itself" in caplog.text


async def test_it_is_ended_as_well_when_nobody_waits_any_more():
    ground = Ground()
    waiting = asyncio.create_task(run(ground, saying("unknown"), wait_s=600))
    async with asyncio.timeout(60):
        while not ground.begun:
            await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert ground.ended == ground.begun


async def test_a_source_that_does_not_take_it_is_an_error():
    with pytest.raises(QueryRejected):
        await run(Ground(refuses="begin"), saying("unknown"))


async def test_each_has_a_name_of_its_own_so_that_it_waits_for_no_older_group():
    ground = Ground()
    for _ in range(2):
        await run(ground, saying("shown"))

    first, second = ground.begun
    assert first.labels["alertname"] != second.labels["alertname"]
