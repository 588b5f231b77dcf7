"""What each fault does to the shop's numbers, step by step, without a server."""

from __future__ import annotations

import random

import pytest

from playground.shop.clockwork import tick
from playground.shop.faults import BY_NAME, FAULTS
from playground.shop.model import POOL_SIZE, ServedRequest, ServiceStep, ShopService, make_shop

STEP_S = 0.25
START = 1_800_000_000.0


class Shop:
    """A shop and its clock."""

    def __init__(self, seed: int = 7) -> None:
        self.rng = random.Random(seed)
        self.at = START
        self.services = make_shop(START - 86_400)
        self.steps: list[dict[str, ServiceStep]] = []

    def run(self, seconds: float, *faults: str) -> Shop:
        """Let time pass with these faults; what happened is in `steps`."""
        self.steps = []
        for _ in range(round(seconds / STEP_S)):
            self.at += STEP_S
            self.steps.append(tick(self.services, set(faults), STEP_S, self.at, self.rng))
        return self

    def __getitem__(self, name: str) -> ShopService:
        return self.services[name]

    def requests(self, name: str) -> list[ServedRequest]:
        return [request for step in self.steps for request in step[name].requests]

    def events(self, name: str) -> list[str]:
        return [event for step in self.steps for event in step[name].events]

    def failed(self, name: str) -> float:
        requests = self.requests(name)
        return sum(request.status >= 500 for request in requests) / len(requests)

    def slowest(self, name: str) -> float:
        return max(request.seconds for request in self.requests(name))


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_healthy_shop_is_quick_and_fails_nothing(shop):
    shop.run(60)

    for name in ("api", "chat"):
        assert shop.failed(name) == 0
        assert shop.slowest(name) < 1
        assert shop[name].pending == 0
        assert shop[name].heap < 0.6
        assert shop[name].cpu < 0.3
        assert shop.events(name) == []


def test_the_same_seed_tells_the_same_story():
    assert Shop(3).run(20, "pool").requests("api") == Shop(3).run(20, "pool").requests("api")
    assert Shop(3).run(20).requests("api") != Shop(4).run(20).requests("api")


def test_an_exhausted_pool_makes_requests_wait_thirty_seconds_and_fail(shop):
    shop.run(10, "pool")

    api = shop["api"]
    timed_out = [r for r in shop.requests("api") if r.exception == "CannotCreateTransactionException"]
    assert (api.active, api.pending) == (POOL_SIZE, 45)
    assert api.threads >= api.active + api.pending
    assert shop.failed("api") > 0.5
    assert api.timeouts == len(timed_out)
    assert all(30.0 <= request.seconds < 30.1 for request in timed_out)


def test_chat_times_out_on_an_api_whose_pool_is_exhausted(shop):
    shop.run(20, "pool")

    failed = [request for request in shop.requests("chat") if request.status >= 500]
    assert 0.1 < shop.failed("chat") < 0.5
    assert {request.exception for request in failed} == {"ResourceAccessException"}
    assert {request.uri for request in failed} == {"/chat/rooms", "/chat/consultations"}
    assert shop["chat"].pending == 0


def test_a_slow_dependency_slows_payments_and_times_out_whoever_calls_them(shop):
    shop.run(20, "slow")

    slow = {request.uri for request in shop.requests("api") if request.seconds > 5}
    failed = {request.uri for request in shop.requests("chat") if request.status >= 500}
    assert slow == {"/api/payments"}
    assert shop.failed("api") == 0
    assert failed == {"/chat/consultations"}
    assert shop["api"].threads > 20


def test_a_broken_deploy_starts_a_new_version_that_fails(shop):
    shop.run(10, "deploy")

    assert shop.events("api") == ["started"]
    assert shop["api"].version == "2.5.0"
    assert shop["api"].started_at > START
    assert shop.failed("api") > 0.5
    assert shop.slowest("api") < 1
    assert 0.1 < shop.failed("chat") < 0.5


def test_rolling_back_starts_the_old_version(shop):
    shop.run(5, "deploy").run(5)

    assert shop.events("api") == ["started"]
    assert shop["api"].version == "2.4.0"
    assert shop.failed("api") == 0


def test_a_leak_fills_the_heap_and_stretches_collections(shop):
    shop.run(15, "leak")

    assert shop["chat"].heap > 0.9
    assert shop["chat"].gc_longest.value > 0.5
    assert shop["chat"].cpu > 0.3
    assert 0 < shop.failed("chat") < 0.1
    assert shop["api"].heap < 0.6


def test_a_cpu_hog_burns_the_core_and_slows_answers(shop):
    usual = sum(request.seconds for request in shop.run(10).requests("api")) / len(shop.requests("api"))

    shop.run(20, "cpu")

    assert shop["api"].cpu > 0.9
    assert sum(request.seconds for request in shop.requests("api")) / len(shop.requests("api")) > 2 * usual
    assert "starved" in shop.events("api")
    assert shop["chat"].cpu < 0.3


def test_a_crash_loop_turns_everybody_away_and_forgets_what_was_counted(shop):
    shop.run(10)
    counted = sum(timer.count for timer in shop["chat"].timers.values())

    shop.run(17, "crash")

    assert shop.events("chat") == ["died", "started", "died", "started", "died"]
    assert {request.status for step in shop.steps for request in step["chat"].turned_away} == {502}
    assert 0 < sum(timer.count for timer in shop["chat"].timers.values()) < counted
    assert shop["chat"].started_at > START
    assert shop["api"].up


def test_a_crashed_chat_comes_back_at_once_when_it_is_mended(shop):
    shop.run(1, "crash").run(STEP_S)

    assert shop["chat"].up
    assert shop.events("chat") == ["started"]


def test_a_filling_disk_is_full_within_seconds_and_receipts_are_lost(shop):
    shop.run(15, "disk")

    lost = [request for request in shop.requests("api") if request.exception == "UncheckedIOException"]
    assert shop["api"].disk_free < 0.05
    assert {request.uri for request in lost} == {"/api/payments"}
    assert "disk_low" in shop.events("api")
    assert shop.failed("api") < 0.1


def test_noise_is_loud_and_changes_nothing_that_is_measured(shop):
    shop.run(20, "noise")

    assert len(shop.events("api")) > 300
    assert shop.failed("api") == shop.failed("chat") == 0
    assert shop.slowest("api") < 1
    assert shop["api"].cpu < 0.3


@pytest.mark.parametrize("names", [*((name,) for name in sorted(BY_NAME)), tuple(BY_NAME)], ids="+".join)
def test_mending_returns_to_normal_within_seconds(names):
    shop = Shop().run(20, *names)

    shop.run(8)

    after = Shop()
    after.services, after.rng, after.at = shop.services, shop.rng, shop.at
    after.run(5)
    for service in after.services.values():
        assert after.failed(service.name) == 0
        assert after.slowest(service.name) < 1
        assert (service.up, service.pending) == (True, 0)
        assert service.heap < 0.6
        assert service.gc_longest.value < 0.5
        assert service.disk_free > 0.5
        assert service.cpu < 0.3
        assert all(timer.longest.value < 1 for timer in service.timers.values())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_is_told_in_both_languages(fault):
    shown = fault.shown(True)

    assert set(shown) == {"name", "service", "title", "explanation", "on"}
    for text in (shown["title"], shown["explanation"]):
        assert text["en"].isascii()
        assert any("가" <= letter <= "힣" for letter in text["ko"])
