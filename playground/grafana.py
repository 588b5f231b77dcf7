"""A small stand-in for Grafana: this repository's own dashboards, and the demo's Prometheus behind their data source.

It answers what Bongsu asks of a Grafana without an image renderer, and draws no page: whoever opens a dashboard is told
so. Bongsu then draws the panels itself, as it does wherever no browser can.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

TOKEN = "glsa_demo"  # noqa: S105 - it opens nothing but this
_DASHBOARDS = Path(__file__).parents[1] / "config" / "grafana" / "dashboards"
# Those that the shop has numbers for.
_SHOWN = ("overview", "http-red")
# What the demo's Prometheus never scrapes; it has no Loki behind a data source either.
_UNFED = re.compile(r"\bprobe_|\bbongsu_|\"uid\": \"loki\"")
# As wide as a dashboard of Grafana is.
_COLUMNS = 24
_DEADLINE = aiohttp.ClientTimeout(total=10)
_PAGE = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<body style="font: 16px/1.5 sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em">
<h1>{title}</h1><p>The demo has no Grafana. This page stands in for it: Bongsu reads the dashboard here and draws its panels
from the shop's Prometheus. Type <code>/dashboard</code> on Discord to see them.</p>
<p lang="ko">데모에는 Grafana가 없습니다. 이 페이지가 Grafana를 대신하며, Bongsu는 여기서 대시보드를 읽고 상점의 Prometheus 값으로
패널을 그립니다. Discord에서 <code>/dashboard</code>를 입력하면 볼 수 있습니다.</p>"""


@dataclass
class DemoGrafana:
    """Where it listens, and the annotations that were written to it."""

    prometheus_url: str
    url: str = ""
    annotations: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @classmethod
    @asynccontextmanager
    async def open(cls, prometheus_url: str) -> AsyncGenerator[DemoGrafana]:
        """Serve on loopback until the block ends."""
        async with aiohttp.ClientSession(timeout=_DEADLINE) as session:
            served = cls(prometheus_url.rstrip("/"))
            app = web.Application(middlewares=[_signed_in])
            app.add_routes(_Routes(served, session).table())
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                served.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
                yield served
            finally:
                await runner.cleanup()


def fed(dashboard: dict[str, Any]) -> dict[str, Any]:
    """Leave out panels that the demo has no numbers for: of probes, of logs, of Bongsu itself; the rest fill their rows."""
    panels = [panel for panel in dashboard["panels"] if not _UNFED.search(json.dumps(panel))]
    rows: dict[int, list[dict[str, Any]]] = {}
    for panel in panels:
        rows.setdefault(panel["gridPos"]["y"], []).append(panel)
    for row in rows.values():
        width = _COLUMNS // len(row)
        for place, panel in enumerate(row):
            panel["gridPos"] |= {"x": place * width, "w": width}
    return {**dashboard, "panels": panels}


class _Routes:
    def __init__(self, served: DemoGrafana, session: aiohttp.ClientSession) -> None:
        self._served, self._session = served, session
        self._dashboards: Mapping[str, dict[str, Any]] = {
            name: fed(json.loads((_DASHBOARDS / f"{name}.json").read_text("utf-8"))) for name in _SHOWN
        }

    def table(self) -> list[web.RouteDef]:
        """Return what it answers."""
        return [
            web.get("/api/health", self._health),
            web.get("/api/frontend/settings", self._settings),
            web.get("/api/search", self._search),
            web.get("/api/folders", self._folders),
            web.get("/api/datasources", self._data_sources),
            web.get("/api/datasources/uid/prometheus/health", self._data_source_health),
            web.get("/api/dashboards/uid/{uid}", self._dashboard),
            web.route("*", "/api/datasources/proxy/uid/prometheus/{path:.*}", self._prometheus),
            web.get("/api/annotations", self._read_annotations),
            web.post("/api/annotations", self._annotate),
            web.get("/d/{uid}", self._page),
            web.get("/d/{uid}/{slug}", self._page),
            web.route("*", "/{path:.*}", self._nothing),
        ]

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"database": "ok", "version": "demo"})

    async def _settings(self, _: web.Request) -> web.Response:
        return web.json_response({"rendererAvailable": False})

    async def _search(self, _: web.Request) -> web.Response:
        found = [
            {
                "uid": uid,
                "title": each["title"],
                "url": f"/d/{uid}/{uid}",
                "tags": each.get("tags", []),
                "type": "dash-db",
            }
            for uid, each in self._dashboards.items()
        ]
        return web.json_response(found)

    async def _folders(self, _: web.Request) -> web.Response:
        return web.json_response([])

    async def _data_sources(self, _: web.Request) -> web.Response:
        return web.json_response([{"uid": "prometheus", "name": "Prometheus", "type": "prometheus"}])

    async def _data_source_health(self, _: web.Request) -> web.Response:
        address = f"{self._served.prometheus_url}/-/healthy"
        try:
            async with self._session.get(address) as answer:
                healthy = answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError):
            healthy = False
        body = {"status": "OK" if healthy else "ERROR", "message": "" if healthy else "Prometheus does not answer"}
        return web.json_response(body, status=200 if healthy else 400)

    async def _dashboard(self, request: web.Request) -> web.Response:
        uid = request.match_info["uid"]
        if uid not in self._dashboards:
            return web.json_response({"message": "Dashboard not found"}, status=404)
        return web.json_response({"dashboard": self._dashboards[uid], "meta": {"slug": uid}})

    async def _prometheus(self, request: web.Request) -> web.Response:
        typed = {"Content-Type": request.content_type} if request.can_read_body else {}
        asked = self._session.request(
            request.method,
            f"{self._served.prometheus_url}/{request.match_info['path']}",
            params=request.query,
            data=await request.read() or None,
            headers=typed,
        )
        try:
            async with asked as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            return web.json_response({"message": "no answer from Prometheus"}, status=502)
        return web.Response(body=body, status=answer.status, content_type=answer.content_type)

    async def _read_annotations(self, _: web.Request) -> web.Response:
        return web.json_response(self._served.annotations)

    async def _annotate(self, request: web.Request) -> web.Response:
        self._served.annotations.append({"id": len(self._served.annotations) + 1, **(await request.json())})
        return web.json_response({"id": len(self._served.annotations), "message": "Annotation added"})

    async def _page(self, request: web.Request) -> web.Response:
        known = self._dashboards.get(request.match_info["uid"], {"title": "404"})
        return web.Response(text=_PAGE.format(title=escape(str(known["title"]))), content_type="text/html")

    async def _nothing(self, _: web.Request) -> web.Response:
        return web.json_response({"message": "Not found"}, status=404)


@web.middleware
async def _signed_in(request: web.Request, handler: Any) -> web.StreamResponse:
    # A person who follows a link has no token; the API asks for one, as Grafana's does.
    if request.path.startswith("/api/") and request.headers.get("Authorization") != f"Bearer {TOKEN}":
        return web.json_response({"message": "Unauthorized"}, status=401)
    return await handler(request)
