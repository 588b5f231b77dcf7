"""`python -m playground` as the demo's container starts it: beside a shop and a bot that are elsewhere."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from playground.process import Process, free_port, running


@asynccontextmanager
async def neighbours() -> AsyncIterator[tuple[str, list[tuple[str, str, dict]]]]:
    """A shop with one fault and a bot, both at one address; yields it and what they were told."""
    heard: list[tuple[str, str, dict]] = []

    async def faults(request: web.Request) -> web.Response:
        if request.method == "POST":
            heard.append((request.path, "", await request.json()))
        return web.json_response([{"name": "deploy", "on": False, "title": {"en": "Deploy", "ko": "배포"}}])

    async def deployed(request: web.Request) -> web.Response:
        heard.append((request.path, request.headers["Authorization"], await request.json()))
        return web.json_response({}, status=202)

    app = web.Application()
    app.router.add_route("*", "/shop/faults", faults)
    app.router.add_post("/webhooks/deploy", deployed)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", heard
    finally:
        await runner.cleanup()


@asynccontextmanager
async def playground(folder: Path, *options: str, **environment: str) -> AsyncIterator[tuple[str, Process]]:
    port = free_port()
    command = [sys.executable, "-m", "playground", "--host", "127.0.0.1", "--port", str(port), *options]
    async with running("playground", command, folder / "log", environment) as process:
        await process.ready(f"http://127.0.0.1:{port}/", 20)
        yield f"http://127.0.0.1:{port}", process


async def test_the_gateway_is_where_the_bot_has_found_us(tmp_path):
    async with playground(tmp_path) as (url, _), aiohttp.ClientSession() as session:
        headers = {"Authorization": "Bot playground-token", "Host": "playground:8300"}
        async with session.get(f"{url}/api/v10/gateway/bot", headers=headers) as response:
            told = await response.json()

    assert told["url"] == "ws://playground:8300/gateway"


async def test_a_deploy_in_the_page_reaches_the_bot_with_its_token(tmp_path):
    (tmp_path / "token").write_text("from-a-file\n", "utf-8")
    async with (
        neighbours() as (address, heard),
        playground(tmp_path, "--shop", address, "--bot", address, WEBHOOK_TOKEN_FILE=str(tmp_path / "token")) as (
            url,
            _,
        ),
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/page/ws") as socket,
    ):
        await socket.send_str(json.dumps({"type": "fault", "name": "deploy", "on": True}))
        for _ in range(200):
            if len(heard) == 2:
                break
            await asyncio.sleep(0.1)

    assert [path for path, _, _ in heard] == ["/shop/faults", "/webhooks/deploy"]
    assert heard[1][1] == "Bearer from-a-file"
    assert heard[1][2]["service"] == "api"
