"""A small Grafana: what it tells of one dashboard, and a Prometheus behind its data source; no image renderer."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

TOKEN = "glsa_e2e"
_DASHBOARD: dict[str, Any] = {
    "uid": "api",
    "title": "API overview",
    "panels": [
        {
            "id": 4,
            "title": "Latency",
            "type": "timeseries",
            "datasource": {"type": "prometheus", "uid": "prom"},
            "targets": [{"refId": "A", "expr": 'latency{service="$service"}', "legendFormat": "{{service}}"}],
            "fieldConfig": {"defaults": {"unit": "s"}},
        }
    ],
    "templating": {"list": [{"name": "service", "type": "custom", "query": "api,chat", "current": {"value": "chat"}}]},
}


class Grafana:
    """What was asked of it, and where it listens."""

    def __init__(self) -> None:
        self.url = ""
        self.queries: list[str] = []

    async def search(self, _: web.Request) -> web.Response:
        found = {
            "uid": "api",
            "title": "API overview",
            "url": "/d/api/api-overview",
            "tags": ["slo"],
            "type": "dash-db",
        }
        return web.json_response([found])

    async def dashboard(self, _: web.Request) -> web.Response:
        return web.json_response({"dashboard": _DASHBOARD, "meta": {"slug": "api-overview"}})

    async def settings(self, _: web.Request) -> web.Response:
        return web.json_response({"rendererAvailable": False})

    async def query(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.queries.append(str(form["query"]))
        start, end, step = (float(str(form[name])) for name in ("start", "end", "step"))
        moments = [start + number * step for number in range(int((end - start) / step) + 1)]
        values = [[at, str(0.5 + 0.4 * math.sin(at / 200))] for at in moments]
        result = [{"metric": {"service": "api"}, "values": values}]
        return web.json_response({"status": "success", "data": {"resultType": "matrix", "result": result}})

    async def nothing(self, _: web.Request) -> web.Response:
        return web.json_response([])


@web.middleware
async def _signed_in(request: web.Request, handler: Any) -> web.StreamResponse:
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        return web.json_response({"message": "Unauthorized"}, status=401)
    return await handler(request)


@asynccontextmanager
async def running_grafana() -> AsyncIterator[Grafana]:
    grafana = Grafana()
    app = web.Application(middlewares=[_signed_in])
    app.add_routes(
        [
            web.get("/api/search", grafana.search),
            web.get("/api/dashboards/uid/api", grafana.dashboard),
            web.get("/api/frontend/settings", grafana.settings),
            web.post("/api/datasources/proxy/uid/prom/api/v1/query_range", grafana.query),
            web.route("*", "/{path:.*}", grafana.nothing),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        grafana.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield grafana
    finally:
        await runner.cleanup()
