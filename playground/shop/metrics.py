"""A service's numbers under the names Micrometer gives them (Spring Boot 3, micrometer-registry-prometheus)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    Exemplar,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from playground.shop.model import BUCKETS, DISK_TOTAL, HEAP_MAX, POOL_SIZE, ShopService, Timer

_REQUEST = ("uri", "method", "status", "outcome", "exception", "error")
_LIMITS = (*map(str, BUCKETS), "+Inf")


class ServiceMetrics(Collector):
    """Reads a service whenever Prometheus asks."""

    def __init__(self, service: ShopService, clock: Callable[[], float] = time.time) -> None:
        self._service = service
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        yield from self._http()
        yield from self._memory()
        yield from self._collector()
        yield from self._threads()
        yield from self._pool()
        yield from self._process()

    def _http(self) -> Iterator[Metric]:
        name = "http_server_requests_seconds"
        requests = HistogramMetricFamily(name, "Duration of requests.", labels=_REQUEST)
        longest = GaugeMetricFamily(f"{name}_max", "Longest request.", labels=_REQUEST)
        for key, timer in self._service.timers.items():
            # Micrometer writes the exception under both labels.
            labels = (*key, key[-1])
            requests.add_metric(labels, _buckets(timer), timer.total_s)
            longest.add_metric(labels, timer.longest.value)
        yield requests
        yield longest

    def _memory(self) -> Iterator[Metric]:
        used = self._service.heap * HEAP_MAX
        # -1: "undefined"; G1 limits only the old generation.
        areas = {
            ("heap", "G1 Eden Space"): (used * 0.1, HEAP_MAX * 0.1, -1.0),
            ("heap", "G1 Old Gen"): (used * 0.9, HEAP_MAX * 0.9, float(HEAP_MAX)),
            ("nonheap", "Metaspace"): (90e6, 92e6, -1.0),
        }
        for place, name in enumerate(("used", "committed", "max")):
            memory = GaugeMetricFamily(f"jvm_memory_{name}_bytes", "Memory of the JVM.", labels=("area", "id"))
            for area, numbers in areas.items():
                memory.add_metric(area, numbers[place])
            yield memory

    def _collector(self) -> Iterator[Metric]:
        labels = ("action", "cause", "gc")
        kind = ("end of minor GC", "G1 Evacuation Pause", "G1 Young Generation")
        pause = SummaryMetricFamily("jvm_gc_pause_seconds", "Time in GC pauses.", labels=labels)
        pause.add_metric(kind, self._service.gc_count, self._service.gc_total_s)
        yield pause
        longest = GaugeMetricFamily("jvm_gc_pause_seconds_max", "Longest GC pause.", labels=labels)
        longest.add_metric(kind, self._service.gc_longest.value)
        yield longest

    def _threads(self) -> Iterator[Metric]:
        busy = self._service.threads
        yield GaugeMetricFamily("jvm_threads_live_threads", "Threads.", value=busy + 30)
        yield GaugeMetricFamily("jvm_threads_daemon_threads", "Daemon threads.", value=busy + 26)
        states = GaugeMetricFamily("jvm_threads_states_threads", "Threads by state.", labels=("state",))
        for state, count in (("runnable", 8), ("timed-waiting", busy + 10), ("waiting", 12), ("blocked", 0)):
            states.add_metric((state,), count)
        yield states
        name = (f"http-nio-{self._service.port}",)
        for kind, count in (("busy", busy), ("current", busy + 10), ("config_max", self._service.threads_max)):
            threads = GaugeMetricFamily(f"tomcat_threads_{kind}_threads", "Tomcat's threads.", labels=("name",))
            threads.add_metric(name, min(count, self._service.threads_max))
            yield threads

    def _pool(self) -> Iterator[Metric]:
        service = self._service
        numbers = {
            "": POOL_SIZE,
            "_active": service.active,
            "_idle": POOL_SIZE - service.active,
            "_pending": service.pending,
            "_max": POOL_SIZE,
            "_min": POOL_SIZE,
        }
        for suffix, value in numbers.items():
            family = GaugeMetricFamily(f"hikaricp_connections{suffix}", "Connections.", labels=("pool",))
            family.add_metric((service.pool,), value)
            yield family
        timeouts = CounterMetricFamily("hikaricp_connections_timeout", "Timeouts.", labels=("pool",))
        timeouts.add_metric((service.pool,), service.timeouts)
        yield timeouts

    def _process(self) -> Iterator[Metric]:
        service = self._service
        yield GaugeMetricFamily("process_cpu_usage", "CPU of the process, 0 to 1.", value=service.cpu)
        yield GaugeMetricFamily("system_cpu_usage", "CPU of the host, 0 to 1.", value=min(1.0, service.cpu + 0.05))
        yield GaugeMetricFamily("system_cpu_count", "Cores.", value=2)
        yield GaugeMetricFamily("process_start_time_seconds", "Start.", value=service.started_at)
        yield GaugeMetricFamily("process_uptime_seconds", "Uptime.", value=self._clock() - service.started_at)
        for name, value in (("free", service.disk_free * DISK_TOTAL), ("total", DISK_TOTAL)):
            disk = GaugeMetricFamily(f"disk_{name}_bytes", "Disk.", labels=("path",))
            disk.add_metric(("/app/.",), value)
            yield disk
        events = CounterMetricFamily("logback_events", "Log lines.", labels=("level",))
        for level in ("error", "warn", "info"):
            events.add_metric((level,), service.logged.get(level, 0))
        yield events


def _buckets(timer: Timer) -> list[tuple[str, int] | tuple[str, int, Exemplar]]:
    buckets: list[tuple[str, int] | tuple[str, int, Exemplar]] = []
    for place, (limit, count) in enumerate(zip(_LIMITS, (*timer.buckets, timer.count), strict=True)):
        example = timer.latest.get(place)
        if example is None:
            buckets.append((limit, count))
        else:
            traced = {"trace_id": example.trace_id, "span_id": example.span_id}
            buckets.append((limit, count, Exemplar(traced, example.seconds, example.at)))
    return buckets
