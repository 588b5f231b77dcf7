"""The shop as numbers: what two services know about themselves at one moment. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
POOL_SIZE = 10
HEAP_MAX = 512 * 1024 * 1024
DISK_TOTAL = 20 * 1024**3
# Micrometer forgets a maximum after two minutes; the shop sooner, so that mending shows within seconds.
_PEAK_S = 6.0


@dataclass(frozen=True)
class ServedRequest:
    """One request that ended: when (epoch seconds), where, how, how long (seconds), with which trace.

    `lost_s` of its time is due to what is broken, named by `lost_to`: connection, payment, cpu or gc. `parent_id` is the
    caller's span, nothing if nginx let it in; `calls` are the requests that it made of another service.
    """

    at: float
    uri: str
    method: str
    status: int
    seconds: float
    exception: str
    trace_id: str
    span_id: str
    lost_to: str = ""
    lost_s: float = 0.0
    parent_id: str = ""
    calls: tuple[ServedRequest, ...] = ()

    @property
    def outcome(self) -> str:
        """Say how it ended, in Micrometer's words."""
        return {2: "SUCCESS", 4: "CLIENT_ERROR", 5: "SERVER_ERROR"}[self.status // 100]


@dataclass
class Peak:
    """The largest value of the last seconds, which is what Micrometer means by `_max`."""

    value: float = 0.0
    age_s: float = 0.0

    def see(self, value: float) -> None:
        """Keep a value if none of the last seconds was larger."""
        if value >= self.value:
            self.value, self.age_s = value, 0.0

    def fade(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        self.age_s += dt
        if self.age_s > _PEAK_S:
            self.value = 0.0


@dataclass
class Timer:
    """What Micrometer keeps of the requests of one kind; `latest` is an example for each bucket."""

    buckets: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))
    count: int = 0
    total_s: float = 0.0
    longest: Peak = field(default_factory=Peak)
    latest: dict[int, ServedRequest] = field(default_factory=dict[int, ServedRequest])

    def add(self, request: ServedRequest) -> None:
        """Count a request."""
        self.count += 1
        self.total_s += request.seconds
        self.longest.see(request.seconds)
        place = next((n for n, limit in enumerate(BUCKETS) if request.seconds <= limit), len(BUCKETS))
        self.latest[place] = request
        for above in range(place, len(BUCKETS)):
            self.buckets[above] += 1


@dataclass
class ShopService:
    """One service: what it is, and how it is doing."""

    name: str
    pool: str
    port: int
    endpoints: tuple[tuple[str, str], ...]
    rate: float
    threads_max: int
    started_at: float
    version: str = "2.4.0"
    timers: dict[tuple[str, ...], Timer] = field(default_factory=dict[tuple[str, ...], Timer])
    logged: dict[str, int] = field(default_factory=dict[str, int])
    active: int = 2
    pending: int = 0
    timeouts: int = 0
    threads: int = 5
    heap: float = 0.45
    gc_count: int = 0
    gc_total_s: float = 0.0
    gc_longest: Peak = field(default_factory=Peak)
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
        self.timeouts = self.gc_count = self.pending = 0
        self.gc_total_s, self.heap = 0.0, 0.3
        self.gc_longest = Peak()

    def count(self, request: ServedRequest) -> None:
        """Count a request that ended."""
        key = (request.uri, request.method, str(request.status), request.outcome, request.exception)
        self.timers.setdefault(key, Timer()).add(request)


@dataclass(frozen=True)
class ServiceStep:
    """What happened in one service during one step: requests it ended, requests that found it gone, and events."""

    requests: list[ServedRequest] = field(default_factory=list[ServedRequest])
    turned_away: list[ServedRequest] = field(default_factory=list[ServedRequest])
    events: list[str] = field(default_factory=list[str])


def make_shop(at: float) -> dict[str, ShopService]:
    """Return the two services, healthy, started at `at` (epoch seconds)."""
    api = (("/api/orders", "GET"), ("/api/orders/{id}", "GET"), ("/api/payments", "POST"), ("/api/doctors", "GET"))
    chat = (("/chat/rooms", "GET"), ("/chat/rooms/{id}/messages", "POST"), ("/chat/consultations", "POST"))
    return {
        "api": ShopService("api", "DoktoriHikariPool", 8080, api, 24.0, 200, at),
        "chat": ShopService("chat", "ChatHikariPool", 8081, chat, 14.0, 100, at),
    }
