"""Kinds of fault: at which components, what each does to them while it lasts, and what they log of it.

Strengths are drawn from wide ranges, from hardly felt to down. What an effect means is in `bench.generator.course`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.generator.system import Role

_OWN = (Role.SERVICE,)
_STORES = (Role.DATABASE,)
_RUNS = (Role.SERVICE, Role.DATABASE)


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind: `effects` are ranges by name; `shape` its course; `says` what the root logs, `heard` what callers log."""

    roles: tuple[Role, ...]
    effects: Mapping[str, tuple[float, float]]
    shape: str = "step"
    says: Sequence[str] = ()
    heard: Sequence[str] = ()
    platform: Sequence[str] = ()
    at_host: bool = False
    change: str = ""


@dataclass(frozen=True, slots=True)
class DrawnFault:
    """One fault of one system: `effects` drawn, `onset` and `end` in epoch seconds, `ramp_s` until it is in full force."""

    name: str
    kind: FaultKind
    root: str
    at: tuple[str, ...]
    effects: Mapping[str, float]
    onset: float
    end: float
    ramp_s: float = 0.0
    period_s: float = 0.0
    force: float = 1.0
    second: DrawnFault | None = None

    def strength(self, at: float) -> float:
        """Return how much of its force it has at a moment: 0..1."""
        if not self.onset <= at < self.end:
            return 0.0
        if self.period_s and int((at - self.onset) / self.period_s) % 2:
            return 0.0
        return self.force * (min(1.0, (at - self.onset) / self.ramp_s) if self.ramp_s else 1.0)


_SLOW = {"slower": (2.0, 20.0)}
_TIMED_OUT = ("read timed out calling {root}", "deadline exceeded while calling {root}: context canceled")
_REFUSED = ("connection refused: {root}:8080", "upstream connect error to {root}: connection reset by peer")
_GOT_500 = ("{root} answered 500", "unexpected status 503 from {root}")

