"""Alerts as they are written down: thousands of them hold up nobody."""

from __future__ import annotations

import asyncio

from sqlalchemy.util.concurrency import greenlet_spawn

from bot.store.alerts import alerts_in, alerts_out
from tests.builders import make_alerts


async def test_thousands_of_alerts_are_written_and_read_while_the_event_loop_goes_on():
    alerts, turns = make_alerts(5000), 0

    async def turn():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    # As asyncpg's statements are run: on the event loop itself.
    written = await greenlet_spawn(alerts_out, alerts)
    after_writing = turns
    read = await greenlet_spawn(alerts_in, written)
    turning.cancel()

    assert read == tuple(alerts)
    assert min(after_writing, turns - after_writing) > 2
