"""The shop as numbers: a state, advanced by pure steps of time. No I/O."""

from __future__ import annotations

import random
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
POOL_SIZE = 10
HEAP_MAX = 512 * 1024 * 1024
DISK_TOTAL = 20 * 1024**3


@dataclass(frozen=True)
class Request:
    """One request that ended: where, how, how long (seconds), with which trace."""

    uri: str
    method: str
    status: int
    seconds: float
    exception: str
    trace_id: str
    span_id: str

    @property
    def outcome(self) -> str:
        """Say how it ended, in Micrometer's words."""
        return {2: "SUCCESS", 4: "CLIENT_ERROR", 5: "SERVER_ERROR"}[self.status // 100]


@dataclass
class Timer:
    """What Micrometer keeps of the requests of one kind."""

    buckets: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))
    count: int = 0
    total_s: float = 0.0
    max_s: float = 0.0
    trace_id: str = ""
    last_s: float = 0.0

    def add(self, request: Request) -> None:
        """Count a request."""
        self.count += 1
        self.total_s += request.seconds
        self.max_s = max(self.max_s, request.seconds)
        self.trace_id, self.last_s = request.trace_id, request.seconds
        for place, limit in enumerate(BUCKETS):
            self.buckets[place] += request.seconds <= limit


@dataclass
class Service:
    """One service: what it is, and how it is doing."""

    name: str
    pool: str
    endpoints: tuple[tuple[str, str], ...]
    rate: float
    started_at: float
    timers: dict[tuple[str, ...], Timer] = field(default_factory=dict[tuple[str, ...], Timer])
    logged: dict[str, int] = field(default_factory=dict[str, int])
    active: int = 2
    pending: int = 0
    timeouts: int = 0
    threads: int = 5
    heap: float = 0.45
    gc_count: int = 0
    gc_total_s: float = 0.0
    gc_max_s: float = 0.02
    cpu: float = 0.12
    disk_free: float = 0.6
    up: bool = True
    cycle_s: float = 0.0
    backlog: float = 0.0

    def restart(self, at: float) -> None:
        """Lose what a process loses."""
        self.started_at = at
        self.timers.clear()
        self.logged.clear()
        self.timeouts = self.gc_count = 0
        self.gc_total_s, self.heap = 0.0, 0.3


def make_shop(at: float) -> dict[str, Service]:
    """Return the two services, healthy."""
    api = (("/api/orders", "GET"), ("/api/orders/{id}", "GET"), ("/api/payments", "POST"), ("/api/doctors", "GET"))
    chat = (("/chat/rooms", "GET"), ("/chat/rooms/{id}/messages", "POST"))
    return {
        "api": Service("api", "DoktoriHikariPool", api, 24.0, at),
        "chat": Service("chat", "ChatHikariPool", chat, 14.0, at),
    }


def tick(
    shop: dict[str, Service], faults: AbstractSet[str], dt: float, at: float, rng: random.Random
) -> dict[str, list[Request]]:
    """Advance everything by `dt` seconds and return the requests that ended, by service."""
    ended: dict[str, list[Request]] = {}
    for service in shop.values():
        mine = faults if service.name == "api" else faults - {"cpu", "disk", "deploy"}
        _advance(service, mine, dt, at, rng)
        ended[service.name] = _serve(service, mine, dt, rng) if service.up else []
    return ended


def _advance(service: Service, faults: AbstractSet[str], dt: float, at: float, rng: random.Random) -> None:
    api, chat = service.name == "api", service.name == "chat"
    exhausted = api and "pool" in faults
    service.active = POOL_SIZE if exhausted else rng.randint(1, 4)
    service.pending = min(45, service.pending + rng.randint(2, 6)) if exhausted else 0
    service.timeouts += rng.randint(0, 2) if exhausted else 0
    slow = "slow" in faults or exhausted
    service.threads = min(95, service.threads + 6) if slow else rng.randint(4, 9)
    leaking = chat and "leak" in faults
    service.heap = (
        min(0.97, service.heap + 0.08 * dt) if leaking else _towards(service.heap, 0.45, dt) + rng.uniform(-0.01, 0.01)
    )
    pause = rng.uniform(0.7, 1.3) if leaking and service.heap > 0.8 else rng.uniform(0.005, 0.03)
    if rng.random() < dt:
        service.gc_count += 1
        service.gc_total_s += pause
        service.gc_max_s = pause
    hogged = api and "cpu" in faults
    service.cpu = rng.uniform(0.93, 0.99) if hogged else rng.uniform(0.08, 0.2)
    filling = api and "disk" in faults
    service.disk_free = (
        max(0.02, service.disk_free - 0.09 * dt) if filling else _towards(service.disk_free, 0.6, dt * 4)
    )
    _crash(service, chat and "crash" in faults, dt, at)


def _crash(service: Service, crashing: bool, dt: float, at: float) -> None:
    if not crashing:
        service.cycle_s = 0.0
        if not service.up:
            service.up = True
            service.restart(at)
        return
    # Down for six seconds, up for two.
    service.cycle_s = (service.cycle_s + dt) % 8.0
    was, service.up = service.up, service.cycle_s >= 6.0
    if service.up and not was:
        service.restart(at)


def _towards(value: float, goal: float, dt: float) -> float:
    return value + (goal - value) * min(1.0, dt * 0.5)


def _serve(service: Service, faults: AbstractSet[str], dt: float, rng: random.Random) -> list[Request]:
    service.backlog += service.rate * dt * rng.uniform(0.7, 1.3)
    count, service.backlog = int(service.backlog), service.backlog % 1
    requests = [_request(service, faults, rng) for _ in range(count)]
    for request in requests:
        key = (request.uri, request.method, str(request.status), request.outcome, request.exception)
        service.timers.setdefault(key, Timer()).add(request)
    return requests


def _request(service: Service, faults: AbstractSet[str], rng: random.Random) -> Request:
    uri, method = rng.choice(service.endpoints)
    status, seconds, exception = 200, rng.lognormvariate(-3.0, 0.5), "none"
    luck = rng.random()
    if service.name == "api" and "pool" in faults:
        seconds = rng.uniform(5.0, 29.0)
        if luck < 0.7:
            status, seconds, exception = 500, 30.0 + rng.uniform(0, 0.05), "SQLTransientConnectionException"
    elif service.name == "api" and "deploy" in faults and luck < 0.75:
        status, seconds, exception = 500, rng.uniform(0.01, 0.04), "NullPointerException"
    elif "slow" in faults and (service.name == "api" or luck < 0.5):
        seconds = rng.uniform(6.0, 9.0)
    elif service.name == "chat" and "pool" in faults and luck < 0.4:
        status, seconds, exception = 503, rng.uniform(2.0, 4.0), "ResourceAccessException"
    elif service.name == "chat" and "leak" in faults and service.heap > 0.9:
        seconds += rng.uniform(0.5, 2.0)
    elif luck < 0.005:
        status = 404
    trace, span = f"{rng.getrandbits(128):032x}", f"{rng.getrandbits(64):016x}"
    return Request(uri, method, status, seconds, exception, trace, span)
