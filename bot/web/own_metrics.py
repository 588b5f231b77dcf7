"""Counts what came in, what was shown and what waits: Bongsu's own metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric

from bot.domain.alerts import Severity
from bot.ports import Changes, Clock, Inbox, Incidents, Outbox
from bot.web.delivery_metrics import Deliveries

# Labels whose values are somebody's words.
_NAMES: Final = frozenset({"service"})


class Nameless(CollectorRegistry):
    """A view of a registry without what tells names."""

    def __init__(self, whole: CollectorRegistry) -> None:
        super().__init__()
        self._whole = whole

    def collect(self) -> Iterable[Metric]:
        """Return the families in which nobody's service is named."""
        for family in self._whole.collect():
            if not any(_NAMES & sample.labels.keys() for sample in family.samples):
                yield family


class OwnMetrics:
    """Metrics that are read out of the store when somebody asks, so that they survive a restart."""

    def __init__(self, *, inbox: Inbox, incidents: Incidents, outbox: Outbox, changes: Changes, clock: Clock) -> None:
        self._inbox = inbox
        self._changes = changes
        self._incidents = incidents
        self._outbox = outbox
        self._clock = clock
        self._measuring: asyncio.Task[None] | None = None
        self.registry = CollectorRegistry()
        self._notifications = Gauge(
            "bongsu_notifications",
            "Webhook bodies in the store by how far they have come; received and applied should fall back to 0.",
            ["state"],
            registry=self.registry,
        )
        self._open = Gauge("bongsu_incidents_open", "Open incidents.", ["severity"], registry=self.registry)
        self._lag = Gauge("bongsu_outbox_lag_seconds", "Age of the oldest card that waits.", registry=self.registry)
        self._inbox_lag = Gauge(
            "bongsu_inbox_lag_seconds", "Age of the oldest body that no incident has taken in.", registry=self.registry
        )
        self._deployed = Gauge(
            "bongsu_last_deploy_timestamp_seconds",
            "When CI last told of a deploy of the service.",
            ["service"],
            registry=self.registry,
        )

        self._unreadable = Counter(
            "bongsu_unreadable_alerts",
            "Alerts of a taken body that could not be read.",
            ["source"],
            registry=self.registry,
        )
        self._refused = Counter(
            "bongsu_refused_bodies",
            "Bodies that were answered 400, 401, 408 or 413.",
            ["source", "status"],
            registry=self.registry,
        )

        self._leader = Gauge(
            "bongsu_leader",
            "1 if this process leads; 0 if it takes webhooks that another one shows.",
            registry=self.registry,
        )
        self._leader.set(1)
        self.deliveries = Deliveries(self.registry)

    def lead(self, leads: Callable[[], bool]) -> None:
        """Have somebody asked, each time, whether this process leads."""
        self._leader.set_function(leads)

    def count_unreadable(self, source: str, count: int) -> None:
        """Count alerts that could not be read."""
        self._unreadable.labels(source).inc(count)

    def count_refused(self, source: str, status: int) -> None:
        """Count a body that was refused."""
        self._refused.labels(source, str(status)).inc()

    async def measure(self) -> None:
        """Read the store; however many ask at the same time, it is read once for all of them."""
        if self._measuring is None or self._measuring.done():
            self._measuring = asyncio.create_task(self._measure())
        # Somebody who goes away must not take the others' answer with them.
        await asyncio.shield(self._measuring)

    async def _measure(self) -> None:
        for state, count in (await self._inbox.counts()).items():
            self._notifications.labels(state).set(count)
        counted = await self._incidents.open_by_severity()
        for severity in Severity:
            self._open.labels(severity.name).set(counted.get(severity, 0))
        now = self._clock()
        self._lag.set(await self._outbox.lag(now))
        oldest = await self._inbox.oldest()
        self._inbox_lag.set(max((now - oldest).total_seconds(), 0.0) if oldest else 0.0)
        unshown = await self._inbox.oldest_unshown()
        self.deliveries.measure(now, unshown, await self._outbox.waiting(now))
        self._deployed.clear()
        for service, at in (await self._changes.deployed()).items():
            self._deployed.labels(service).set(at)
