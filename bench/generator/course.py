"""A system and its fault over time: requests, time and failures of every component at every step of the recording.

Rates flow from callers to callees; waiting and failures flow back, cut by timeouts, doubled by retries, and swallowed by
callers that can do without.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.generator.faults import DrawnFault
from bench.generator.system import Component, Role, System

Track = list[float]
_DAY_S = 86_400.0
# Of the requests that fail by a component's own fault this part ends before it calls anybody.
_ENDS_EARLY = 0.6
# A component that is this busy answers as slowly as one gets before it sheds load.
_BUSIEST = 0.96
# The share of systems whose users, as load generators, ask again only when they were answered.
_CLOSED = 0.4


@dataclass(slots=True)
class Course:
    """What one component went through, a value for each step; `total_ms` is the median time of a request as its caller waits."""

    rate: Track
    own_ms: Track
    total_ms: Track
    failing: Track
    cpu: Track
    sent: Track = field(default_factory=list[float])
    arrived: Track = field(default_factory=list[float])


def run(dice: random.Random, system: System, times: Sequence[float], fault: DrawnFault | None) -> dict[str, Course]:
    """Run it through all the moments of `times`."""
    courses: dict[str, Course] = {}
    for each in system.components:
        noise = _wandering(dice, each.wobble, len(times))
        own = [_own(each, fault, at, by) for at, by in zip(times, noise, strict=True)]
        courses[each.name] = Course([0.0] * len(times), own, list(own), [0.0] * len(times), [0.0] * len(times))
    phase, swing = dice.uniform(0, _DAY_S), dice.choice((0.0, 0.1, 0.3, 0.6))
    bustle = _wandering(dice, 0.08, len(times))
    # Those who ask wait for the answer and think before they ask again: where it takes longer, less is asked.
    thinks_ms = 10 ** dice.uniform(2.5, 4) if dice.random() < _CLOSED else 0.0
    waits = courses[system.components[0].name].total_ms
    for index, at in enumerate(times):
        day = 1 + swing * math.sin(2 * math.pi * (at + phase) / _DAY_S)
        patience = (thinks_ms + waits[0]) / (thinks_ms + waits[index - 1]) if index and thinks_ms else 1.0
        _flow(system, courses, index, at, system.rps * day * bustle[index] * min(1.0, patience), fault)
        _back(system, courses, index, at, fault)
    return courses


def _wandering(dice: random.Random, wobble: float, count: int) -> Track:
    """Return a factor that wanders about 1: what is slow in this minute is slow in the next."""
    found, level = list[float](), 0.0
    for _ in range(count):
        level = 0.7 * level + dice.gauss(0, wobble) * 0.71
        found.append(math.exp(level))
    return found


def effect(fault: DrawnFault | None, name: str, component: str, at: float, default: float = 0.0) -> float:
    """Return an effect of the fault (and of a second one) on a component at a moment, `default` where there is none.

    Factors grow from 1 and shares from 0 with the strength of the fault.
    """
    if fault is None:
        return default
    found = effect(fault.second, name, component, at, default)
    if component in fault.at and name in fault.effects:
        found = max(found, default + fault.strength(at) * (fault.effects[name] - default))
    return found


def delay(fault: DrawnFault | None, caller: str, callee: str, at: float) -> float:
    """Return how long a call is under way (ms): a network that delays delays what its component asks, and what it answers."""
    return effect(fault, "delay_ms", caller, at) + effect(fault, "delay_ms", callee, at)


def _own(each: Component, fault: DrawnFault | None, at: float, by: float) -> float:
    return each.own_ms * by * effect(fault, "slower", each.name, at, 1.0) + effect(fault, "waits_ms", each.name, at)


def _flow(
    system: System, courses: dict[str, Course], index: int, at: float, rps: float, fault: DrawnFault | None
) -> None:
    entry = system.components[0]
    courses[entry.name].rate[index] = rps * effect(fault, "surge", entry.name, at, 1.0)
    misses = max(
        (effect(fault, "misses", each.name, at) for each in system.components if each.role is Role.CACHE), default=0.0
    )
    for each in system.components:
        own = courses[each.name]
        usual = system.rps
        busy = each.cpu * (0.3 + 0.7 * own.rate[index] / max(usual, 1e-9) if each is entry else 1.0)
        busy = max(busy, effect(fault, "cpu", each.name, at, busy))
        own.cpu[index] = min(1.0, busy)
        if busy > each.cpu * 1.5 and each is entry:
            own.own_ms[index] *= min(30.0, (1 - min(each.cpu, _BUSIEST)) / (1 - min(busy, _BUSIEST)))
        for call in each.calls:
            callee = system.component(call.callee)
            lost = max(effect(fault, "lost", callee.name, at), effect(fault, "down", callee.name, at))
            # Behind a cache that is empty the database works for two.
            more = 1 + 4 * misses if callee.role is Role.DATABASE and misses else 1.0
            more *= 1 - _ENDS_EARLY * effect(fault, "fails", each.name, at)
            courses[callee.name].rate[index] += own.rate[index] * call.calls * more * (1 - lost)
            if more > 1.5:
                courses[callee.name].own_ms[index] *= 1 + misses


def _back(system: System, courses: dict[str, Course], index: int, at: float, fault: DrawnFault | None) -> None:
    for each in reversed(system.components):
        own = courses[each.name]
        waits, fine = own.own_ms[index], 1 - each.failing
        fine *= 1 - effect(fault, "fails", each.name, at)
        for call in each.calls:
            theirs = courses[call.callee]
            wait = theirs.total_ms[index] + delay(fault, each.name, call.callee, at)
            failing = 1 - (1 - theirs.failing[index]) * (1 - effect(fault, "lost", call.callee, at))
            if call.timeout_ms and wait > call.timeout_ms:
                failing, wait = max(failing, 0.8), call.timeout_ms
            if call.retries:
                wait, failing = wait * (1 + failing), failing**2
            waits += wait * call.calls
            fine *= 1 - min(1.0, call.calls) * failing * call.passes_on
        own.total_ms[index] = waits
        own.failing[index] = 1 - fine
