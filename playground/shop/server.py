"""The shop's two HTTP servers and its clockwork."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from playground.shop.faults import BY_NAME, FAULTS
from playground.shop.logs import ServiceLog
from playground.shop.metrics import ServiceMetrics
from playground.shop.model import Service, make_shop, tick

_STEP_S = 0.25


class Door:
    """The HTTP server of one service, which can be shut as if the process had died."""

    def __init__(self, service: Service, port: int) -> None:
        self.service = service
        self.port = port
        self.extra: list[web.RouteDef] = []
        self._registry = CollectorRegistry()
        self._registry.register(ServiceMetrics(service))
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_get("/actuator/prometheus", self._metrics)
        app.router.add_get("/actuator/health", self._health)
        app.router.add_routes(self.extra)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def shut(self) -> None:
        """Refuse connections, and end those that are open: Prometheus would go on over a kept one."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def follow(self) -> None:
        """Be open exactly while the service is up."""
        if self.service.up and self._runner is None:
            await self.open()
        elif not self.service.up:
            await self.shut()

    async def _metrics(self, request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self._registry), headers={"Content-Type": content_type})

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "UP"})


class ShopServer:
    """Both services, their faults, their logs."""

    def __init__(self, api_port: int, chat_port: int, log_folder: Path, seed: int | None = None) -> None:
        self._rng = random.Random(seed)
        self._shop = make_shop(time.time() - 86_400)
        self.on: set[str] = set()
        self.doors = {"api": Door(self._shop["api"], api_port), "chat": Door(self._shop["chat"], chat_port)}
        self._logs = {name: ServiceLog(service, log_folder, self._rng) for name, service in self._shop.items()}
        routes = [web.get("/shop/faults", self._faults), web.post("/shop/faults", self._switch)]
        self.doors["api"].extra = routes

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Serve and tick until the block ends."""
        for door in self.doors.values():
            await door.open()
        ticking = asyncio.create_task(self._tick_for_ever())
        try:
            yield
        finally:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)
            for door in self.doors.values():
                await door.shut()
            for log in self._logs.values():
                log.close()

    def switch(self, name: str, on: bool) -> None:
        """Switch a fault. Raises KeyError for one that does not exist."""
        fault = BY_NAME[name]
        (self.on.add if on else self.on.discard)(fault.name)
        if fault.name == "deploy":
            # Both the deploy and its rollback start a new process.
            self._shop["api"].restart(time.time())

    async def _tick_for_ever(self) -> None:
        while True:
            ended = tick(self._shop, self.on, _STEP_S, time.time(), self._rng)
            for name, requests in ended.items():
                self._logs[name].write(requests, "noise" in self.on)
            for door in self.doors.values():
                await door.follow()
            await asyncio.sleep(_STEP_S)

    async def _faults(self, _: web.Request) -> web.Response:
        return web.json_response([fault.shown(fault.name in self.on) for fault in FAULTS])

    async def _switch(self, request: web.Request) -> web.Response:
        wanted: dict[str, Any] = await request.json()
        if wanted.get("name") not in BY_NAME:
            return web.json_response({"error": f"there is no fault {wanted.get('name')}"}, status=404)
        self.switch(wanted["name"], bool(wanted.get("on")))
        return await self._faults(request)
