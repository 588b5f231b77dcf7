"""What each fault looks like in traces: where the time goes, whose spans fail, and whose are missing."""

from __future__ import annotations

import random
from collections import Counter
from statistics import median

import pytest

from playground.shop.clockwork import tick
from playground.shop.model import ServedRequest, make_shop
from playground.shop.spans import ShopSpan, sampled, spans_of, spans_without_service

START = 1_800_000_000.0


class Traces:
    """A shop with these faults for half a minute, and the spans of all its requests."""

    def __init__(self, *faults: str, seconds: float = 30) -> None:
        self.shop, rng, dice = make_shop(START - 86_400), random.Random(11), random.Random(12)
        self.requests: dict[str, list[ServedRequest]] = {"api": [], "chat": []}
        self.all: list[list[ShopSpan]] = []
        for number in range(round(seconds / 0.25)):
            steps = tick(self.shop, set(faults), 0.25, START + number * 0.25, rng)
            for name, step in steps.items():
                self.requests[name] += step.requests
                self.all += [spans_of(self.shop, name, each, dice) for each in step.requests if not each.parent_id]
                self.all += [spans_without_service(name, each, dice) for each in step.turned_away]

    @property
    def spans(self) -> list[ShopSpan]:
        return [span for trace in self.all for span in trace]

    def of(self, service: str, name: str = "", kind: str = "") -> list[ShopSpan]:
        return [s for s in self.spans if s.service == service and name in s.name and kind in s.kind]

    def own_seconds(self, service: str, name: str = "", kind: str = "") -> float:
        """Return the median of the time that spans of this kind do not spend in their children."""
        inside = Counter[tuple[str, str]]()
        for span in self.spans:
            inside[span.trace_id, span.parent_id] += span.seconds
        return median(s.seconds - inside[s.trace_id, s.span_id] for s in self.of(service, name, kind))

    def failed(self, service: str, name: str = "", kind: str = "") -> float:
        found = self.of(service, name, kind)
        return sum(bool(span.error) for span in found) / len(found)


@pytest.fixture(scope="module")
def healthy() -> Traces:
    return Traces()


@pytest.mark.parametrize("fault", ["", "pool", "slow", "deploy", "leak", "cpu", "crash", "disk", "noise"])
def test_every_trace_is_a_tree_whose_children_lie_within_their_parents(fault):
    traces = Traces(*filter(None, [fault]), seconds=12)

    for spans in traces.all:
        by_id = {span.span_id: span for span in spans}
        assert len(by_id) == len(spans)
        assert [span.parent_id for span in spans].count("") == 1
        assert spans[0].parent_id == ""
        assert {span.trace_id for span in spans} == {spans[0].trace_id}
        for span in spans[1:]:
            parent = by_id[span.parent_id]
            assert span.seconds >= 0
            assert span.start >= parent.start
            # Who was given up on goes on after its caller has gone.
            if parent.kind != "client" or not parent.error:
                assert span.start + span.seconds <= parent.start + parent.seconds + 1e-6


def test_the_span_of_a_request_is_the_one_its_log_lines_name(healthy):
    servers = {(s.service, s.trace_id, s.span_id) for s in healthy.spans if s.kind == "server" and s.service != "nginx"}

    named = {(name, each.trace_id, each.span_id) for name, made in healthy.requests.items() for each in made}

    assert servers == named


def test_callers_and_called_are_known_by_their_spans(healthy):
    edges = Counter[tuple[str, str]]()
    for spans in healthy.all:
        service = {span.span_id: span.service for span in spans}
        edges.update((service[s.parent_id], s.service) for s in spans if s.parent_id)
        edges.update((s.service, str(s.attributes["server.address"])) for s in spans if s.kind == "client")

    assert {(caller, called) for caller, called in edges if caller != called} == {
        ("nginx", "api"),
        ("nginx", "chat"),
        ("chat", "api"),
        ("api", "postgres"),
        ("chat", "postgres"),
        ("api", "payment"),
    }


def test_nothing_fails_in_a_healthy_shop_nor_in_a_noisy_one(healthy):
    assert [span for span in healthy.spans if span.error] == []
    assert [span for span in Traces("noise", seconds=10).spans if span.error] == []


