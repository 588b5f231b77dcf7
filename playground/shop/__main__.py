"""`python -m playground.shop`: the shop, until a signal."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from playground.shop.export import TraceExporter
from playground.shop.faults import BY_NAME
from playground.shop.server import ShopServer


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM; print the ports when ready."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    shop = ShopServer(
        arguments.api_port,
        arguments.chat_port,
        arguments.log_dir,
        arguments.seed,
        loki_port=arguments.loki_port,
        tempo_port=arguments.tempo_port,
        host=arguments.host,
        exporter=TraceExporter(arguments.otlp) if arguments.otlp else None,
    )
    async with shop.running():
        for name in arguments.fault:
            shop.switch(name, on=True)
        ports = {name: door.port for name, door in shop.doors.items()}
        ports |= {"loki": shop.loki_port, "tempo": shop.tempo_port}
        print(" ".join(f"{name} {port}" for name, port in ports.items()), flush=True)
        await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m playground.shop", description="A shop that can be broken.")
    parser.add_argument("--host", default="127.0.0.1", help="all addresses of a container: 0.0.0.0")
    parser.add_argument("--otlp", default="", help="send traces to this collector, such as http://alloy:4318")
    parser.add_argument("--api-port", type=int, default=8080)
    parser.add_argument("--chat-port", type=int, default=8081)
    parser.add_argument("--loki-port", type=int, default=3100)
    parser.add_argument("--tempo-port", type=int, default=3200)
    parser.add_argument("--log-dir", type=Path, default=Path())
    parser.add_argument("--fault", action="append", default=[], choices=sorted(BY_NAME))
    parser.add_argument("--seed", type=int)
    try:
        asyncio.run(serve(parser.parse_args()))
    except OSError as error:
        sys.exit(f"the shop cannot start: {error.strerror or error}")
