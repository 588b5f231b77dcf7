"""Collects what the sources tell about an incident, traces last; what does not come in time is said, not waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import timedelta

from bot.core.investigation.collected import Collected, ReadingScope
from bot.core.investigation.tracing import TraceReading
from bot.domain.incidents import Incident
from bot.domain.inquiries import Subject
from bot.domain.kinds import kind_of, kind_of_rule
from bot.domain.observed import cut_windows, edges_of, merged, recorded, restarts_of, series_of
from bot.domain.owners import Catalogue
from bot.domain.plans import RATE, SELECTOR, MetricQuery, Plan
from bot.domain.selectors import log_selector, metric_selector, own_series
from bot.domain.telemetry import MetricKind, Observations, RangeSeries, Window
from bot.ports import Clock, Logs, Metrics, Telemetry, Traces

_COMPLAINTS = '|~ "(?i)(error|exception|fatal|panic|warn|timeout|timed out|refused|denied|fail)"'
_STARTED = "process_start_time_seconds"
# Of trouble that was first there so long ago, what was before says little about now.
_AGAIN_WITHIN = timedelta(hours=1)


class Collector:
    """Asks Prometheus, Loki, Tempo, Grafana and our own records."""

    def __init__(
        self,
        *,
        telemetry: Telemetry,
        catalogue: Catalogue,
        plan: Plan,
        clock: Clock,
    ) -> None:
        self._telemetry = telemetry
        self._catalogue = catalogue
        self._plan = plan
        self._clock = clock

    async def collect(self, incident: Incident, also_firing: Sequence[str]) -> Observations:
        """Read around an incident; never raises for a source that does not answer."""
        return await self.look(subject_of(incident), also_firing)

    async def look(self, subject: Subject, also_firing: Sequence[str]) -> Observations:
        """Read around what is looked into; never raises for a source that does not answer."""
        services, usual_until = self.services(subject.service), subject.first_at or subject.at
        scope = ReadingScope(services, subject.at, self._clock(), usual_until)
        collected = Collected()
        work: list[tuple[str, Coroutine[None, None, None]]] = [("changes", self._read_changes(collected, scope))]
        metrics, logs, traces = self._telemetry.metrics, self._telemetry.logs, self._telemetry.traces
        if metrics:
            work.append((metrics.name, self._read_metrics(metrics, collected, scope, subject)))
        if logs:
            work.append((logs.name, self._read_logs(logs, collected, scope)))
        for name, source in (("prometheus", metrics), ("loki", logs), ("tempo", traces)):
            if source is None:
                collected.miss(name, "not_configured")
        await asyncio.gather(*(self._in_time(collected, source, reading) for source, reading in work))
        if traces:
            await self._read_traces(traces, collected, scope, alerting=subject.alerting)
        return self._observations(subject, scope, collected, also_firing)

    def services(self, service: str | None) -> tuple[str, ...]:
        """Return the services to read: the alerting one, what it depends on, what depends on it, then the others."""
        known = self._catalogue.services
        names = [service] if service else []
        if service and service in known:
            names += known[service].depends_on
        names += [name for name, each in known.items() if service in each.depends_on]
        return tuple(dict.fromkeys([*names, *known]))[: self._plan.most_services]

    async def _in_time(self, collected: Collected, source: str, reading: Coroutine[None, None, None]) -> None:
        try:
            async with asyncio.timeout(self._plan.deadline_s):
                await reading
        except TimeoutError:
            collected.miss(source, "timeout")

    async def _read_metrics(
        self, metrics: Metrics, collected: Collected, scope: ReadingScope, subject: Subject
    ) -> None:
        plan = self._plan
        window = Window(scope.usual_until - plan.look_back, max(scope.now, scope.fired_at))

        async def one(query: MetricQuery, promql: str, service: str | None) -> None:
            left = plan.most_series - len(collected.series)
            if left <= 0:
                collected.miss(metrics.name, "truncated")
                return
            found = await metrics.query_range(promql, window, plan.step.total_seconds(), left)
            several = len(found) > 1
            for each in found:
                collected.series.append(series_of(query, promql, each, service or self._host(each), several=several))

        async def restarts(service: str, selector: str) -> None:
            found = await metrics.query_range(f"{_STARTED}{{{selector}}}", window, plan.step.total_seconds(), 20)
            collected.changes.extend(restarts_of(service, found))

        selectors = {name: metric_selector(self._catalogue, name, plan.service_label) for name in scope.services}
        questions = [restarts(name, selector) for name, selector in selectors.items()]
        if subject.series:
            own = MetricQuery(subject.name, subject.series, kind_of(f"{subject.name} {subject.series}"))
            # Of an alert that names no service, its series say themselves what they are about.
            questions.append(one(own, subject.series, subject.service))
        for query in plan.metrics:
            text = query.query.replace(RATE, plan.rate)
            if query.each:
                questions += [one(query, text.replace(SELECTOR, chosen), name) for name, chosen in selectors.items()]
            else:
                questions.append(one(query, text, None))
        await collected.ask_all(metrics.name, questions)
        if subject.alerting and not subject.service and not any(s.query == subject.series for s in collected.series):
            # As of a cloud or a database that Grafana asks itself: whatever is read is of others.
            collected.miss("alert", "elsewhere")

    def _host(self, series: RangeSeries) -> str:
        labels = series.labels
        return labels.get(self._plan.service_label) or labels.get("host") or labels.get("instance") or "host"

    async def _read_logs(self, logs: Logs, collected: Collected, scope: ReadingScope) -> None:
        plan = self._plan
        end = min(scope.now, scope.fired_at + plan.logs_around) + timedelta(seconds=1)
        windows = (
            Window(scope.usual_until - plan.logs_around - plan.baseline, scope.usual_until - plan.logs_around),
            Window(scope.fired_at - plan.logs_around, max(end, scope.fired_at)),
        )
        collected.log_windows.extend((window.start.timestamp(), window.end.timestamp()) for window in windows)

        async def one(service: str) -> None:
            selector = log_selector(self._catalogue, service, plan.log_label)
            found = [await logs.read(selector, window, plan.most_lines) for window in windows]
            if any(each.cut_at for each in found):
                # Too loud to count everything: then what complains is counted, in both windows alike.
                found = [await logs.read(f"{selector} {_COMPLAINTS}", window, plan.most_lines) for window in windows]
                if any(each.cut_at for each in found):
                    collected.miss(logs.name, "truncated")
                    collected.cut_log_windows |= cut_windows(service, windows, found)
            collected.lines.extend(line for each in found for line in each.lines)

        await collected.ask_all(logs.name, [one(name) for name in scope.services])

    async def _read_traces(self, traces: Traces, collected: Collected, scope: ReadingScope, *, alerting: bool) -> None:
        """Read them after everything else: a Tempo on the host of Loki and Prometheus would slow their answers."""
        reading = TraceReading(traces, collected, scope, self._catalogue, self._plan, self._clock)
        await self._in_time(collected, traces.name, reading.read())
        if not alerting:
            return
        if wait := reading.wait:
            await asyncio.sleep(wait.total_seconds())
            await self._in_time(collected, traces.name, reading.read_again())
        reading.note_age()

    async def _read_changes(self, collected: Collected, scope: ReadingScope) -> None:
        window = Window(scope.fired_at - self._plan.changes_back, max(scope.now, scope.fired_at))
        collected.changes.extend(await self._telemetry.changes.between(window))
        dashboards = self._telemetry.dashboards
        if dashboards is not None:

            async def annotations() -> None:
                collected.changes.extend(await dashboards.annotations(window))

            await collected.ask(dashboards.name, annotations())

    def _observations(
        self, subject: Subject, scope: ReadingScope, collected: Collected, also_firing: Sequence[str]
    ) -> Observations:
        kind = kind_of_rule(subject.name)
        said = f"{subject.name} {subject.series} {subject.summary}"
        return Observations(
            service=subject.service,
            kind=kind if kind is not MetricKind.OTHER else kind_of(said),
            fired_at=scope.fired_at.timestamp(),
            summary=subject.summary,
            labels=subject.labels,
            series=tuple(collected.series),
            lines=tuple(sorted(collected.lines, key=lambda line: line.at)),
            spans=tuple({(span.trace_id, span.span_id): span for span in collected.spans}.values()),
            edges=edges_of(self._catalogue, collected.spans),
            changes=merged(collected.changes),
            log_windows=recorded(collected.log_windows, collected.lines),
            cut_log_windows=collected.cut_log_windows,
            span_windows=tuple(collected.span_windows) if collected.spans else (),
            also_firing=tuple(also_firing),
            gaps=tuple(collected.gaps),
            alerting=subject.alerting,
            first_at=subject.first_at.timestamp() if subject.first_at else None,
        )


def about(incident: Incident) -> str | None:
    """Return the service that is looked into: that of the alert which speaks for all now, not of what began it."""
    return incident.lead.service or incident.service


def subject_of(incident: Incident) -> Subject:
    """Return what of an incident is looked into."""
    lead, at = incident.lead, min(alert.starts_at for alert in incident.firing or incident.alerts)
    return Subject(
        service=about(incident),
        at=at,
        name=lead.name,
        summary=lead.annotations.get("summary") or incident.title,
        series=own_series(lead),
        labels=dict(lead.labels),
        first_at=incident.opened_at if timedelta(0) < at - incident.opened_at <= _AGAIN_WITHIN else None,
    )
