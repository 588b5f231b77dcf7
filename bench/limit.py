"""`python -m bench.limit commit|forward PORT TARGET TOKEN FILE`: the least a program can do between a webhook and a message.

`commit`: receive, one commit that is on the disk, one POST: the limit for whatever loses nothing. `forward`: receive and POST,
as forwarders do, and answer when Discord has; what they had in hand when they die is lost.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
from aiohttp import web

_SESSION: web.AppKey[aiohttp.ClientSession] = web.AppKey("session")


def application(mode: str, target: str, token: str, file: str) -> web.Application:
    """Build the one route."""
    store = sqlite3.connect(file)
    store.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS inbox (body BLOB);"
    )

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        if mode == "commit":
            with store:
                store.execute("INSERT INTO inbox VALUES (?)", (body,))
        told: dict[str, Any] = json.loads(body)
        labels = told["alerts"][0]["labels"]
        message = {"content": f"{labels['alertname']} {labels['severity']} {labels['instance']}"}
        headers = {"Authorization": f"Bot {token}"}
        async with request.app[_SESSION].post(target, json=message, headers=headers) as response:
            await response.read()
        return web.Response(status=202)

    async def session(app: web.Application) -> AsyncGenerator[None]:
        async with aiohttp.ClientSession() as opened:
            app[_SESSION] = opened
            yield
        store.close()

    async def ready(_: web.Request) -> web.Response:
        return web.Response(text="ready")

    app = web.Application()
    app.cleanup_ctx.append(session)
    app.router.add_post("/", receive)
    app.router.add_get("/", ready)
    return app


if __name__ == "__main__":
    chosen, port, *rest = sys.argv[1:]
    web.run_app(application(chosen, *rest), host="127.0.0.1", port=int(port), access_log=None, print=None)
