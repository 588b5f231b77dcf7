"""What a series measures, read from the words of its name as exporters everywhere use them."""

from __future__ import annotations

import re

from bot.domain.telemetry import MetricKind

_WORD = re.compile(r"[a-z]+|\d+[a-z]*")

# The first group with a word of the name wins: "http_request_errors" are errors, whatever else the name says.
_WORDS: tuple[tuple[MetricKind, frozenset[str]], ...] = (
    (
        MetricKind.ERRORS,
        frozenset(
            [
                "error",
                "errors",
                "err",
                "fail",
                "failed",
                "failure",
                "failures",
                "exception",
                "exceptions",
                "fault",
                "faults",
                "panic",
                "panics",
                "timeout",
                "timeouts",
                "rejected",
                "refused",
                "dropped",
                "5xx",
                "4xx",
                "500",
                "503",
                "oom",
                "restarts",
                "evicted",
                "deadlocks",
            ]
        ),
    ),
    (MetricKind.AVAILABILITY, frozenset(["availability", "available", "success", "up", "ready", "healthy", "hit"])),
    (
        MetricKind.SATURATION,
        frozenset(
            [
                "cpu",
                "memory",
                "mem",
                "heap",
                "gc",
                "usage",
                "used",
                "utilization",
                "utilisation",
                "saturation",
                "pool",
                "hikaricp",
                "pending",
                "queue",
                "queued",
                "depth",
                "threads",
                "connections",
                "disk",
                "swap",
                "throttled",
                "throttling",
                "load",
                "pressure",
                "backlog",
                "age",
                "lag",
                "free",
                "freeable",
                "filesystem",
                "storage",
                "working",
                "rss",
                "inuse",
                "wait",
                "waiting",
                "sessions",
                "fds",
            ]
        ),
    ),
    (
        MetricKind.LATENCY,
        frozenset(
            [
                "latency",
                "duration",
                "rtt",
                "elapsed",
                "response",
                "p50",
                "p75",
                "p90",
                "p95",
                "p99",
                "p999",
                "50",
                "90",
                "95",
                "99",
            ]
        ),
    ),
    (
        MetricKind.TRAFFIC,
        frozenset(
            [
                "request",
                "requests",
                "rps",
                "qps",
                "ops",
                "workload",
                "traffic",
                "throughput",
                "rate",
                "count",
                "total",
                "invocations",
                "calls",
                "messages",
                "bytes",
                "packets",
                "iops",
                "read",
                "write",
                "receive",
                "transmit",
            ]
        ),
    ),
)
_LATENCY = _WORDS[3][1] - {"response"}

# What is left of something rather than what is used of it: less is worse.
_REMAINING = frozenset(["free", "freeable", "available", "avail", "remaining", "idle", "left", "headroom", "hit"])


def kind_of(name: str) -> MetricKind:
    """Tell the kind of a series by its name."""
    words = frozenset(_WORD.findall(name.lower()))
    if words & {"available", "free", "freeable", "avail", "idle"} and words & _WORDS[2][1]:
        return MetricKind.SATURATION
    # "disk_read_latency" and "pool_wait_p99" are times, whatever it is that takes the time.
    if words & _LATENCY and not words & _WORDS[0][1]:
        return MetricKind.LATENCY
    return next((kind for kind, known in _WORDS if words & known), MetricKind.OTHER)


def less_is_worse(name: str, kind: MetricKind) -> bool:
    """Tell whether a fall of this series is the bad direction."""
    if kind is MetricKind.AVAILABILITY:
        return True
    return kind is MetricKind.SATURATION and bool(_REMAINING & frozenset(_WORD.findall(name.lower())))