KINDS: Mapping[str, FaultKind] = {
    "cpu": FaultKind(_RUNS, {"slower": (1.05, 20.0), "cpu": (0.3, 1.0)}, heard=_TIMED_OUT),
    # Another process takes the memory: hardly anybody waits for it, until the limit is reached.
    "memory-stress": FaultKind(_RUNS, {"memory": (0.4, 1.0), "slower": (1.0, 3.0)}),
    "pod-failure": FaultKind(
        _RUNS,
        {"gone": (1.0, 1.0), "lost": (0.9, 1.0)},
        heard=_REFUSED,
        platform=("Back-off restarting failed container of pod {root}-1",),
    ),
    "pod-kill": FaultKind(
        _RUNS, {"gone": (1.0, 1.0), "lost": (0.5, 1.0), "restarts": (1.0, 3.0)}, "pulse", heard=_REFUSED
    ),
    "memory": FaultKind(
        _OWN,
        {"memory": (0.93, 1.0), "slower": (1.2, 4.0), "fails": (0.05, 0.5), "restarts": (0.5, 3.0)},
        "ramp",
        ("java.lang.OutOfMemoryError: Java heap space", "cannot allocate memory"),
        _REFUSED,
        ("OOMKilled: container of pod {root}-1 was killed",),
    ),
    "disk": FaultKind(
        _RUNS,
        {"disk": (0.97, 1.0), "fails": (0.1, 0.9)},
        "ramp",
        ("write failed: no space left on device", "could not extend file: No space left on device"),
        _GOT_500,
    ),
    "pool": FaultKind(
        _OWN,
        {"waits_ms": (100.0, 5000.0), "pool": (0.95, 1.0), "fails": (0.0, 0.3)},
        says=("Connection is not available, request timed out after 30000ms", "pool exhausted: {n} waiting"),
        heard=_TIMED_OUT,
    ),
    "lock": FaultKind(
        _STORES,
        {"slower": (5.0, 60.0), "locks": (3.0, 40.0), "fails": (0.0, 0.1)},
        says=("deadlock detected: process {n} waits for ShareLock", "lock wait timeout exceeded"),
        heard=_TIMED_OUT,
    ),
    "network-delay": FaultKind(_RUNS, {"delay_ms": (20.0, 800.0)}, heard=_TIMED_OUT),
    "network-loss": FaultKind(_RUNS, {"delay_ms": (20.0, 300.0), "lost": (0.05, 0.5)}, heard=_REFUSED),
    "dns": FaultKind(
        _RUNS, {"lost": (0.5, 1.0)}, heard=("dial tcp: lookup {root}: no such host", "UnknownHostException: {root}")
    ),
    "certificate": FaultKind(
        (Role.SERVICE, Role.EXTERNAL),
        {"lost": (0.9, 1.0)},
        heard=("x509: certificate has expired or is not yet valid calling {root}", "{root}: SSL certificate expired"),
    ),
    "third-party": FaultKind(
        (Role.EXTERNAL,), {"slower": (1.0, 10.0), "fails": (0.2, 1.0)}, heard=(*_GOT_500, *_TIMED_OUT)
    ),
    "poison-input": FaultKind(
        _OWN,
        {"fails": (0.02, 0.3)},
        says=(
            "failed to parse message id={id}: unexpected token at offset {n}",
            "retrying message id={id}: attempt {n}",
        ),
        heard=_GOT_500,
    ),
    "bad-deploy": FaultKind(
        _OWN,
        {"fails": (0.05, 0.9), "slower": (1.0, 3.0)},
        says=("{error} at {symbol}",),
        heard=_GOT_500,
        change="deploy",
    ),
    "slow-deploy": FaultKind(_OWN, {"slower": (2.0, 15.0), "cpu": (0.3, 0.9)}, heard=_TIMED_OUT, change="deploy"),
    "config": FaultKind(
        _OWN,
        {"waits_ms": (100.0, 3000.0), "pool": (0.95, 1.0), "fails": (0.0, 0.4)},
        says=("{symbol}: limit reached, rejecting", "pool exhausted: {n} waiting"),
        heard=_TIMED_OUT,
        change="config",
    ),
    "flag": FaultKind(
        _OWN, {"fails": (0.05, 0.6), "slower": (1.0, 4.0)}, says=("{error} at {symbol}",), heard=_GOT_500, change="flag"
    ),
    "queue-lag": FaultKind(
        (Role.QUEUE,), {"queue": (5.0, 500.0), "slower": (1.0, 5.0)}, "ramp", ("consumer group lags {n} messages",)
    ),
    "replica-lag": FaultKind(
        _STORES,
        {"lag_s": (10.0, 2000.0), "fails": (0.02, 0.2)},
        "ramp",
        ("replication lag exceeded {n} seconds",),
        _GOT_500,
    ),
    "node-loss": FaultKind(
        _RUNS,
        {"lost": (0.7, 1.0), "down": (1.0, 1.0)},
        platform=("Node {host} is not ready",),
        heard=_REFUSED,
        at_host=True,
    ),
    "noisy-neighbour": FaultKind(
        _RUNS,
        {"slower": (1.5, 8.0), "throttled": (2.0, 10.0), "node_cpu": (0.93, 1.0)},
        platform=("Node {host} is under cpu pressure",),
        heard=_TIMED_OUT,
        at_host=True,
    ),
    "clock": FaultKind(
        _OWN, {"fails": (0.1, 1.0)}, says=("token used before issued", "clock skew of {n} s detected"), heard=_GOT_500
    ),
    "gc": FaultKind(
        _OWN,
        {"slower": (1.5, 6.0), "gc": (5.0, 50.0), "memory": (0.9, 0.99)},
        says=("GC overhead limit: pause {n} ms",),
    ),
    "threads": FaultKind(
        _OWN,
        {"waits_ms": (100.0, 3000.0), "threads": (0.97, 1.0), "fails": (0.0, 0.5)},
        says=("RejectedExecutionException: thread pool is full, {n} queued", "unable to create new native thread"),
        heard=_TIMED_OUT,
    ),
    "cache-loss": FaultKind((Role.CACHE,), {"misses": (0.5, 1.0), "slower": (1.0, 2.0)}),
    "traffic-surge": FaultKind((Role.ENTRY,), {"surge": (2.0, 7.0)}),
    "slow-ramp": FaultKind(_STORES, {"slower": (4.0, 30.0), "cpu": (0.6, 1.0)}, "hours", heard=_TIMED_OUT),
    "flapping": FaultKind(
        _OWN, {"slower": (2.0, 10.0), "fails": (0.1, 0.6)}, "flap", says=("health check failed",), heard=_GOT_500
    ),
    "two-at-once": FaultKind(_OWN, {"slower": (3.0, 20.0), "cpu": (0.85, 1.0)}, heard=_TIMED_OUT),
    "nothing": FaultKind((), {}),
}
# How often each occurs, where it can; half as often what few systems have.
_RARE = frozenset({"queue-lag", "replica-lag", "cache-loss", "two-at-once", "clock"})


def chosen(dice: random.Random, kinds: Sequence[str] = ()) -> str:
    """Choose a kind (of these, if any are given); every eighth incident is none."""
    able = kinds or [name for name in KINDS if name != "nothing"]
    if dice.random() < 0.12:
        return "nothing"
    return dice.choices(able, [0.5 if name in _RARE else 1.0 for name in able])[0]


def drawn(dice: random.Random, kind: FaultKind) -> dict[str, float]:
    """Draw the effects of a kind; what spans more than an order of magnitude by its logarithm."""
    return {
        name: low * (high / low) ** dice.random() if low > 0 and high / low > 4 else dice.uniform(low, high)
        for name, (low, high) in kind.effects.items()
    }
