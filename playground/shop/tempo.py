"""The shop's traces through the part of Tempo's HTTP API that searches and reads them.

Source: Tempo docs, "HTTP API"; shapes and refusals as recorded from Tempo 3.0 in tests/fixtures/tempo.
"""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from playground.shop.spans import ShopSpan
from playground.shop.trace_fields import attributes_of_resource, end_of
from playground.shop.tracebook import TraceBook
from playground.shop.traceql import BadTraceQL, TraceQuery, parse

_NS = 1_000_000_000
_DEFAULT_LIMIT, _MOST_TRACES = 20, 262_144
_SPANS_PER_SET = 3
_LONGEST_S = 168 * 3600
_ID_DIGITS = 32
_HEX = "0123456789abcdefABCDEF"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Json = dict[str, Any]


class TempoApi:
    """Answers as a Tempo that holds what is in the book."""

    def __init__(self, book: TraceBook, clock: Callable[[], float] = time.time) -> None:
        self._book, self._clock = book, clock

    def application(self) -> web.Application:
        """Build the routes."""
        app = web.Application(middlewares=[_plain_errors])
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/api/echo", self._echo)
        app.router.add_get("/api/search", self._search)
        app.router.add_get("/api/v2/traces/{id}", self._trace)
        return app

    async def _ready(self, _: web.Request) -> web.Response:
        return web.Response(text="ready\n")

    async def _echo(self, _: web.Request) -> web.Response:
        return web.Response(text="echo\n")

    async def _search(self, request: web.Request) -> web.Response:
        asked = request.query
        limit = _count(asked, "limit", _DEFAULT_LIMIT)
        if limit > _MOST_TRACES:
            raise BadTraceQL(f"limit {limit} exceeds max limit {_MOST_TRACES}")
        most_spans = _count(asked, "spss", _SPANS_PER_SET)
        start, end = self._range(asked)
        query = _query(asked.get("q", ""))
        traces = [trace for trace in self._book.newest_first() if trace[0].start <= end and end_of(trace) >= start]
        hits = ((trace, query.found(trace) if query else []) for trace in traces)
        shown = (_summary(trace, found, query, most_spans) for trace, found in hits if found or not query)
        metrics = {"inspectedBytes": str(300 * sum(map(len, traces))), "completedJobs": 1, "totalJobs": 1}
        return _json({"traces": list(itertools.islice(shown, limit)), "metrics": metrics})

    async def _trace(self, request: web.Request) -> web.Response:
        spans = self._book.trace(_trace_id(request.match_info["id"]))
        if not spans:
            return _json({"trace": {}, "metrics": {}})
        metrics = {"inspectedBytes": str(300 * len(spans))}
        return _json({"trace": {"resourceSpans": _resources(spans)}, "metrics": metrics})

    def _range(self, query: Mapping[str, str]) -> tuple[int, float]:
        """Return start and end in epoch seconds; without them, everything there is. Raises BadQuery."""
        if "start" not in query and "end" not in query:
            return 0, float("inf")
        start, end = _count(query, "start", 0), _count(query, "end", int(self._clock()))
        if start >= end:
            raise BadTraceQL(f"http parameter start must be before end. received start={start} end={end}")
        if end - start > _LONGEST_S:
            raise BadTraceQL(f"range specified by start and end exceeds 168h0m0s. received start={start} end={end}")
        return start, end


def _query(text: str) -> TraceQuery | None:
    if not text.strip():
        return None
    try:
        return parse(text)
    except BadTraceQL as error:
        raise BadTraceQL(f"invalid TraceQL query: {error}") from error


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    raw = query.get(name, str(default))
    if not (raw.isascii() and raw.isdigit()):
        raise BadTraceQL(f'invalid {name}: strconv.ParseUint: parsing "{raw}": invalid syntax')
    return int(raw)


def _trace_id(raw: str) -> str:
    for place, letter in enumerate(raw, 1):
        if letter not in _HEX:
            raise BadTraceQL(
                f"trace IDs can only contain hex characters: invalid character '{letter}' at position {place}"
            )
    if len(raw) > _ID_DIGITS:
        raise BadTraceQL("trace IDs can't be larger than 128 bits")
    return raw.lower().zfill(_ID_DIGITS)


