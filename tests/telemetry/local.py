"""A server of our own that answers whatever a test tells it to, on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.skipping import skip

FIXTURES = Path(__file__).parents[1] / "fixtures"


@dataclass
class Answer:
    """What it answers to one path."""

    body: Any = None
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    late_s: float = 0


@dataclass
class LocalServer:
    """Answers by `METHOD /path`, and remembers what it was asked."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    def on(self, line: str, body: Any = None, status: int = 200, **more: Any) -> None:
        self.answers[line] = Answer(body, status, **more)

    def on_query(self, line: str, name: str, bodies: dict[str, Any]) -> None:
        """Answer by the value of one parameter."""
        for value, body in bodies.items():
            self.answers[f"{line}?{name}={value}"] = Answer(body)

    def play(self, recording: str, line: str = "") -> Any:
        """Answer as the recorded server did, on its own path or on `line`; return what it said."""
        exchange = json.loads((FIXTURES / f"{recording}.json").read_text("utf-8"))
        request, response = exchange["request"], exchange["response"]
        kind = response["headers"].get("content-type", "text/plain").partition(";")[0]
        body = json.dumps(response["body"]) if kind == "application/json" else response["body"]
        self.on(line or f"{request['method']} {request['path']}", body, response["status"], content_type=kind)
        return response["body"]

    async def handle(self, request: web.Request) -> web.Response:
        line = f"{request.method} {request.path}"
        raw = await request.text()
        self.asked.append((line, dict(request.headers), raw))
        by_query = (self.answers.get(f"{line}?{name}={value}") for name, value in request.query.items())
        answer = next(filter(None, by_query), None) or self.answers.get(line, Answer({"message": "not found"}, 404))
        await asyncio.sleep(answer.late_s)
        if answer.hang:
            skip(3600)
            await asyncio.Event().wait()
        if isinstance(answer.body, (bytes, str)):
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            return web.Response(
                body=body, status=answer.status, content_type=answer.content_type, headers=answer.headers
            )
        return web.json_response(answer.body, status=answer.status, headers=answer.headers)


@asynccontextmanager
async def local_server() -> AsyncIterator[LocalServer]:
    server = LocalServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()
