"""The shop over HTTP: what Prometheus scrapes, what the page switches, what is left when a service has died."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.samples import Sample

from playground.shop.client import ShopClient
from playground.shop.faults import FAULTS
from playground.shop.server import ShopServer

OPEN_METRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}
# As named in Micrometer's and Spring Boot's documentation.
NAMES = {
    "http_server_requests_seconds_count",
    "http_server_requests_seconds_sum",
    "http_server_requests_seconds_bucket",
    "http_server_requests_seconds_max",
    "jvm_memory_used_bytes",
    "jvm_memory_committed_bytes",
    "jvm_memory_max_bytes",
    "jvm_gc_pause_seconds_count",
    "jvm_gc_pause_seconds_sum",
    "jvm_gc_pause_seconds_max",
    "jvm_threads_live_threads",
    "jvm_threads_states_threads",
    "hikaricp_connections",
    "hikaricp_connections_active",
    "hikaricp_connections_idle",
    "hikaricp_connections_pending",
    "hikaricp_connections_max",
    "hikaricp_connections_min",
    "hikaricp_connections_timeout_total",
    "tomcat_threads_busy_threads",
    "tomcat_threads_current_threads",
    "tomcat_threads_config_max_threads",
    "process_cpu_usage",
    "system_cpu_usage",
    "process_start_time_seconds",
    "process_uptime_seconds",
    "disk_free_bytes",
    "disk_total_bytes",
    "logback_events_total",
}


class Visitor:
    """Somebody who asks a running shop."""

    def __init__(self, shop: ShopServer, session: aiohttp.ClientSession) -> None:
        self.shop, self.session = shop, session

    def url(self, service: str, path: str = "") -> str:
        return f"http://127.0.0.1:{self.shop.doors[service].port}{path}"

    async def samples(self, service: str) -> list[Sample]:
        async with self.session.get(self.url(service, "/actuator/prometheus")) as response:
            assert response.content_type == "text/plain"
            families = parser.text_string_to_metric_families(await response.text())
            return [sample for family in families for sample in family.samples]

    async def value(self, service: str, name: str) -> float:
        return sum(sample.value for sample in await self.samples(service) if sample.name == name)

    async def until(self, what: Callable[[], Any]) -> None:
        """Ask until something is so."""
        async with asyncio.timeout(60):
            while not await what():
                await asyncio.sleep(0.05)

    async def answers(self, service: str) -> bool:
        try:
            async with self.session.get(self.url(service, "/actuator/health")) as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def gone(self, service: str) -> bool:
        return not await self.answers(service)


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    shop = ShopServer(0, 0, tmp_path, seed=1)
    async with shop.running(), aiohttp.ClientSession() as session:
        opened = Visitor(shop, session)
        await opened.until(lambda: opened.value("chat", "http_server_requests_seconds_count"))
        yield opened


@pytest.mark.parametrize(("service", "pool"), [("api", "DoktoriHikariPool"), ("chat", "ChatHikariPool")])
async def test_a_service_exposes_micrometers_names(visitor, service, pool):
    samples = await visitor.samples(service)

    assert {sample.name for sample in samples} >= NAMES
    assert {sample.labels["pool"] for sample in samples if sample.name.startswith("hikaricp")} == {pool}
    request = next(sample for sample in samples if sample.name == "http_server_requests_seconds_count")
    assert set(request.labels) == {"uri", "method", "status", "outcome", "exception", "error"}


async def test_chat_has_at_most_a_hundred_tomcat_threads(visitor):
    assert await visitor.value("chat", "tomcat_threads_config_max_threads") == 100


async def test_the_openmetrics_exposition_is_valid_and_leads_to_traces(visitor):
    async with visitor.session.get(visitor.url("api", "/actuator/prometheus"), headers=OPEN_METRICS) as response:
        assert response.content_type == "application/openmetrics-text"
        families = list(openmetrics.text_string_to_metric_families(await response.text()))

    exemplars = [sample.exemplar for family in families for sample in family.samples if sample.exemplar]
    assert exemplars
    assert all(len(exemplar.labels["trace_id"]) == 32 for exemplar in exemplars)
    assert all(len(exemplar.labels["span_id"]) == 16 for exemplar in exemplars)


async def test_a_fault_is_switched_while_the_shop_runs(visitor):
    client = ShopClient(visitor.url("api"))
    assert [fault["name"] for fault in await client.faults()] == [fault.name for fault in FAULTS]
    assert not any(fault["on"] for fault in await client.faults())

    await client.switch("pool", on=True)

    assert [fault["name"] for fault in await client.faults() if fault["on"]] == ["pool"]
    await visitor.until(lambda: visitor.value("api", "hikaricp_connections_pending"))
    assert await visitor.value("api", "hikaricp_connections_active") == 10


async def test_a_mended_fault_is_gone(visitor):
    client = ShopClient(visitor.url("api"))
    await client.switch("pool", on=True)
    await visitor.until(lambda: visitor.value("api", "hikaricp_connections_pending"))

    await client.switch("pool", on=False)

    async def recovered() -> bool:
        return await visitor.value("api", "hikaricp_connections_pending") == 0

    await visitor.until(recovered)
    assert not any(fault["on"] for fault in await client.faults())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("no json", 400),
        ("[1]", 400),
        ('{"name": "pool"}', 400),
        ('{"name": "pool", "on": "yes"}', 400),
        ('{"name": "flood", "on": true}', 404),
        ('{"name": "nothing"}', 404),
        ('{"on": true}', 400),
        ('{"name": ["pool"], "on": true}', 400),
    ],
)
async def test_a_switch_that_makes_no_sense_is_refused_in_a_sentence(visitor, body, status):
    async with visitor.session.post(visitor.url("api", "/shop/faults"), data=body) as response:
        assert response.status == status
        assert (await response.json())["error"]


async def test_the_client_says_what_the_shop_refused(visitor):
    with pytest.raises(ValueError, match="there is no fault flood"):
        await ShopClient(visitor.url("api")).switch("flood", on=True)


async def test_a_shop_that_is_gone_has_no_faults_and_switches_nothing():
    client = ShopClient("http://127.0.0.1:1")

    assert await client.faults() == []
    with pytest.raises(ValueError, match="does not answer"):
        await client.switch("pool", on=True)


async def test_only_the_api_has_switches(visitor):
    async with visitor.session.get(visitor.url("chat", "/shop/faults")) as response:
        assert response.status == 404


async def test_a_crash_ends_kept_connections_and_refuses_new_ones(visitor):
    reader, writer = await asyncio.open_connection("127.0.0.1", visitor.shop.doors["chat"].port)
    writer.write(b"GET /actuator/health HTTP/1.1\r\nHost: chat\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")

    visitor.shop.switch("crash", on=True)

    async with asyncio.timeout(60):
        while await reader.read(1000):
            pass
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", visitor.shop.doors["chat"].port)
    assert await visitor.answers("api")


async def test_a_mended_crash_brings_chat_back_on_its_port_with_new_counters(visitor):
    port, started = visitor.shop.doors["chat"].port, await visitor.value("chat", "process_start_time_seconds")
    visitor.shop.switch("crash", on=True)
    await visitor.until(lambda: visitor.gone("chat"))

    visitor.shop.switch("crash", on=False)

    await visitor.until(lambda: visitor.answers("chat"))
    assert visitor.shop.doors["chat"].port == port
    assert await visitor.value("chat", "process_start_time_seconds") > started


async def test_chat_comes_back_when_a_stranger_on_its_port_has_left(visitor):
    visitor.shop.switch("crash", on=True)
    await visitor.until(lambda: visitor.gone("chat"))
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", visitor.shop.doors["chat"].port))
        stranger.listen()
        visitor.shop.switch("crash", on=False)
        before = await visitor.value("api", "process_uptime_seconds")
        async with asyncio.timeout(60):
            while await visitor.value("api", "process_uptime_seconds") < before + 0.6:
                await asyncio.sleep(0.05)

    await visitor.until(lambda: visitor.answers("chat"))


async def test_a_full_disk_turns_health_down(visitor):
    visitor.shop.switch("disk", on=True)

    await visitor.until(lambda: visitor.gone("api"))

    async with visitor.session.get(visitor.url("api", "/actuator/health")) as response:
        assert (response.status, await response.json()) == (503, {"status": "DOWN"})


async def test_a_taken_port_is_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        shop = ShopServer(taken.getsockname()[1], 0, tmp_path)

        with pytest.raises(OSError, match="address already in use"):
            async with shop.running():
                pass
