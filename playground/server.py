"""The playground's server: Discord's REST, gateway and CDN, the page, and a door for tests."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from playground import world
from playground.direct import Direct
from playground.errors import Refusal, answer
from playground.faults import Faults, Records
from playground.gateway import Gateway, quiet
from playground.interactions import Interactions
from playground.limits import RateLimits
from playground.messages import PAYLOAD
from playground.page import NoShop, Pages, Shop
from playground.rest import Rest
from playground.state import PlaygroundState
from playground.threads import ThreadRoutes

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TOKEN = "playground-token"  # noqa: S105 - it opens nothing but this machine's playground
API = "/api/v10"
_WEB = Path(__file__).parent / "web"
_CSP = "default-src 'self'; img-src 'self' data:; connect-src 'self' ws:; frame-ancestors 'none'"


class Playground:
    """A Discord on localhost."""

    def __init__(
        self, shop: Shop | None = None, clock: Callable[[], float] = time.time, *, limited: bool = True
    ) -> None:
        self.state = PlaygroundState(clock)
        self.limits = RateLimits(limited)
        self.faults = Faults()
        self.records = Records()
        self.gateway = Gateway(self.state, TOKEN)
        self.token = TOKEN
        self._rest = Rest(self.state, TOKEN)
        self._threads = ThreadRoutes(self.state)
        self._direct = Direct(self.state)
        self._interactions = Interactions(self.state)
        self.pages = Pages(self.state, self.gateway, self._interactions, shop or NoShop())

    @property
    def url(self) -> str:
        """Its address."""
        return self.state.url

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        shop: Shop | None = None,
        clock: Callable[[], float] = time.time,
        limited: bool = True,
        language: str = "ko",
    ) -> AsyncGenerator[Playground]:
        """Serve on this machine until the block ends; port 0 lets the system choose. Other hosts are for containers.

        `limited=False` lifts Discord's rate limits, for tests that are about something else. `language` is that of names.
        """
        # What answers requests takes it over from here.
        world.LANGUAGE.set(language)
        playground = cls(shop, clock, limited=limited)
        runner = web.AppRunner(playground.application(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        watching = asyncio.create_task(playground.pages.watch_shop())
        try:
            await web.TCPSite(runner, host, port).start()
            playground.state.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield playground
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await playground.pages.close()
            await quiet(playground.gateway)
            await runner.cleanup()

    def application(self) -> web.Application:
        """Build the routes."""
        app = web.Application(client_max_size=26 * 1024 * 1024, middlewares=[self._recorded, self._discord])
        for route in [
            *self._rest.routes(),
            *self._direct.routes(),
            *self._threads.routes(),
            *self._interactions.routes(),
        ]:
            app.router.add_route(route.method, API + route.path, route.handler)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_get("/attachments/{path:.*}", self._file)
        app.router.add_get("/page/ws", self.pages.handle)
        app.router.add_get("/control/requests", self._requests)
        app.router.add_get("/control/unhandled", self._unhandled)
        app.router.add_get("/control/messages", self._messages)
        app.router.add_post("/control/faults", self._order)
        app.router.add_get("/", self._index)
        app.router.add_static("/web", _WEB)
        app.router.add_route("*", API + "/{path:.*}", self._unknown)
        return app

    @web.middleware
    async def _recorded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(API):
            response = await handler(request)
            if not response.prepared:
                response.headers["Content-Security-Policy"] = _CSP
            return response
        started = time.monotonic()
        if request.content_type == "application/json" and request.can_read_body:
            request[PAYLOAD] = json.loads(await request.read() or b"null")
        response = await handler(request)
        self.records.add(request, request.get(PAYLOAD), response, started)
        return response

    @web.middleware
    async def _discord(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(API):
            return await handler(request)
        path = request.path.removeprefix(API)
        spoiled = self.limits.refusal(request, path) or await self.faults.meet(request, after=False)
        if spoiled is not None:
            self.limits.judge(spoiled.status)
            return spoiled
        try:
            if not request.path.startswith((f"{API}/interactions/", f"{API}/webhooks/")):
                self._rest.authorize(request)
            response = await handler(request)
        except Refusal as refusal:
            response = refusal.response()
        spoiled = await self.faults.meet(request, after=True)
        if spoiled is not None:
            return spoiled
        self.limits.judge(response.status)
        response.headers.update(self.limits.headers(request, path))
        return response

    async def _unknown(self, request: web.Request) -> web.Response:
        line = f"{request.method} {request.path.removeprefix(API)}"
        self.records.unhandled.append(line)
        return answer({"code": 0, "message": f"the playground does not know {line}"}, 501)

    async def _file(self, request: web.Request) -> web.Response:
        found = self.state.files.get(request.path)
        if found is None:
            return web.Response(status=404)
        return web.Response(body=found[1], content_type=found[0])

    async def _index(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(_WEB / "index.html")

    async def _requests(self, _: web.Request) -> web.Response:
        return answer(list(self.records.requests))

    async def _unhandled(self, _: web.Request) -> web.Response:
        return answer(self.records.unhandled)

    async def _messages(self, request: web.Request) -> web.Response:
        wanted = request.query.get("channel", "")
        # A channel by its name, a thread by its id.
        chosen = world.CHANNELS.get(wanted, int(wanted) if wanted.isdecimal() else 0)
        channels = [chosen] if chosen else list(self.state.messages)
        found = [message for channel_id in channels for message in self.state.messages.get(channel_id, {}).values()]
        return answer([{**message, "pinged": message.get("_pinged", [])} for message in found])

    async def _order(self, request: web.Request) -> web.Response:
        order: Json = await request.json()
        kind = order.pop("kind", "")
        actions = {"drop_socket": self.gateway.drop, "reconnect": self.gateway.reconnect}
        if kind in actions:
            await actions[kind]()
        elif kind == "clear":
            self.faults.clear()
        elif kind == "forget_sessions":
            self.gateway.forgetting = bool(order.get("on", True))
        elif kind == "refuse_gateway":
            self.gateway.refusing = bool(order.get("on", True))
        elif kind == "deny":
            self.state.denied.add(world.CHANNELS[order["channel"]])
        elif kind == "allow":
            self.state.denied.clear()
            self.state.unwilling.clear()
        elif kind == "delete_messages":
            await self.state.remove_messages(world.CHANNELS[order["channel"]], [int(each) for each in order["ids"]])
        elif kind == "delete_channel":
            await self.state.remove_channel(world.CHANNELS[order["channel"]])
        elif kind == "refuse_messages":
            self.state.unwilling.add(world.PEOPLE[order["person"]].name)
        else:
            self.faults.order(kind, **order)
        return answer({"ordered": kind})
