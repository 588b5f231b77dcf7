"""Runs a process that draws: JSON goes in by stdin, PNGs come out by stdout; one that hangs can be killed.

matplotlib takes some 60 MiB and a second to load, which are given back when the picture is done.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import bot
from bot.errors import NoPicture

log = logging.getLogger(__name__)

_MOST_BYTES: Final = 10 * 1024 * 1024

Drawing = dict[str, Any]


_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


def each_of(images: bytes) -> tuple[bytes, ...]:
    """Return the PNGs that were written one after the other."""
    found: list[bytes] = []
    start = at = 0
    while images.startswith(_SIGNATURE, start):
        at = start + len(_SIGNATURE)
        name = b""
        while name != b"IEND" and at + 8 <= len(images):
            size, name = struct.unpack_from(">I4s", images, at)
            at += size + 12
        found.append(images[start:at])
        start = at
    return tuple(found)


class DrawingProcess:
    """Runs Python for each picture, with these arguments."""

    def __init__(self, *program: str) -> None:
        self._program = program
        # matplotlib keeps its list of fonts here, which takes seconds to make anew.
        self._cache: tempfile.TemporaryDirectory[str] | None = None

    async def draw(self, drawing: Drawing) -> bytes:
        """Draw. Raises NoPicture, and OSError where there is no folder to write into or no memory for another process."""
        self._cache = self._cache or tempfile.TemporaryDirectory(prefix="bongsu-charts-")
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG") or "COVERAGE" in name}
        root = str(Path(bot.__file__).parents[1])
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**kept, "PYTHONPATH": root, "MPLCONFIGDIR": self._cache.name, "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            image, words = await child.communicate(json.dumps(drawing).encode())
        finally:
            if child.returncode is None:
                child.kill()
                # Without this a killed child stays behind as a zombie.
                await asyncio.shield(child.wait())
        if child.returncode or not image:
            log.error("drawing failed: %s", words.decode("utf-8", "replace")[-2000:])
            raise NoPicture("ladder.chart-failed")
        if any(len(each) > _MOST_BYTES for each in each_of(image)):
            raise NoPicture("ladder.too-large")
        return image

    def close(self) -> None:
        """Remove what was kept between two pictures."""
        if self._cache:
            self._cache.cleanup()
            self._cache = None
