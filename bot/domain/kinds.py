"""Tells what a series measures, by the words of its name as exporters everywhere use them."""

from __future__ import annotations

import re

from bot.domain.telemetry import MetricKind

# "HighErrorRate", "http_5xx_ratio" and "latency p99" are all words.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[a-z]*")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ERRORS = _set(
    "error errors err fail failed failure failures exception exceptions fault faults panic panics timeout timeouts "
    "rejected refused dropped 5xx 4xx 500 503 oom restarts evicted deadlocks"
)
_AVAILABILITY = _set("availability available success up ready healthy hit")
_SATURATION = _set(
    "cpu memory mem heap gc usage used utilization utilisation saturation pool hikaricp pending queue queued depth "
    "threads connections disk swap throttled throttling load pressure backlog age lag free freeable filesystem storage "
    "working rss inuse wait waiting sessions fds"
)
_LATENCY = _set("latency duration rtt elapsed p50 p75 p90 p95 p99 p999 50 90 95 99 slow")
_TRAFFIC = _set(
    "request requests rps qps ops workload traffic throughput rate count total invocations calls messages bytes packets "
    "iops read write receive transmit"
)
# What is left of something rather than what is used of it: less is worse.
_REMAINING = _set("free freeable available avail remaining idle left headroom hit")

# The first group with a word of the name wins: "http_request_errors" are errors, whatever else the name says.
_ORDER = (
    (MetricKind.ERRORS, _ERRORS),
    # "disk_read_latency" and "pool_wait_p99" are times, whatever it is that takes the time.
    (MetricKind.LATENCY, _LATENCY),
    (MetricKind.AVAILABILITY, _AVAILABILITY),
    (MetricKind.SATURATION, _SATURATION),
    (MetricKind.TRAFFIC, _TRAFFIC),
)


def kind_of(name: str) -> MetricKind:
    """Tell the kind of a series by its name."""
    words = _words(name)
    if words & _REMAINING - {"hit"} and words & _SATURATION - _REMAINING:
        return MetricKind.SATURATION
    return next((kind for kind, known in _ORDER if words & known), MetricKind.OTHER)


def less_is_worse(name: str, kind: MetricKind) -> bool:
    """Tell whether a fall of this series is the bad direction."""
    if kind is MetricKind.AVAILABILITY:
        return True
    return kind is MetricKind.SATURATION and bool(_REMAINING & _words(name))


def _words(name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(name[:400]))
