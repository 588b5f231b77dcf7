"""Asks Loki: a log query into events, each with its service, level, trace and the stack trace that belongs to it.

Source: Loki docs, "HTTP API" (3.4 to 3.7); recordings in tests/fixtures/loki.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from bot.domain.telemetry import LogLine, ReadLog, Window
from bot.errors import SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.levels import level_of
from bot.telemetry.readings import UNKNOWN_SHAPE, hex_id, labels, listed, nanoseconds, plain
from bot.telemetry.shapes import obj
from bot.telemetry.stack_traces import continues, is_of_a_trace

# Loki refuses more (max_entries_limit_per_query).
_LIMIT: Final = 5000
_EVENT_LIMIT: Final = 4000
# The innermost cause of a Java stack trace stands near its end, so a long event loses its middle.
_TAIL: Final = 1400
_CUT: Final = "\n…\n"
_SERVICE_LIMIT: Final = 200
# A stack trace is written at once; what a filter leaves over minutes later belongs to something else.
_SAME_EVENT_NS: Final = 5_000_000_000

_SERVICE_LABELS: Final = ("service", "service_name", "app", "job")
# Loki shows these beside a stream's own labels, so that one stream falls into many.
_OF_THE_LINE: Final = frozenset(
    {"level", "detectedlevel", "severity", "traceid", "spanid", "parentid", "traceflags", "error", "errordetails"}
)

# Spring writes [trace-span], before Spring Boot 3 [app,trace,span]; W3C's traceparent is version-trace-span-flags.
_IDS_WITHIN: Final = 2000
_BOTH_IDS: Final = re.compile(
    r"(?:[\[,]|\b00-)(?P<trace>[0-9a-f]{32}|[0-9a-f]{16})[-,](?P<span>[0-9a-f]{16})(?=[\],]|-0[0-9a-f]\b)"
)
_TRACE_ID: Final = re.compile(
    r"""(?:\b|_)trace(?:[._]?id["']?|["']?:\s*\{["']id["'])\s*[=:]\s*["']?([0-9a-f]{32}|[0-9a-f]{16})\b""",
    re.IGNORECASE,
)
_SPAN_ID: Final = re.compile(
    r"""(?:\b|_)span(?:[._]?id["']?|["']?:\s*\{["']id["'])\s*[=:]\s*["']?([0-9a-f]{16})\b""", re.IGNORECASE
)


class _Entry(NamedTuple):
    """One line as Loki keeps it; `stream` is what the lines of one program on one host have in common."""

    at_ns: int
    stream: frozenset[tuple[str, str]]
    labels: Mapping[str, str]
    text: str


@dataclass(slots=True)
class _Event:
    """A line and those that continue it."""

    first: _Entry
    parts: list[str]
    last_ns: int

    def takes(self, entry: _Entry) -> bool:
        """Tell whether a line of the same stream continues this event."""
        if entry.at_ns - self.last_ns > _SAME_EVENT_NS:
            return False
        return continues(self.parts, entry.text)

    def message(self) -> str:
        """Return all lines, shortened in the middle."""
        whole = "\n".join(self.parts)
        if len(whole) <= _EVENT_LIMIT:
            return whole
        return whole[: _EVENT_LIMIT - _TAIL - len(_CUT)] + _CUT + whole[-_TAIL:]


class Loki:
    """Implements `bot.ports.Logs`; `service_label` is the stream label that names the service."""

    name = "loki"

    def __init__(self, http: JsonClient, service_label: str = "service") -> None:
        self._http = http
        self._service_labels = tuple(dict.fromkeys((service_label, *_SERVICE_LABELS)))

    async def lines(self, logql: str, window: Window, limit: int) -> Sequence[LogLine]:
        return (await self.read(logql, window, limit)).lines

    async def read(self, logql: str, window: Window, limit: int) -> ReadLog:
        limit = max(1, min(limit, _LIMIT))
        query = {
            "query": logql,
            # Loki reads ten digits and fewer as seconds, so always nanoseconds in full.
            "start": str(round(window.start.timestamp() * 1000) * 1_000_000),
            "end": str(round(window.end.timestamp() * 1000) * 1_000_000),
            "limit": str(limit),
            "direction": "backward",
        }
        data = obj(obj(await self._http.get("loki/api/v1/query_range", query)).get("data"))
        if data.get("resultType") != "streams":
            raise SourceUnavailable(self.name, "the answer is not log lines")
        entries = self._entries(listed(data.get("result"), self.name))
        # It counts lines, of which several may be one event.
        cut_at = entries[0].at_ns / 1e9 if len(entries) >= limit else None
        return ReadLog([self._line(event) for event in _events(entries)][-limit:], cut_at)

    async def ping(self) -> None:
        # Who is let in, and as which tenant, is looked at where something is asked, and not by /ready.
        if obj(await self._http.get("loki/api/v1/labels")).get("status") != "success":
            raise SourceUnavailable(self.name, UNKNOWN_SHAPE)

    def _entries(self, streams: Iterable[Mapping[str, Any]]) -> list[_Entry]:
        read = [self._stream(raw) for raw in streams]
        # Loki gives each level and trace a stream of its own: at the same nanosecond the message goes before its stack.
        read.sort(key=lambda entries: bool(entries) and is_of_a_trace(entries[0].text))
        return sorted((entry for entries in read for entry in entries), key=lambda entry: entry.at_ns)

    def _stream(self, raw: Mapping[str, Any]) -> list[_Entry]:
        shared, values = labels(raw.get("stream")), raw.get("values")
        if not isinstance(values, list):
            raise SourceUnavailable(self.name, UNKNOWN_SHAPE)
        # They come newest first.
        return [self._entry(shared, value) for value in reversed(cast("list[object]", values))]

    def _entry(self, shared: Mapping[str, str], value: object) -> _Entry:
        parts = cast("list[object]", value) if isinstance(value, list) else []
        if len(parts) < 2 or not isinstance(parts[1], str):
            raise SourceUnavailable(self.name, UNKNOWN_SHAPE)
        # A third part is there if a proxy asks Loki to tell metadata from labels.
        extra = obj(parts[2]) if len(parts) > 2 else {}
        everything = {**labels(extra.get("structuredMetadata")), **labels(extra.get("parsed")), **shared}
        stream = frozenset(pair for pair in shared.items() if _bare(pair[0]) not in _OF_THE_LINE)
        return _Entry(nanoseconds(parts[0], self.name), stream, everything, plain(parts[1]).rstrip("\r\n"))

    def _line(self, event: _Event) -> LogLine:
        first, message = event.first, event.message()
        trace_id, span_id = _ids(first.labels, message[:_IDS_WITHIN])
        return LogLine(
            at=first.at_ns / 1e9,
            service=self._service(first.labels),
            message=message,
            level=level_of(first.labels, first.text),
            trace_id=trace_id,
            span_id=span_id,
        )

    def _service(self, known: Mapping[str, str]) -> str:
        # Loki itself writes unknown_service where no label names one.
        named = (known.get(name, "") for name in self._service_labels)
        return next((each for each in named if each and each != "unknown_service"), "")[:_SERVICE_LIMIT]


def _events(entries: Iterable[_Entry]) -> list[_Event]:
    """Join what continues an event to it; the events keep the order of their first lines."""
    events: list[_Event] = []
    newest: dict[frozenset[tuple[str, str]], _Event] = {}
    for entry in entries:
        event = newest.get(entry.stream)
        if event and event.takes(entry):
            event.parts.append(entry.text)
            event.last_ns = entry.at_ns
            continue
        newest[entry.stream] = _Event(entry, [entry.text], entry.at_ns)
        events.append(newest[entry.stream])
    return events


def _bare(label: str) -> str:
    """Spell `trace_id`, `traceID` and `trace.id` alike."""
    return re.sub(r"[^a-z]", "", label.lower())


def _ids(known: Mapping[str, str], message: str) -> tuple[str, str]:
    """Find trace and span: in labels and structured metadata, else in the line."""
    bare = {_bare(name): value for name, value in known.items()}
    trace_id, span_id = hex_id(bare.get("traceid"), 32), hex_id(bare.get("spanid"), 16)
    both = _BOTH_IDS.search(message)
    if both and not trace_id:
        return hex_id(both["trace"], 32), hex_id(both["span"], 16)
    if not trace_id and (match := _TRACE_ID.search(message)):
        trace_id = hex_id(match[1], 32)
    if not span_id and (match := _SPAN_ID.search(message)):
        span_id = hex_id(match[1], 16)
    return trace_id, span_id
