"""A seed into a system that runs: who calls whom how often, on which hosts, how fast, how full, how failing when well.

The ranges are those of the given suites (`bench.marginals` measures both); nothing of a name says what it does.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from enum import StrEnum

_SYLLABLES = tuple("kalomiratesunovipedarolimazufonetiguhasebotaqumedopari"[at : at + 2] for at in range(0, 54, 2))

# Components of a system, and requests per second at its entry: a back office to a shop.
SIZES, RATES = (3, 60), (0.03, 400.0)


class Role(StrEnum):
    """What a component is; it decides its series and which faults it can have."""

    ENTRY = "entry"
    SERVICE = "service"
    DATABASE = "database"
    CACHE = "cache"
    QUEUE = "queue"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class CallEdge:
    """An edge: how many calls a request of the caller makes, after how many ms it waits no longer (0: never), retries."""

    callee: str
    calls: float
    timeout_ms: float
    retries: bool
    passes_on: float


@dataclass(slots=True)
class Component:
    """One component while it is well: median ms of its own work and sigma of their logarithm, shares, sizes.

    A share `stray` of its requests takes up to `stray_times` as long, and means nothing.
    """

    name: str
    role: Role
    host: str
    own_ms: float
    sigma: float
    failing: float
    cpu: float
    memory: float
    pool: int
    disk: float
    wobble: float
    stray: float
    stray_times: float
    calls: list[CallEdge] = field(default_factory=list[CallEdge])


@dataclass(frozen=True, slots=True)
class System:
    """Components in an order in which callers come before callees, hosts, requests per second at the entry."""

    components: tuple[Component, ...]
    hosts: tuple[str, ...]
    rps: float
    by_name: dict[str, Component] = field(default_factory=dict[str, Component])

    @property
    def edges(self) -> list[tuple[str, str]]:
        """Return (caller, callee)."""
        return [(each.name, call.callee) for each in self.components for call in each.calls]

    def component(self, name: str) -> Component:
        """Return the component with this name."""
        return self.by_name[name]

    def callers(self, name: str) -> list[str]:
        """Return who calls it."""
        return [caller for caller, callee in self.edges if callee == name]

    def upstream(self, name: str) -> set[str]:
        """Return who calls it, directly or through others."""
        found: list[str] = [name]
        for each in found:
            found.extend(caller for caller in self.callers(each) if caller not in found)
        return set(found[1:])


def grown(dice: random.Random, sizes: tuple[int, int] = SIZES, rates: tuple[float, float] = RATES) -> System:
    """Make one, of so many components and requests per second at the entry."""
    count = round(_between(dice, sizes))
    names = _names(dice, count)
    hosts = tuple(
        f"{dice.choice(('node', 'ip-10-0', 'vm'))}-{dice.randrange(16**4):04x}" for _ in range(1 + count // 5)
    )
    roles = [Role.ENTRY, Role.SERVICE] + [_role(dice, place / count) for place in range(2, count)]
    components = [_component(dice, name, role, dice.choice(hosts)) for name, role in zip(names, roles, strict=True)]
    _bystander(dice, components)
    for place, callee in enumerate(components[1:], 1):
        _called(dice, components[:place], callee)
    return System(tuple(components), hosts, _between(dice, rates), {each.name: each for each in components})


def _between(dice: random.Random, ends: tuple[float, float]) -> float:
    """Draw between two numbers, by the logarithm."""
    low, high = ends
    return math.exp(dice.uniform(math.log(low), math.log(high)))


def _names(dice: random.Random, count: int) -> list[str]:
    ending = dice.choice(("", "", "-service", "_remote", "svc", "-api"))
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(dice.choices(_SYLLABLES, k=dice.randint(2, 4))) + ending] = None
    return list(found)


def _role(dice: random.Random, depth: float) -> Role:
    leaf = dice.random() < 0.2 + 0.4 * depth
    leaves = (Role.DATABASE, Role.CACHE, Role.QUEUE, Role.EXTERNAL)
    return dice.choices(leaves, (5, 2, 1, 3))[0] if leaf else Role.SERVICE


def _component(dice: random.Random, name: str, role: Role, host: str) -> Component:
    fast = role in (Role.DATABASE, Role.CACHE)
    low, high = (0.5, 30.0) if fast else (30.0, 600.0) if role is Role.EXTERNAL else (1.0, 150.0)
    return Component(
        name,
        role,
        host,
        own_ms=math.exp(dice.uniform(math.log(low), math.log(high))),
        sigma=dice.uniform(0.2, 1.1),
        failing=dice.choice((0.0, 0.0, 0.0, 10 ** dice.uniform(-4, -2))),
        cpu=dice.uniform(0.02, 0.6),
        memory=dice.uniform(0.1, 0.85),
        pool=dice.choice((5, 10, 20, 50, 100)),
        disk=dice.uniform(0.1, 0.85),
        wobble=dice.choice((0.02, 0.05, 0.1, 0.2, 0.4)),
        # Of so many requests one is hit by something that is nobody's fault: a cold start, a lost packet.
        stray=dice.choice((0.0005, 0.002, 0.002, 0.01, 0.05)),
        stray_times=3.0 * 100 ** dice.random(),
    )


def _bystander(dice: random.Random, components: list[Component]) -> None:
    """Have some systems hold what always fails, and was no trouble to anybody yet."""
    if len(components) > 4 and dice.random() < 0.5:
        sick = dice.choice(components[2:])
        sick.failing = dice.choice((0.05, 0.3, 1.0))


def _called(dice: random.Random, above: list[Component], callee: Component) -> None:
    """Give a component one caller that can call, and some of them a few more."""
    able = [each for each in above if each.role in (Role.ENTRY, Role.SERVICE)]
    shared = callee.role in (Role.DATABASE, Role.CACHE) and dice.random() < 0.4
    many = min(len(able), dice.choice((1, 1, 1, 2)) + (dice.randint(1, 4) if shared else 0))
    rare = callee.failing > 0.01
    # Most systems are deep rather than flat: who came last calls first.
    weights = [1.0 + place for place in range(len(able))]
    for caller in {each.name: each for each in dice.choices(able, weights, k=many)}.values():
        calls = dice.choice((0.002, 0.01, 0.02)) if rare else dice.choice((0.05, 0.2, 0.5, 1.0, 1.0, 1.0, 2.0))
        timeout = dice.choice((0.0, 0.0, 1000.0, 3000.0, 10_000.0))
        passes_on = 0.0 if rare else dice.choice((0.0, 0.5, 1.0, 1.0, 1.0))
        caller.calls.append(CallEdge(callee.name, calls, timeout, dice.random() < 0.2, passes_on))
