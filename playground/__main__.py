"""`python -m playground`: Discord and its page on this machine or in a container, until a signal."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from pathlib import Path

from playground.pipeline import Pipeline
from playground.server import TOKEN, Playground


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    shop = Pipeline(arguments.shop) if arguments.shop else None
    if shop and arguments.bot:
        shop.report_to(arguments.bot, _webhook_token())
    async with Playground.open(host=arguments.host, port=arguments.port, shop=shop) as playground:
        print(f"{playground.url}/  (bot token: {TOKEN})", flush=True)
        await stop.wait()


def _webhook_token() -> str:
    """Return what the bot asks of who posts to it, from the environment or the file it names."""
    file = os.environ.get("WEBHOOK_TOKEN_FILE")
    return Path(file).read_text("utf-8").strip() if file else os.environ.get("WEBHOOK_TOKEN", "")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m playground", description="Discord on localhost.")
    parser.add_argument("--host", default="127.0.0.1", help="all addresses of a container: 0.0.0.0")
    parser.add_argument("--port", type=int, default=8300)
    parser.add_argument("--shop", default="", help="the shop whose faults the page shows, such as http://shop:8080")
    parser.add_argument("--bot", default="", help="the bot to be told of the shop's deploys, such as http://bot:8085")
    asyncio.run(serve(parser.parse_args()))
