"""Recorded exchanges with real servers, for comparing what the shop's stand-ins answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

FIXTURES = Path(__file__).parents[1] / "fixtures"


@dataclass
class Reply:
    """What a server answered; `body` is parsed if it is JSON."""

    status: int
    kind: str
    body: Any


@dataclass
class Api:
    """A server of ours, running."""

    url: str
    session: aiohttp.ClientSession

    async def get(self, path: str, **query: Any) -> Reply:
        wanted = {name: str(value) for name, value in query.items()}
        async with self.session.get(f"{self.url}{path}", params=wanted) as response:
            body = await response.text()
            kind = response.headers["Content-Type"]
            return Reply(response.status, kind, json.loads(body) if "json" in kind else body)

    async def replay(self, name: str) -> tuple[Reply, Reply]:
        """Ask as somebody asked the real server; return our answer and its."""
        exchange = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
        request, response = exchange["request"], exchange["response"]
        ours = await self.get(request["path"], **request["query"])
        return ours, Reply(response["status"], response["headers"]["content-type"], response["body"])


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[Api]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with aiohttp.ClientSession() as session:
            yield Api(f"http://127.0.0.1:{runner.addresses[0][1]}", session)
    finally:
        await runner.cleanup()


def differences(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Tell where our answer has a key or a type that the real one has not; of lists, the first elements count."""
    if type(ours) is not type(theirs):
        return [f"{path}: {type(ours).__name__} instead of {type(theirs).__name__}"]
    if isinstance(ours, list):
        return differences(ours[0], theirs[0], f"{path}[]") if ours and theirs else []
    if isinstance(ours, dict):
        unknown = [f"{path}.{key} is not there" for key in ours if key not in theirs]
        shared = [
            line for key in ours if key in theirs for line in differences(ours[key], theirs[key], f"{path}.{key}")
        ]
        return unknown + shared
    return []
