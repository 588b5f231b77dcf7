"""What Micrometer exports and the shop does not, under the names and labels of its documentation (grafana.md, 7.2)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

# Ten connections a second, each waited for a tenth of a millisecond and held for 20.
_PER_S = 10
_SECONDS = {"acquire": 0.0001, "usage": 0.02}


class MoreOfMicrometer(Collector):
    """HikariCP's timers of a pool, and the heap after its last collection."""

    def __init__(self, pool: str) -> None:
        self._pool = pool

    def collect(self) -> Iterator[Metric]:
        count = int(time.monotonic() * _PER_S)
        for what, seconds in _SECONDS.items():
            name = f"hikaricp_connections_{what}_seconds"
            timer = SummaryMetricFamily(name, "Connections.", labels=("pool",))
            timer.add_metric((self._pool,), count, count * seconds)
            yield timer
            longest = GaugeMetricFamily(f"{name}_max", "Connections.", labels=("pool",))
            longest.add_metric((self._pool,), 2 * seconds)
            yield longest
        after = GaugeMetricFamily("jvm_memory_usage_after_gc", "Heap after collection.", labels=("area", "pool"))
        after.add_metric(("heap", "long-lived"), 0.4)
        yield after


@contextmanager
def more_of_micrometer(pool: str) -> Iterator[int]:
    """Serve them on a free port."""
    registry = CollectorRegistry()
    registry.register(MoreOfMicrometer(pool))
    server, thread = start_http_server(0, "127.0.0.1", registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
