"""`/dashboard` with a camera, and the card's menu: over the playground's sockets, as people type, wait, press and look."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime

import aiohttp
import pytest
from PIL import Image

from bot.domain.dashboards import DashboardModel, Panel, Variable
from bot.domain.people import Policy, Right
from bot.domain.pictures import PanelSeen, PanelState, Picture, Step
from bot.domain.views import DashboardLink
from bot.errors import NoPicture
from playground.world import GUILD_ID, ROLES
from tests.builders import NOW
from tests.person import Person, text_of
from tests.picture_fakes import READY, FakeCamera, png
from tests.ui.test_on_the_playground import is_card, living, playground  # noqa: F401
from tests.ui.world import World, make_world

MODEL = DashboardModel(
    "api",
    "API overview",
    panels=(Panel(4, "Latency", row="Web"), Panel(5, "Errors")),
    variables=(Variable("service", options=("api", "chat")),),
)


@pytest.fixture
def camera() -> FakeCamera:
    made = FakeCamera(panels=(READY, PanelSeen("**Heap** @everyone", PanelState.ERROR, "<@1> `boom`")))
    made.picture = Picture((png(800, 600),), NOW, Step.BROWSER, made.picture.panels)
    return made


@pytest.fixture
async def world(database, camera) -> World:
    made = make_world(database, GUILD_ID, cameras=[camera])
    made.clock.now = datetime.now(UTC)
    made.models.down = None
    made.models.models["api"] = MODEL
    made.dashboards.links = [
        DashboardLink("api", "API overview", "https://grafana.example/d/api", "Services", ("slo",))
    ]
    await made.directory.refresh()
    rights = frozenset({ROLES["oncall"]})
    made.rules.policy = Policy(dict.fromkeys(Right, rights))
    return made


async def pictured(person: Person, wanted: str = ""):
    """Wait for an answer that carries a picture."""
    return await person.wait_message(
        lambda message: bool(message["attachments"]) and wanted in text_of(message), timeout_s=20
    )


async def look(playground, message) -> Image.Image:  # noqa: F811
    """Fetch the picture as a browser would."""
    async with aiohttp.ClientSession() as session, session.get(message["attachments"][0]["url"]) as response:
        assert response.status == 200
        assert response.content_type == "image/png"
        return Image.open(io.BytesIO(await response.read()))


async def test_a_picture_comes_with_its_caption_for_the_asker_alone(playground, world, camera):  # noqa: F811
    async with (
        living(world, playground),
        Person.join(playground.url, "minji", "en-US") as minji,
        Person.join(playground.url, "mallory", "en-US") as mallory,
    ):
        await minji.command(
            "dashboard", name="api", panel="Latency", range="6h", variables="service=chat", theme="light"
        )
        answer = await pictured(minji)
        image = await look(playground, answer)

        assert [text_of(each) for each in mallory.messages.values() if each["attachments"]] == []

    assert image.size == (800, 600)
    assert answer["attachments"][0]["filename"] == "Latency.png"
    words = text_of(answer)
    assert "**API overview** · Latency [Open](https://grafana.example/d/api?from=" in words
    assert "1 of 2 panels, 1 failed" in words
    assert "@everyone" not in words
    assert "<@1>" not in words
    assert answer["components"] == []
    (shot,) = camera.taken
    assert (shot.panel, shot.theme, shot.variables) == (4, "light", {"service": ("chat",)})


async def test_who_waits_sees_how_far_it_is_and_may_stop_it(playground, world, camera):  # noqa: F811
    camera.gate.clear()
    async with (
        living(world, playground),
        Person.join(playground.url, "minji", "en-US") as minji,
    ):
        await minji.command("dashboard", name="api")
        waits = await minji.wait_message(lambda message: "Looking at the dashboard" in text_of(message))
        pressed = asyncio.create_task(minji.press(waits, "Cancel", timeout_s=60))
        stopped = await minji.wait_message(lambda message: "Cancelled." in text_of(message))
        # The message that was pressed is edited; no answer of its own comes.
        pressed.cancel()
        await asyncio.gather(pressed, return_exceptions=True)

    assert stopped["id"] == waits["id"]
    assert stopped["components"] == []
    assert camera.stopped == 1


async def test_a_button_of_a_process_that_is_gone_says_so(playground, world, camera):  # noqa: F811
    camera.gate.clear()
    async with Person.join(playground.url, "minji", "en-US") as minji:
        async with living(world, playground):
            await minji.command("dashboard", name="api")
            waits = await minji.wait_message(lambda message: "Looking at the dashboard" in text_of(message))
        # Another process knows nothing of the tickets of this one.
        world.services.picturing._queue._tickets.clear()
        async with living(world, playground):
            pressed = asyncio.create_task(minji.press(waits, "Cancel", timeout_s=60))
            said = await minji.wait_message(lambda message: "start again" in text_of(message))
            await asyncio.gather(pressed, return_exceptions=True)

    assert said["flags"] & 64


async def test_an_answer_that_was_dismissed_is_not_followed_by_another(playground, world, camera, caplog):  # noqa: F811
    camera.gate.clear()
    async with living(world, playground), Person.join(playground.url, "minji", "en-US") as minji:
        await minji.command("dashboard", name="api")
        waits = await minji.wait_message(lambda message: "Looking at the dashboard" in text_of(message))
        await playground.state.remove_message(int(waits["channel_id"]), int(waits["id"]))
        caplog.set_level("INFO", "bot.ui.pictures")
        camera.gate.set()
        async with asyncio.timeout(60):
            while "dismissed" not in caplog.text:
                await asyncio.sleep(0.02)
        left = [text_of(each) for each in minji.messages.values()]

    assert left == []


async def test_without_a_picture_the_link_and_the_reasons_are_said(playground, world, camera):  # noqa: F811
    camera.fails = NoPicture("ladder.unreachable", "connection refused")
    async with living(world, playground), Person.join(playground.url, "minji", "ko") as minji:
        await minji.command("dashboard", name="api")
        answer = await minji.wait_message(lambda message: "믿을 수 있는 이미지" in text_of(message))

    assert "[열기](https://grafana.example/d/api?from=" in text_of(answer)
    assert "브라우저: 응답이 없습니다: connection refused" in text_of(answer)
    assert answer["attachments"] == []


async def test_several_images_come_as_several_messages(playground, world, camera):  # noqa: F811
    camera.picture = Picture((png(900, 400),) * 12, NOW, Step.BROWSER, (READY,))
    async with living(world, playground), Person.join(playground.url, "minji", "en-US") as minji:
        await minji.command("dashboard", name="api")
        await minji.wait_message(lambda message: len(message["attachments"]) == 2, timeout_s=60)
        counts = sorted(len(each["attachments"]) for each in minji.messages.values() if each["attachments"])

    assert counts == [2, 10]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"variables": "service=apo"}, "It can be: api, chat"),
        ({"variables": "svc=api"}, "It has: service"),
        ({"panel": "nope"}, "Near it: Latency, Errors"),
        ({"range": "nope"}, "Try 15m, 6h, today"),
    ],
)
async def test_what_is_wrong_is_said_with_what_would_be_right(playground, world, camera, options, sentence):  # noqa: F811
    async with living(world, playground), Person.join(playground.url, "minji", "en-US") as minji:
        answer = await minji.command("dashboard", name="api", **options)

    assert sentence in text_of(answer)
    assert camera.taken == []


async def test_panels_are_offered_of_the_dashboard_chosen(playground, world):  # noqa: F811
    async with living(world, playground), Person.join(playground.url, "minji", "en-US") as minji:
        offered = await minji.autocomplete("dashboard", name="api", panel="")
        narrowed = await minji.autocomplete("dashboard", name="api", panel="err")

    assert [(each["name"], each["value"]) for each in offered] == [("Web / Latency", "panel-4"), ("Errors", "panel-5")]
    assert [each["value"] for each in narrowed] == ["panel-5"]


async def test_a_card_shows_the_panel_of_its_alert(playground, world, camera):  # noqa: F811
    async with living(world, playground) as life, Person.join(playground.url, "minji", "en-US") as minji:
        view = await world.fire_at("https://grafana.example/d/api?orgId=1&viewPanel=4")
        await life.announcer.post(view)
        card = await minji.wait_message(is_card)
        await minji.choose(card, "bongsu:1:menu:1", ["dashboard"])
        answer = await pictured(minji, "Latency")

    (shot,) = camera.taken
    assert (shot.panel, shot.variables) == (4, {"service": ("api",)})
    assert answer["flags"] & 64
