"""Tells whether an image, or a part of it, shows anything at all."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

# Of a hundred pixels, how many must differ from the commonest colour for a picture to show something.
_LEAST_PER_CENT = 0.05


def is_blank(image: bytes) -> bool:
    """Tell whether an image is of one colour, or cannot be read; reads all of it, so call it in a thread."""
    # Loaded only when there is something to look at: most processes never see an image.
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(image)) as opened:
            return is_flat(opened)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return True


def is_flat(image: Image) -> bool:
    """Tell whether an image is of one colour, but for less than anything that is shown needs."""
    return all(_is_even(band.histogram()) for band in image.convert("RGB").split())


def _is_even(counts: list[int]) -> bool:
    total = sum(counts)
    return total - max(counts) < max(1, total * _LEAST_PER_CENT / 100)
