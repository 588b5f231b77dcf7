"""Lines that are cut out of a captured window show what they showed there, whatever line was before them."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageDraw

from bot.cameras.browser.images import Piece, developed
from bot.cameras.browser.png_lines import PngLines


def _drawn(mode: str) -> Image.Image:
    """Return what has noise, slopes and plain areas, so that an encoder filters its lines in different ways."""
    drawn = Image.new(mode, (120, 90))
    drawn.paste(Image.linear_gradient("L").resize((120, 30)).convert(mode), (0, 0))
    drawn.paste(Image.frombytes("RGB", (120, 30), random.Random(3).randbytes(10_800)).convert(mode), (0, 30))
    ImageDraw.Draw(drawn).line((0, 60, 120, 90), fill=200)
    return drawn


def _png(drawn: Image.Image) -> bytes:
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_pieces_show_what_the_window_showed_in_those_lines(mode):
    drawn = _drawn(mode)
    pieces = [Piece(0, 31), Piece(31, 59), Piece(59, 90)]

    images = developed(_png(drawn), pieces, 1.0) or []

    for piece, png in zip(pieces, images, strict=True):
        shown = Image.open(io.BytesIO(png))
        shown.load()
        cut = drawn.crop((0, int(piece.top), 120, int(piece.bottom)))
        assert shown.convert("RGBA").tobytes() == cut.convert("RGBA").tobytes()


@pytest.mark.parametrize(("mode", "known"), [("RGB", True), ("RGBA", True), ("L", False), ("P", False)])
def test_lines_are_cut_of_what_a_browser_captures_and_of_nothing_else(mode, known):
    png = _png(_drawn(mode))

    with Image.open(io.BytesIO(png)) as opened:
        opened.load()
        lines = PngLines.of(png, opened)

    assert (lines is not None) is known
