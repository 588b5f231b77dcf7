"""The running shop and demo: what was logged can be followed into traces, and the bot is told where both are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client import parser

from playground.demo import Demo
from playground.shop.server import ShopServer
from playground.shop.spans import SAMPLED
from tests.playground.recorded import Api


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[ShopServer]:
    made = ShopServer(0, 0, tmp_path, seed=1)
    async with made.running():
        yield made


def loki_of(shop: ShopServer, session: aiohttp.ClientSession) -> Api:
    return Api(f"http://127.0.0.1:{shop.loki_port}", session)


def tempo_of(shop: ShopServer, session: aiohttp.ClientSession) -> Api:
    return Api(f"http://127.0.0.1:{shop.tempo_port}", session)


async def until(ask: Any) -> Any:
    """Ask until there is an answer."""
    async with asyncio.timeout(60):
        while not (answer := await ask()):
            await asyncio.sleep(0.1)
    return answer


async def test_a_logged_error_can_be_followed_into_its_trace(shop, session):
    shop.switch("deploy", on=True)

    async def traced() -> tuple[str, list[Any]] | None:
        reply = await loki_of(shop, session).get("/loki/api/v1/query_range", query='{service="api", level="error"}')
        for stream in reply.body["data"]["result"]:
            labels = stream["stream"]
            trace = await tempo_of(shop, session).get(f"/api/v2/traces/{labels['trace_id']}")
            if trace.body["trace"]:
                return labels["trace_id"], trace.body["trace"]["resourceSpans"]
        return None

    trace_id, resources = await until(traced)
    assert int(trace_id[-4:], 16) / 0x10000 < SAMPLED
    assert any("NullPointerException" in str(each) for each in resources)


async def test_a_crash_leaves_refused_calls_in_the_traces(shop, session):
    shop.switch("crash", on=True)

    async def refused() -> list[Any]:
        query = '{ resource.service.name = "nginx" && kind = client && span:statusMessage =~ ".*Connection refused.*" }'
        return (await tempo_of(shop, session).get("/api/search", q=query)).body["traces"]

    found = (await until(refused))[0]
    assert set(found["serviceStats"]) == {"nginx"}


async def test_the_host_is_measured_under_node_exporters_names(shop, session):
    async def measured() -> dict[str, float]:
        async with session.get(f"http://127.0.0.1:{shop.doors['api'].port}/metrics") as response:
            families = list(parser.text_string_to_metric_families(await response.text()))
        found: dict[str, float] = {}
        for sample in (sample for family in families for sample in family.samples):
            name = sample.name + sample.labels.get("mode", "")
            found[name] = found.get(name, 0) + sample.value
        return found

    before = await measured()
    shop.switch("disk", on=True)
    shop.switch("cpu", on=True)

    async def filled() -> dict[str, float] | None:
        after = await measured()
        return after if after["node_filesystem_avail_bytes"] < before["node_filesystem_avail_bytes"] * 0.7 else None

    after = await until(filled)
    assert set(after) == {
        "node_cpu_seconds_totaluser",
        "node_cpu_seconds_totalsystem",
        "node_cpu_seconds_totalidle",
        "node_memory_MemTotal_bytes",
        "node_memory_MemAvailable_bytes",
        "node_filesystem_size_bytes",
        "node_filesystem_avail_bytes",
        "node_boot_time_seconds",
    }
    grown = {
        mode: after[f"node_cpu_seconds_total{mode}"] - before[f"node_cpu_seconds_total{mode}"]
        for mode in ("user", "system", "idle")
    }
    assert (grown["user"] + grown["system"]) / sum(grown.values()) > 0.3
    assert 0 < after["node_memory_MemAvailable_bytes"] < after["node_memory_MemTotal_bytes"]


async def test_a_deploy_and_a_crash_are_restarts_of_their_service_only(shop, session):
    async def started(service: str) -> float:
        async with session.get(f"http://127.0.0.1:{shop.doors[service].port}/actuator/prometheus") as response:
            families = parser.text_string_to_metric_families(await response.text())
            return next(
                s.value for family in families for s in family.samples if s.name == "process_start_time_seconds"
            )

    before = {service: await started(service) for service in ("api", "chat")}
    shop.switch("deploy", on=True)

    async def deployed() -> bool:
        return await started("api") > before["api"]

    await until(deployed)
    assert await started("chat") == before["chat"]


async def test_the_demos_bot_is_told_where_logs_and_traces_are(session):
    async with Demo.open() as demo:
        assert demo.bot.process
        words = Path(f"/proc/{demo.bot.process.pid}/environ").read_bytes().decode().split("\0")
        told = dict(word.split("=", 1) for word in words if "=" in word)
        for name in ("LOKI_URL", "TEMPO_URL"):
            reply = await Api(told[name], session).get("/ready")
            assert (reply.status, reply.body) == (200, "ready\n")

        async def labelled() -> list[Any]:
            hosts = 'node_memory_MemTotal_bytes{host="shop-1"}'
            reply = await Api(demo.monitors.prometheus_url, session).get("/api/v1/query", query=hosts)
            return reply.body["data"]["result"]

        assert await until(labelled)
        await demo.shop.switch("deploy", True)
        assert [fault["name"] for fault in await demo.shop.faults() if fault["on"]] == ["deploy"]
