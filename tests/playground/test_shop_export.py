"""The shop's spans as a collector receives them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from playground.shop.export import TraceExporter, request_of
from playground.shop.server import ShopServer
from playground.shop.spans import ShopSpan

SPAN = ShopSpan(
    trace_id="0af7651916cd43dd8448eb211c80319c",
    span_id="b7ad6b7169203331",
    parent_id="00f067aa0ba902b7",
    service="api",
    version="2.4.0",
    scope="io.opentelemetry.tomcat",
    name="GET /api/orders",
    kind="server",
    start=1_772_360_430.25,
    seconds=0.5,
    error="boom",
    attributes={"http.route": "/api/orders", "http.response.status_code": 500},
)


@asynccontextmanager
async def collector(statuses: list[int]) -> AsyncIterator[tuple[str, list[dict]]]:
    """Take spans, and answer with one status after the other; the last one stays."""
    taken: list[dict] = []

    async def take(request: web.Request) -> web.Response:
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        if status == 200:
            taken.append(await request.json())
        return web.json_response({}, status=status)

    app = web.Application(client_max_size=10 * 1024**2)
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", taken
    finally:
        await runner.cleanup()


def spans_in(body: dict) -> list[dict]:
    return [span for part in body["resourceSpans"] for scope in part["scopeSpans"] for span in scope["spans"]]


def test_a_span_is_written_as_the_specification_says():
    body = request_of([SPAN])

    (span,) = spans_in(body)
    resource = {each["key"]: each["value"] for each in body["resourceSpans"][0]["resource"]["attributes"]}
    assert resource["service.name"] == {"stringValue": "api"}
    assert (span["traceId"], span["spanId"], span["parentSpanId"]) == (SPAN.trace_id, SPAN.span_id, SPAN.parent_id)
    assert span["kind"] == 2
    assert span["status"] == {"code": 2, "message": "boom"}
    # A float does not hold every nanosecond.
    assert abs(int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"]) - 500_000_000) < 1000
    assert {"key": "http.response.status_code", "value": {"intValue": "500"}} in span["attributes"]


async def test_what_did_not_arrive_is_sent_again():
    async with collector([503, 200]) as (url, taken), aiohttp.ClientSession() as session:
        exporter = TraceExporter(url)
        exporter.add([SPAN])

        assert not await exporter.flush(session)
        assert await exporter.flush(session)
        assert await exporter.flush(session)

    assert [len(spans_in(body)) for body in taken] == [1]


async def test_a_collector_that_is_away_costs_the_oldest():
    exporter = TraceExporter("http://127.0.0.1:9")
    exporter.add([SPAN] * 3000)
    async with aiohttp.ClientSession() as session:
        assert not await exporter.flush(session)
    async with collector([200]) as (url, taken), aiohttp.ClientSession() as session:
        exporter._url = f"{url}/v1/traces"
        assert await exporter.flush(session)

    assert len(spans_in(taken[0])) == 2000


async def test_the_shop_sends_what_happens(tmp_path: Path):
    async with collector([200]) as (url, taken):
        shop = ShopServer(0, 0, tmp_path, seed=1, exporter=TraceExporter(url))
        async with shop.running():
            for _ in range(300):
                if taken:
                    break
                await asyncio.sleep(0.1)

    spans = [span for body in taken for span in spans_in(body)]
    assert spans
    assert all(len(span["traceId"]) == 32 and int(span["traceId"], 16) for span in spans)
