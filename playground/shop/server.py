"""The shop's HTTP servers, where its logs and traces are kept, and its clockwork."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from playground.shop.clockwork import tick
from playground.shop.export import TraceExporter
from playground.shop.faults import BY_NAME, FAULTS
from playground.shop.logbook import LogBook
from playground.shop.logs import AccessLog, Journal, ServiceLog
from playground.shop.loki import LokiApi
from playground.shop.metrics import ServiceMetrics
from playground.shop.model import ServiceStep, ShopService, make_shop
from playground.shop.node import NodeMetrics
from playground.shop.spans import ShopSpan, sampled, spans_of, spans_without_service
from playground.shop.tempo import TempoApi
from playground.shop.tracebook import TraceBook

_STEP_S = 0.25
_DAY_S = 86_400


class Door:
    """The HTTP server of one service, which can be shut as if the process had died."""

    def __init__(self, service: ShopService, host: str, port: int, extra: Sequence[web.RouteDef] = ()) -> None:
        self.service = service
        self.host, self.port = host, port
        self._extra = extra
        self._registry = CollectorRegistry()
        self._registry.register(ServiceMetrics(service))
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen. Raises OSError if somebody else does on this port."""
        app = web.Application()
        app.router.add_get("/actuator/prometheus", self._metrics)
        app.router.add_get("/actuator/health", self._health)
        app.router.add_routes(self._extra)
        self._runner = await _listen(app, self.host, self.port)
        self.port = self._runner.addresses[0][1]

    async def shut(self) -> None:
        """Refuse connections, and end those that are open: Prometheus would go on over a kept one."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def follow(self) -> None:
        """Be open exactly while the service is up."""
        if self.service.up and self._runner is None:
            # While it was down, somebody's outgoing connection may have taken the port; the next step tries again.
            with suppress(OSError):
                await self.open()
        elif not self.service.up:
            await self.shut()

    async def _metrics(self, request: web.Request) -> web.Response:
        return _exposed(self._registry, request)

    async def _health(self, _: web.Request) -> web.Response:
        healthy = self.service.disk_free > 0.1
        return web.json_response({"status": "UP" if healthy else "DOWN"}, status=200 if healthy else 503)


class ShopServer:
    """Both services, their faults, and what tells of them: logs, traces, the host they run on."""

    def __init__(
        self,
        api_port: int,
        chat_port: int,
        log_folder: Path,
        seed: int | None = None,
        *,
        loki_port: int = 0,
        tempo_port: int = 0,
        host: str = "127.0.0.1",
        exporter: TraceExporter | None = None,
    ) -> None:
        self._host, self._exporter = host, exporter
        self.loki_port, self.tempo_port = loki_port, tempo_port
        self._log_book, self._trace_book = LogBook(), TraceBook()
        self._rng = random.Random(seed)
        self._shop = make_shop(time.time() - _DAY_S)
        self._log_folder = log_folder
        self.on: set[str] = set()
        self._node = CollectorRegistry()
        self._node.register(NodeMetrics(self._shop))
        routes = [
            web.get("/shop/faults", self._faults),
            web.post("/shop/faults", self._switch),
            web.get("/metrics", self._node_metrics),
        ]
        self.doors = {
            "api": Door(self._shop["api"], host, api_port, routes),
            "chat": Door(self._shop["chat"], host, chat_port),
        }

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Serve and tick until the block ends. Raises OSError if a port is taken."""
        async with AsyncExitStack() as stack:
            journals = {name: Journal(self._log_folder / f"{name}.log") for name in (*self._shop, "access")}
            for journal in journals.values():
                stack.callback(journal.close)
            for door in self.doors.values():
                await door.open()
                stack.push_async_callback(door.shut)
            loki = await _listen(LokiApi(self._log_book).application(), self._host, self.loki_port)
            stack.push_async_callback(loki.cleanup)
            tempo = await _listen(TempoApi(self._trace_book).application(), self._host, self.tempo_port)
            stack.push_async_callback(tempo.cleanup)
            self.loki_port, self.tempo_port = loki.addresses[0][1], tempo.addresses[0][1]
            # A task group, because a clock that stopped unnoticed would look like a shop without a fault.
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._tick_for_ever(journals))]
                if self._exporter:
                    tasks.append(group.create_task(self._exporter.run()))
                try:
                    yield
                finally:
                    for task in tasks:
                        task.cancel()

    def switch(self, name: str, on: bool) -> None:
        """Switch a fault. Raises KeyError for one that does not exist."""
        fault = BY_NAME[name]
        (self.on.add if on else self.on.discard)(fault.name)

    async def _tick_for_ever(self, journals: dict[str, Journal]) -> None:
        # Their own dice, so that writing more or less does not change what happens next.
        dice = random.Random(self._rng.random())
        access = AccessLog(journals["access"], dice, self._log_book)
        logs = {name: ServiceLog(service, journals[name], dice, self._log_book) for name, service in self._shop.items()}
        before = time.monotonic() - _STEP_S
        while True:
            now, at = time.monotonic(), time.time()
            # On a busy machine a step may come late, and then stands for more time; not for an hour's sleep, though.
            steps = tick(self._shop, self.on, min(now - before, 4 * _STEP_S), at, self._rng)
            before = now
            for name, log in logs.items():
                log.write(steps[name], at)
            access.write(steps)
            self._trace(steps, dice)
            for door in self.doors.values():
                await door.follow()
            await asyncio.sleep(_STEP_S)

    def _trace(self, steps: dict[str, ServiceStep], dice: random.Random) -> None:
        """Keep the spans of what came from outside; what that called is part of its trace."""
        for name, step in steps.items():
            for request in filter(sampled, step.requests):
                if not request.parent_id:
                    self._keep(spans_of(self._shop, name, request, dice))
            for request in filter(sampled, step.turned_away):
                self._keep(spans_without_service(name, request, dice))

    def _keep(self, spans: Sequence[ShopSpan]) -> None:
        self._trace_book.add(spans)
        if self._exporter:
            self._exporter.add(spans)

    async def _node_metrics(self, request: web.Request) -> web.Response:
        return _exposed(self._node, request)

    async def _faults(self, _: web.Request) -> web.Response:
        return web.json_response([fault.shown(fault.name in self.on) for fault in FAULTS])

    async def _switch(self, request: web.Request) -> web.Response:
        try:
            wanted: Any = json.loads(await request.text())
        except ValueError:
            return web.json_response({"error": "the body is not JSON"}, status=400)
        name, on = (wanted.get("name"), wanted.get("on")) if isinstance(wanted, dict) else (None, None)
        if isinstance(name, str) and name not in BY_NAME:
            return web.json_response({"error": f"there is no fault {name}"}, status=404)
        if not isinstance(name, str) or not isinstance(on, bool):
            return web.json_response({"error": 'the body must be like {"name": "pool", "on": true}'}, status=400)
        self.switch(name, on)
        return await self._faults(request)


def _exposed(registry: CollectorRegistry, request: web.Request) -> web.Response:
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return web.Response(body=encode(registry), headers={"Content-Type": content_type})


async def _listen(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Serve. Raises OSError if somebody else does on this port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner
