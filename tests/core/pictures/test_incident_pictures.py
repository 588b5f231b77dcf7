"""Pictures into the threads of severe incidents: once, in time, and never in the way of a card."""

from __future__ import annotations

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
from bot.ports import Task
from tests.builders import NOW, make_view
from tests.fakes import HandClock
from tests.picture_fakes import FakeBoard, FakeCamera, FakeTasks

CARD = MessageRef(77, 9000)
TASK = Task(1, 42, None, 0, NOW, CARD)
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
    def __init__(self, *tasks: Task) -> None:
        self.clock, self.camera = HandClock(), FakeCamera()
        self.tasks, self.board = FakeTasks(*tasks), FakeBoard()
        self.picturing = Pointing(PictureQueue([self.camera], 1))
        self.incident_pictures = IncidentPictures(
            tasks=self.tasks, board=self.board, picturing=self.picturing, viewer=Views(), clock=self.clock
        )

    async def step(self, minutes: float = 0) -> bool:
        self.clock.forward(minutes=minutes)
        return await self.incident_pictures.step()


async def test_a_severe_incident_is_pictured_once_in_its_thread():
    it = Scene(TASK)

    assert await it.step()
    assert not await it.step()

    ((card, shown, again),) = it.board.hung
    assert (card, again) == (CARD, False)
    assert shown.exhibit.picture == it.camera.picture
    assert it.tasks.ended == {1: ""}
    severities, since = it.tasks.admitted[0]
    assert set(severities) == {Severity.P1, Severity.P2}
    assert since == NOW - timedelta(minutes=10)


async def test_an_incident_without_a_dashboard_is_taken_from_the_list():
    it = Scene(TASK)
    it.picturing.points = None

    await it.step()

    assert (it.tasks.ended, it.board.hung) == ({1: "no dashboard"}, [])


async def test_a_picture_that_fails_is_tried_again_and_found_by_whoever_comes_after():
    it = Scene(TASK)
    it.camera.fails = NoPicture("ladder.blank")
    await it.step()
    assert not await it.step()

    it.camera.fails = None
    await it.step(minutes=0.5)

    assert [again for _, _, again in it.board.hung] == [True]


@pytest.mark.parametrize("error", [DeliveryDelayed("busy"), MessageGone()])
async def test_a_message_that_is_delayed_is_sent_again(error):
    it = Scene(TASK)
    it.board.fail = [error]

    await it.step()
    await it.step(minutes=0.5)

    assert len(it.board.hung) == 1


async def test_a_message_that_is_refused_is_given_up():
    it = Scene(TASK)
    it.board.fail = [DeliveryRefused("no")]

    await it.step()
    await it.step(minutes=1)

    assert it.board.hung == []
    assert "delivery_refused" in it.tasks.ended[1]


async def test_a_picture_that_is_too_late_is_dropped():
    it = Scene(TASK)

    await it.step(minutes=11)

    assert (it.tasks.ended, it.board.hung, it.camera.taken) == ({1: "stale"}, [], [])


async def test_after_several_attempts_it_is_given_up():
    it = Scene(TASK)
    it.picturing.fails = SourceUnavailable("grafana", "HTTP 502")

    for _ in range(8):
        await it.step(minutes=0.5)

    assert it.tasks.ended == {1: "stale"}


async def test_without_a_card_nothing_is_posted():
    it = Scene(Task(1, 42, None, 0, NOW, None))

    assert not await it.step()
    assert it.camera.taken == []


async def test_without_any_camera_nothing_is_put_on_the_list():
    it = Scene(TASK)
    it.picturing.able = False

    assert not await it.step()
    assert it.tasks.admitted == []
