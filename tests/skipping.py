"""Lets the clock of a running loop jump, so that what has a deadline meets it at once and no test has to be quick."""

from __future__ import annotations

import asyncio


def skip(seconds: float) -> None:
    """Let so many seconds have passed for whatever waits in the running loop."""
    loop = asyncio.get_running_loop()
    usual = loop.time
    setattr(loop, "time", lambda: usual() + seconds)  # noqa: B010 - a method is no attribute that may be assigned
