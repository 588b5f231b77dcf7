"""Every fault of the shop, told by its numbers and its log; and the shop's doors."""

from __future__ import annotations

import random

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from playground.shop.faults import FAULTS
from playground.shop.logs import ServiceLog
from playground.shop.metrics import ServiceMetrics
from playground.shop.model import make_shop, tick
from playground.shop.server import ShopServer


def after(*faults, seconds=12.0):
    """Let the shop run with faults, and return it with the requests that ended."""
    shop, rng, ended = make_shop(0), random.Random(7), {"api": [], "chat": []}
    for step in range(int(seconds / 0.25)):
        for name, requests in tick(shop, set(faults), 0.25, step * 0.25, rng).items():
            ended[name] += requests
    return shop, ended


def share(requests, kind="SERVER_ERROR"):
    return sum(request.outcome == kind for request in requests) / max(len(requests), 1)


def test_a_healthy_shop_is_healthy():
    shop, ended = after()

    assert share(ended["api"]) == share(ended["chat"]) == 0
    assert max(request.seconds for request in ended["api"]) < 1
    assert (shop["api"].pending, shop["chat"].up) == (0, True)


def test_an_exhausted_pool_has_all_connections_active_threads_waiting_and_requests_timing_out():
    shop, ended = after("pool")

    assert (shop["api"].active, shop["api"].pending > 5) == (10, True)
    assert share(ended["api"]) > 0.5
    assert share(ended["chat"]) > 0.1
    assert {r.exception for r in ended["api"] if r.status == 500} == {"SQLTransientConnectionException"}


def test_a_slow_dependency_is_slow_and_not_broken():
    _, ended = after("slow")

    assert min(request.seconds for request in ended["api"]) > 5
    assert share(ended["api"]) == 0


def test_a_bad_deploy_fails_fast():
    _, ended = after("deploy")

    assert share(ended["api"]) > 0.5
    assert max(request.seconds for request in ended["api"]) < 1


def test_a_leak_fills_the_heap_and_pauses():
    shop, _ = after("leak")

    assert shop["chat"].heap > 0.9
    assert shop["chat"].gc_max_s > 0.5


def test_a_hog_burns_the_cpu_and_a_filling_disk_fills():
    shop, _ = after("cpu", "disk")

    assert shop["api"].cpu > 0.9
    assert shop["api"].disk_free < 0.05


def test_a_crash_loop_goes_down_and_comes_back_with_new_counters():
    down, _ = after("crash", seconds=3)
    up, _ = after("crash", seconds=7)

    assert (down["chat"].up, up["chat"].up) == (False, True)
    assert up["chat"].started_at > 0


def test_a_mended_shop_recovers_within_seconds():
    shop, rng = make_shop(0), random.Random(1)
    every = {fault.name for fault in FAULTS}
    for step in range(60):
        tick(shop, every, 0.25, step, rng)
    for step in range(60):
        ended = tick(shop, set(), 0.25, step, rng)

    assert shop["chat"].up
    assert shop["api"].pending == 0
    assert shop["api"].disk_free > 0.5
    assert shop["chat"].heap < 0.6
    assert share(ended["api"]) == 0


@pytest.mark.parametrize("service", ["api", "chat"])
def test_metrics_carry_micrometers_names(service):
    shop, _ = after("pool", seconds=3)
    registry = CollectorRegistry()
    registry.register(ServiceMetrics(shop[service]))

    names = {
        sample.name
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
    }

    assert {
        "http_server_requests_seconds_bucket",
        "http_server_requests_seconds_count",
        "jvm_memory_used_bytes",
        "jvm_gc_pause_seconds_sum",
        "hikaricp_connections_pending",
        "hikaricp_connections_timeout_total",
        "tomcat_threads_busy_threads",
        "process_cpu_usage",
        "disk_free_bytes",
        "logback_events_total",
    } <= names
    assert b"trace_id" in openmetrics(registry)


def test_the_log_has_stack_traces_of_several_lines_with_trace_ids(tmp_path):
    shop, ended = after("pool", seconds=3)
    log = ServiceLog(shop["api"], tmp_path, random.Random(1))

    log.write(ended["api"], noisy=True)
    log.close()

    text = (tmp_path / "api.log").read_text("utf-8")
    failed = next(request for request in ended["api"] if request.status == 500)
    assert (
        "Caused by: java.sql.SQLTransientConnectionException: DoktoriHikariPool - Connection is not available" in text
    )
    assert f"[{failed.trace_id}-{failed.span_id}]" in text
    assert "Cache miss" in text
    assert shop["api"].logged["warn"] == 5
    assert '"GET /api/' in (tmp_path / "access.log").read_text("utf-8")


async def test_the_doors_answer_switch_faults_and_close_with_the_service(tmp_path):
    server = ShopServer(0, 0, tmp_path, seed=1)
    async with server.running(), aiohttp.ClientSession() as http:
        api, chat = (f"http://127.0.0.1:{server.doors[name].port}" for name in ("api", "chat"))
        async with http.get(f"{api}/actuator/prometheus") as response:
            assert "hikaricp_connections" in await response.text()
        async with http.post(f"{api}/shop/faults", json={"name": "crash", "on": True}) as response:
            assert [fault["name"] for fault in await response.json() if fault["on"]] == ["crash"]
        async with http.post(f"{api}/shop/faults", json={"name": "nothing"}) as response:
            assert response.status == 404

        server._shop["chat"].up = False
        await server.doors["chat"].follow()

        with pytest.raises(aiohttp.ClientError):
            await http.get(f"{chat}/actuator/health")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_is_explained_in_both_languages(fault):
    shown = fault.shown(on=False)

    assert shown["title"]["en"] != shown["title"]["ko"]
    assert shown["explanation"]["en"]
    assert shown["explanation"]["ko"]
