"""Sends a test alert from end to end: into the alert source, through the webhook, onto Discord; and ends it."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from bot.doctor.drills import Drill, DrillGround
from bot.errors import SourceError
from bot.ports import Clock
from bot.telemetry.http import JsonClient
from bot.telemetry.shapes import obj

log = logging.getLogger(__name__)

_POLL_S = 0.5
_END_S = 5.0
# Longer than anybody waits for it, so that it is over soon even if this program is killed.
_LONGER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far a test alert came (`unknown`, `rejected`, `received`, `applied`, `shown`), in how many seconds."""

    state: str
    seconds: float
    receivers: Sequence[str] = field(default_factory=tuple[str, ...])


async def drill(
    ground: DrillGround, state: Callable[[str], Awaitable[str]], *, clock: Clock, summary: str, wait_s: float
) -> Outcome:
    """Send a test alert and wait until its card is on Discord, or the time is over; it is ended in any case.

    Raises SourceError if the alert source does not take it, or if Bongsu does not answer.
    """
    begun, at = time.monotonic(), clock()
    alert = Drill(secrets.token_hex(8), summary, at, at + timedelta(seconds=wait_s) + _LONGER)
    try:
        await ground.begin(alert)
        found = await _followed(alert, state, wait_s)
        receivers = await ground.whereabouts(alert) if found == "unknown" else ()
        return Outcome(found, time.monotonic() - begun, receivers)
    finally:
        try:
            async with asyncio.timeout(_END_S):
                await ground.end(alert, clock())
        except (SourceError, TimeoutError) as error:
            log.warning("the test alert could not be ended, it ends by itself: %s", error)


async def _followed(alert: Drill, state: Callable[[str], Awaitable[str]], wait_s: float) -> str:
    found = "unknown"
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            while True:
                found = await state(alert.marker)
                if found in ("shown", "rejected"):
                    break
                await asyncio.sleep(_POLL_S)
    return found


def asking(bongsu: JsonClient) -> Callable[[str], Awaitable[str]]:
    """Return how Bongsu is asked what it has seen of a marker. Raises SourceError when called."""

    async def state(marker: str) -> str:
        return str(obj(await bongsu.get(f"seen/{marker}")).get("state", "unknown"))

    return state
