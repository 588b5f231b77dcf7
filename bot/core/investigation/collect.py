"""What the sources tell about an incident, read from all of them at once; what does not come in time is said, not waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.incidents import Incident
from bot.domain.inquiries import Subject
from bot.domain.kinds import kind_of
from bot.domain.observed import edges_of, merged, recorded, restarts_of, series_of
from bot.domain.owners import Catalogue
from bot.domain.plans import RATE, SELECTOR, MetricQuery, Plan
from bot.domain.selectors import log_selector, metric_selector, own_series, trace_condition
from bot.domain.telemetry import (
    Change,
    Gap,
    LogLine,
    MetricKind,
    Observations,
    RangeSeries,
    Series,
    Span,
    Window,
)
from bot.errors import QueryRejected, SourceError, SourceUnavailable
from bot.ports import Changes, Clock, Dashboards, Logs, Metrics, Traces

_AT_ONCE = 8
_COMPLAINTS = '|~ "(?i)(error|exception|fatal|panic|warn|timeout|timed out|refused|denied|fail)"'
_STARTED = "process_start_time_seconds"
_SPANS = 40_000
_JUST_BEFORE = timedelta(minutes=1)


@dataclass(slots=True)
class _Basket:
    series: list[Series] = field(default_factory=list[Series])
    lines: list[LogLine] = field(default_factory=list[LogLine])
    spans: list[Span] = field(default_factory=list[Span])
    changes: list[Change] = field(default_factory=list[Change])
    log_windows: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    span_windows: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    gaps: list[Gap] = field(default_factory=list[Gap])

    def miss(self, source: str, reason: str, detail: str = "") -> None:
        """Note once for each source and reason that something could not be seen."""
        if not any((gap.source, gap.reason) == (source, reason) for gap in self.gaps):
            self.gaps.append(Gap(source, reason, detail[:200]))


@dataclass(frozen=True, slots=True)
class Scope:
    """Which services are read, and around which moment; `now` bounds what there can be."""

    services: tuple[str, ...]
    fired_at: datetime
    now: datetime


class Collector:
    """Asks Prometheus, Loki, Tempo, Grafana and our own records."""

    def __init__(
        self,
        *,
        metrics: Metrics | None,
        logs: Logs | None,
        traces: Traces | None,
        dashboards: Dashboards | None,
        changes: Changes,
        catalogue: Catalogue,
        plan: Plan,
        clock: Clock,
    ) -> None:
        self._metrics = metrics
        self._logs = logs
        self._traces = traces
        self._dashboards = dashboards
        self._changes = changes
        self._catalogue = catalogue
        self._plan = plan
        self._clock = clock

    async def collect(self, incident: Incident, also_firing: Sequence[str]) -> Observations:
        """Read around an incident; never raises for a source that does not answer."""
        return await self.look(subject_of(incident), also_firing)

    async def look(self, subject: Subject, also_firing: Sequence[str]) -> Observations:
        """Read around what is looked into; never raises for a source that does not answer."""
        scope = Scope(self.services(subject.service), subject.at, self._clock())
        basket = _Basket()
        work: list[tuple[str, Coroutine[None, None, None]]] = [("changes", self._read_changes(basket, scope))]
        if self._metrics:
            work.append((self._metrics.name, self._read_metrics(self._metrics, basket, scope, subject)))
        if self._logs:
            work.append((self._logs.name, self._read_logs(self._logs, basket, scope)))
        if self._traces:
            work.append((self._traces.name, self._read_traces(self._traces, basket, scope)))
        for name, source in (("prometheus", self._metrics), ("loki", self._logs), ("tempo", self._traces)):
            if source is None:
                basket.miss(name, "not_configured")
        await asyncio.gather(*(self._in_time(basket, source, reading) for source, reading in work))
        return self._observations(subject, scope, basket, also_firing)

    def services(self, service: str | None) -> tuple[str, ...]:
        """Return the services to read: the alerting one, what it depends on, what depends on it, then the others."""
        known = self._catalogue.services
        names = [service] if service else []
        if service and service in known:
            names += known[service].depends_on
        names += [name for name, each in known.items() if service in each.depends_on]
        return tuple(dict.fromkeys([*names, *known]))[: self._plan.most_services]

    async def _in_time(self, basket: _Basket, source: str, reading: Coroutine[None, None, None]) -> None:
        try:
            async with asyncio.timeout(self._plan.deadline_s):
                await reading
        except TimeoutError:
            basket.miss(source, "timeout")

    async def _ask(self, basket: _Basket, source: str, question: Coroutine[None, None, None]) -> None:
        try:
            await question
        except QueryRejected as error:
            basket.miss(source, "rejected", error.detail)
        except (SourceUnavailable, SourceError) as error:
            basket.miss(source, "unavailable", error.detail)

    async def _all(self, basket: _Basket, source: str, questions: Sequence[Coroutine[None, None, None]]) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(question: Coroutine[None, None, None]) -> None:
            async with gate:
                await self._ask(basket, source, question)

        try:
            await asyncio.gather(*map(one, questions))
        finally:
            # At the deadline some have not begun; a coroutine that is never awaited would say so on the console.
            for question in questions:
                question.close()

    async def _read_metrics(self, metrics: Metrics, basket: _Basket, scope: Scope, subject: Subject) -> None:
        plan = self._plan
        window = Window(scope.fired_at - plan.look_back, max(scope.now, scope.fired_at))

        async def one(query: MetricQuery, promql: str, service: str | None) -> None:
            left = plan.most_series - len(basket.series)
            if left <= 0:
                basket.miss(metrics.name, "truncated")
                return
            found = await metrics.query_range(promql, window, plan.step.total_seconds(), left)
            several = len(found) > 1
            for each in found:
                basket.series.append(series_of(query, promql, each, service or self._host(each), several=several))

        async def restarts(service: str, selector: str) -> None:
            found = await metrics.query_range(f"{_STARTED}{{{selector}}}", window, plan.step.total_seconds(), 20)
            basket.changes.extend(restarts_of(service, found))

        selectors = {name: metric_selector(self._catalogue, name, plan.service_label) for name in scope.services}
        questions = [restarts(name, selector) for name, selector in selectors.items()]
        if subject.series:
            own = MetricQuery(subject.name, subject.series, kind_of(f"{subject.name} {subject.series}"))
            questions.append(one(own, subject.series, scope.services[0] if scope.services else None))
        for query in plan.metrics:
            text = query.query.replace(RATE, plan.rate)
            if query.each:
                questions += [one(query, text.replace(SELECTOR, chosen), name) for name, chosen in selectors.items()]
            else:
                questions.append(one(query, text, None))
        await self._all(basket, metrics.name, questions)

    def _host(self, series: RangeSeries) -> str:
        labels = series.labels
        return labels.get(self._plan.service_label) or labels.get("host") or labels.get("instance") or "host"

    async def _read_logs(self, logs: Logs, basket: _Basket, scope: Scope) -> None:
        plan = self._plan
        end = min(scope.now, scope.fired_at + plan.logs_around) + timedelta(seconds=1)
        windows = (
            Window(scope.fired_at - plan.logs_around - plan.baseline, scope.fired_at - plan.logs_around),
            Window(scope.fired_at - plan.logs_around, max(end, scope.fired_at)),
        )
        basket.log_windows.extend((window.start.timestamp(), window.end.timestamp()) for window in windows)

        async def one(service: str) -> None:
            selector = log_selector(self._catalogue, service, plan.log_label)
            read = [await logs.lines(selector, window, plan.most_lines) for window in windows]
            if any(len(lines) >= plan.most_lines for lines in read):
                # Too loud to count everything: then what complains is counted, in both windows alike.
                read = [await logs.lines(f"{selector} {_COMPLAINTS}", window, plan.most_lines) for window in windows]
                if any(len(lines) >= plan.most_lines for lines in read):
                    basket.miss(logs.name, "truncated")
            basket.lines.extend(line for lines in read for line in lines)

        await self._all(basket, logs.name, [one(name) for name in scope.services])

    async def _read_traces(self, traces: Traces, basket: _Basket, scope: Scope) -> None:
        plan = self._plan
        recent = max(2 * _JUST_BEFORE, plan.logs_around)
        windows = (
            Window(scope.fired_at - recent - plan.baseline, scope.fired_at - recent),
            # A search returns the newest, so the minute of the alert would hide the minutes just before it.
            Window(scope.fired_at - recent, scope.fired_at - _JUST_BEFORE),
            Window(scope.fired_at - _JUST_BEFORE, max(scope.now, scope.fired_at) + timedelta(seconds=1)),
        )
        basket.span_windows.extend((window.start.timestamp(), window.end.timestamp()) for window in windows)
        ids: dict[str, Window] = {}

        async def search(service: str, window: Window) -> None:
            condition = trace_condition(self._catalogue, service, plan.trace_attribute)
            # The same questions of both windows, so that what is picked is picked alike.
            for wanted in (condition, f"{condition} && status = error"):
                for found in await traces.search(f"{{ {wanted} }}", window, plan.most_traces):
                    ids.setdefault(found.trace_id, window)

        async def fetch(trace_id: str, window: Window) -> None:
            if len(basket.spans) < _SPANS:
                basket.spans.extend(await traces.spans(trace_id, window))

        lead = scope.services[:3]
        await self._all(basket, traces.name, [search(name, window) for name in lead for window in windows])
        await self._all(basket, traces.name, [fetch(*each) for each in ids.items()])

    async def _read_changes(self, basket: _Basket, scope: Scope) -> None:
        window = Window(scope.fired_at - self._plan.changes_back, max(scope.now, scope.fired_at))
        basket.changes.extend(await self._changes.between(window))
        dashboards = self._dashboards
        if dashboards is not None:

            async def annotations() -> None:
                basket.changes.extend(await dashboards.annotations(window))

            await self._ask(basket, dashboards.name, annotations())

    def _observations(
        self, subject: Subject, scope: Scope, basket: _Basket, also_firing: Sequence[str]
    ) -> Observations:
        kind = kind_of(subject.name)
        said = f"{subject.name} {subject.series} {subject.summary}"
        return Observations(
            service=subject.service,
            kind=kind if kind is not MetricKind.OTHER else kind_of(said),
            fired_at=scope.fired_at.timestamp(),
            summary=subject.summary,
            labels=subject.labels,
            series=tuple(basket.series),
            lines=tuple(sorted(basket.lines, key=lambda line: line.at)),
            spans=tuple({(span.trace_id, span.span_id): span for span in basket.spans}.values()),
            edges=edges_of(self._catalogue, basket.spans),
            changes=merged(basket.changes),
            log_windows=recorded(basket.log_windows, basket.lines),
            span_windows=tuple(basket.span_windows) if basket.spans else (),
            also_firing=tuple(also_firing),
            gaps=tuple(basket.gaps),
            alerting=subject.alerting,
        )


def subject_of(incident: Incident) -> Subject:
    """Return what of an incident is looked into."""
    lead = incident.lead
    return Subject(
        service=incident.service,
        at=min(alert.starts_at for alert in incident.firing or incident.alerts),
        name=lead.name,
        summary=lead.annotations.get("summary") or incident.title,
        series=own_series(lead),
        labels=dict(lead.labels),
    )
