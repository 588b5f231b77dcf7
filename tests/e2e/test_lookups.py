"""Lookups of a model over the demo's servers: a real Prometheus, and what the playground serves of Loki and Tempo."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.core.questions.lookups import Lookups
from bot.errors import QueryRejected
from bot.ports import Telemetry, ToolCall
from bot.telemetry.http import JsonClient
from bot.telemetry.loki import Loki
from bot.telemetry.prometheus import Prometheus
from bot.telemetry.tempo import Tempo
from playground.demo import Demo
from tests.fakes import FakeChanges

PATIENCE_S = 60.0


def now() -> datetime:
    return datetime.now(UTC)


async def look(lookups: Lookups, tool: str, **arguments):
    return await lookups.run(ToolCall("c1", tool, arguments), now() - timedelta(minutes=1))


async def found(lookups: Lookups, tool: str, **arguments):
    """Look until there is something."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        seen = await look(lookups, tool, **arguments)
        if seen.found:
            return seen
        await asyncio.sleep(0.5)
    raise AssertionError(f"{tool} found nothing within {PATIENCE_S:.0f} s")


@pytest.mark.timeout(200)
async def test_every_lookup_reads_its_server():
    async with Demo.open() as demo, aiohttp.ClientSession() as session:

        def http(name: str) -> JsonClient:
            return JsonClient(session, demo.bot.environment[f"{name.upper()}_URL"], source=name)

        lookups = Lookups(
            telemetry=Telemetry(
                FakeChanges(), Prometheus(http("prometheus")), Loki(http("loki")), Tempo(http("tempo"))
            ),
            incidents=None,  # type: ignore[arg-type]
            clock=now,
            zone=UTC,
        )
        course = await found(lookups, "metrics", query='up{service="api"}', minutes=360)
        present = await look(lookups, "metrics_now", query='sum by (service) (up{service="api"})')
        lines = await found(lookups, "logs", query='{service="api"}', minutes=30)
        traces = await found(lookups, "traces", query='{ resource.service.name = "api" }')
        trace = await look(lookups, "trace", trace_id=traces.rows[0]["trace_id"])
        nothing = await look(lookups, "logs", query='{service="nobody"}')
        with pytest.raises(QueryRejected):
            await look(lookups, "metrics", query="sum(up{service=")

    assert course.rows[0]["last"] == 1
    assert (present.rows[0]["value"], present.service) == (1, "api")
    assert lines.service == "api"
    assert {row["service"] for row in trace.rows} >= {"api"}
    assert (nothing.key, nothing.found) == ("asked-none", 0)
