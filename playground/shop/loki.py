"""The shop's logs through the part of Loki's HTTP API that reads lines.

Source: Loki docs, "HTTP API"; shapes, limits and refusals as recorded from Loki 3.7 in tests/fixtures/loki.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from playground.shop.logbook import LogBook, LogEntry, newest_first
from playground.shop.logql import BadLogQL, LogQuery, parse

_NS = 1_000_000_000
_DEFAULT_LIMIT, _MOST_ENTRIES = 100, 5000
_HOUR_NS = 3600 * _NS
_LONGEST = timedelta(days=30, hours=1)
_NUMBER = re.compile(r"-?\d+(\.\d*)?([eE][+-]?\d+)?")
# Loki adds this one to every stream, and how loud a line is to every line.
_SERVICE_NAME = "service_name"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LokiApi:
    """Answers as a Loki that holds what is in the book."""

    def __init__(self, book: LogBook, clock: Callable[[], float] = time.time) -> None:
        self._book, self._clock = book, clock

    def application(self) -> web.Application:
        """Build the routes."""
        app = web.Application(middlewares=[_plain_errors])
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/loki/api/v1/labels", self._labels)
        app.router.add_get("/loki/api/v1/label/{name}/values", self._values)
        app.router.add_get("/loki/api/v1/query_range", self._query_range)
        return app

    async def _ready(self, _: web.Request) -> web.Response:
        return _text("ready\n")

    async def _labels(self, request: web.Request) -> web.Response:
        return _listed({name for stream in self._streams(request.query) for name in stream})

    async def _values(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        return _listed({stream[name] for stream in self._streams(request.query) if name in stream})

    async def _query_range(self, request: web.Request) -> web.Response:
        start_ns, end_ns = self._range(request.query)
        limit = _limit(request.query)
        direction = request.query.get("direction", "backward").lower()
        if direction not in ("backward", "forward"):
            raise BadLogQL(f"invalid direction '{direction}'")
        query = parse(request.query.get("query", ""))
        begun = time.perf_counter()
        found = newest_first(self._selected(query, start_ns, end_ns))
        kept = _kept(query, found if direction == "backward" else reversed(found))
        taken = list(itertools.islice(kept, limit))
        data = {
            "resultType": "streams",
            "result": _grouped(taken),
            "stats": {"summary": _summary(found, len(taken), time.perf_counter() - begun)},
        }
        return _json({"status": "success", "data": data})

    def _selected(self, query: LogQuery, start_ns: int, end_ns: int) -> Iterator[LogEntry]:
        # There are a few streams and many entries.
        chosen: dict[tuple[str, str], bool] = {}
        for entry in self._book.between(start_ns, end_ns):
            key = (entry.service, entry.level)
            if key not in chosen:
                chosen[key] = query.selects(_stream(entry))
            if chosen[key]:
                yield entry

    def _streams(self, query: Mapping[str, str]) -> list[dict[str, str]]:
        seen = {(entry.service, entry.level): entry for entry in self._book.between(*self._range(query))}
        return [_stream(entry) for entry in seen.values()]

    def _range(self, query: Mapping[str, str]) -> tuple[int, int]:
        """Return start and end in nanoseconds. Raises BadQuery."""
        end_ns = _moment(query, "end", int(self._clock() * _NS))
        start_ns = _moment(query, "start", end_ns - _HOUR_NS)
        if end_ns <= start_ns:
            raise BadLogQL("end timestamp must not be before or equal to start time")
        length_s = (end_ns - start_ns) // _NS
        if length_s > _LONGEST.total_seconds():
            hours, rest = divmod(length_s, 3600)
            length = f"{hours}h{rest // 60}m{rest % 60}s"
            raise BadLogQL(f"the query time range exceeds the limit (query length: {length}, limit: 30d1h)")
        return start_ns, end_ns


def _stream(entry: LogEntry) -> dict[str, str]:
    return {**entry.stream, _SERVICE_NAME: entry.service}


def _kept(query: LogQuery, entries: Iterable[LogEntry]) -> Iterator[tuple[dict[str, str], LogEntry]]:
    """Yield the entries that a query keeps, each with labels and structured metadata as one, which is how Loki shows them."""
    for entry in entries:
        labels = _stream(entry) | {"detected_level": entry.level or "unknown"}
        if entry.trace_id:
            labels |= {"trace_id": entry.trace_id, "span_id": entry.span_id}
        if query.keeps(labels, entry.line):
            yield labels, entry


def _grouped(taken: Iterable[tuple[dict[str, str], LogEntry]]) -> list[dict[str, Any]]:
    streams: dict[str, dict[str, Any]] = {}
    for labels, entry in taken:
        ordered = dict(sorted(labels.items()))
        key = ", ".join(f'{name}="{value}"' for name, value in ordered.items()) + "}"
        stream = streams.setdefault(key, {"stream": ordered, "values": []})
        stream["values"].append([str(entry.at_ns), entry.line])
    return [streams[key] for key in sorted(streams)]


def _limit(query: Mapping[str, str]) -> int:
    raw = query.get("limit", str(_DEFAULT_LIMIT))
    if not re.fullmatch(r"[+-]?\d+", raw, re.ASCII):
        raise BadLogQL(f'strconv.Atoi: parsing "{raw}": invalid syntax')
    limit = int(raw)
    if limit <= 0:
        raise BadLogQL("limit must be a positive value")
    if limit > _MOST_ENTRIES:
        raise BadLogQL(
            f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {_MOST_ENTRIES})"
        )
    return limit


def _moment(query: Mapping[str, str], name: str, default_ns: int) -> int:
    """Read a time as Loki does: up to ten digits or with a point are seconds, more are nanoseconds, else RFC 3339."""
    raw = query.get(name)
    if not raw:
        return default_ns
    if _NUMBER.fullmatch(raw):
        digits = raw.lstrip("-")
        return int(raw) if digits.isdigit() and len(digits) > 10 else int(float(raw) * _NS)
    try:
        return int(datetime.fromisoformat(raw).timestamp() * _NS)
    except (ValueError, OverflowError) as error:
        problem = f'strconv.ParseInt: parsing "{raw}": invalid syntax'
        raise BadLogQL(f"could not parse '{name}' parameter: {problem}") from error


def _summary(read: list[LogEntry], returned: int, seconds: float) -> dict[str, float]:
    size = sum(len(entry.line) for entry in read)
    return {
        "bytesProcessedPerSecond": int(size / seconds),
        "linesProcessedPerSecond": int(len(read) / seconds),
        "totalBytesProcessed": size,
        "totalLinesProcessed": len(read),
        "execTime": round(seconds, 6),
        "queueTime": 0.0,
        "subqueries": 0,
        "totalEntriesReturned": returned,
        "splits": 0,
        "shards": 1,
        "totalPostFilterLines": returned,
        "totalStructuredMetadataBytesProcessed": 48 * sum(1 for entry in read if entry.trace_id),
    }


def _listed(names: set[str]) -> web.Response:
    # Loki leaves the data out when there are none.
    return _json({"status": "success", **({"data": sorted(names)} if names else {})})


def _json(body: dict[str, Any]) -> web.Response:
    written = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(body=written, headers={"Content-Type": "application/json; charset=UTF-8"})


def _text(body: str, status: int = 200) -> web.Response:
    return web.Response(text=body, status=status)


@web.middleware
async def _plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse as Loki does: in plain text."""
    try:
        return await handler(request)
    except BadLogQL as error:
        return _text(str(error), 400)
    except web.HTTPNotFound:
        return _text("404 page not found\n", 404)
