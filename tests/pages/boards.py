"""Dashboard pages as Grafana 11.5 to 13 shows them, on localhost: what is pictured in tests and measured in bench.

It behaves as Grafana does where a picture can go wrong: panels below the window load when they come into it, queries take
their time or never end, who is not signed in is sent to the login page, and an unknown panel is the whole dashboard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from aiohttp import web

from tests.pages.outlines import Outline

TOKEN = "glsa_playground"
_HERE = Path(__file__).parent
_LOGIN = """<!doctype html><title>Grafana</title><h1>Welcome to Grafana</h1><form>
<input data-testid="data-testid Username input field" name="user"><input type="password" name="password"></form>"""
_HOME = "<!doctype html><title>Home - Dashboards - Grafana</title><h1>Welcome to Grafana</h1><p>Need help?</p>"

Shows = Literal[
    "ready", "no-data", "stat-no-data", "no-value", "wrong-shape", "plugin-error", "error", "spinner", "text", "static",
    "noise", "webgl",
]  # fmt: skip


@dataclass(slots=True)
class Panel:
    """One panel: its place in a grid of 24 columns, what it comes to show, and how long its query takes.

    `message` is the error of its query; `script` runs when it is mounted.
    """

    id: int
    title: str
    shows: Shows = "ready"
    takes_s: float = 0.02
    x: int = 0
    y: int = 0
    w: int = 12
    h: int = 8
    message: str = ""
    text: str = ""
    script: str = ""


@dataclass(slots=True)
class Row:
    """A row that can be closed; panels of a closed one are not on the page."""

    title: str
    panels: list[Panel]
    open: bool = False


@dataclass(slots=True)
class Board:
    """One dashboard. `inner`: something in the page scrolls, not the page itself. `script` runs before it is drawn."""

    uid: str
    panels: list[Panel]
    rows: list[Row] = field(default_factory=list[Row])
    version: float = 12.4
    inner: bool = False
    script: str = ""


def grid(panels: list[Panel], columns: int = 2) -> list[Panel]:
    """Put panels side by side, as many as there are columns, one line after the other."""
    top = 0
    for start in range(0, len(panels), columns):
        line = panels[start : start + columns]
        for place, panel in enumerate(line):
            panel.w = 24 // columns
            panel.x, panel.y = place * panel.w, top
        top += max(panel.h for panel in line)
    return panels


@cache
def bundle(size_mb: float) -> str:
    """Return a program of modules, as a bundler makes them, every one of which is run when it is loaded."""
    module = (
        "(m,e,r)=>{{const n{0}={{name:'part {0}',list:[1,2,3,{0}]}};class K{0}{{constructor(a){{this.a=a;this.b=a*{0}}}"
        "sum(x){{let s=0;for(const v of n{0}.list)s+=v*x+this.b;return s}}get label(){{return `${{n{0}.name}}: ${{this.a}}`}}}}"
        "function render{0}(p){{const out=[];for(let i=0;i<3;i++)out.push({{key:i,text:p+i,child:new K{0}(i)}});return out}}"
        "m.exports={{K{0},render{0},first:new K{0}({0}).sum(2),shown:render{0}('x').length}}}}"
    )
    modules = [module.format(number) for number in range(int(size_mb * 1e6 / len(module.format(1000))))]
    run = ".map((each)=>{const m={exports:{}};each(m,m.exports);return m.exports})"
    return f"window.__bundle=[{','.join(modules)}]{run};"


@dataclass
class Boards:
    """The server: its dashboards, what it answers besides them, and what it was asked (method, path, headers; and the queries of pages).

    `answers` are whole answers by path (below the root), given before anything else. `bundle_mb` is the size of a program
    that each page loads and runs first, as Grafana's does.
    """

    url: str = ""
    root: str = "/"
    boards: dict[str, Board] = field(default_factory=dict[str, Board])
    answers: dict[str, web.Response] = field(default_factory=dict[str, web.Response])
    asked: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list[tuple[str, str, Mapping[str, str]]])
    queries: list[str] = field(default_factory=list[str])
    bundle_mb: float = 0
    outlines: dict[str, Outline] = field(default_factory=dict[str, Outline])

    def add(self, board: Board) -> Board:
        """Take a dashboard in."""
        self.boards[board.uid] = board
        return board

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer."""
        self.asked.append((request.method, request.path, dict(request.headers)))
        path = request.path.removeprefix(self.root)
        if path.startswith("d/"):
            self.queries.append(request.raw_path.partition("?")[2])
        if path in self.answers:
            given = self.answers[path]
            return web.Response(status=given.status, body=given.body, headers=given.headers)
        if path == "public/build/bundle.js":
            body = bundle(self.bundle_mb)
            return web.Response(text=body, content_type="text/javascript", headers={"Cache-Control": "max-age=3600"})
        if path in ("public/build/boards.js", "public/build/outlines.js"):
            program = _HERE / path.rpartition("/")[2]
            return web.FileResponse(program, headers={"Cache-Control": "public, max-age=3600"})
        if path == "login":
            html = self.outlines["login"].page(self.root) if "login" in self.outlines else _LOGIN
            return web.Response(text=html, content_type="text/html")
        signed_in = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        if path.startswith("api/"):
            return (
                await self._api(request, path)
                if signed_in
                else web.json_response({"message": "Unauthorized"}, status=401)
            )
        if not signed_in:
            return web.Response(status=302, headers={"Location": f"{self.root}login"})
        if path == "":
            return web.Response(text=_HOME, content_type="text/html")
        return self._page(path)

    def _page(self, path: str) -> web.Response:
        outline = self.outlines.get(path.split("/")[1]) if path.startswith("d/") else None
        if outline:
            html = outline.page(self.root)
        else:
            html = (_HERE / "boards.html").read_text("utf-8").replace("{root}", self.root)
        board = self.boards.get(path.split("/")[1]) if path.startswith("d/") else None
        if board and board.inner:
            html = html.replace('<html lang="en"', '<html lang="en" class="inner"')
        if self.bundle_mb:
            script = f'<script src="{self.root}public/build/bundle.js"></script>'
            html = html.replace("</head>", f"{script}</head>")
        return web.Response(text=html, content_type="text/html")

    async def _api(self, request: web.Request, path: str) -> web.Response:
        if path.startswith("api/dashboards/uid/"):
            board = self.boards.get(path.rpartition("/")[2])
            if board is None:
                return web.json_response({"message": "Dashboard not found"}, status=404)
            return web.json_response({"dashboard": asdict(board)})
        if path == "api/ds/query":
            return await self._query(request)
        if path == "api/search":
            return web.json_response([{"uid": uid, "title": uid, "type": "dash-db"} for uid in self.boards])
        return web.json_response({"message": "Not found"}, status=404)

    async def _query(self, request: web.Request) -> web.Response:
        await request.read()
        outline = self.outlines.get(request.headers["X-Dashboard-Uid"])
        if outline:
            return await _outlined(outline, int(request.headers["X-Panel-Id"]))
        board = self.boards[request.headers["X-Dashboard-Uid"]]
        everything = [*board.panels, *(panel for row in board.rows for panel in row.panels)]
        panel = next(each for each in everything if each.id == int(request.headers["X-Panel-Id"]))
        await asyncio.sleep(panel.takes_s)
        if panel.shows == "error":
            result: dict[str, Any] = {"error": panel.message, "status": 500, "frames": []}
            return web.json_response({"results": {"A": result}}, status=400)
        values: list[list[int]] = [[]] if "no-data" in panel.shows else [[1, 2, 3]]
        return web.json_response({"results": {"A": {"status": 200, "frames": [{"data": {"values": values}}]}}})


async def _outlined(outline: Outline, panel: int) -> web.Response:
    await asyncio.sleep(outline.takes_s)
    if panel in outline.errors:
        return web.json_response({"results": {"A": {"error": outline.errors[panel], "status": 400}}}, status=400)
    return web.json_response({"results": {"A": {"status": 200, "frames": [{"data": {"values": [[1, 2, 3]]}}]}}})


@asynccontextmanager
async def boards(root: str = "/") -> AsyncGenerator[Boards]:
    """Serve dashboards on a free port of localhost."""
    served = Boards(root=root)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", served.handle)
    # A page that is closed while a query runs ends that query, too.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        served.url = f"http://127.0.0.1:{runner.addresses[0][1]}{root}"
        yield served
    finally:
        await runner.cleanup()
