"""A way to a server that is ours to spoil: hanging, dripping, another one's page; and somebody is told of each request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

_PAGE = "<!doctype html><title>Sign in</title><h1>Welcome</h1><p>This is no JSON.</p>"
_OF_THE_HOP = {"connection", "transfer-encoding", "content-encoding", "content-length", "host"}
MODES = ("hang", "html", "drip", "reset", "reset after")


class Gate:
    """Passes requests on to `target`, while `mode` is empty."""

    def __init__(self, target: str, session: aiohttp.ClientSession, passing: Callable[[str], None]) -> None:
        self.url = ""
        self.mode = ""
        self._target = target.rstrip("/")
        self._session = session
        self._passing = passing

    @classmethod
    @asynccontextmanager
    async def open(cls, target: str, passing: Callable[[str], None] = lambda _: None) -> AsyncIterator[Gate]:
        """Serve on a free port; `passing` hears of each request before it is passed on, and again (`done …`) before its answer."""
        async with aiohttp.ClientSession(auto_decompress=True) as session:
            gate = cls(target, session, passing)
            app = web.Application(client_max_size=64 * 1024 * 1024)
            app.router.add_route("*", "/{path:.*}", gate._handle)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                gate.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
                yield gate
            finally:
                await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        line = f"{request.method} {request.path}"
        mode = self.mode
        if mode == "hang":
            await asyncio.sleep(3600)
        if mode == "html":
            return web.Response(text=_PAGE, content_type="text/html")
        if mode == "reset":
            return self._cut(request)
        self._passing(line)
        status, headers, body = await self._pass(request)
        self._passing(f"done {line}")
        if mode == "reset after":
            return self._cut(request)
        if mode == "drip":
            return await self._drip(request, status, headers, body)
        return web.Response(status=status, headers=headers, body=body)

    async def _pass(self, request: web.Request) -> tuple[int, dict[str, str], bytes]:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_THE_HOP}
        address = f"{self._target}{request.raw_path}"
        try:
            async with self._session.request(
                request.method, address, headers=headers, data=await request.read(), allow_redirects=False
            ) as response:
                kept = {name: value for name, value in response.headers.items() if name.lower() not in _OF_THE_HOP}
                return response.status, kept, await response.read()
        except aiohttp.ClientError:
            return 502, {}, b""

    async def _drip(self, request: web.Request, status: int, headers: dict[str, str], body: bytes) -> Any:
        answer = web.StreamResponse(status=status, headers=headers)
        await answer.prepare(request)
        for byte in body:
            await answer.write(bytes([byte]))
            await asyncio.sleep(0.5)
        return answer

    def _cut(self, request: web.Request) -> web.Response:
        if request.transport:
            request.transport.close()
        return web.Response(status=500)
