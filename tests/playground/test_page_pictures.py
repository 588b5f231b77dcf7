"""Pictures on the page: below a caption for the asker alone, and in a thread for everybody."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.domain.dashboards import DashboardModel, Panel
from bot.domain.exhibits import Exhibit, IncidentPicture, Request
from bot.domain.people import Policy, Right
from bot.domain.pictures import PanelSeen, PanelState, Picture, Shot, Step
from bot.domain.telemetry import Window
from bot.domain.views import DashboardLink
from playground.server import Playground
from playground.world import GUILD_ID, ROLES
from tests.person import Person
from tests.picture_fakes import READY, FakeCamera, png
from tests.ui.test_client import use
from tests.ui.test_on_the_playground import living
from tests.ui.world import make_world

SIZE = (1600, 900)


@pytest.fixture
async def playground(monkeypatch) -> AsyncIterator[Playground]:
    async with Playground.open(limited=False) as opened:
        use(opened.url, monkeypatch)
        yield opened


@pytest.fixture
async def camera() -> FakeCamera:
    made = FakeCamera()
    taken = Path(os.environ["SHOW_CHART"]).read_bytes() if os.environ.get("SHOW_CHART") else png(*SIZE)
    panels = (READY, READY, PanelSeen("Heap", PanelState.NO_DATA))
    made.picture = Picture((taken,), datetime.now(UTC), Step.BROWSER, panels)
    return made


async def seen(image) -> list[int]:
    """Return the size of an image as it was loaded; 0 if it was not."""
    await expect(image).to_be_visible()
    return await image.evaluate(
        "async image => { await image.decode(); return [image.naturalWidth, image.naturalHeight]; }"
    )


async def test_a_picture_is_seen_by_who_asked_and_in_the_thread_by_everybody(playground, visit, database, camera):
    world = make_world(database, GUILD_ID, cameras=[camera])
    world.clock.now = datetime.now(UTC)
    world.models.down = None
    world.models.models["api"] = DashboardModel("api", "API overview", panels=(Panel(4, "Latency"),))
    world.dashboards.links = [DashboardLink("api", "API overview", "https://grafana.example/d/api")]
    await world.directory.refresh()
    world.rules.policy = Policy(dict.fromkeys(Right, frozenset({ROLES["oncall"]})))
    async with living(world, playground) as life, Person.join(playground.url, "minji", "en-US") as minji:
        mine, theirs = await visit("?as=minji&locale=en-US"), await visit("?as=jun&locale=en-US")
        view = await world.fire()
        card = await life.announcer.post(view)
        await minji.command("dashboard", name="api")

        answer = mine.get_by_test_id("message").filter(has_text="2 of 3 panels, 1 without data")
        assert await seen(answer.get_by_role("img")) == list(SIZE)
        await answer.get_by_role("button", name="Enlarge: API overview").click()
        await expect(mine.locator("dialog.lightbox img")).to_be_visible()
        await mine.get_by_role("button", name="Close").click()
        if os.environ.get("SHOW_PAGE"):
            await mine.screenshot(path=os.environ["SHOW_PAGE"])
        await expect(theirs.get_by_test_id("message").filter(has_text="2 of 3 panels")).to_have_count(0)

        request = Request(
            "API overview", "https://grafana.example/d/api", Shot("api", Window(view.incident.opened_at, world.clock()))
        )
        await life.announcer.hang(card, IncidentPicture(view, Exhibit(request, camera.picture)), again=False)
        await theirs.get_by_test_id("thread-link").click()
        hung = theirs.get_by_test_id("message").filter(has_text="2 of 3 panels")
        assert await seen(hung.get_by_role("img")) == list(SIZE)
