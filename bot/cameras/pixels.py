"""Whether an image shows anything at all."""

from __future__ import annotations

import io

# Of a hundred pixels, how many must differ from the commonest colour for a picture to show something.
_LEAST_PER_CENT = 0.05


def is_blank(image: bytes) -> bool:
    """Tell whether an image is of one colour, or cannot be read; reads all of it, so call it in a thread."""
    # Loaded only when there is something to look at: most processes never see an image.
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(image)) as opened:
            grey = opened.convert("L")
            counts = grey.histogram()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return True
    total = sum(counts)
    return total - max(counts) < max(1, total * _LEAST_PER_CENT / 100)
