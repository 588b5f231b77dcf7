"""Sets up memory and threads of a process once, so that a large webhook neither holds it up nor makes it large."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

# glibc, mallopt(3): from this size on, memory goes back to the system when it is freed.
_M_MMAP_THRESHOLD: Final = -3
_RETURNED_BYTES: Final = 128 * 1024
_TURN_S: Final = 0.001


@contextmanager
def loading() -> Generator[None]:
    """Search for no garbage until the block ends, nor later in what it made: modules stay, and each look takes a tenth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def settle() -> None:
    """Leave what was loaded out of the search for garbage, have large memory given back, and threads take turns sooner."""
    # By itself glibc keeps pieces as large as the largest that was ever freed: bodies of megabytes. Others lack the call.
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _RETURNED_BYTES)
    # What was loaded to start stays until the end. Looking through all of it, which a large webhook makes Python do,
    # would hold the loop for 100 ms.
    gc.collect()
    gc.freeze()
    # For each thread that is at work the loop waits so long, several times for one answer; Python's own 5 ms add up to 50.
    sys.setswitchinterval(_TURN_S)
