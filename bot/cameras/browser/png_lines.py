"""Cuts whole lines out of a PNG without drawing it anew: only the first of them depended on the line before (PNG, 9.2)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">IIBBBBB")
# Bytes of a pixel by its kind: RGB, and RGB with alpha; of other kinds nothing is cut.
_BYTES = {(8, 2, 0): 3, (8, 6, 0): 4}
_UNFILTERED = b"\0"
_LEVEL = 3


@dataclass(frozen=True, slots=True)
class PngLines:
    """The lines of a PNG as they are stored, and the image that it shows."""

    image: Image
    kind: tuple[int, int, int]
    data: memoryview

    @classmethod
    def of(cls, png: bytes, image: Image) -> PngLines | None:
        """Read them; None if it is of a kind of which nothing is cut."""
        chunks = list(_chunks(png))
        header = next((body for name, body in chunks if name == b"IHDR"), b"")
        _, _, depth, colour, _, _, interlaced = _HEADER.unpack(header)
        kind = (depth, colour, interlaced)
        if _BYTES.get(kind) != len(image.getbands()):
            return None
        return cls(image, kind, memoryview(zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))))

    def cut(self, top: int, bottom: int) -> bytes:
        """Return a PNG of the lines from `top` to before `bottom`."""
        depth, colour, interlaced = self.kind
        width = self.image.width
        line = 1 + width * _BYTES[self.kind]
        first = self.image.crop((0, top, width, top + 1)).tobytes()
        stored = b"".join((_UNFILTERED, first, self.data[(top + 1) * line : bottom * line]))
        header = _HEADER.pack(width, bottom - top, depth, colour, 0, 0, interlaced)
        parts = ((b"IHDR", header), (b"IDAT", zlib.compress(stored, _LEVEL)), (b"IEND", b""))
        return _SIGNATURE + b"".join(_chunk(*each) for each in parts)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at + 8 <= len(png):
        size, name = struct.unpack_from(">I4s", png, at)
        yield name, png[at + 8 : at + 8 + size]
        at += size + 12


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
