"""A service's numbers under the names Micrometer gives them."""

from __future__ import annotations

import time
from collections.abc import Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    Exemplar,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from playground.shop.model import BUCKETS, DISK_TOTAL, HEAP_MAX, POOL_SIZE, Service

_REQUEST = ("uri", "method", "status", "outcome", "exception")


class ServiceMetrics(Collector):
    """Reads a service whenever Prometheus asks."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        yield from self._http()
        yield from self._jvm()
        yield from self._pool()
        yield from self._process()

    def _http(self) -> Iterator[Metric]:
        name = "http_server_requests_seconds"
        requests = HistogramMetricFamily(name, "Duration of requests.", labels=_REQUEST)
        longest = GaugeMetricFamily(f"{name}_max", "Longest request.", labels=_REQUEST)
        for key, timer in self._service.timers.items():
            exemplar = Exemplar({"trace_id": timer.trace_id}, timer.last_s, time.time())
            place = next((n for n, limit in enumerate(BUCKETS) if timer.last_s <= limit), len(BUCKETS))
            counts = [*zip(map(str, BUCKETS), timer.buckets, strict=True), ("+Inf", timer.count)]
            buckets = [(le, count, exemplar) if n == place else (le, count) for n, (le, count) in enumerate(counts)]
            requests.add_metric(key, buckets, timer.total_s)
            longest.add_metric(key, timer.max_s)
        yield requests
        yield longest

    def _jvm(self) -> Iterator[Metric]:
        service = self._service
        for name, value in (("used", service.heap * HEAP_MAX), ("committed", HEAP_MAX), ("max", HEAP_MAX)):
            memory = GaugeMetricFamily(f"jvm_memory_{name}_bytes", "Memory.", labels=("area", "id"))
            memory.add_metric(("heap", "G1 Old Gen"), value)
            memory.add_metric(("nonheap", "Metaspace"), -1 if name == "max" else 90e6)
            yield memory
        labels = ("action", "cause", "gc")
        kind = ("end of minor GC", "G1 Evacuation Pause", "G1 Young Generation")
        pause = SummaryMetricFamily("jvm_gc_pause_seconds", "Time in GC pauses.", labels=labels)
        pause.add_metric(kind, service.gc_count, service.gc_total_s)
        yield pause
        longest = GaugeMetricFamily("jvm_gc_pause_seconds_max", "Longest GC pause.", labels=labels)
        longest.add_metric(kind, service.gc_max_s)
        yield longest
        yield GaugeMetricFamily("jvm_threads_live_threads", "Threads.", value=service.threads + 30)

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
        for name, value in (("busy", service.threads), ("current", service.threads + 10), ("config_max", 100)):
            threads = GaugeMetricFamily(f"tomcat_threads_{name}_threads", "Tomcat's threads.", labels=("name",))
            threads.add_metric(("http-nio",), value)
            yield threads

    def _process(self) -> Iterator[Metric]:
        service = self._service
        yield GaugeMetricFamily("process_cpu_usage", "CPU of the process, 0 to 1.", value=service.cpu)
        yield GaugeMetricFamily("system_cpu_usage", "CPU of the host, 0 to 1.", value=min(1.0, service.cpu + 0.05))
        yield GaugeMetricFamily("system_cpu_count", "Cores.", value=2)
        yield GaugeMetricFamily("process_start_time_seconds", "Start.", value=service.started_at)
        yield GaugeMetricFamily("process_uptime_seconds", "Uptime.", value=time.time() - service.started_at)
        for name, value in (("free", service.disk_free * DISK_TOTAL), ("total", DISK_TOTAL)):
            disk = GaugeMetricFamily(f"disk_{name}_bytes", "Disk.", labels=("path",))
            disk.add_metric(("/app/.",), value)
            yield disk
        events = CounterMetricFamily("logback_events", "Log lines.", labels=("level",))
        for level in ("error", "warn", "info"):
            events.add_metric((level,), service.logged.get(level, 0))
        yield events
