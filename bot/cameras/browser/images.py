"""Cuts images out of what was captured, judges them, and gets them below the size that Discord takes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cameras.pixels import is_flat
from bot.errors import NoPicture

if TYPE_CHECKING:
    from PIL.Image import Image

LIMIT_BYTES = 10 * 1024 * 1024
# Chromium paints no surface larger than this in one piece.
LIMIT_PIXELS = 16_000
_LEAST_SCALE = 0.1

# How hard what is cut out of a window is compressed: as Chromium does, and if Discord would not take that.
_FAST, _SMALL = 3, 6
# So much larger than it may be an image becomes small enough by compressing it harder, and hardly if it is larger still.
_GAIN = 1.4

Box = tuple[float, float, float, float]
Area = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one image shows of a window: from where to where, and the boxes in the window in which text must be.

    Boxes are (left, top, right, bottom). All are CSS pixels.
    """

    top: float
    bottom: float
    boxes: Sequence[Box] = ()


def painted_scale(height: float, pixels: float) -> float:
    """Return the scale at which a window so high, in CSS pixels of which each has `pixels`, is painted in one piece."""
    return min(1.0, LIMIT_PIXELS / (height * pixels))


def developed(png: bytes, pieces: Sequence[Piece], pixels: float, limit_bytes: int = LIMIT_BYTES) -> list[bytes] | None:
    """Cut pieces out of a captured window, each no larger than so many bytes; None if one, or a box in it, is of one colour.

    Each CSS pixel has `pixels` in the image. Raises NoPicture.
    """
    from PIL import Image  # imported with the first picture: an idle bot does without

    with Image.open(io.BytesIO(png)) as image:
        image.load()
        areas = [_area(image, (0, piece.top, image.width / pixels, piece.bottom), pixels) for piece in pieces]
        if any(_blank(image, area, piece.boxes, pixels) for area, piece in zip(areas, pieces, strict=True)):
            return None
        if areas == [(0, 0, *image.size)] and len(png) <= limit_bytes:
            return [png]
        return [_fitted(image.crop(area), limit_bytes) for area in areas]


def _area(image: Image, box: Box, pixels: float) -> Area:
    left, top, right, bottom = (round(side * pixels) for side in box)
    return max(0, left), max(0, top), min(image.width, right), min(image.height, bottom)


def _blank(image: Image, area: Area, boxes: Sequence[Box], pixels: float) -> bool:
    parts = [_area(image, box, pixels) for box in boxes]
    inside = [part for part in parts if part[2] - part[0] > 1 and part[3] - part[1] > 1]
    return any(is_flat(image.crop(part)) for part in inside or [area])


def _fitted(image: Image, limit_bytes: int) -> bytes:
    png = _encoded(image, _FAST)
    if limit_bytes < len(png) < _GAIN * limit_bytes:
        png = _encoded(image, _SMALL)
    scale = 1.0
    while len(png) > limit_bytes:
        # Half the area or what is needed, whichever is less, so that this ends soon.
        scale *= min(0.7, (limit_bytes / len(png)) ** 0.5 * 0.95)
        if scale < _LEAST_SCALE:
            raise NoPicture("too-large")
        png = _encoded(image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale)))), _SMALL)
    return png


def _encoded(image: Image, level: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=level)
    return out.getvalue()


def joined(pngs: Sequence[bytes], tallest: int, limit_bytes: int = LIMIT_BYTES) -> list[bytes]:
    """Join images that follow one another, as long as the result is at most so many pixels tall and so many bytes large."""
    from PIL import Image  # as above

    groups: list[list[bytes]] = []
    height = 0
    for png in pngs:
        with Image.open(io.BytesIO(png)) as image:
            tall = image.height
        if groups and height + tall <= tallest and sum(map(len, [*groups[-1], png])) <= limit_bytes:
            groups[-1].append(png)
            height += tall
        else:
            groups.append([png])
            height = tall
    return [group[0] if len(group) == 1 else _one_of(group) for group in groups]


def _one_of(pngs: Sequence[bytes]) -> bytes:
    from PIL import Image

    images = [Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]
    whole = Image.new("RGB", (max(image.width for image in images), sum(image.height for image in images)))
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height
    return _encoded(whole, _FAST)
