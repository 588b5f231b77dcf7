"""The shop's spans to an OpenTelemetry collector: OTLP over HTTP, as JSON.

Source: OpenTelemetry specification, "OTLP/HTTP", JSON Protobuf encoding: ids in hex, enums as numbers, 64-bit integers as text.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

from playground.shop.spans import ShopSpan
from playground.shop.trace_fields import attributes_of_resource

Json = dict[str, Any]

_NS = 1_000_000_000
_EVERY_S = 1.0
_MOST_SPANS = 2000
_TIMEOUT = aiohttp.ClientTimeout(total=5)
_KINDS = {"internal": 1, "server": 2, "client": 3}
_ERROR = 2


class TraceExporter:
    """Sends spans in the background; a collector that is away costs the oldest of them."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/v1/traces"
        self._waiting: deque[ShopSpan] = deque(maxlen=_MOST_SPANS)

    def add(self, spans: Sequence[ShopSpan]) -> None:
        """Keep spans until they are sent."""
        self._waiting.extend(spans)

    async def run(self) -> None:
        """Send what there is, once a second, for ever."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            while True:
                await asyncio.sleep(_EVERY_S)
                await self.flush(session)

    async def flush(self, session: aiohttp.ClientSession) -> bool:
        """Send what there is; return whether it arrived. What did not is sent again."""
        spans = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not spans:
            return True
        try:
            async with session.post(self._url, json=request_of(spans)) as response:
                arrived = response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            arrived = False
        if not arrived:
            # Those that came meanwhile are newer, and matter more.
            room = _MOST_SPANS - len(self._waiting)
            self._waiting.extendleft(reversed(spans[-room:] if room else []))
        return arrived


def request_of(spans: Sequence[ShopSpan]) -> Json:
    """Write an ExportTraceServiceRequest."""
    by_service: dict[str, dict[str, list[ShopSpan]]] = {}
    for span in spans:
        by_service.setdefault(span.service, {}).setdefault(span.scope, []).append(span)
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(attributes_of_resource(next(iter(scopes.values()))[0]))},
                "scopeSpans": [
                    {"scope": {"name": scope}, "spans": [_span(each) for each in members]}
                    for scope, members in scopes.items()
                ],
            }
            for scopes in by_service.values()
        ]
    }


def _span(span: ShopSpan) -> Json:
    return {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        **({"parentSpanId": span.parent_id} if span.parent_id else {}),
        "name": span.name,
        "kind": _KINDS[span.kind],
        "startTimeUnixNano": str(int(span.start * _NS)),
        "endTimeUnixNano": str(int((span.start + span.seconds) * _NS)),
        "attributes": _attributes(span.attributes),
        "status": {"code": _ERROR, "message": span.error} if span.error else {},
    }


def _attributes(values: Mapping[str, str | int]) -> list[Json]:
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in values.items()
    ]
