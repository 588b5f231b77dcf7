"""Tells whether metrics, logs and traces of each service arrive, by the selectors of `config/services.yml`."""

from __future__ import annotations

from datetime import timedelta

from bot.doctor.lines import CheckFinding, LineWriter
from bot.domain.owners import Catalogue
from bot.domain.plans import Plan
from bot.domain.selectors import log_selector, metric_selector, trace_condition
from bot.domain.telemetry import Window
from bot.ports import Clock, Logs, Metrics, Traces

_LOGS_WITHIN = timedelta(minutes=5)
# Only a part of the requests is traced, and the newest half minute cannot be searched yet.
_TRACES_WITHIN = timedelta(minutes=15)
# Prometheus itself writes these about a service that sends nothing.
_WRITTEN_FOR_IT = "up|scrape_.+|ALERTS|ALERTS_FOR_STATE"


class ServiceArrivals:
    """Asks for each service; every answer is one line, or raises SourceError."""

    def __init__(self, speaker: LineWriter, catalogue: Catalogue, plan: Plan, clock: Clock) -> None:
        self._say = speaker
        self._catalogue = catalogue
        self._plan = plan
        self._clock = clock

    async def metrics(self, source: Metrics, service: str) -> list[CheckFinding]:
        """Count the series of a service."""
        subject = self._say.subject("metrics", service=service)
        selector = metric_selector(self._catalogue, service, self._plan.service_label)
        found = await source.query(f'count({{{selector},__name__!~"{_WRITTEN_FOR_IT}"}})')
        count = int(sum(sample.value for sample in found))
        if not count:
            return [self._say.wrong(subject, "verify.no_metrics", selector=f"{{{selector}}}")]
        return [self._say.ok(subject, "verify.metrics", count=count)]

    async def logs(self, source: Logs, service: str) -> list[CheckFinding]:
        """Look for the newest line of a service."""
        subject = self._say.subject("logs", service=service)
        selector = log_selector(self._catalogue, service, self._plan.log_label)
        now = self._clock()
        lines = await source.lines(selector, Window(now - _LOGS_WITHIN, now), 1)
        if not lines:
            minutes = _minutes(_LOGS_WITHIN)
            return [self._say.wrong(subject, "verify.no_logs", selector=selector, minutes=minutes)]
        age = max(0, round(now.timestamp() - lines[-1].at))
        return [self._say.ok(subject, "verify.logs", seconds=age)]

    async def traces(self, source: Traces, service: str) -> list[CheckFinding]:
        """Look for a trace of a service."""
        subject = self._say.subject("traces", service=service)
        condition = trace_condition(self._catalogue, service, self._plan.trace_attribute)
        now, minutes = self._clock(), _minutes(_TRACES_WITHIN)
        if not await source.search(f"{{ {condition} }}", Window(now - _TRACES_WITHIN, now), 1):
            return [self._say.wrong(subject, "verify.no_traces", selector=f"{{ {condition} }}", minutes=minutes)]
        return [self._say.ok(subject, "verify.traces", minutes=minutes)]


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)
