"""Asks Tempo: TraceQL into traces, and a trace into its spans.

Source: Tempo docs, "HTTP API" (2.8 to 3.0), and OpenTelemetry's JSON; recordings in tests/fixtures/tempo.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from bot.domain.telemetry import FoundTrace, Span, TraceSummary, Window
from bot.errors import QueryRejected, SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.readings import UNKNOWN_SHAPE, hex_id, listed, nanoseconds, plain
from bot.telemetry.shapes import obj

_LIMIT: Final = 1000
# Tempo refuses to bring more spans of a trace along (max_spans_per_span_set).
_SPANS_OF_EACH: Final = 100
_SELECTED: Final = "select(name, status, kind, span:parentID, resource.service.name)"
_TRACE_DIGITS: Final = 32
_SPAN_DIGITS: Final = 16
_NAME_LIMIT: Final = 300
# A trace found in a window may have begun before it, and may end after it.
_AROUND: Final = timedelta(minutes=30)

_ROOT_UNKNOWN: Final = "<root span not yet received>"
_FAILED: Final = ("STATUS_CODE_ERROR", "ERROR", "2", 2)
_KINDS: Final = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


class Tempo:
    """Implements `bot.ports.Traces`."""

    name = "tempo"

    def __init__(self, http: JsonClient) -> None:
        self._http = http
        # Before 2.8 a Tempo does not know the parents of spans in a search.
        self._selects = True

    async def search(self, traceql: str, window: Window, limit: int) -> Sequence[TraceSummary]:
        return [found.summary for found in await self._search(traceql, window, limit, 1)]

    async def find(self, condition: str, window: Window, limit: int) -> Sequence[FoundTrace]:
        plain_query = f"{{ {condition} }}"
        if not self._selects:
            return await self._search(plain_query, window, limit, 1)
        try:
            # The empty braces match every other span of a trace that has one of the first kind.
            return await self._search(f"{plain_query} && {{ }} | {_SELECTED}", window, limit, _SPANS_OF_EACH)
        except QueryRejected:
            # Either it knows no such selection, or the condition itself is wrong: then this is refused as well.
            found = await self._search(plain_query, window, limit, 1)
            self._selects = False
            return found

    async def spans(self, trace_id: str, window: Window) -> Sequence[Span]:
        asked = hex_id(trace_id, _TRACE_DIGITS)
        if not asked:
            # Whatever a log line called a trace id; it would be part of the path.
            return []
        around = _seconds(Window(window.start - _AROUND, window.end + _AROUND))
        answer = await self._trace(asked, around)
        if not isinstance(answer, dict):
            raise SourceUnavailable(self.name, UNKNOWN_SHAPE)
        trace = obj(obj(answer).get("trace")) or obj(answer)
        batches = listed(trace.get("resourceSpans") or trace.get("batches"), self.name)
        found = [span for batch in batches for span in self._batch(batch, asked)]
        return sorted(found, key=lambda span: span.start)

    async def ping(self) -> None:
        # As Loki's; without a time only what came last is searched.
        await self._search("{}", None, 1, 1)

    async def _search(self, traceql: str, window: Window | None, limit: int, spans: int) -> list[FoundTrace]:
        limit = max(1, min(limit, _LIMIT))
        query = {"q": traceql, "limit": str(limit), "spss": str(spans), **(_seconds(window) if window else {})}
        answer = await self._http.get("api/search", query)
        if not isinstance(answer, dict):
            raise SourceUnavailable(self.name, UNKNOWN_SHAPE)
        found = [self._found(raw, spans) for raw in listed(obj(answer).get("traces"), self.name)]
        return [each for each in found if each.summary.trace_id][:limit]

    def _found(self, raw: Mapping[str, Any], most: int) -> FoundTrace:
        summary = self._summary(raw)
        # Several sets come of one trace where it lies in several blocks; 2.2 and older know only one.
        sets = listed(raw.get("spanSets"), self.name) or [obj(raw.get("spanSet"))]
        told = [each for one in sets for each in listed(one.get("spans"), self.name)]
        if most == 1:
            return FoundTrace(summary)
        read = {span.span_id: span for each in told if (span := self._told_span(each, summary.trace_id)).span_id}
        spans = sorted(read.values(), key=lambda span: span.start)
        matched = max((count for one in sets if isinstance(count := one.get("matched"), int)), default=0)
        return FoundTrace(summary, spans, whole=0 < matched <= len(spans) and _hang_together(read))

    def _told_span(self, raw: Mapping[str, Any], trace_id: str) -> Span:
        """Read a span as a search tells it: what was selected stands among its attributes."""
        said = {
            plain(each.get("key")): plain(obj(each.get("value")).get("stringValue"))
            for each in listed(raw.get("attributes"), self.name)
        }
        start = nanoseconds(raw.get("startTimeUnixNano"), self.name)
        return Span(
            trace_id=trace_id,
            span_id=hex_id(raw.get("spanID"), _SPAN_DIGITS),
            parent_id=hex_id(said.get("span:parentID") or said.get("parentID"), _SPAN_DIGITS),
            service=said.get("service.name", "")[:_NAME_LIMIT],
            operation=plain(raw.get("name"))[:_NAME_LIMIT],
            start=start / 1e9,
            # Left out when it is nothing.
            duration_ms=nanoseconds(raw.get("durationNanos") or "0", self.name) / 1e6,
            failed=said.get("status") == "error",
            kind=_kind(said.get("kind", "")),
        )

    async def _trace(self, trace_id: str, around: Mapping[str, str]) -> Any:
        try:
            return await self._http.get(f"api/v2/traces/{trace_id}", around)
        except QueryRejected as error:
            # A Tempo before 2.7 has no second version of this.
            if not _is_missing(error):
                raise
        try:
            return await self._http.get(f"api/traces/{trace_id}", around)
        except QueryRejected as error:
            # Nothing, or its own words, for a trace it does not know; these words if this is no Tempo at all.
            if not _is_missing(error) or "page not found" in error.detail:
                raise
            return {}

    def _summary(self, raw: Mapping[str, Any]) -> TraceSummary:
        service = plain(raw.get("rootServiceName"))[:_NAME_LIMIT]
        return TraceSummary(
            # It comes without its leading zeros.
            trace_id=hex_id(raw.get("traceID"), _TRACE_DIGITS),
            service="" if service == _ROOT_UNKNOWN else service,
            operation=plain(raw.get("rootTraceName"))[:_NAME_LIMIT],
            start=nanoseconds(raw.get("startTimeUnixNano"), self.name) / 1e9,
            # Left out when it is less than one.
            duration_ms=_milliseconds(raw.get("durationMs")),
        )

    def _batch(self, batch: Mapping[str, Any], asked: str) -> list[Span]:
        service = self._service(obj(batch.get("resource")))
        # Called instrumentationLibrarySpans before OpenTelemetry 1.0.
        scopes = listed(batch.get("scopeSpans") or batch.get("instrumentationLibrarySpans"), self.name)
        read = [self._span(raw, service, asked) for scope in scopes for raw in listed(scope.get("spans"), self.name)]
        return [span for span in read if span.span_id]

    def _service(self, resource: Mapping[str, Any]) -> str:
        attributes = listed(resource.get("attributes"), self.name)
        named = (obj(each.get("value")).get("stringValue") for each in attributes if each.get("key") == "service.name")
        return plain(next(named, ""))[:_NAME_LIMIT]

    def _span(self, raw: Mapping[str, Any], service: str, asked: str) -> Span:
        start = nanoseconds(raw.get("startTimeUnixNano"), self.name)
        # Nothing of a span that is still open.
        end = nanoseconds(raw.get("endTimeUnixNano") or start, self.name)
        return Span(
            trace_id=_identity(raw.get("traceId"), _TRACE_DIGITS) or asked,
            span_id=_identity(raw.get("spanId"), _SPAN_DIGITS),
            parent_id=_identity(raw.get("parentSpanId"), _SPAN_DIGITS),
            service=service,
            operation=plain(raw.get("name"))[:_NAME_LIMIT],
            start=start / 1e9,
            duration_ms=max(0, end - start) / 1e6,
            failed=obj(raw.get("status")).get("code") in _FAILED,
            kind=_kind(raw.get("kind")),
        )


def _hang_together(spans: Mapping[str, Span]) -> bool:
    """Tell whether at most one span has its parent elsewhere: a trace in several blocks is told from one of them."""
    return sum(span.parent_id not in spans for span in spans.values()) == 1


def _is_missing(error: QueryRejected) -> bool:
    return "404" in error.detail or "not found" in error.detail


def _seconds(window: Window) -> dict[str, str]:
    start = math.floor(window.start.timestamp())
    # Tempo refuses an end that is not after the start.
    return {"start": str(start), "end": str(max(start + 1, math.ceil(window.end.timestamp())))}


def _milliseconds(raw: object) -> float:
    read = float(raw) if isinstance(raw, float) or (type(raw) is int and abs(raw) < 2**63) else 0.0
    return read if math.isfinite(read) and read > 0 else 0.0


def _identity(raw: object, digits: int) -> str:
    """Read an id: base64 as Tempo writes it inside a trace, or hex as OpenTelemetry's JSON has it."""
    if not isinstance(raw, str):
        return ""
    if len(raw) in (16, 32) and hex_id(raw, digits):
        return hex_id(raw, digits)
    try:
        return hex_id(base64.b64decode(raw, validate=True).hex(), digits)
    except (binascii.Error, ValueError):
        return ""


def _kind(raw: object) -> str:
    if isinstance(raw, str):
        word = raw.removeprefix("SPAN_KIND_").lower()
        return word if word in _KINDS.values() else ""
    return _KINDS.get(raw, "") if isinstance(raw, int) else ""
