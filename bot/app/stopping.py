"""Bounds stopping: whatever hangs meanwhile, the process ends before its supervisor would kill it."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import sys
import threading
from typing import Final

log = logging.getLogger(__name__)

# Docker kills after ten. Nothing is lost by an end in the middle: alerts and messages are on disk before they are done.
WITHIN_S: Final = 8.0


def end_within(seconds: float = WITHIN_S) -> threading.Timer:
    """End this process after so many seconds, if it has not ended by itself by then, and nobody cancels that.

    Not a task of the loop: names that nobody resolves are waited for in threads, which a loop that ends waits for in turn.
    """
    timer = threading.Timer(seconds, _end, (seconds,))
    timer.daemon = True
    timer.start()
    return timer


def stop_by_signal(stop: asyncio.Event) -> None:
    """Set an event and let the time run."""
    stop.set()
    end_within()


def _end(seconds: float) -> None:
    log.warning("not ended within %.0f s after the signal, ending now; what still ran:", seconds)
    faulthandler.dump_traceback(file=sys.stderr)
    logging.shutdown()
    os._exit(0)
