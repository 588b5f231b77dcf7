"""What reading the traces of one incident costs Tempo, beside one read for each trace that a search finds.

The server is the playground's Tempo with a price on each question: a read by id 27 ms of CPU at 5 blocks, 55 at 12 and 430
at 40, a plain search 70 at 12 (as seen on a real Tempo 3.0.3; the live store cuts a block every 30 s and keeps it 20 min). A
search that brings whole traces was not measured there: here it costs twice a plain one. Two cores work off what is asked.

`requests_N`, `cpu_s_N`, `seconds_N`: one investigation at N blocks. `cpu_ratio_N`: its CPU beside a read for each trace, which
is how it was done before; `before_requests_N`, `before_cpu_s_N`. `…_old`: of a Tempo before 2.8, which cannot bring whole
traces, at 12 blocks. `traces_share`: traces that were seen, of those seen before.
`unfinished`: how often something could not be seen.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp import web

from bench.report import finish, quick
from bot.core.investigation.collected import Collected, ReadingScope
from bot.core.investigation.tracing import TraceReading
from bot.domain.owners import Catalogue, Service
from bot.domain.plans import Plan
from bot.domain.telemetry import Window
from bot.telemetry.http import JsonClient
from bot.telemetry.tempo import Tempo
from playground.shop.clockwork import tick
from playground.shop.model import make_shop
from playground.shop.spans import spans_of, spans_without_service
from playground.shop.tempo import TempoApi
from playground.shop.tracebook import TraceBook

FIRED_AT = 1_795_444_000.0
# Milliseconds of CPU of one read by id, by the number of blocks; between them a straight line.
_FETCH_MS = ((5, 27.0), (12, 55.0), (40, 430.0))
_SEARCH_MS, _AT_BLOCKS, _WHOLE_TRACES = 70.0, 12, 2.0
_CORES = 2
_USUAL_S, _BROKEN_S, _STEP_S = 16 * 60, 120, 0.25
_SERVICES = ("api", "chat", "nginx")
_CATALOGUE = Catalogue({name: Service(name, name) for name in _SERVICES})


@dataclass
class Till:
    """Counts what is asked and what it costs; with `works` each question takes its time on one of two cores."""

    blocks: int = 12
    works: bool = True
    is_old: bool = False
    requests: int = 0
    cpu_s: float = 0.0

    def price_s(self, request: web.Request) -> float:
        """Return seconds of CPU."""
        if not request.path.startswith("/api/search"):
            return fetch_ms(self.blocks) / 1000
        whole = _WHOLE_TRACES if "select" in request.query.get("q", "") else 1.0
        return _SEARCH_MS / 1000 * whole * self.blocks / _AT_BLOCKS


def fetch_ms(blocks: int) -> float:
    """Return milliseconds of CPU of one read by id."""
    for (few, cheap), (many, dear) in itertools.pairwise(_FETCH_MS):
        if blocks <= many:
            return cheap + (dear - cheap) * max(0, blocks - few) / (many - few)
    return _FETCH_MS[-1][1] * blocks / _FETCH_MS[-1][0]


async def main(few: bool) -> None:
    """Measure, print."""
    book = book_of_an_incident()
    figures: dict[str, float] = {"unfinished": 0.0}
    shares: list[float] = []
    for blocks in (12,) if few else (5, 12, 40):
        till = Till(blocks)
        async with priced(book, till) as tempo:
            collected, seconds = await read(tempo, till)
            figures |= {
                f"requests_{blocks}": till.requests,
                f"cpu_s_{blocks}": till.cpu_s,
                f"seconds_{blocks}": seconds,
            }
            mine, seen = till.cpu_s, len({span.trace_id for span in collected.spans})
            figures["unfinished"] += len(collected.gaps)
            till.works, till.requests, till.cpu_s = False, 0, 0.0
            before = await one_read_for_each(tempo)
        shares.append(seen / before)
        figures |= {f"before_requests_{blocks}": till.requests, f"before_cpu_s_{blocks}": till.cpu_s}
        figures[f"cpu_ratio_{blocks}"] = mine / till.cpu_s
        print(f"{blocks} blocks: {seen} traces now, {before} before; not seen: {collected.gaps or 'nothing'}")
        if blocks == _AT_BLOCKS:
            old = Till(blocks, is_old=True)
            async with priced(book, old) as tempo:
                await read(tempo, old)
            figures |= {"requests_old": old.requests, "cpu_ratio_old": old.cpu_s / till.cpu_s}
    finish("traces", {**figures, "traces_share": min(shares)})


def book_of_an_incident() -> TraceBook:
    """Keep the traces of a shop of which the pool of connections ran dry two minutes before the alert."""
    book, shop, rng = TraceBook(1_000_000), make_shop(FIRED_AT - 86_400), random.Random(7)
    for number in range(round((_USUAL_S + _BROKEN_S) / _STEP_S)):
        at = FIRED_AT - _USUAL_S - _BROKEN_S + number * _STEP_S
        faults = {"pool"} if at >= FIRED_AT - _BROKEN_S else set[str]()
        for name, step in tick(shop, faults, _STEP_S, at, rng).items():
            for request in step.requests:
                if not request.parent_id:
                    book.add(spans_of(shop, name, request, rng))
            for request in step.turned_away:
                book.add(spans_without_service(name, request, rng))
    return book


@asynccontextmanager
async def priced(book: TraceBook, till: Till) -> AsyncGenerator[Tempo]:
    """Serve the book on loopback, each question at its price."""
    cores = asyncio.Semaphore(_CORES)

    @web.middleware
    async def pay(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        till.requests += 1
        till.cpu_s += till.price_s(request)
        if till.works:
            async with cores:
                await asyncio.sleep(till.price_s(request))
        if till.is_old and "select" in request.query.get("q", ""):
            return web.Response(text="unknown identifier: span:parentID", status=400)
        return await handler(request)

    app = TempoApi(book, clock=lambda: FIRED_AT + 60).application()
    app.middlewares.append(pay)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield Tempo(JsonClient(session, url, source="tempo", timeout_s=5.0))
    finally:
        await runner.cleanup()


async def read(tempo: Tempo, till: Till) -> tuple[Collected, float]:
    """Read as an investigation does, a minute after the alert."""
    fired_at = datetime.fromtimestamp(FIRED_AT, UTC)
    now, collected, plan = fired_at + timedelta(seconds=60), Collected(), Plan()
    reading = TraceReading(
        tempo, collected, ReadingScope(_SERVICES, fired_at, now, fired_at), _CATALOGUE, plan, lambda: now
    )
    started = time.perf_counter()
    try:
        async with asyncio.timeout(plan.deadline_s):
            await reading.read()
    except TimeoutError:
        collected.miss("tempo", "timeout", f"after {till.requests} requests")
    return collected, time.perf_counter() - started


async def one_read_for_each(tempo: Tempo) -> int:
    """Read as it was done before: two plain searches for each service and stretch, and each trace by its id."""
    ids: dict[str, Window] = {}
    bounds = (FIRED_AT - 900, FIRED_AT - 300, FIRED_AT - 60, FIRED_AT + 61)
    for start, end in itertools.pairwise(bounds):
        window = Window.between(start, end)
        for name in _SERVICES:
            condition = f'resource.service.name = "{name}"'
            for wanted in (condition, f"{condition} && status = error"):
                for found in await tempo.search(f"{{ {wanted} }}", window, Plan().most_traces):
                    ids.setdefault(found.trace_id, window)
    for trace_id, window in ids.items():
        await tempo.spans(trace_id, window)
    return len(ids)


if __name__ == "__main__":
    asyncio.run(main(quick("What reading the traces of one incident costs Tempo.")))
