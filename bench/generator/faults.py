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
class Kind:
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
class Fault:
    """One fault of one system: `effects` drawn, `onset` and `end` in epoch seconds, `ramp_s` until it is in full force."""

    name: str
    kind: Kind
    root: str
    at: tuple[str, ...]
    effects: Mapping[str, float]
    onset: float
    end: float
    ramp_s: float = 0.0
    period_s: float = 0.0
    force: float = 1.0
    second: Fault | None = None

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

KINDS: Mapping[str, Kind] = {
    "cpu": Kind(_RUNS, {**_SLOW, "cpu": (0.85, 1.0)}, heard=_TIMED_OUT),
    "memory": Kind(
        _OWN,
        {"memory": (0.93, 1.0), "slower": (1.2, 4.0), "fails": (0.05, 0.5), "restarts": (0.5, 3.0)},
        "ramp",
        ("java.lang.OutOfMemoryError: Java heap space", "cannot allocate memory"),
        _REFUSED,
        ("OOMKilled: container of pod {root}-1 was killed",),
    ),
    "disk": Kind(
        _RUNS,
        {"disk": (0.97, 1.0), "fails": (0.1, 0.9)},
        "ramp",
        ("write failed: no space left on device", "could not extend file: No space left on device"),
        _GOT_500,
    ),
    "pool": Kind(
        _OWN,
        {"waits_ms": (100.0, 5000.0), "pool": (0.95, 1.0), "fails": (0.0, 0.3)},
        says=("Connection is not available, request timed out after 30000ms", "pool exhausted: {n} waiting"),
        heard=_TIMED_OUT,
    ),
    "lock": Kind(
        _STORES,
        {"slower": (5.0, 60.0), "locks": (3.0, 40.0), "fails": (0.0, 0.1)},
        says=("deadlock detected: process {n} waits for ShareLock", "lock wait timeout exceeded"),
        heard=_TIMED_OUT,
    ),
    "network-delay": Kind(_RUNS, {"delay_ms": (20.0, 800.0)}, heard=_TIMED_OUT),
    "network-loss": Kind(_RUNS, {"delay_ms": (20.0, 300.0), "lost": (0.05, 0.5)}, heard=_REFUSED),
    "dns": Kind(
        _RUNS, {"lost": (0.5, 1.0)}, heard=("dial tcp: lookup {root}: no such host", "UnknownHostException: {root}")
    ),
    "certificate": Kind(
        (Role.SERVICE, Role.EXTERNAL),
        {"lost": (0.9, 1.0)},
        heard=("x509: certificate has expired or is not yet valid calling {root}", "{root}: SSL certificate expired"),
    ),
    "third-party": Kind((Role.EXTERNAL,), {"slower": (1.0, 10.0), "fails": (0.2, 1.0)}, heard=(*_GOT_500, *_TIMED_OUT)),
    "poison-input": Kind(
        _OWN,
        {"fails": (0.02, 0.3)},
        says=(
            "failed to parse message id={id}: unexpected token at offset {n}",
            "retrying message id={id}: attempt {n}",
        ),
        heard=_GOT_500,
    ),
    "bad-deploy": Kind(
        _OWN,
        {"fails": (0.05, 0.9), "slower": (1.0, 3.0)},
        says=("{error} at {symbol}",),
        heard=_GOT_500,
        change="deploy",
    ),
    "slow-deploy": Kind(_OWN, {"slower": (2.0, 15.0), "cpu": (0.3, 0.9)}, heard=_TIMED_OUT, change="deploy"),
    "config": Kind(
        _OWN,
        {"waits_ms": (100.0, 3000.0), "pool": (0.95, 1.0), "fails": (0.0, 0.4)},
        says=("{symbol}: limit reached, rejecting", "pool exhausted: {n} waiting"),
        heard=_TIMED_OUT,
        change="config",
    ),
    "flag": Kind(
        _OWN, {"fails": (0.05, 0.6), "slower": (1.0, 4.0)}, says=("{error} at {symbol}",), heard=_GOT_500, change="flag"
    ),
    "queue-lag": Kind(
        (Role.QUEUE,), {"queue": (5.0, 500.0), "slower": (1.0, 5.0)}, "ramp", ("consumer group lags {n} messages",)
    ),
    "replica-lag": Kind(
        _STORES,
        {"lag_s": (10.0, 2000.0), "fails": (0.02, 0.2)},
        "ramp",
        ("replication lag exceeded {n} seconds",),
        _GOT_500,
    ),
    "node-loss": Kind(
        _RUNS,
        {"lost": (0.7, 1.0), "down": (1.0, 1.0)},
        platform=("Node {host} is not ready",),
        heard=_REFUSED,
        at_host=True,
    ),
    "noisy-neighbour": Kind(
        _RUNS,
        {"slower": (1.5, 8.0), "throttled": (2.0, 10.0), "node_cpu": (0.93, 1.0)},
        platform=("Node {host} is under cpu pressure",),
        heard=_TIMED_OUT,
        at_host=True,
    ),
    "clock": Kind(
        _OWN, {"fails": (0.1, 1.0)}, says=("token used before issued", "clock skew of {n} s detected"), heard=_GOT_500
    ),
    "gc": Kind(
        _OWN,
        {"slower": (1.5, 6.0), "gc": (5.0, 50.0), "memory": (0.9, 0.99)},
        says=("GC overhead limit: pause {n} ms",),
    ),
    "threads": Kind(
        _OWN,
        {"waits_ms": (100.0, 3000.0), "threads": (0.97, 1.0), "fails": (0.0, 0.5)},
        says=("RejectedExecutionException: thread pool is full, {n} queued", "unable to create new native thread"),
        heard=_TIMED_OUT,
    ),
    "cache-loss": Kind((Role.CACHE,), {"misses": (0.5, 1.0), "slower": (1.0, 2.0)}),
    "traffic-surge": Kind((Role.ENTRY,), {"surge": (2.0, 7.0)}),
    "slow-ramp": Kind(_STORES, {"slower": (4.0, 30.0), "cpu": (0.6, 1.0)}, "hours", heard=_TIMED_OUT),
    "flapping": Kind(
        _OWN, {"slower": (2.0, 10.0), "fails": (0.1, 0.6)}, "flap", says=("health check failed",), heard=_GOT_500
    ),
    "two-at-once": Kind(_OWN, {"slower": (3.0, 20.0), "cpu": (0.85, 1.0)}, heard=_TIMED_OUT),
    "nothing": Kind((), {}),
}
# How often each occurs, where it can; half as often what few systems have.
_RARE = frozenset({"queue-lag", "replica-lag", "cache-loss", "two-at-once", "clock"})


def chosen(dice: random.Random, kinds: Sequence[str] = ()) -> str:
    """Choose a kind (of these, if any are given); every eighth incident is none."""
    able = kinds or [name for name in KINDS if name != "nothing"]
    if dice.random() < 0.12:
        return "nothing"
    return dice.choices(able, [0.5 if name in _RARE else 1.0 for name in able])[0]


def drawn(dice: random.Random, kind: Kind) -> dict[str, float]:
    """Draw the effects of a kind; what spans more than an order of magnitude by its logarithm."""
    return {
        name: low * (high / low) ** dice.random() if low > 0 and high / low > 4 else dice.uniform(low, high)
        for name, (low, high) in kind.effects.items()
    }
