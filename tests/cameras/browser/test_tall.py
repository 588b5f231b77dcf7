"""Nothing is cut, however tall the dashboard, and every image is one that Discord takes."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from bot.cameras.browser.capture import View
from bot.cameras.browser.images import LIMIT_BYTES, Piece, developed, painted_scale
from bot.cameras.browser.page_state import Box, cut
from bot.domain.pictures import PanelSeen, PanelState
from bot.errors import NoPicture
from tests.cameras.browser.taking import image, is_drawn, studio
from tests.pages.boards import Panel

pytestmark = pytest.mark.timeout(240)
SMALL = View(width=800, height=600, split_height=1000)


@pytest.mark.parametrize("inner", [False, True], ids=["page scrolls", "part of it scrolls"])
@pytest.mark.parametrize("count", [8, 40], ids=["window as tall as the page", "scrolled through"])
async def test_a_tall_dashboard_is_split_between_its_panels(inner, count):
    async with studio(view=SMALL) as made:
        panels = [Panel(number, f"panel {number}", h=6) for number in range(1, count + 1)]

        picture = await made.take(*panels, inner=inner)

        sizes = [image(png).size for png in picture.images]
        whole = count // 2 * 6 * 38
        assert all(width == 800 and height <= 1000 for width, height in sizes)
        assert whole <= sum(height for _, height in sizes) <= whole + 40
        assert picture.count(PanelState.READY) == count
        # Every panel is drawn once: where its line of panels must be, counted over all images.
        assert sum(_rows_drawn(png) for png in picture.images) == count // 2


def _rows_drawn(png: bytes) -> int:
    """Count the panels whose border begins in the left column, and in which something is drawn."""
    picture = image(png)
    border = (0x2C, 0x32, 0x35)
    tops = [
        y
        for y in range(1, picture.height)
        if picture.getpixel((100, y)) == border and picture.getpixel((100, y - 1)) == (0x11, 0x12, 0x17)
    ]
    return sum(is_drawn(png, (20, top + 40, 380, top + 200)) for top in tops)


async def test_a_dashboard_of_two_hundred_panels_is_pictured_in_ten_images_or_less():
    async with studio(view=SMALL) as made:
        picture = await made.take(*(Panel(number, f"{number}", h=5) for number in range(1, 201)), columns=2)

        assert len(picture.images) <= 10
        assert picture.count(PanelState.READY) == 200


async def test_a_dashboard_that_ten_images_cannot_hold_is_no_picture():
    async with studio(view=SMALL) as made:
        refusal = await made.refused(*(Panel(number, f"{number}", h=20) for number in range(1, 41)), columns=1)

        assert refusal.reason == "too-large"


async def test_a_picture_that_does_not_compress_is_made_smaller_until_discord_takes_it():
    async with studio(view=View(width=1600, height=1000, split_height=3000)) as made:
        picture = await made.take(*(Panel(number, f"{number}", "noise", h=18) for number in range(1, 9)), columns=2)

        assert all(len(png) <= LIMIT_BYTES for png in picture.images)
        assert any(image(png).width < 1600 for png in picture.images)
        assert picture.count(PanelState.READY) == 8


async def test_the_scale_is_that_of_the_setting():
    async with studio(view=View(width=800, height=600, scale=2.0)) as made:
        picture = await made.take(Panel(1, "first"), Panel(2, "second"))

        assert image(picture.images[0]).width == 1600


async def test_the_second_picture_of_a_dashboard_that_shrank_holds_nothing_of_the_first():
    async with studio(view=SMALL) as made:
        tall = await made.take(*(Panel(number, f"{number}") for number in range(1, 7)))
        short = await made.take(Panel(1, "alone"))
        tall_again = await made.take(*(Panel(number, f"{number}") for number in range(1, 7)))

        assert image(short.images[0]).height < 400 < image(tall.images[0]).height
        assert image(tall_again.images[0]).size == image(tall.images[0]).size


def _box(top: float, bottom: float) -> Box:
    return Box(1, PanelSeen("", PanelState.READY), 0, top, 100, bottom, written=True)


@pytest.mark.parametrize(
    ("height", "boxes", "stretches"),
    [
        (500, [(0, 500)], [(0, 500)]),
        (1000, [(0, 1000)], [(0, 1000)]),
        (1800, [(0, 900), (900, 1800)], [(0, 900), (900, 1800)]),
        # Evenly, not a full one and a sliver.
        (1100, [(n, n + 100) for n in range(0, 1100, 100)], [(0, 600), (600, 1100)]),
        # A panel beside others that reaches over their ends keeps them together.
        (1600, [(0, 300), (300, 900), (0, 900), (900, 1600)], [(0, 900), (900, 1600)]),
        # A panel taller than an image is divided, since nothing may be left out.
        (2500, [(0, 2500)], [(0, 1000), (1000, 2000), (2000, 2500)]),
    ],
)
def test_a_page_is_cut_between_panels(height, boxes, stretches):
    assert cut(height, [_box(*box) for box in boxes], 1000) == stretches


def _png(colours: list[tuple[int, int, int]]) -> bytes:
    drawn = Image.new("RGB", (len(colours) * 10, 10))
    for place, colour in enumerate(colours):
        drawn.paste(colour, (place * 10, 0, place * 10 + 10, 10))
    return _bytes(drawn)


def _bytes(drawn: Image.Image) -> bytes:
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()


def _found(colours: list[tuple[int, int, int]], boxes: list[tuple[float, float, float, float]], pixels: float = 1.0):
    return developed(_png(colours), [Piece(0, 10 / pixels, boxes)], pixels)


def test_an_image_of_one_colour_is_blank_and_so_is_a_panel():
    red, blue = (255, 0, 0), (0, 0, 255)

    assert _found([red, red], []) is None
    assert _found([red, blue], []) == [_png([red, blue])]
    assert _found([red, red, blue, red], [(5, 0, 25, 10), (0, 0, 15, 10)]) is None
    assert _found([red, blue, red, blue], [(5, 0, 15, 10), (25, 0, 35, 10)])
    assert _found([red, blue, red, blue], [(2, 0, 8, 5)], 2.0)


def test_a_panel_that_shows_something_only_far_below_its_top_is_not_blank():
    drawn = Image.new("RGB", (300, 400))
    assert developed(_bytes(drawn), [Piece(0, 400, [(0, 0, 300, 400)])], 1.0) is None
    # A part in two thousand is less than a letter.
    drawn.paste((255, 0, 0), (100, 300, 105, 310))
    assert developed(_bytes(drawn), [Piece(0, 400, [(0, 0, 300, 400)])], 1.0) is None
    drawn.paste((255, 0, 0), (100, 300, 110, 310))
    assert developed(_bytes(drawn), [Piece(0, 400, [(0, 0, 300, 400)])], 1.0)


def test_pieces_are_cut_where_they_are_in_the_window_and_a_blank_one_is_noticed():
    red, blue = (255, 0, 0), (0, 0, 255)
    drawn = Image.new("RGB", (100, 60), red)
    drawn.paste(blue, (50, 0, 100, 60))
    drawn.paste(red, (0, 40, 100, 60))

    upper, lower = developed(_bytes(drawn), [Piece(0, 10), Piece(10, 30)], 2.0) or []
    assert image(upper).size == (100, 20)
    assert image(lower).size == (100, 40)
    assert [image(lower).getpixel(place) for place in ((49, 19), (50, 19), (99, 20))] == [red, blue, red]
    assert developed(_bytes(drawn), [Piece(0, 20), Piece(20, 30)], 2.0) is None


def test_an_image_that_is_too_large_is_made_smaller_or_is_no_picture():
    noise = Image.frombytes("RGB", (100, 100), random.Random(1).randbytes(30_000))
    [small] = developed(_bytes(noise), [Piece(0, 100)], 1.0, limit_bytes=10_000) or []

    assert len(small) <= 10_000
    assert 40 < image(small).width < 70
    with pytest.raises(NoPicture) as caught:
        developed(_bytes(noise), [Piece(0, 100)], 1.0, limit_bytes=100)
    assert caught.value.reason == "too-large"


def test_a_window_taller_than_chromium_paints_is_scaled():
    assert painted_scale(16_000, 2.0) == 0.5
    assert painted_scale(8_000, 2.0) == 1.0


async def test_a_tall_picture_that_is_sharp_is_scaled_to_what_chromium_paints():
    async with studio(view=View(width=400, height=600, split_height=3000, scale=3.0)) as made:
        picture = await made.take(*(Panel(number, f"{number}", h=18) for number in range(1, 10)), columns=1)

    assert 1000 < image(picture.images[0]).width < 1190
