"""Looks up what a model may ask for: each reads one source, a little and never far back, and changes nothing."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bot.core.questions.queries import (
    DEFAULT_MIN,
    LONGEST_MIN,
    Unfit,
    logql,
    only,
    promql,
    trace_id,
    traceql,
    whole,
    window,
    words,
)
from bot.domain.asking import LookupResult
from bot.domain.evidence import Channel
from bot.domain.excerpts import Excerpts, labels, number, service_of, span, telling, told
from bot.domain.observed import merged
from bot.domain.telemetry import Change, Window
from bot.errors import SourceError
from bot.ports import Clock, Incidents, Logs, Metrics, Telemetry, Tool, ToolCall, Traces

_SERIES, _LINES, _TRACES, _SPANS, _CHANGES, _INCIDENTS = 20, 30, 20, 40, 20, 20
_READ_LINES = 500
_STEPS, _FINEST_STEP_S = 120, 15
_TIMES: dict[str, object] = {
    "minutes": {
        "type": "integer",
        "description": f"length of the stretch of time, 1 to {LONGEST_MIN}; {DEFAULT_MIN} if left out",
    },
    "ended_minutes_ago": {"type": "integer", "description": "when it ended, in minutes before now; 0 if left out"},
    "around_alert": {
        "type": "boolean",
        "description": "true: until 10 minutes after the alert fired, instead of until now",
    },
}
_WINDOW = tuple(_TIMES)
# So far back Prometheus looks for a present value.
_NOW = timedelta(minutes=5)
_NONE = {"asked-changes": "asked-no-changes", "asked-incidents": "asked-no-incidents"}


@dataclass(frozen=True, slots=True)
class _Offer:
    tool: Tool
    run: Callable[[Mapping[str, object], datetime], Awaitable[LookupResult]]


def _tool(name: str, description: str, optional: Mapping[str, object], **required: str) -> Tool:
    """Offer a tool whose `required` arguments are texts."""
    properties = {argument: {"type": "string", "description": about} for argument, about in required.items()}
    schema: dict[str, object] = {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {**properties, **optional},
    }
    return Tool(name, description, schema)


class Lookups:
    """Metrics, logs, traces, changes and incidents; a source that is not there is not offered."""

    def __init__(
        self,
        *,
        telemetry: Telemetry,
        incidents: Incidents,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._telemetry = telemetry
        self._incidents = incidents
        self._clock = clock
        self._excerpts = Excerpts(zone)
        offers: list[_Offer] = []
        if telemetry.metrics is not None:
            offers += self._of_metrics(telemetry.metrics)
        if telemetry.logs is not None:
            offers += self._of_logs(telemetry.logs)
        if telemetry.traces is not None:
            offers += self._of_traces(telemetry.traces)
        self._offers = {offer.tool.name: offer for offer in [*offers, *self._of_records()]}

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What may be asked for."""
        return tuple(offer.tool for offer in self._offers.values())

    async def run(self, call: ToolCall, fired_at: datetime) -> LookupResult:
        """Look something up. Raises Unfit for what cannot be asked so, SourceError for a source that does not answer."""
        offer = self._offers.get(call.name)
        if offer is None:
            raise Unfit(f"there is no tool {call.name[:40]!r}; there are: {', '.join(self._offers)}")
        return await offer.run(call.arguments, fired_at)

    def _of_metrics(self, metrics: Metrics) -> list[_Offer]:
        async def over_time(arguments: Mapping[str, object], fired_at: datetime) -> LookupResult:
            only(arguments, ("query", *_WINDOW))
            query, asked = promql(words(arguments, "query")), window(arguments, self._clock(), fired_at)
            step = max(_FINEST_STEP_S, math.ceil(asked.seconds / _STEPS / _FINEST_STEP_S) * _FINEST_STEP_S)
            found = await metrics.query_range(query, asked, step, _SERIES)
            rows = tuple(self._excerpts.series(each) for each in found if each.points)
            return self._look(
                Channel.METRIC, "asked-series", query, asked, rows, len(rows), told(rows, "labels", "said")
            )

        async def now(arguments: Mapping[str, object], _: datetime) -> LookupResult:
            only(arguments, ("query",))
            query, at = promql(words(arguments, "query")), self._clock()
            found = await metrics.query(query)
            rows = tuple({"labels": labels(each.labels), "value": number(each.value)} for each in found[:_SERIES])
            said = told(rows, "labels", "value")
            asked = Window(at - _NOW, at)
            return self._look(Channel.METRIC, "asked-now", query, asked, rows, len(found), said)

        about = "PromQL; look at `services` for selectors and at `queries` for examples"
        return [
            _Offer(
                _tool("metrics", "Read series from Prometheus over time.", _TIMES, query=about),
                over_time,
            ),
            _Offer(_tool("metrics_now", "Read the present values from Prometheus.", {}, query=about), now),
        ]

    def _of_logs(self, logs: Logs) -> list[_Offer]:
        async def lines(arguments: Mapping[str, object], fired_at: datetime) -> LookupResult:
            only(arguments, ("query", *_WINDOW))
            query, asked = logql(words(arguments, "query")), window(arguments, self._clock(), fired_at)
            found = await logs.lines(query, asked, _READ_LINES)
            rows = tuple(self._excerpts.line(each) for each in reversed(found[-_LINES:]))
            return self._look(Channel.LOG, "asked-lines", query, asked, rows, len(found), told(rows[:1], "at", "line"))

        about = 'LogQL of lines, like {service="api"} |= "timeout"'
        return [
            _Offer(
                _tool("logs", "Read log lines from Loki, the newest first.", _TIMES, query=about),
                lines,
            )
        ]

    def _of_traces(self, traces: Traces) -> list[_Offer]:
        async def search(arguments: Mapping[str, object], fired_at: datetime) -> LookupResult:
            only(arguments, ("query", *_WINDOW))
            query, asked = traceql(words(arguments, "query")), window(arguments, self._clock(), fired_at)
            found = await traces.search(query, asked, _TRACES)
            rows = tuple(self._excerpts.trace(each) for each in found)
            return self._look(
                Channel.TRACE, "asked-traces", query, asked, rows, len(rows), told(rows[:3], "operation", "ms")
            )

        async def spans(arguments: Mapping[str, object], fired_at: datetime) -> LookupResult:
            only(arguments, ("trace_id", *_WINDOW))
            identity, asked = trace_id(words(arguments, "trace_id")), window(arguments, self._clock(), fired_at)
            found = await traces.spans(identity, asked)
            rows = tuple(span(each, found[0].start) for each in telling(found, _SPANS))
            longest = sorted(rows, key=lambda row: (not row["failed"], -float(str(row["ms"]))))[:3]
            said = told(longest, "service", "operation", "ms")
            return self._look(Channel.TRACE, "asked-trace", identity, asked, rows, len(found), said)

        about = 'TraceQL, like { resource.service.name = "api" && status = error }'
        return [
            _Offer(_tool("traces", "Search traces in Tempo.", _TIMES, query=about), search),
            _Offer(
                _tool("trace", "Read the spans of one trace.", _TIMES, trace_id="hexadecimal id"),
                spans,
            ),
        ]

    def _of_records(self) -> list[_Offer]:
        async def changes(arguments: Mapping[str, object], fired_at: datetime) -> LookupResult:
            only(arguments, _WINDOW)
            asked = window(arguments, self._clock(), fired_at)
            known, missed = await self._changes_in(asked)
            found = sorted(known, key=lambda change: -change.at)
            rows = tuple(self._excerpts.change(each, self._clock()) for each in found[:_CHANGES])
            rows += ({"not_seen": missed},) if missed else ()
            said = told(rows[:4], "kind", "id", "service", "at")
            return self._look(Channel.CHANGE, "asked-changes", "", asked, rows, len(found), said)

        async def incidents(arguments: Mapping[str, object], _: datetime) -> LookupResult:
            only(arguments, ("last",))
            count = whole(arguments, "last", 10, 1, _INCIDENTS)
            still_open, recent = await self._incidents.open(), await self._incidents.recent(count)
            found = {each.number: each for each in (*still_open, *recent)}.values()
            rows = tuple(self._excerpts.incident(each) for each in list(found)[:_INCIDENTS])
            at = self._clock()
            asked = Window(min((each.opened_at for each in found), default=at), at)
            said = told(rows[:4], "number", "title", "state")
            return self._look(Channel.ALERT, "asked-incidents", "", asked, rows, len(found), said)

        last = {
            "type": "integer",
            "description": f"how many of the last ones beside those that are open, 1 to {_INCIDENTS}",
        }
        return [
            _Offer(_tool("changes", "List deploys and other changes.", _TIMES), changes),
            _Offer(_tool("incidents", "List open and past incidents.", {"last": last}), incidents),
        ]

    async def _changes_in(self, asked: Window) -> tuple[Sequence[Change], str]:
        """Return the changes, and the source that did not answer. Raises SourceError if then none is known."""
        known, missed = list(await self._telemetry.changes.between(asked)), ""
        if self._telemetry.dashboards is not None:
            try:
                known += await self._telemetry.dashboards.annotations(asked)
            except SourceError as error:
                # What CI told us is not lost because Grafana does not answer; but nobody could say that there is no more.
                missed = error.source
                if not known:
                    raise
        return merged(known), missed

    def _look(
        self,
        channel: Channel,
        key: str,
        query: str,
        asked: Window,
        rows: tuple[Mapping[str, object], ...],
        found: int,
        said: str,
    ) -> LookupResult:
        # What is written down is read again by whoever asks the next question.
        values = {
            "query": query,
            "began": self._excerpts.moment(asked.start),
            "ended": self._excerpts.moment(asked.end),
            "minutes": str(round(asked.seconds / 60)),
            "count": str(found),
            "result": said or "0",
        }
        return LookupResult(
            channel, key if found else _NONE.get(key, "asked-none"), query, asked, rows, found, service_of(rows), values
        )
