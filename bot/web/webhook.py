"""Takes webhooks in: they are checked, kept and answered 202; everything else happens later.

`POST /webhooks/grafana`, `POST /webhooks/alertmanager`, `POST /webhooks/deploy`, `GET /healthz`, `GET /readyz`, `GET /metrics`,
`GET /seen/<marker>`, and `GET /runbooks/<name>` where people read the runbooks here. What tells names, and how far something
has come, needs the credential of the webhooks, or a second port.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import TypeVar

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from bot.core.refusals import WebhookRefusal
from bot.domain.bodies import READ_BYTES
from bot.domain.deploys import parse_deploy
from bot.domain.labels import USUAL, Vocabulary
from bot.domain.notifications import ALERTMANAGER, GRAFANA, admit
from bot.domain.triage import triage
from bot.errors import BongsuError, InvalidNotification, SourceUnavailable
from bot.ports import Changes, Clock, Inbox, Posted, Runbooks
from bot.web.connections import USUAL as USUAL_PATIENCE
from bot.web.connections import Patience, arrived
from bot.web.credentials import SIGNATURE_HEADER, Credentials
from bot.web.own_metrics import Nameless
from bot.web.request_bodies import RequestBody, received
from bot.web.runbook_pages import ROUTES, runbook_pages
from bot.web.standstill import Standstill

log = logging.getLogger(__name__)

T = TypeVar("T")

# What CI tells of a deploy is small.
BODY_LIMIT_BYTES = 1024 * 1024

# A body of this size is looked at within a millisecond; a larger one would hold up everything else.
_LOOKED_AT_ONCE_BYTES = 64 * 1024

# A test alert that nobody has asked about for this long is of no interest any more.
_SEEN_WITHIN = timedelta(minutes=30)

# Whoever asks for readiness (compose, a load balancer) has little patience itself.
_PING_S = 1.0

_STORED = {"status": "stored"}
_GARBLED = "is not what its Content-Encoding or Transfer-Encoding says"

# What a process is to the others on the same database.
STARTING, STANDBY, LEADING = "starting", "standby", "leading"

TakeAtOnce = Callable[[Posted], Awaitable[bool]]
Pings = Mapping[str, Callable[[], Awaitable[None]]]


class Listener:
    """Answers HTTP requests; knows the inbox, who may write to it, and whom to wake."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        changes: Changes,
        credentials: Credentials,
        wake: Callable[[], None],
        pings: Pings,
        registry: CollectorRegistry,
        measure: Callable[[], Awaitable[None]],
        clock: Clock,
        refused: Callable[[WebhookRefusal], None] = lambda _: None,
        vocabulary: Vocabulary = USUAL,
        answered: Callable[[int], None] = lambda _: None,
        runbooks: Runbooks | None = None,
        patience: Patience = USUAL_PATIENCE,
        role: Callable[[], str] = lambda: LEADING,
        take_at_once: TakeAtOnce | None = None,
        standstill: Standstill | None = None,
    ) -> None:
        self._standstill = standstill or Standstill()
        self._take_at_once = take_at_once
        self._role = role
        self._runbooks = runbooks
        self._patience = patience
        self._too_late = f"did not come within {patience.body_s:g} s"
        self._answered = answered
        self._refused = refused
        self._vocabulary = vocabulary
        self._inbox = inbox
        self._changes = changes
        self._credentials = credentials
        self._wake = wake
        self._pings = pings
        self._registry = registry
        self._measure = measure
        self._clock = clock

    def application(self) -> web.Application:
        """Build the routes."""
        app = web.Application(client_max_size=BODY_LIMIT_BYTES, middlewares=[arrived])
        app.cleanup_ctx.append(self._standstill.watched)
        app.router.add_post("/webhooks/{source:grafana|alertmanager}", self.webhook)
        app.router.add_post("/webhooks/deploy", self.deploy)
        app.router.add_get("/healthz", self.healthz)
        app.router.add_get("/readyz", self.readyz)
        app.router.add_get("/metrics", self.metrics)
        app.router.add_get("/seen/{marker:[0-9a-f]{16}}", self.seen)
        if self._runbooks:
            page = runbook_pages(self._runbooks)
            app.add_routes([web.get(route, page) for route in ROUTES])
        return app

    def inner_application(self) -> web.Application:
        """Build the routes of a port that only our own network reaches: all metrics, for whoever asks."""
        app = web.Application(middlewares=[arrived])
        app.router.add_get("/metrics", self.all_metrics)
        return app

    async def webhook(self, request: web.Request) -> web.Response:
        """Keep an alert notification; 202 means that it is on disk."""
        response = await self._webhook(request)
        self._answered(response.status)
        return response

    async def _webhook(self, request: web.Request) -> web.Response:
        came_at = asyncio.get_running_loop().time()
        source = GRAFANA if request.match_info["source"] == GRAFANA else ALERTMANAGER
        problem = self._credentials.header_problem(request.headers)
        if problem:
            return self._unknown(source, problem)
        signer = self._credentials.signer(request.headers)
        try:
            async with asyncio.timeout(self._patience.body_s):
                posted = await received(request.content, signer)
        except TimeoutError:
            return self._unread(source, 408, self._too_late)
        except web.RequestPayloadError:
            return self._unread(source, 400, _GARBLED)
        problem = self._credentials.signature_problem(request.headers, signer, self._clock())
        if problem:
            return self._unknown(source, problem)
        if posted is None:
            problem = f"is larger than {READ_BYTES} bytes"
            self._refused(WebhookRefusal(source, 413, f"body {problem}"))
            return _refusal(413, "body", problem)
        signature = request.headers.get(SIGNATURE_HEADER) if signer else None
        if self._standstill.held_up(came_at):
            # Not taken for news: what is true now is told again, and something newer may have come in elsewhere.
            log.warning("a notification of %s lay here while the process stood still; it has to be sent again", source)
            self._credentials.forget(signature)
            return _refusal(503, "process", "stood still while this lay here; send it again")
        return await self._keep(source, posted, signature)

    def _unread(self, source: str, status: int, problem: str) -> web.Response:
        self._refused(WebhookRefusal(source, status, f"body {problem}"))
        return _refusal(status, "body", problem, {"Connection": "close"})

    def _unknown(self, source: str, problem: str) -> web.Response:
        self._refused(WebhookRefusal(source, 401, problem))
        return _refusal(401, "Authorization", problem, {"WWW-Authenticate": "Bearer"})

    async def _keep(self, source: str, posted: RequestBody, signature: str | None) -> web.Response:
        at = self._clock()
        try:
            body = await posted.opened()
            glance = await _beside(body, partial(triage, body, self._vocabulary))
            # What comes alone is read and is an incident with the same commit.
            if self._take_at_once and await self._take_at_once(Posted(source, body, at, glance, signature)):
                return web.json_response(_STORED, status=202)
            # Looked at to refuse what nobody could ever read; the worker reads all of it from the inbox.
            await _beside(body, partial(admit, source, body, at))
            await self._inbox.keep(source, body, at, glance, signature)
            self._wake()
        except InvalidNotification as error:
            log.info("%s sent a body that is refused: %s", source, error)
            self._refused(WebhookRefusal(source, 400, f"{error.field} {error.problem}", posted.body))
            return _refusal(400, error.field, error.problem)
        except SourceUnavailable as error:
            # Not 202, so that who sent it knows that it has to send it again; the operator reads why in the log.
            self._credentials.forget(signature)
            log.error("a notification of %s could not be stored: %s", source, error)  # noqa: TRY400
            return _refusal(503, error.source, "is not available")
        return web.json_response(_STORED, status=202)

    async def deploy(self, request: web.Request) -> web.Response:
        """Keep what CI tells of a deploy, a changed configuration or a switched flag; 202 means that it is on disk."""
        body = await self._body(request)
        if isinstance(body, web.Response):
            return body
        try:
            change = parse_deploy(body, self._clock())
        except InvalidNotification as error:
            return _refusal(400, error.field, error.problem)
        try:
            await self._changes.record(change)
        except SourceUnavailable as error:
            log.error("a deploy could not be stored: %s", error)  # noqa: TRY400
            return _refusal(503, error.source, "is not available")
        return web.json_response(_STORED, status=202)

    async def _body(self, request: web.Request) -> bytes | web.Response:
        """Return the body of who may post, else the refusal."""
        try:
            async with asyncio.timeout(self._patience.body_s):
                body = await request.read()
        except TimeoutError:
            return self._unread("deploy", 408, self._too_late)
        except web.RequestPayloadError:
            return self._unread("deploy", 400, _GARBLED)
        except web.HTTPRequestEntityTooLarge:
            return _refusal(413, "body", f"is larger than {BODY_LIMIT_BYTES} bytes")
        problem = self._credentials.problem(request.headers, body, self._clock())
        if problem:
            return _refusal(401, "Authorization", problem, {"WWW-Authenticate": "Bearer"})
        return body

    async def healthz(self, _: web.Request) -> web.Response:
        """Tell that the process and its loop are alive."""
        return web.json_response({"status": "ok"})

    async def readyz(self, _: web.Request) -> web.Response:
        """Tell whether store, gateway and sources answer; 503 names the ones that do not."""
        pings, role = dict(self._pings), self._role()
        status = dict(zip(pings, await asyncio.gather(*map(_state, pings.values())), strict=True))
        # Bongsu does its first duty, the card, without its sources; only store, gateway and the urgent channel make it unready.
        # A standby has neither gateway nor channel, and takes webhooks all the same.
        ready = role != STARTING and all(status.get(name, "ok") == "ok" for name in ("store", "discord", "channels"))
        told = {"ready": ready, "role": role, "connections": status}
        return web.json_response(told, status=200 if ready else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        """Show Bongsu's own metrics to Prometheus; without a credential those that name nobody's services."""
        # Without a credential only this machine is listened to, and there is no problem with any header.
        return await self._exposed(request, names=self._credentials.header_problem(request.headers) is None)

    async def all_metrics(self, request: web.Request) -> web.Response:
        """Show all of Bongsu's own metrics."""
        return await self._exposed(request, names=True)

    async def _exposed(self, request: web.Request, *, names: bool) -> web.Response:
        try:
            await self._measure()
        except SourceUnavailable as error:
            return _refusal(503, error.source, "is not available")
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        shown = self._registry if names else Nameless(self._registry)
        return web.Response(body=encode(shown), headers={"Content-Type": content_type})

    async def seen(self, request: web.Request) -> web.Response:
        """Tell who sent a test alert how far it has come; nobody else knows its marker."""
        if problem := self._credentials.header_problem(request.headers):
            return _refusal(401, "Authorization", problem, {"WWW-Authenticate": "Bearer"})
        marker = request.match_info["marker"]
        try:
            state = await self._inbox.progress(marker, self._clock() - _SEEN_WITHIN)
        except SourceUnavailable as error:
            return _refusal(503, error.source, "is not available")
        return web.json_response({"state": state or "unknown"})


async def _beside(body: bytes, look: Callable[[], T]) -> T:
    """Look at a body, at a large one beside everything else."""
    return look() if len(body) <= _LOOKED_AT_ONCE_BYTES else await asyncio.to_thread(look)


async def _state(ping: Callable[[], Awaitable[None]]) -> str:
    try:
        async with asyncio.timeout(_PING_S):
            await ping()
    except BongsuError as error:
        return error.values.get("detail") or str(error)
    except TimeoutError:
        return f"no answer within {_PING_S:g} s"
    return "ok"


def _refusal(status: int, field: str, problem: str, headers: Mapping[str, str] | None = None) -> web.Response:
    body = {"error": f"{field} {problem}.", "field": field}
    return web.Response(text=json.dumps(body), status=status, content_type="application/json", headers=headers)
