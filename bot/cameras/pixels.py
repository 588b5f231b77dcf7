"""Tells whether an image, or a part of it, shows anything at all."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

# Of a hundred pixels, how many must differ from the commonest colour for a picture to show something.
_LEAST_PER_CENT = 0.05
_TITLE = 40


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
    needed = max(1.0, image.width * image.height * _LEAST_PER_CENT / 100)
    # What differs in a part of it differs in the whole: a title at the top usually is enough, and soon counted.
    top = image.crop((0, 0, image.width, min(image.height, _TITLE)))
    return not any(_differing(each) >= needed for each in (top, image))


def _differing(image: Image) -> int:
    """Count the pixels that are not of the commonest shade, by the colour in which these are most."""
    histograms = [band.histogram() for band in image.convert("RGB").split()]
    return max(sum(counts) - max(counts) for counts in histograms)
