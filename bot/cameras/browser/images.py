"""Judges PNG images, and gets them below the size that Discord takes."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Sequence

from bot.cameras.pixels import is_flat
from bot.errors import NoPicture

LIMIT_BYTES = 10 * 1024 * 1024
# Chromium paints no surface larger than this in one piece.
LIMIT_PIXELS = 16_000
_LEAST_SCALE = 0.1

Box = tuple[float, float, float, float]
Capture = Callable[[float, bool], Awaitable[bytes]]


def blank(png: bytes, boxes: Sequence[Box], pixels: float) -> bool:
    """Say whether an image, or one of the boxes in it where text must be, is of one colour.

    Boxes are (left, top, right, bottom) in CSS pixels of which each has `pixels` in the image.
    """
    from PIL import Image  # imported with the first picture: an idle bot does without

    with Image.open(io.BytesIO(png)) as image:
        image.load()
        width, height = image.size
        parts = [
            (max(0, round(left * pixels)), max(0, round(top * pixels)),
             min(width, round(right * pixels)), min(height, round(bottom * pixels)))
            for left, top, right, bottom in boxes
        ]  # fmt: skip
        inside = [part for part in parts if part[2] - part[0] > 1 and part[3] - part[1] > 1]
        return any(is_flat(image.crop(part)) for part in inside or [(0, 0, width, height)])


async def fitted(capture: Capture, height: float, pixels: float, limit_bytes: int = LIMIT_BYTES) -> tuple[bytes, float]:
    """Capture at a scale that fits: at most LIMIT_PIXELS high (`height` is CSS pixels) and `limit_bytes` large.

    Returns the image and the scale that it was captured at. Raises NoPicture.
    """
    scale = min(1.0, LIMIT_PIXELS / (height * pixels))
    png = await capture(scale, False)
    if len(png) > limit_bytes:
        png = await capture(scale, True)
    while len(png) > limit_bytes:
        # Half the area or what is needed, whichever is less, so that this ends soon.
        scale *= min(0.7, (limit_bytes / len(png)) ** 0.5 * 0.95)
        if scale < _LEAST_SCALE:
            raise NoPicture("too-large")
        png = await capture(scale, True)
    return png, scale


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
    out = io.BytesIO()
    whole.save(out, "PNG", compress_level=6)
    return out.getvalue()
