"""What a system went through, as its monitoring recorded it: few requests make rough figures, and none an empty cell.

A flavour is a way of measuring: which series, under which names, in which units, how exactly. The flavours are those of
service graphs, of meshes beside kernel counters, and of exporters; which one a system has says nothing of its fault.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.generator.course import Course, delay, effect
from bench.generator.faults import Fault
from bench.generator.system import Component, Role, System

Column = list[float | None]
Table = dict[str, Column]

# Places of the quantiles on the normal scale.
_PLACES = {"p50": 0.0, "p90": 1.2816, "p95": 1.6449, "p99": 2.3263}
# How much worse than the mean a quantile is known, per root of the requests.
_ROUGH = {"p50": 1.25, "p90": 1.7, "p95": 2.1, "p99": 3.7}
# The share of components that are busy at some time without anybody's harm, and of those that wait for something in the
# background (a long poll, a lease) for which nobody waits.
_BURSTS, _POLLS = 0.3, 0.4
# Of a request: bytes and system calls, and their factor if it fails.
_PER_REQUEST = (
    ("network_receive_bytes", 800.0, 0.8),
    ("network_transmit_bytes", 2500.0, 0.3),
    ("syscall_read", 8.0, 1.0),
    ("syscall_write", 8.0, 2.5),
)
_BUCKETS_MS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)


@dataclass(frozen=True, slots=True)
class Flavour:
    """One way of measuring; `steps_s` are its usual steps."""

    name: str
    steps_s: tuple[float, ...]
    rows: tuple[int, int]
    share: float


FLAVOURS = (
    Flavour("graph", (60.0, 300.0), (60, 600), share=1.0),
    Flavour("mesh", (15.0, 60.0), (12, 160), share=1.0),
    Flavour("exporters", (15.0, 30.0, 60.0), (40, 180), share=0.9),
    Flavour("few", (60.0,), (30, 180), share=0.3),
)


@dataclass(frozen=True, slots=True)
class Sampling:
    """What it takes to measure: moments, seconds between them, the fault, dice, and whether times lie in buckets."""

    times: Sequence[float]
    step_s: float
    fault: Fault | None
    dice: random.Random
    bucketed: bool


def table(flavour: Flavour, sampling: Sampling, system: System, courses: Mapping[str, Course]) -> Table:
    """Measure a system; columns are `component|metric`, None where nothing was sampled."""
    dice = sampling.dice
    found: Table = {}
    for each in system.components:
        if each.role is Role.EXTERNAL and dice.random() < 0.3:
            # Of somebody else's service one often sees nothing but one's own calls.
            continue
        columns = _MEASURES[flavour.name](sampling, each, courses)
        found |= {f"{each.name}|{name}": column for name, column in columns.items() if dice.random() < flavour.share}
    if flavour.name in ("exporters", "few"):
        found |= _hosts(sampling, system, courses)
    return {name: _gappy(dice, column) for name, column in found.items()}


def _requests(sampling: Sampling, own: Course) -> list[int]:
    return [_poisson(sampling.dice, rate * sampling.step_s) for rate in own.rate]


def _poisson(dice: random.Random, expected: float) -> int:
    if expected > 50:
        return max(0, round(dice.gauss(expected, math.sqrt(expected))))
    limit, count, left = math.exp(-max(expected, 0.0)), 0, dice.random()
    while left > limit:
        left *= dice.random()
        count += 1
    return count


def _time(sampling: Sampling, quantile: str, median_ms: float, each: Component, count: int) -> float:
    """Estimate the mean or a quantile of so many requests (ms), of a lognormal distribution with strays."""
    dice, sigma = sampling.dice, each.sigma
    strays = _poisson(dice, count * each.stray)
    times = each.stray_times * math.exp(dice.gauss(-0.5, 0.7))
    if quantile == "avg":
        value = median_ms * math.exp(sigma * sigma / 2 + dice.gauss(0, sigma / math.sqrt(max(count, 1))))
        return value * (1 + times * strays / max(count, 1))
    place = min(_PLACES[quantile], math.sqrt(2 * math.log(max(count, 2))))
    value = median_ms * math.exp(sigma * (place + dice.gauss(0, _ROUGH[quantile] / math.sqrt(max(count, 1)))))
    # A quantile shows strays once they are more than what lies above it.
    above = count * (1 - int(quantile[1:]) / 100)
    value = max(value, median_ms * times) if strays > above * dice.random() + 0.1 * above else value
    return _in_bucket(dice, value) if sampling.bucketed else value


def _in_bucket(dice: random.Random, value: float) -> float:
    low = max((edge for edge in _BUCKETS_MS if edge <= value), default=0)
    high = next((edge for edge in _BUCKETS_MS if edge > value), _BUCKETS_MS[-1])
    return low + (high - low) * round(dice.triangular(0.85, 0.99), 2)


def _graph(sampling: Sampling, each: Component, courses: Mapping[str, Course]) -> Table:
    own = courses[each.name]
    counts = _requests(sampling, own)
    failed = [min(n, _poisson(sampling.dice, n * share)) for n, share in zip(counts, own.failing, strict=True)]
    found: Table = {"requests_sum_count": [float(n) if n else None for n in counts]}
    found["availability_avg_percent"] = [100 * (1 - k / n) if n else None for n, k in zip(counts, failed, strict=True)]
    for quantile in ("avg", "p50", "p90", "p95", "p99"):
        found[f"latency_{quantile}_seconds"] = [
            round(_time(sampling, quantile, ms, each, n) / 1000, 6) if n else None
            for ms, n in zip(own.total_ms, counts, strict=True)
        ]
    return found


def _mesh(sampling: Sampling, each: Component, courses: Mapping[str, Course]) -> Table:
    own, dice = courses[each.name], sampling.dice
    counts = _requests(sampling, own)
    found: Table = {"success_rate_percent": [0.0] * len(counts)}
    waits = [_waiting(sampling.fault, each, courses, index, at) for index, at in enumerate(sampling.times)]
    polls = _polls(dice, len(counts))
    for side, track in (("server", own.total_ms), ("client", waits)):
        for quantile in ("p90", "p95", "p99"):
            times = [
                round(_time(sampling, quantile, ms, each, n) / 1000, 4) if n and ms else 0.0
                for ms, n in zip(track, counts, strict=True)
            ]
            found[f"{side}_latency_{quantile}_seconds"] = (
                times if side == "server" else [max(own, poll) for own, poll in zip(times, polls, strict=True)]
            )
    per_s = [n / sampling.step_s for n in counts]
    found["workload_ops_per_second"] = [round(each, 3) for each in per_s]
    found |= _machine(sampling, each, own)
    rough = dice.choice((0.1, 0.2, 0.35))
    for name, size, failed in _PER_REQUEST:
        # What fails sends little back, and writes a stack trace.
        busy = _transfers(dice, len(counts))
        found[name] = [
            round(rate * size * (1 + (failed - 1) * part) * more * math.exp(dice.gauss(0, rough)) + size, 1)
            for rate, part, more in zip(per_s, own.failing, busy, strict=True)
        ]
    return found


def _polls(dice: random.Random, count: int) -> list[float]:
    """Return how long the longest call in the background took at each step (seconds), mostly 0: nobody waited for it."""
    if dice.random() >= _POLLS:
        return [0.0] * count
    often, usual = dice.choice((0.03, 0.1, 0.5)), 10 ** dice.uniform(-1, 2)
    return [round(usual * math.exp(dice.gauss(0, 1.0)), 4) if dice.random() < often else 0.0 for _ in range(count)]


def _transfers(dice: random.Random, count: int) -> list[float]:
    """Return by which factor a component sends or reads more at each step: a copy or a backup that nobody waits for."""
    found = [1.0] * count
    if dice.random() < _BURSTS:
        start = dice.randrange(count)
        for index in range(start, min(count, start + dice.randint(1, 4))):
            found[index] = dice.choice((0.6, 2.0, 5.0, 20.0))
    return found


def _waiting(fault: Fault | None, each: Component, courses: Mapping[str, Course], index: int, at: float) -> float:
    waits = [courses[call.callee].total_ms[index] + delay(fault, each.name, call.callee, at) for call in each.calls]
    return sum(waits) / len(waits) if waits else 0.0


def _machine(sampling: Sampling, each: Component, own: Course) -> Table:
    dice, fault = sampling.dice, sampling.fault
    used = [min(1.0, cpu * math.exp(dice.gauss(0, 0.1 + each.wobble))) for cpu in own.cpu]
    if dice.random() < _BURSTS:
        # A batch that runs, a cache that is rebuilt: it is busy for a while, and nobody waits for it.
        start = dice.randrange(len(used))
        for index in range(start, min(len(used), start + dice.randint(2, 12))):
            used[index] = max(used[index], dice.uniform(0.6, 1.0))
    level = [max(each.memory, effect(fault, "memory", each.name, at, each.memory)) for at in sampling.times]
    memory = [min(1.0, part * math.exp(dice.gauss(0, 0.01))) for part in level]
    size = 128.0 * 2 ** (len(each.name) % 5)
    return {
        "cpu_usage_percent": [round(100 * value, 2) for value in used],
        "cpu_usage_millicores": [round(1000 * value, 1) for value in used],
        "memory_usage_percent": [round(100 * value, 2) for value in memory],
        "memory_usage_mebibytes": [round(size * value, 1) for value in memory],
    }


def _exporters(sampling: Sampling, each: Component, courses: Mapping[str, Course]) -> Table:
    own, dice = courses[each.name], sampling.dice
    counts = _requests(sampling, own)
    failed = [min(n, _poisson(dice, n * share)) for n, share in zip(counts, own.failing, strict=True)]
    found: Table = {
        "http_requests_per_second": [round(n / sampling.step_s, 3) for n in counts],
        "http_error_ratio": [round(k / n, 5) if n else None for n, k in zip(counts, failed, strict=True)],
    }
    for quantile in ("p50", "p99"):
        found[f"http_request_duration_{quantile}_ms"] = [
            round(_time(sampling, quantile, ms, each, n), 2) if n else None
            for ms, n in zip(own.total_ms, counts, strict=True)
        ]
    machine = _machine(sampling, each, own)
    found["container_cpu_usage_ratio"] = [round((value or 0.0) / 100, 4) for value in machine["cpu_usage_percent"]]
    found["container_memory_usage_ratio"] = [
        round((value or 0.0) / 100, 4) for value in machine["memory_usage_percent"]
    ]
    return found | _special(sampling, each, own)


def _special(sampling: Sampling, each: Component, own: Course) -> Table:
    """Measure what only some components have, whether or not it is at fault."""
    dice, fault, times = sampling.dice, sampling.fault, sampling.times
    in_use = [min(1.0, rate * ms / 1000 / each.pool + 0.05) for rate, ms in zip(own.rate, own.own_ms, strict=True)]

    def felt(name: str, usual: float, spread: float = 0.1) -> Column:
        return [round(effect(fault, name, each.name, at, usual) * math.exp(dice.gauss(0, spread)), 4) for at in times]

    full = [max(part, effect(fault, "pool", each.name, at)) for part, at in zip(in_use, times, strict=True)]
    measures: dict[Role, Table] = {
        Role.SERVICE: {
            "db_pool_in_use_count": [float(round(each.pool * part)) for part in full],
            "gc_pause_ms": felt("gc", 2.0, 0.5),
            "threads_busy_ratio": [min(1.0, value or 0.0) for value in felt("threads", 0.3)],
            "container_restarts_count": [float(round(effect(fault, "restarts", each.name, at))) for at in times],
            "container_cpu_throttled_seconds": felt("throttled", 0.02, 0.4),
        },
        Role.DATABASE: {
            "disk_used_percent": [min(100.0, 100 * (value or 0.0)) for value in felt("disk", each.disk, 0.001)],
            "locks_waiting_count": [float(round(value or 0.0)) for value in felt("locks", 0.3, 0.8)],
            "replica_lag_seconds": felt("lag_s", 0.2, 0.6),
        },
        Role.CACHE: {
            "cache_hit_ratio": [round(0.95 - 0.9 * effect(fault, "misses", each.name, at), 4) for at in times]
        },
        Role.QUEUE: {"queue_depth_count": [float(round(3 * (value or 0.0))) for value in felt("queue", 1.0, 0.7)]},
    }
    return measures.get(each.role, {})


def _hosts(sampling: Sampling, system: System, courses: Mapping[str, Course]) -> Table:
    dice, found = sampling.dice, dict[str, Column]()
    for host in system.hosts:
        guests = [each.name for each in system.components if each.host == host]
        if not guests:
            continue
        cpu: Column = []
        ready: Column = []
        for index, at in enumerate(sampling.times):
            busy = sum(courses[name].cpu[index] for name in guests) / (1.5 * len(guests))
            busy = max(busy, *(effect(sampling.fault, "node_cpu", name, at) for name in guests))
            cpu.append(round(min(1.0, busy * math.exp(dice.gauss(0, 0.03))), 4))
            ready.append(float(max(effect(sampling.fault, "down", name, at) for name in guests) < 0.5))
        found[f"{host}|node_cpu_utilization_ratio"] = cpu
        found[f"{host}|node_ready"] = ready
    return found


def _gappy(dice: random.Random, column: Column) -> Column:
    """Lose a few samples, and now and then a scrape of several minutes."""
    if dice.random() < 0.9:
        return column
    start = dice.randrange(len(column))
    lost = range(start, start + dice.randint(1, 5))
    return [None if index in lost else value for index, value in enumerate(column)]


_MEASURES: Mapping[str, Callable[[Sampling, Component, Mapping[str, Course]], Table]] = {
    "graph": _graph,
    "mesh": _mesh,
    "exporters": _exporters,
    "few": _exporters,
}
