"""`python -m playground`: Discord and its page on this machine, until a signal."""

from __future__ import annotations

import argparse
import asyncio
import signal

from playground.server import TOKEN, Playground


async def serve(port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Playground.open(port=port) as playground:
        print(f"{playground.url}/  (bot token: {TOKEN})", flush=True)
        await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m playground", description="Discord on localhost.")
    parser.add_argument("--port", type=int, default=8300)
    asyncio.run(serve(parser.parse_args().port))
