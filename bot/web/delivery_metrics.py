"""Counts what became of notifications and calls, and what waits why: the promise of `docs/guarantees.md`, in figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.registry import Collector

from bot.domain.alerts import Severity
from bot.domain.incidents import PageReason

# Words of what an attempt came to, and what they are called as a label.
_REASONS: Final = {
    "rate limited": "rate_limited",
    "edited too often": "rate_limited",
    "no answer": "no_answer",
    "no connection": "no_connection",
    "Discord answered 5": "discord_error",
    "delivery_refused": "refused",
}
_OTHER: Final = "other"


class Deliveries:
    """Counted since the start of the process, but for what waits: that is in the store."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._delivery = Histogram(
            "bongsu_delivery_seconds",
            "Time from the webhook that was answered 202 to its card on Discord.",
            ["severity"],
            buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800),
            registry=registry,
        )
        self._oldest = Gauge(
            "bongsu_oldest_waiting_seconds",
            "Age of the oldest notification that was answered 202 and is not on Discord.",
            registry=registry,
        )
        self._pages = Counter("bongsu_pages", "Calls to people, by the reason.", ["reason"], registry=registry)
        self._held_back = Gauge(
            "bongsu_outbox_waiting",
            "Messages that Discord did not take yet, by the reason.",
            ["reason"],
            registry=registry,
        )
        self._results = Results()
        registry.register(self._results)
        for severity in Severity:
            self._delivery.labels(severity.name)
        for reason in PageReason:
            self._pages.labels(reason.value)

    def count_shown(self, severity: Severity, seconds: float) -> None:
        """Count a notification that is on Discord now, so many seconds after it came."""
        self._results.count("shown")
        self._delivery.labels(severity.name).observe(seconds)

    def count_page(self, reason: PageReason) -> None:
        """Count a call to people."""
        self._pages.labels(reason.value).inc()

    def count_answer(self, status: int) -> None:
        """Count what a webhook was answered."""
        results = {202: "accepted", 503: "unavailable"}
        self._results.count(results.get(status, "refused"))

    def measure(self, now: datetime, unshown: datetime | None, waiting: Mapping[str, tuple[int, float]]) -> None:
        """Tell what waits: since when the oldest, and by a few words why; Discord's own would be a series each."""
        self._oldest.set(max((now - unshown).total_seconds(), 0.0) if unshown else 0.0)
        counts = dict.fromkeys((*_REASONS.values(), _OTHER), 0)
        for said, (count, _) in waiting.items():
            counts[next((name for words, name in _REASONS.items() if words in said), _OTHER)] += count
        for name, count in counts.items():
            self._held_back.labels(name).set(count)


class Results(Collector):
    """`bongsu_notifications_total`; the library's Counter would share its name with the gauge `bongsu_notifications`."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = dict.fromkeys(("accepted", "refused", "unavailable", "shown"), 0)

    def count(self, result: str) -> None:
        """Count a webhook or a notification; the result is one of the four above."""
        self._counts[result] += 1

    def collect(self) -> Iterable[Metric]:
        """Return the family, as the registry asks for it."""
        family = Metric(
            "bongsu_notifications_total",
            "Webhooks by what they were answered, and notifications that were shown; since the start.",
            "unknown",
        )
        for result, count in self._counts.items():
            family.add_sample("bongsu_notifications_total", {"result": result}, count)
        yield family
