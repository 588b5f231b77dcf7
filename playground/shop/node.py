"""The shop's host in numbers, under the names that node exporter gives them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from playground.shop.model import DISK_TOTAL, HEAP_MAX, ShopService

_CORES = 2
_MEMORY_TOTAL = 4 * 1024**3
# The kernel, nginx, and of each JVM what is not heap.
_MEMORY_OF_OTHERS = 900 * 1024**2


class NodeMetrics(Collector):
    """Reads the host whenever Prometheus asks; it has been up as long as its oldest service."""

    def __init__(self, shop: Mapping[str, ShopService], clock: Callable[[], float] = time.time) -> None:
        self._shop, self._clock = shop, clock
        self._booted_at = self._asked_at = min(service.started_at for service in shop.values())
        self._busy_s = self._idle_s = 0.0

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        running = [service for service in self._shop.values() if service.up]
        # A registry asks once when the collector is registered; the day before that was a quiet one.
        now = self._clock()
        passed, self._asked_at = now - self._asked_at, now
        load = min(1.0, 0.03 + sum(service.cpu for service in running) / _CORES)
        self._busy_s += passed * load
        self._idle_s += passed * (1 - load)
        cpu = CounterMetricFamily("node_cpu_seconds", "Seconds spent in each mode.", labels=("cpu", "mode"))
        for core in range(_CORES):
            for mode, seconds in (("user", self._busy_s * 0.8), ("system", self._busy_s * 0.2), ("idle", self._idle_s)):
                cpu.add_metric((str(core), mode), seconds)
        yield cpu
        used = _MEMORY_OF_OTHERS + sum(service.heap * HEAP_MAX for service in running)
        yield GaugeMetricFamily("node_memory_MemTotal_bytes", "Memory.", value=_MEMORY_TOTAL)
        yield GaugeMetricFamily("node_memory_MemAvailable_bytes", "Free memory.", value=_MEMORY_TOTAL - used)
        sizes = {"size": DISK_TOTAL, "avail": self._shop["api"].disk_free * DISK_TOTAL}
        for name, size in sizes.items():
            labels = ("device", "fstype", "mountpoint")
            disk = GaugeMetricFamily(f"node_filesystem_{name}_bytes", "Disk.", labels=labels)
            disk.add_metric(("/dev/vda1", "ext4", "/"), size)
            yield disk
        yield GaugeMetricFamily("node_boot_time_seconds", "Boot.", value=self._booted_at)
