"""Asks Loki: a log query into events, each with its service, level, trace and the stack trace that belongs to it.

Source: Loki docs, "HTTP API" (3.4 to 3.7); recordings in tests/fixtures/loki.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from bot.domain.telemetry import LogLine, Window
from bot.errors import SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.readings import UNKNOWN_SHAPE, hex_id, labels, listed, nanoseconds, plain
from bot.telemetry.shapes import obj

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
_LEVEL_LABELS: Final = ("level", "severity")
# Loki's own guess: what a sender of OpenTelemetry said, else the first word of the line that looks like a level.
_GUESSED: Final = "detected_level"
_LEVELS: Final = {
    **{level: level for level in ("trace", "debug", "info", "warn", "error", "critical", "fatal")},
    "warning": "warn",
    "err": "error",
    "notice": "info",
    # nginx and syslog have four that are worse than a warning.
    "crit": "critical",
    "alert": "critical",
    "emerg": "critical",
    "emergency": "critical",
    "panic": "fatal",
    "severe": "error",
}
# A line of an access log has no level: words in its address and its trace are a visitor's.
_ACCESS: Final = re.compile(r'"[A-Z]{3,10} \S+ HTTP/[\d.]+" \d{3} ')
_ACCESS_FIELDS: Final = frozenset({"status", "request_time", "method", "uri", "request", "path"})
# Loki shows these beside a stream's own labels, so that one stream falls into many.
_OF_THE_LINE: Final = frozenset(
    {"level", "detectedlevel", "severity", "traceid", "spanid", "parentid", "traceflags", "error", "errordetails"}
)

_CONTINUES: Final = re.compile(
    r"\t|\s+at |\s*\.\.\. \d+ (?:more|common frames)|\s*(?:Caused by|Suppressed|Wrapped by): ?"
)
_THROWN: Final = re.compile(r"(?:[\w$]+\.)+[\w$]*(?:Exception|Error|Throwable)(?::|\s*$)")

# The beginning of a line tells its level; further on it is what somebody wrote.
_LEVEL_WITHIN: Final = 200
_LEVEL: Final = re.compile(
    r"""\blevel["']?\s*[=:]\s*["']?(?P<named>[A-Za-z]+)"""
    r"""|\[(?P<boxed>[A-Za-z]{3,8})\]"""
    r"""|\b(?P<bare>TRACE|DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\b"""
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
        # The exception itself stands right after the message, and nowhere else.
        follows_message = len(self.parts) == 1 and not _begins_or_continues_a_trace(self.first.text)
        return bool(_CONTINUES.match(entry.text) or (follows_message and _THROWN.match(entry.text)))

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
        return [self._line(event) for event in _events(entries)][-limit:]

    async def ping(self) -> None:
        await self._http.text("ready")

    def _entries(self, streams: Iterable[Mapping[str, Any]]) -> list[_Entry]:
        read = [self._stream(raw) for raw in streams]
        # Loki gives each level and trace a stream of its own: at the same nanosecond the message goes before its stack.
        read.sort(key=lambda entries: bool(entries) and _begins_or_continues_a_trace(entries[0].text))
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
            level=_level(first.labels, first.text),
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


def _begins_or_continues_a_trace(line: str) -> bool:
    return bool(_CONTINUES.match(line) or _THROWN.match(line))


def _bare(label: str) -> str:
    """Spell `trace_id`, `traceID` and `trace.id` alike."""
    return re.sub(r"[^a-z]", "", label.lower())


def _level(known: Mapping[str, str], line: str) -> str:
    labelled = _first_level(known.get(name) for name in _LEVEL_LABELS)
    if labelled or _ACCESS.search(line):
        return labelled
    if line.startswith("{"):
        fields = _json_fields(line)
        if len(_ACCESS_FIELDS & fields.keys()) > 1:
            return _first_level(_named_levels(fields))
        return _first_level([*_named_levels(fields), known.get(_GUESSED)])
    said = (match[match.lastgroup or 0] for match in _LEVEL.finditer(line[:_LEVEL_WITHIN]))
    return _first_level([*said, known.get(_GUESSED)])


def _named_levels(fields: Mapping[str, Any]) -> list[object]:
    """Return what a JSON line calls its level: Spring Boot's ecs, logstash and gelf, Python's and Go's loggers."""
    flat = [fields.get(name) for name in ("level", "log.level", "_level_name", "severity", "levelname")]
    return [obj(fields.get("log")).get("level"), *flat]


def _first_level(words: Iterable[object]) -> str:
    return next((_LEVELS[word.lower()] for word in words if isinstance(word, str) and word.lower() in _LEVELS), "")


def _json_fields(line: str) -> dict[str, Any]:
    try:
        return obj(json.loads(line))
    except (ValueError, RecursionError):
        return {}


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
