"""Serves HTTP whether the process leads or not: webhooks, health, readiness, metrics."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.app.parts import own_metrics_of
from bot.app.settings import Settings
from bot.app.words import vocabulary_of
from bot.app.workers import Bell
from bot.core.refusals import Refusals, WebhookRefusal
from bot.domain.owners import Catalogue
from bot.errors import SourceUnavailable
from bot.ports import Clock, Posted
from bot.store.database import Database
from bot.telemetry.runbooks import FolderRunbooks
from bot.web.connections import listening
from bot.web.credentials import REMEMBERED, Credentials
from bot.web.own_metrics import OwnMetrics
from bot.web.webhook import LEADING, STANDBY, STARTING, Listener, Pings, TakeAtOnce

log = logging.getLogger(__name__)

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not listened on


class HttpServer:
    """What the HTTP server tells of this process, and whom it wakes."""

    def __init__(self, store: Database, own_metrics: OwnMetrics, refusals: Refusals, leads: Callable[[], bool]) -> None:
        self.own_metrics = own_metrics
        self.refusals = refusals
        self.bell = Bell()
        self.url = ""
        self.role = STARTING
        self._own: Pings = {"store": store.ping}
        self.pings: dict[str, Callable[[], Awaitable[None]]] = dict(self._own)
        own_metrics.lead(leads)
        self._leads = leads
        self._taking: TakeAtOnce | None = None

    def take_through(self, taking: TakeAtOnce) -> None:
        """Have one who leads take in at once what comes alone."""
        self._taking = taking

    async def take_at_once(self, posted: Posted) -> bool:
        """Take in what comes alone, if this process leads; False if it is still to be kept. Raises SourceUnavailable."""
        try:
            return self._taking is not None and self._leads() and await self._taking(posted)
        except SourceUnavailable:
            if self._leads():
                raise
            # It leads no more, and keeps what another process shows.
            return False

    def lead(self, pings: Pings) -> None:
        """Say that this process leads, and whether gateway and sources answer."""
        # The store of a term that is over would say of this process that it can write nothing.
        self.pings.update({**pings, **self._own})
        self.role = LEADING

    def stand_by(self) -> None:
        """Say that this process takes webhooks, and another one shows them."""
        self.role = STANDBY
        for name in self.pings.keys() - self._own.keys():
            del self.pings[name]


@asynccontextmanager
async def http_server(
    settings: Settings, catalogue: Catalogue, store: Database, leads: Callable[[], bool], clock: Clock
) -> AsyncGenerator[HttpServer]:
    """Listen until the block ends. Raises ConfigurationError."""
    own_metrics = own_metrics_of(store, clock)
    refusals = Refusals(inbox=store.inbox, keepsakes=store.keepsakes, clock=clock)
    server = HttpServer(store, own_metrics, refusals, leads)
    credentials = Credentials(
        token=settings.webhook_token.get_secret_value(),
        user=settings.webhook_user,
        password=settings.webhook_password.get_secret_value(),
        hmac_secret=settings.webhook_hmac_secret.get_secret_value(),
    )
    credentials.remember(await store.inbox.signatures(clock() - REMEMBERED))

    def refused(refusal: WebhookRefusal) -> None:
        own_metrics.count_refused(refusal.source, refusal.status)
        refusals.note(refusal)

    chosen = settings.investigation
    listener = Listener(
        inbox=store.inbox,
        changes=store.changes,
        credentials=credentials,
        wake=server.bell.ring,
        pings=server.pings,
        registry=own_metrics.registry,
        measure=own_metrics.measure,
        clock=clock,
        refused=refused,
        answered=own_metrics.deliveries.count_answer,
        vocabulary=vocabulary_of(settings, catalogue),
        role=lambda: server.role,
        take_at_once=server.take_at_once,
        # Asked for nowhere else, nobody on this port needs to read them.
        runbooks=FolderRunbooks(Path(chosen.runbooks), settings.language) if chosen.runbooks_url else None,
    )
    host = settings.webhook_host or "0.0.0.0"  # noqa: S104 - reachable only with a credential
    if not credentials.configured:
        log.warning("no webhook credential is set, so only this machine is listened to")
        host = "127.0.0.1"
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(listening(listener.application(), host, settings.webhook_port))
        log.info("listening on %s:%s", host, port)
        if settings.metrics_port:
            await stack.enter_async_context(listening(listener.inner_application(), host, settings.metrics_port))
        server.url = f"http://{'127.0.0.1' if host in _EVERYWHERE else host}:{port}"
        yield server