def test_an_exhausted_pool_is_a_long_wait_for_a_connection_inside_api(healthy):
    broken = Traces("pool")

    waits = broken.of("api", "HikariPool.getConnection")
    assert healthy.own_seconds("api", "HikariPool") < 0.001
    assert broken.own_seconds("api", "HikariPool") > 20
    assert 0.6 < broken.failed("api", "HikariPool") < 0.8
    assert all("request timed out after 300" in span.error for span in waits if span.error)
    assert len(broken.of("api", "doktori.")) == sum(not span.error for span in waits)
    assert broken.failed("chat", "GET /api/doctors", "client") == 1.0
    assert broken.failed("chat", "HikariPool") == 0


def test_a_slow_dependency_is_a_long_call_of_api_to_the_payment_service(healthy):
    broken = Traces("slow")

    assert healthy.own_seconds("api", "POST /v1/charges") < 0.1
    assert 5 < broken.own_seconds("api", "POST /v1/charges") < 9
    assert broken.own_seconds("api", "GET", "server") < 2 * healthy.own_seconds("api", "GET", "server")
    assert broken.failed("api") == 0
    timed_out = broken.of("chat", "POST /api/payments", "client")
    assert {(span.error, span.seconds) for span in timed_out} == {("Read timed out", 3.0)}


def test_a_broken_deploy_fails_in_the_server_spans_of_the_new_version():
    broken = Traces("deploy")

    failed = [span for span in broken.spans if span.error and span.service == "api"]
    assert {(s.kind, s.version, s.error) for s in failed} == {("server", "2.5.0", "java.lang.NullPointerException")}
    assert 0.7 < broken.failed("api", kind="server") < 0.8
    assert 0.7 < broken.failed("chat", "/api/", "client") < 0.8
    assert {s.version for s in broken.of("chat")} == {"2.4.0"}


def test_a_leak_is_time_that_chat_spends_in_itself(healthy):
    broken = Traces("leak")

    assert broken.own_seconds("chat", kind="server") > 5 * healthy.own_seconds("chat", kind="server")
    assert broken.own_seconds("chat", "doktori.") < 2 * healthy.own_seconds("chat", "doktori.")
    assert broken.own_seconds("api", kind="server") < 2 * healthy.own_seconds("api", kind="server")


def test_a_cpu_hog_is_time_that_api_spends_in_itself(healthy):
    broken = Traces("cpu")

    for name in ("GET /api/orders", "GET /api/doctors", "POST /api/payments"):
        assert broken.own_seconds("api", name, "server") > 4 * healthy.own_seconds("api", name, "server")
    assert broken.own_seconds("api", "doktori.") < 1.5 * healthy.own_seconds("api", "doktori.")
    assert broken.own_seconds("chat", kind="server") < 1.5 * healthy.own_seconds("chat", kind="server")


def test_a_crashed_service_has_no_spans_and_whoever_calls_it_is_refused():
    broken = Traces("crash")

    refused = [spans for spans in broken.all if "Connection refused" in spans[-1].error]
    assert len(refused) > 100
    for spans in refused:
        assert [(s.service, s.kind, bool(s.error)) for s in spans] == [
            ("nginx", "server", True),
            ("nginx", "client", True),
        ]
        assert spans[1].name == "proxy_pass chat"
    assert broken.failed("chat") == 0
    assert broken.failed("nginx", "proxy_pass api") == 0


def test_a_full_disk_fails_where_receipts_are_written():
    broken = Traces("disk")

    leaves = [s for s in broken.spans if s.error and s.service == "api" and s.kind != "server"]
    assert {(span.name, span.error) for span in leaves} == {("ReceiptWriter.write", "No space left on device")}
    assert {s.name for s in broken.spans if s.error and s.kind == "server" and s.service == "api"} == {
        "POST /api/payments"
    }


def test_about_one_trace_of_five_is_kept_and_every_service_decides_alike(healthy):
    requests = healthy.requests["chat"] + healthy.requests["api"]

    kept = [request for request in requests if sampled(request)]

    assert 0.15 < len(kept) / len(requests) < 0.25
    assert all(sampled(call) == sampled(request) for request in requests for call in request.calls)
