"""The ladder of cameras: which is tried, for how long, for whom, and what is said when none succeeds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.pictures.queue import PictureLimits, PictureQueue
from bot.domain.exhibits import Phase, Request
from bot.domain.pictures import Shot, Step
from bot.domain.telemetry import Window
from bot.errors import NoPicture, NotAllowed, OutOfDate, TooSoon
from tests.builders import NOW
from tests.picture_fakes import FakeCamera, png

MINJI, JUN = 1, 2


def request(uid: str = "api", **changes) -> Request:
    window = Window(NOW - timedelta(hours=1), NOW)
    return Request("API", "https://g.example/d/api", Shot(uid, window, **changes))


# The usual limits with a minute for each second: no test has to be quick.
MINUTES = {"total_s": 18.0 * 60, "step_s": 12.0 * 60, "reserve_s": 3.5 * 60}


def studio(*cameras: FakeCamera, at_once: int = 2, **limits: float) -> PictureQueue:
    return PictureQueue(cameras, at_once, PictureLimits(**limits))


async def answer(ticket):
    async with asyncio.timeout(60):
        while not ticket.cancelled:
            exhibit = await ticket.news(5)
            if exhibit:
                return exhibit
    return None


async def until(condition) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


def ladder() -> tuple[FakeCamera, FakeCamera, FakeCamera]:
    return FakeCamera(Step.BROWSER), FakeCamera(Step.RENDERER), FakeCamera(Step.CHART)


async def test_the_first_camera_that_can_takes_the_picture():
    browser, renderer, chart = ladder()

    exhibit = await answer(studio(browser, renderer, chart).order(request(), MINJI))

    assert exhibit.picture == browser.picture
    assert exhibit.missed == ()
    assert (len(renderer.taken), len(chart.taken)) == (0, 0)


async def test_every_step_that_failed_is_told_with_its_reason():
    browser, renderer, chart = ladder()
    browser.fails, renderer.fails = NoPicture("login"), NoPicture("ladder.refused", "HTTP 500")

    exhibit = await answer(studio(browser, renderer, chart).order(request(), MINJI))

    assert exhibit.picture == chart.picture
    assert [(each.step, each.key, each.detail) for each in exhibit.missed] == [
        ("browser", "picture.login", ""),
        ("renderer", "picture.ladder.refused", "HTTP 500"),
    ]


async def test_without_any_picture_all_reasons_are_told():
    cameras = ladder()
    for camera in cameras:
        camera.fails = NoPicture("ladder.blank")

    exhibit = await answer(studio(*cameras).order(request(), MINJI))

    assert exhibit.picture is None
    assert [each.step for each in exhibit.missed] == ["browser", "renderer", "chart"]


async def test_a_camera_that_breaks_its_promise_is_not_waited_for():
    browser, renderer, _ = ladder()
    browser.gate.clear()

    exhibit = await answer(
        studio(browser, renderer, total_s=60.0, step_s=0.1, reserve_s=0.1, grace_s=0.05).order(request(), MINJI)
    )

    assert exhibit.picture == renderer.picture
    assert exhibit.missed[0].key == "picture.ladder.timeout"
    assert browser.stopped == 1


async def test_the_whole_answer_is_in_time_though_every_camera_hangs():
    cameras = ladder()
    for camera in cameras:
        camera.gate.clear()

    # Three steps would take three minutes; all that `answer` waits for is one.
    exhibit = await answer(
        studio(*cameras, total_s=1.0, step_s=60.0, reserve_s=0.2, grace_s=0.05).order(request(), MINJI)
    )

    assert exhibit.picture is None
    assert len(exhibit.missed) == 3


async def test_each_step_is_given_what_is_left_for_it():
    cameras = ladder()
    for camera in cameras:
        camera.fails = NoPicture("ladder.blank")

    await answer(studio(*cameras, **MINUTES).order(request(), MINJI))

    given = [camera.deadlines[0] for camera in cameras]
    # Of 18 minutes, 3.5 are kept for each later step, none is longer than 12.
    assert given == pytest.approx([10.5 * 60, 12.0 * 60, 12.0 * 60], abs=30)


async def test_what_went_by_before_is_taken_off():
    camera = FakeCamera()
    began = asyncio.get_running_loop().time() - 600

    await answer(studio(camera, **MINUTES).order(replace(request(), asked_at=began), MINJI))

    assert camera.deadlines == [pytest.approx(7.5 * 60, abs=30)]


async def test_the_promise_of_twenty_seconds_is_kept_by_the_usual_limits():
    limits = PictureLimits()

    # All three at their longest, with the grace that each is given.
    browser = limits.total_s - 2 * limits.reserve_s - limits.grace_s
    assert browser + limits.grace_s + 2 * limits.reserve_s <= 18
    assert limits.queue_s + limits.reserve_s < limits.total_s


async def test_the_same_picture_is_taken_once_for_all_who_want_it():
    camera = FakeCamera()
    camera.gate.clear()
    it = studio(camera)
    tickets = [it.order(request(), person) for person in (MINJI, JUN, 3)]
    await until(lambda: camera.taken)

    camera.gate.set()
    exhibits = [await answer(ticket) for ticket in tickets]

    assert len(camera.taken) == 1
    assert {exhibit.picture for exhibit in exhibits} == {camera.picture}


@pytest.mark.parametrize(
    "changes", [{"uid": "chat"}, {"panel": 4}, {"theme": "light"}, {"variables": {"a": ("b",)}}, {"rows_open": True}]
)
async def test_another_picture_is_taken_anew(changes):
    camera = FakeCamera()
    it = studio(camera)

    await answer(it.order(request(), MINJI))
    await answer(it.order(request(**changes), MINJI))

    assert len(camera.taken) == 2


async def test_a_picture_is_shown_again_for_a_short_while():
    camera = FakeCamera()
    now = [0.0]
    it = PictureQueue([camera], 1, PictureLimits(kept_s=15), lambda: now[0])
    await answer(it.order(request(), MINJI))
    # A moment later "the last hour" is another hour, but the same picture.
    later = request()
    shot = replace(later.shot, window=Window(NOW - timedelta(minutes=59), NOW + timedelta(minutes=1)))

    now[0] = 14
    again = await answer(it.order(replace(later, shot=shot), JUN))
    now[0] = 16
    await answer(it.order(request(), JUN))

    assert again.picture == camera.picture
    assert len(camera.taken) == 2


async def test_a_failure_is_not_shown_again():
    camera = FakeCamera()
    camera.fails = NoPicture("ladder.blank")
    it = studio(camera)
    await answer(it.order(request(), MINJI))
    camera.fails = None

    assert (await answer(it.order(request(), MINJI))).picture == camera.picture


async def test_large_pictures_are_not_hoarded():
    camera = FakeCamera()
    camera.picture = replace(camera.picture, images=(png(), b"x" * 600))
    it = studio(camera, kept_bytes=2_000)

    for uid in ("a", "b", "c", "d"):
        await answer(it.order(request(uid), MINJI))
    await answer(it.order(request("a"), MINJI))

    assert len(camera.taken) == 5


async def test_progress_tells_the_place_and_then_the_step():
    camera = FakeCamera()
    camera.gate.clear()
    it = studio(camera, at_once=1)
    first = it.order(request("a"), MINJI)
    second = it.order(request("b"), JUN)
    third = it.order(request("c"), JUN)
    await until(lambda: camera.taken)

    assert first.progress.phase is Phase.BROWSER
    assert [(each.progress.phase, each.progress.place) for each in (second, third)] == [
        (Phase.QUEUE, 1),
        (Phase.QUEUE, 2),
    ]

    camera.gate.set()
    for ticket in (first, second, third):
        assert (await answer(ticket)).picture


async def test_news_of_progress_come_at_once():
    camera = FakeCamera()
    camera.gate.clear()
    ticket = studio(camera).order(request(), MINJI)

    # Well below the end of the test, which nobody who is told at once waits for.
    async with asyncio.timeout(60):
        assert await ticket.news(600) is None

    assert ticket.progress.phase is Phase.BROWSER
    camera.gate.set()
    await answer(ticket)


async def test_who_waits_too_long_in_the_queue_is_told_so():
    camera = FakeCamera()
    camera.gate.clear()
    it = studio(camera, at_once=1, queue_s=0.05)
    first = it.order(request("a"), MINJI)

    exhibit = await answer(it.order(request("b"), JUN))

    assert [(each.step, each.key) for each in exhibit.missed] == [("queue", "picture.ladder.busy")]
    camera.gate.set()
    assert (await answer(first)).picture


async def test_one_person_waits_for_a_few_pictures_only():
    camera = FakeCamera()
    camera.gate.clear()
    it = studio(camera, at_once=1, waiting_each=2)
    tickets = [it.order(request(uid), MINJI) for uid in "abc"]

    with pytest.raises(TooSoon, match="pictures_waiting"):
        it.order(request("d"), MINJI)

    tickets.append(it.order(request("e"), JUN))
    camera.gate.set()
    assert all([(await answer(ticket)).picture for ticket in tickets])


async def test_a_cancelled_picture_is_not_taken_on():
    camera = FakeCamera()
    camera.gate.clear()
    it = studio(camera, at_once=1)
    ticket = it.order(request("a"), MINJI)
    waiting = it.order(request("b"), JUN)
    await until(lambda: camera.taken)

    it.cancel(ticket.number, MINJI)

    assert await answer(ticket) is None
    await until(lambda: len(camera.taken) == 2)
    assert camera.stopped == 1
    camera.gate.set()
    assert (await answer(waiting)).picture


async def test_cancelling_leaves_it_to_those_who_want_it_too():
    camera = FakeCamera()
    camera.gate.clear()
    it = studio(camera)
    mine, theirs = it.order(request(), MINJI), it.order(request(), JUN)
    await until(lambda: camera.taken)

    it.cancel(mine.number, MINJI)
    camera.gate.set()

    assert (await answer(theirs)).picture
    assert camera.stopped == 0


async def test_only_who_asked_may_cancel_and_only_while_it_is_awaited():
    camera = FakeCamera()
    camera.gate.clear()
    it = studio(camera)
    ticket = it.order(request(), MINJI)

    with pytest.raises(NotAllowed):
        it.cancel(ticket.number, JUN)
    camera.gate.set()
    await answer(ticket)

    with pytest.raises(OutOfDate):
        it.cancel(ticket.number, MINJI)


async def test_nobody_asks_again_for_a_picture_that_was_cancelled_and_gets_it_anew():
    camera = FakeCamera()
    camera.gate.clear()
    it = studio(camera)
    it.drop(it.order(request(), MINJI))

    ticket = it.order(request(), MINJI)
    camera.gate.set()

    assert (await answer(ticket)).picture == camera.picture
