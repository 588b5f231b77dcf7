"""Pictures into the threads of severe incidents: once, in time, and never in the way of a card."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.pictures.incident_pictures import IncidentPictures
from bot.core.pictures.queue import PictureQueue
from bot.domain.alerts import Severity
from bot.domain.exhibits import Request
from bot.domain.pictures import Shot
from bot.domain.telemetry import Window
from bot.domain.views import MessageRef
from bot.errors import DeliveryDelayed, DeliveryRefused, MessageGone, NoPicture, SourceUnavailable
from bot.ports import Task, TaskKind
from tests.builders import NOW, make_view
from tests.fakes import HandClock, OneTask
from tests.picture_fakes import FakeBoard, FakeCamera

CARD = MessageRef(77, 9000)
TASK = Task(1, 42, TaskKind.PICTURE, 0, NOW, CARD)
REQUEST = Request("API", "https://g.example/d/api", Shot("api", Window(NOW - timedelta(hours=1), NOW), panel=4))


class Pointing:
    """The use cases of pictures, of an incident that points at a dashboard, or at none."""

    def __init__(self, studio: PictureQueue) -> None:
        self.studio = studio
        self.points: Request | None = REQUEST
        self.fails: Exception | None = None
        self.able = True

    async def pointed_at(self, view):
        if self.fails:
            raise self.fails
        return self.points

    def order(self, request, by):
        return self.studio.order(request, by)

    def drop(self, ticket):
        self.studio.drop(ticket)


class Views:
    async def view(self, number):
        return make_view()


class Scene:
    def __init__(self, task: Task = TASK) -> None:
        self.clock, self.camera = HandClock(), FakeCamera()
        self.tasks, self.board = OneTask(task), FakeBoard()
        self.picturing = Pointing(PictureQueue([self.camera], 1))
        self.incident_pictures = IncidentPictures(
            tasks=self.tasks,
            outbox=self.tasks,
            board=self.board,
            picturing=self.picturing,
            viewer=Views(),
            clock=self.clock,
        )

    async def step(self, minutes: float = 0) -> bool:
        self.clock.forward(minutes=minutes)
        return await self.incident_pictures.step()


async def test_a_severe_incident_is_pictured_once_in_its_thread():
    it = Scene()

    assert await it.step()
    assert not await it.step()

    ((card, shown, again),) = it.board.hung
    assert (card, again) == (CARD, False)
    assert shown.exhibit.picture == it.camera.picture
    assert it.tasks.ended == "delivered"
    severities, since = it.tasks.admitted[0]
    assert set(severities) == {Severity.P1, Severity.P2}
    assert since == NOW - timedelta(minutes=10)


async def test_an_incident_without_a_dashboard_is_taken_from_the_list():
    it = Scene()
    it.picturing.points = None

    await it.step()

    assert (it.tasks.ended, it.board.hung) == ("no dashboard", [])


async def test_a_picture_that_fails_is_tried_again_and_found_by_whoever_comes_after():
    it = Scene()
    it.camera.fails = NoPicture("ladder.blank")
    await it.step()
    assert not await it.step()

    it.camera.fails = None
    await it.step(minutes=0.5)

    assert [again for _, _, again in it.board.hung] == [True]


async def test_a_message_that_is_delayed_is_sent_again():
    it = Scene()
    it.board.fail = [DeliveryDelayed("busy")]

    await it.step()
    await it.step(minutes=0.5)

    assert len(it.board.hung) == 1


async def test_a_card_that_is_gone_comes_again_and_the_picture_below_it():
    it = Scene()
    it.board.fail = [MessageGone()]

    await it.step()
    assert it.tasks.forgotten == [42]
    it.tasks.task = replace(it.tasks.task, card=MessageRef(77, 9001))
    await it.step()

    assert [card.message_id for card, _, _ in it.board.hung] == [9001]


async def test_a_message_that_is_refused_waits_as_long_as_a_card_would():
    it = Scene()
    it.board.fail = [DeliveryRefused("no")]

    await it.step()
    assert not await it.step(minutes=4.9)
    await it.step(minutes=0.1)

    assert len(it.board.hung) == 1


async def test_a_picture_that_is_too_late_is_dropped():
    it = Scene()

    await it.step(minutes=11)

    assert (it.tasks.ended, it.board.hung, it.camera.taken) == ("stale", [], [])


async def test_what_cannot_be_pictured_is_tried_less_and_less_often_and_given_up():
    it = Scene()
    it.picturing.fails = SourceUnavailable("grafana", "HTTP 502")

    waits = []
    while not it.tasks.ended:
        await it.step()
        waits.append((it.tasks.due_at - it.clock()).total_seconds())
        it.clock.forward(seconds=waits[-1])

    assert waits[:-1] == [1, 2, 4, 8, 16, 32, 64, 120, 120, 120, 120]
    assert it.tasks.ended == "stale"


async def test_a_defect_of_ours_in_one_picture_lets_the_others_pass():
    it = Scene()
    it.picturing.fails = ZeroDivisionError()

    with pytest.raises(ZeroDivisionError):
        await it.step()
    await it.step()

    assert it.tasks.due_at > it.clock()


async def test_without_any_camera_nothing_is_put_on_the_list():
    it = Scene()
    it.picturing.able = False

    assert not await it.step()
    assert it.tasks.admitted == []
