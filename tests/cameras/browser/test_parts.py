"""What is too large for the memory there is comes in parts, and is the same picture."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from bot.cameras.browser.capture import NoRoom, Shooting, View
from bot.cameras.browser.images import joined
from bot.cameras.browser.parts import Parts
from bot.cameras.browser.pool import ceiling_mb
from bot.domain.pictures import PanelState, Picture
from bot.errors import NoPicture
from tests.cameras.browser.taking import PATIENCE_S, Studio, image, studio
from tests.pages.boards import Panel, Row
from tests.pages.outlines import Element, Outline

pytestmark = pytest.mark.timeout(240)
OUTLINES = Path(__file__).parents[2] / "fixtures/outlines"
WIDE = View(width=1600, height=700, split_height=900)


def read(name: str) -> list[Element]:
    return json.loads((OUTLINES / f"{name}.json").read_text("utf-8"))["elements"]


OTHER = read("http-red")


def show(made: Studio, name: str) -> None:
    made.grafana.outlines["board"] = Outline("board", read(name))


async def both(made: Studio, **more: Any) -> tuple[Picture, Picture]:
    """The same dashboard at once, and in parts."""
    whole = await made.camera.take(made.shot("board", **more), PATIENCE_S)
    made.camera._large["board"] = 1
    return whole, await made.camera.take(made.shot("board", **more), PATIENCE_S)


def stacked(picture: Picture) -> Image.Image:
    (png,) = joined(picture.images, 100_000)
    return image(png)


def same(one: Image.Image, other: Image.Image) -> bool:
    """Say whether two pictures are the same, but for how letters are smoothed."""
    if one.size != other.size:
        return False
    differing = ImageChops.difference(one, other).convert("L").point(lambda value: 255 if value > 48 else 0)
    return differing.histogram()[255] < 0.001 * one.width * one.height


@pytest.mark.parametrize("name", ["http-red", "overview", "h-repeat"])
async def test_in_parts_it_is_the_same_picture(name):
    async with studio(view=WIDE) as made:
        show(made, name)
        whole, parts = await both(made)

    assert [(each.title, each.state) for each in parts.panels] == [(each.title, each.state) for each in whole.panels]
    assert same(stacked(parts), stacked(whole))
    assert all(image(png).height <= WIDE.split_height for png in parts.images)


async def test_errors_of_every_part_are_told():
    panels = [Panel(number, f"panel {number}", h=12) for number in range(1, 9)]
    panels[0] = Panel(1, "first", "error", message="no such metric", h=12)
    panels[7] = Panel(8, "last", "error", message="too many samples", h=12)
    async with studio(view=View(width=800, height=500, split_height=600)) as made:
        await made.take(*panels, columns=1)
        made.camera._large["board"] = 1
        picture = await made.take(*panels, columns=1)

    told = {panel.title: panel.message for panel in picture.panels if panel.state is PanelState.ERROR}
    assert told == {"first": "no such metric", "last": "too many samples"}
    assert len(picture.panels) == 8


async def test_rows_are_opened_on_every_part():
    async with studio(view=View(width=800, height=500, split_height=600)) as made:
        rows = [Row("closed", [Panel(20, "inside", y=52)])]
        made.camera._large["board"] = 1
        picture = await made.take(*(Panel(n, f"{n}", h=10) for n in range(1, 9)), rows=rows, rows_open=True)

    assert "inside" in [panel.title for panel in picture.panels]
    assert picture.count(PanelState.READY) == 9


async def test_what_there_is_no_room_for_is_not_tried_at_once():
    async def room_mb(_: bool) -> float:
        return 20.0

    async with studio(view=WIDE) as made:
        show(made, "http-red")
        until = asyncio.get_running_loop().time() + PATIENCE_S
        shot = made.shot("board")
        url = made.camera._grafana.page(shot)
        async with made.camera.pool.tab(until) as (_, tab):
            with pytest.raises(NoRoom):
                await Shooting(tab, shot, WIDE, until, 0, room_mb).run(url)
            with pytest.raises(NoRoom):
                await Shooting(tab, shot, WIDE, until, 3000, room_mb).run(url)
            images, look = await Parts(tab, shot, WIDE, until, 0, room_mb).run(url)

    assert len(look.boxes) == 15
    assert sum(image(png).height for png in images) == pytest.approx(1633, abs=20)


async def test_a_browser_that_was_ended_for_its_size_begins_again_in_parts():
    async with studio(view=WIDE) as made:
        show(made, "http-red")
        attempts: list[bool] = []
        attempt = made.camera._attempt

        async def first_too_large(*told: Any) -> Picture:
            attempts.append("board" in made.camera._large)
            if len(attempts) == 1:
                raise NoPicture("memory")
            return await attempt(*told)

        made.camera._attempt = first_too_large
        picture = await made.camera.take(made.shot("board"), PATIENCE_S)

    assert attempts == [False, True]
    assert picture.count(PanelState.READY) == 15


class _Changing(Outline):
    """Another page each time that it is opened."""

    def page(self, root: str) -> str:
        opened = super().page(root)
        self.elements = OTHER
        return opened


async def test_what_became_another_page_meanwhile_is_no_picture():
    async with studio(view=WIDE) as made:
        made.grafana.outlines["board"] = _Changing("board", read("overview"))
        made.camera._large["board"] = 1
        with pytest.raises(NoPicture) as caught:
            await made.camera.take(made.shot("board"), PATIENCE_S)

    assert caught.value.reason == "timeout"


@pytest.mark.parametrize(
    ("host", "ceiling"), [(0, 640), (537, 483), (1000, 640), (2100, 840), (16_000, 1500)]
)  # MB; nothing is known of the first
def test_the_ceiling_follows_the_host_and_is_below_what_a_container_has(host, ceiling):
    assert ceiling_mb(host) == pytest.approx(ceiling, abs=1)


def test_joined_images_are_no_taller_and_no_larger_than_may_be():
    def png(tall: int) -> bytes:
        out = io.BytesIO()
        Image.new("RGB", (10, tall), "red").save(out, "PNG")
        return out.getvalue()

    three = [png(100), png(100), png(100)]
    assert [image(each).height for each in joined(three, 250)] == [200, 100]
    assert [image(each).height for each in joined(three, 1000)] == [300]
    assert [image(each).height for each in joined(three, 1000, limit_bytes=len(three[0]))] == [100, 100, 100]
