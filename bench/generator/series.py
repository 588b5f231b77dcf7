"""What a system went through, as its monitoring recorded it: few requests make rough figures, and none an empty cell.

A flavour is a way of measuring: which series, under which names, in which units, how exactly. The flavours are those of
service graphs, of meshes beside kernel counters, and of exporters; which one a system has says nothing of its fault.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.generator.bystanders import BURSTS, held, polls, transfers
from bench.generator.course import Course, delay, effect
from bench.generator.faults import DrawnFault
from bench.generator.system import Component, Role, System

Column = list[float | None]
Table = dict[str, Column]

# Places of the quantiles on the normal scale.
_PLACES = {"p50": 0.0, "p90": 1.2816, "p95": 1.6449, "p99": 2.3263}
# How much worse than the mean a quantile is known, per root of the requests.
_ROUGH = {"p50": 1.25, "p90": 1.7, "p95": 2.1, "p99": 3.7}
# Of what is gone this share is not measured any more; the others measure nothing.
_UNSCRAPED = 0.5
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
    fault: DrawnFault | None
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
        if dice.random() < _UNSCRAPED:
            columns = _unscraped(sampling, each, columns)
        found |= {f"{each.name}|{name}": column for name, column in columns.items() if dice.random() < flavour.share}
    if flavour.name in ("exporters", "few"):
        found |= _hosts(sampling, system, courses)
    return {name: _gappy(dice, column) for name, column in found.items()}


def _there(sampling: Sampling, each: Component, at: float) -> float:
    """Return which part of a component there is: 0 where its pod or its node is gone."""
    return 1 - max(effect(sampling.fault, name, each.name, at) for name in ("gone", "down"))


def _unscraped(sampling: Sampling, each: Component, columns: Table) -> Table:
    """Lose the samples of the time when it was gone."""
    there = [_there(sampling, each, at) >= 0.5 for at in sampling.times]
    return {
        name: [value if seen else None for value, seen in zip(column, there, strict=True)]
        for name, column in columns.items()
    }


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


def _times(sampling: Sampling, quantiles: Sequence[str], median_ms: float, each: Component, count: int) -> list[float]:
    """Estimate means and quantiles of so many requests (ms), of a lognormal distribution with strays.

    All are of the same requests: one that shows strays shows them in every higher quantile, and none is above a higher one.
    """
    dice, sigma = sampling.dice, each.sigma
    strays, shows, by = _poisson(dice, count * each.stray), dice.random() + 0.1, dice.gauss(0, 1)
    times = each.stray_times * math.exp(dice.gauss(-0.5, 0.7))
    found, lowest = list[float](), 0.0
    for quantile in quantiles:
        if quantile == "avg":
            value = median_ms * math.exp(sigma * sigma / 2 + sigma * by / math.sqrt(max(count, 1)))
            found.append(value * (1 + times * strays / max(count, 1)))
            continue
        place = min(_PLACES[quantile], math.sqrt(2 * math.log(max(count, 2))))
        value = median_ms * math.exp(sigma * (place + by * _ROUGH[quantile] / math.sqrt(max(count, 1))))
        # A quantile shows strays once they are more than what lies above it.
        above = count * (1 - int(quantile[1:]) / 100)
        value = lowest = max(lowest, value, median_ms * times if strays > above * shows else 0.0)
        found.append(_in_bucket(dice, value) if sampling.bucketed else value)
    return found


def _measured(
    sampling: Sampling, quantiles: Sequence[str], track: Sequence[float], each: Component, counts: Sequence[int]
) -> dict[str, Column]:
    """Return a column of each quantile (ms); where nobody asked, or nobody is waited for, there is no sample."""
    rows = [
        _times(sampling, quantiles, ms, each, n) if n and ms else [None] * len(quantiles)
        for ms, n in zip(track, counts, strict=True)
    ]
    return {quantile: [row[place] for row in rows] for place, quantile in enumerate(quantiles)}


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
    for quantile, times in _measured(sampling, ("avg", "p50", "p90", "p95", "p99"), own.total_ms, each, counts).items():
        found[f"latency_{quantile}_seconds"] = [None if ms is None else round(ms / 1000, 6) for ms in times]
    return found


def _mesh(sampling: Sampling, each: Component, courses: Mapping[str, Course]) -> Table:
    own, dice = courses[each.name], sampling.dice
    counts = _requests(sampling, own)
    found: Table = {"success_rate_percent": [0.0] * len(counts)}
    waits = [_waiting(sampling.fault, each, courses, index, at) for index, at in enumerate(sampling.times)]
    waited_for = polls(dice, len(counts))
    for side, track in (("server", own.total_ms), ("client", waits)):
        for quantile, column in _measured(sampling, ("p90", "p95", "p99"), track, each, counts).items():
            times = [round((ms or 0.0) / 1000, 4) for ms in column]
            if side == "client":
                times = [max(waited, poll) for waited, poll in zip(times, waited_for, strict=True)]
            found[f"{side}_latency_{quantile}_seconds"] = [*times]
    per_s = [n / sampling.step_s for n in counts]
    found["workload_ops_per_second"] = [round(each, 3) for each in per_s]
    found |= _machine(sampling, each, own)
    rough, alive = dice.choice((0.1, 0.2, 0.35)), [_there(sampling, each, at) for at in sampling.times]
    for name, size, failed in _PER_REQUEST:
        # What fails sends little back, and writes a stack trace.
        busy = transfers(dice, len(counts))
        found[name] = [
            round((rate * size * (1 + (failed - 1) * part) * more * math.exp(dice.gauss(0, rough)) + size) * there, 1)
            for rate, part, more, there in zip(per_s, own.failing, busy, alive, strict=True)
        ]
    return found


def _waiting(fault: DrawnFault | None, each: Component, courses: Mapping[str, Course], index: int, at: float) -> float:
    waits = [courses[call.callee].total_ms[index] + delay(fault, each.name, call.callee, at) for call in each.calls]
    return sum(waits) / len(waits) if waits else 0.0


def _machine(sampling: Sampling, each: Component, own: Course) -> Table:
    dice, fault = sampling.dice, sampling.fault
    used = [min(1.0, cpu * math.exp(dice.gauss(0, 0.1 + each.wobble))) for cpu in own.cpu]
    if dice.random() < BURSTS:
        # A batch that runs, a cache that is rebuilt: it is busy for a while, and nobody waits for it.
        start = dice.randrange(len(used))
        for index in range(start, min(len(used), start + dice.randint(2, 12))):
            used[index] = max(used[index], dice.uniform(0.1, 1.0))
    alive = [_there(sampling, each, at) for at in sampling.times]
    kept, rough = held(dice, len(used)), dice.choice((0.003, 0.01, 0.05))
    memory = [
        min(1.0, max(each.memory * more, effect(fault, "memory", each.name, at)) * math.exp(dice.gauss(0, rough)))
        for at, more in zip(sampling.times, kept, strict=True)
    ]
    used = [value * there for value, there in zip(used, alive, strict=True)]
    memory = [value * there for value, there in zip(memory, alive, strict=True)]
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
    for quantile, times in _measured(sampling, ("p50", "p99"), own.total_ms, each, counts).items():
        found[f"http_request_duration_{quantile}_ms"] = [None if ms is None else round(ms, 2) for ms in times]
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
