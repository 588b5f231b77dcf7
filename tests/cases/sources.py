"""A real Alertmanager whose data lie in a folder of a test, and the web server that has its messages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from playground.monitors import alertmanager_config
from playground.process import find_binary, running

Bodies = asyncio.Queue[dict[str, Any]]


@asynccontextmanager
async def alertmanager(folder: Path, port: int, webhook: str, token: str = "token", **more: Any) -> AsyncIterator[str]:
    """Run it; `more` are parts of its configuration besides the usual ones. The address is given."""
    folder.mkdir()
    config = folder / "alertmanager.yml"
    config.write_text(json.dumps(alertmanager_config(webhook, token) | more), "utf-8")
    address = f"http://127.0.0.1:{port}"
    command = [
        find_binary("prometheus-alertmanager", "alertmanager"),
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        f"--web.external-url={address}",
    ]
    async with running("alertmanager", command, folder / "log") as process:
        await process.ready(f"{address}/-/ready", 30)
        yield address


@asynccontextmanager
async def hook() -> AsyncIterator[tuple[str, Bodies]]:
    """Take messages; their address and what came are given."""
    bodies = Bodies()

    async def take(request: web.Request) -> web.Response:
        await bodies.put(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", bodies
    finally:
        await runner.cleanup()


def burning(name: str, **labels: str) -> dict[str, Any]:
    """Write an alert that has fired for twenty minutes."""
    told = {"alertname": name, "severity": "critical", "service": "core", "instance": "c-1"} | labels
    return {"labels": told, "startsAt": (datetime.now(UTC) - timedelta(minutes=20)).isoformat()}


async def send(session: aiohttp.ClientSession, address: str, *alerts: dict[str, Any]) -> None:
    """Tell an Alertmanager what fires."""
    async with session.post(f"{address}/api/v2/alerts", json=list(alerts)) as response:
        assert response.status == 200, await response.text()