def _summary(trace: Sequence[ShopSpan], found: Sequence[ShopSpan], query: TraceQuery | None, most_spans: int) -> Json:
    root, milliseconds = trace[0], int((end_of(trace) - trace[0].start) * 1000)
    summary: Json = {
        # Tempo leaves out what is zero: leading digits, short durations, counts of errors.
        "traceID": root.trace_id.lstrip("0"),
        "rootServiceName": root.service,
        "rootTraceName": root.name,
        "startTimeUnixNano": str(int(root.start * _NS)),
        **({"durationMs": milliseconds} if milliseconds else {}),
    }
    if query is None:
        return summary
    spans = [_found(trace, span, query) for span in found[:most_spans]]
    spanset = {"spans": spans, "matched": len(found)}
    return {**summary, "spanSet": spanset, "spanSets": [spanset], "serviceStats": _service_stats(trace)}


def _found(trace: Sequence[ShopSpan], span: ShopSpan, query: TraceQuery) -> Json:
    values = {field.name: field.read(trace, span) for field in query.fields}
    name = values.pop("name", None)
    shown = {key: value for key, value in values.items() if value is not None}
    return {
        "spanID": span.span_id,
        **({"name": name} if name else {}),
        "startTimeUnixNano": str(int(span.start * _NS)),
        "durationNanos": str(int(span.seconds * _NS)),
        **({"attributes": _attributes(shown)} if shown else {}),
    }


def _service_stats(trace: Sequence[ShopSpan]) -> Json:
    stats: dict[str, Json] = {}
    for span in trace:
        mine = stats.setdefault(span.service, {"spanCount": 0})
        mine["spanCount"] += 1
        if span.error:
            mine["errorCount"] = mine.get("errorCount", 0) + 1
    return stats


def _resources(spans: Sequence[ShopSpan]) -> list[Json]:
    """Sort spans by process and by scope, which is the order in which Tempo shows them."""
    groups: dict[str, dict[str, list[ShopSpan]]] = {}
    for span in spans:
        groups.setdefault(span.service, {}).setdefault(span.scope, []).append(span)
    return [
        {
            "resource": {"attributes": _attributes(attributes_of_resource(next(iter(scopes.values()))[0]))},
            "scopeSpans": [
                {"scope": {"name": scope}, "spans": [_span(span) for span in members]}
                for scope, members in sorted(scopes.items())
            ],
        }
        for _, scopes in sorted(groups.items())
    ]


def _span(span: ShopSpan) -> Json:
    end_ns = str(int((span.start + span.seconds) * _NS))
    failed = {"message": span.error, "code": "STATUS_CODE_ERROR"}
    return {
        "traceId": _base64(span.trace_id),
        "spanId": _base64(span.span_id),
        **({"parentSpanId": _base64(span.parent_id)} if span.parent_id else {}),
        "name": span.name,
        "kind": f"SPAN_KIND_{span.kind.upper()}",
        "startTimeUnixNano": str(int(span.start * _NS)),
        "endTimeUnixNano": end_ns,
        **({"attributes": _attributes(span.attributes)} if span.attributes else {}),
        **({"events": [_thrown(span, end_ns)]} if "error.type" in span.attributes else {}),
        "status": failed if span.error else {},
    }


def _thrown(span: ShopSpan, at_ns: str) -> Json:
    told = {"exception.type": span.attributes["error.type"], "exception.message": span.error}
    return {"timeUnixNano": at_ns, "name": "exception", "attributes": _attributes(told)}


def _attributes(values: Mapping[str, str | float | bool]) -> list[Json]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: str | float | bool) -> Json:
    if isinstance(value, bool):
        return {"boolValue": value}
    # A 64-bit integer does not fit into a JSON number.
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"stringValue": value} if isinstance(value, str) else {"doubleValue": value}


def _json(body: Json) -> web.Response:
    written = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(body=written, headers={"Content-Type": "application/json"})


def _base64(digits: str) -> str:
    return base64.b64encode(bytes.fromhex(digits)).decode()


@web.middleware
async def _plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse as Tempo does: in plain text."""
    try:
        return await handler(request)
    except BadTraceQL as error:
        return web.Response(text=str(error), status=400)
    except web.HTTPNotFound:
        return web.Response(text="404 page not found\n", status=404)
