#!/usr/bin/env bash
# discord.py 2.7.1 (PyPI): an acknowledgement that arrives at once is held against the heartbeat before it, so that latency is the heartbeat's interval.
# Expected: a latency of milliseconds; 41 s on a connection that is well is also logged as "websocket is 41.3s behind".
# Seen: the thread notes when it sent a heartbeat only after the loop told it so; here the acknowledgement is read before that, as from a gateway on the same machine.
. "$(dirname "$0")/lib.sh"
python discord.py==2.7.1 <<'PROGRAM'
import asyncio
import logging
import time
from types import SimpleNamespace

from discord import gateway

logging.disable()
INTERVAL = 2.0


async def main() -> None:
    loop = asyncio.get_running_loop()
    heart = None
    sent = 0

    async def send_heartbeat(payload: object) -> None:
        """The gateway acknowledges while the thread that asked for it still waits to be told."""
        nonlocal sent
        sent += 1
        heart.ack()

    socket = SimpleNamespace(
        thread_id=0, sequence=None, _max_heartbeat_timeout=60.0, send_heartbeat=send_heartbeat, latency=None,
        HEARTBEAT=1, loop=loop,
    )
    heart = gateway.KeepAliveHandler(ws=socket, interval=INTERVAL, shard_id=None)
    heart.start()
    while sent < 2:
        await asyncio.sleep(0.05)
    print("latency is an interval:", 0.5 * INTERVAL < heart.latency < 2 * INTERVAL)
    heart.stop()


asyncio.run(main())
PROGRAM
seen "latency is an interval: True"
