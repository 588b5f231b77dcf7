"""One step of time: a shop and its faults into the shop a moment later and what happened in it. No I/O."""

from __future__ import annotations

import random
from collections.abc import Set as AbstractSet

from playground.shop.model import POOL_SIZE, ServiceStep, ShopService
from playground.shop.traffic import serve, turn_away

_NEW_VERSION, _OLD_VERSION = "2.5.0", "2.4.0"
_DOWN_S, _CYCLE_S = 6.0, 8.0


def tick(
    shop: dict[str, ShopService], faults: AbstractSet[str], dt: float, at: float, rng: random.Random
) -> dict[str, ServiceStep]:
    """Advance everything by `dt` seconds to the moment `at` and return what happened, by service.

    Requests end in the step in which they begin, with the duration they would have had: nobody who tries the
    shop wants to wait for thirty seconds until the first timeout.
    """
    steps = {service.name: _advance(service, shop["api"], faults, dt, at, rng) for service in shop.values()}
    # What chat asks api for is api's work as well.
    steps["api"].requests.extend(call for request in steps["chat"].requests for call in request.calls)
    return steps


def _advance(
    service: ShopService, api: ShopService, faults: AbstractSet[str], dt: float, at: float, rng: random.Random
) -> ServiceStep:
    is_api = service.name == "api"
    mine = faults & ({"pool", "slow", "deploy", "cpu", "disk", "noise"} if is_api else {"leak", "crash"})
    events = [*_crash(service, "crash" in mine, dt, at), *_deploy(service, "deploy" in mine, at)]
    if not service.up:
        return ServiceStep(turned_away=turn_away(service, dt, at, rng), events=events)
    for peak in (service.gc_longest, *(timer.longest for timer in service.timers.values())):
        peak.fade(dt)
    _occupy(service, mine, "pool" in faults or "slow" in faults, rng)
    _fill_heap(service, "leak" in mine, dt, rng)
    service.cpu = _cpu(service, mine, rng)
    service.disk_free = (
        max(0.02, service.disk_free - 0.09 * dt) if "disk" in mine else _towards(service.disk_free, 0.6, dt * 4)
    )
    events += _mutter(service, mine, dt, rng)
    return ServiceStep(requests=serve(service, api, faults, dt, at, rng), events=events)


def _occupy(service: ShopService, faults: AbstractSet[str], api_hangs: bool, rng: random.Random) -> None:
    """Say how many connections and threads are in use."""
    if "pool" in faults:
        service.active, service.pending = POOL_SIZE, min(45, service.pending + rng.randint(2, 6))
    else:
        service.active, service.pending = rng.randint(1, 4), 0
    # Whoever waits holds its thread: for a connection in api, for api's answer in both.
    held = service.active + service.pending
    waiting = round(service.rate * rng.uniform(1.2, 1.9)) if api_hangs and "pool" not in faults else 0
    service.threads = min(service.threads_max, held + waiting + rng.randint(2, 5))


def _fill_heap(service: ShopService, leaking: bool, dt: float, rng: random.Random) -> None:
    if leaking:
        service.heap = min(0.97, service.heap + 0.08 * dt)
    else:
        service.heap = _towards(service.heap, 0.45, dt) + rng.uniform(-0.01, 0.01)
    # About one collection a second.
    if rng.random() < dt:
        pause = rng.uniform(0.7, 1.3) if leaking and service.heap > 0.8 else rng.uniform(0.005, 0.03)
        service.gc_count += 1
        service.gc_total_s += pause
        service.gc_longest.see(pause)


def _cpu(service: ShopService, faults: AbstractSet[str], rng: random.Random) -> float:
    if "cpu" in faults:
        return rng.uniform(0.93, 0.99)
    # A collector that finds nothing to free works all the time.
    return rng.uniform(0.4, 0.6) if "leak" in faults and service.heap > 0.8 else rng.uniform(0.08, 0.2)


def _crash(service: ShopService, crashing: bool, dt: float, at: float) -> list[str]:
    was = service.up
    service.cycle_s = (service.cycle_s + dt) % _CYCLE_S if crashing else 0.0
    service.up = not crashing or service.cycle_s >= _DOWN_S
    if service.up and not was:
        service.restart(at)
        return ["started"]
    return ["died"] if was and not service.up else []


def _deploy(service: ShopService, broken: bool, at: float) -> list[str]:
    # The deploy and its rollback both start a new process.
    wanted = _NEW_VERSION if broken else _OLD_VERSION
    if service.version == wanted:
        return []
    service.version = wanted
    service.restart(at)
    return ["started"]


def _mutter(service: ShopService, faults: AbstractSet[str], dt: float, rng: random.Random) -> list[str]:
    """Say what a service writes into its log without being asked for anything."""
    said: list[str] = []
    if "noise" in faults:
        said += ["cache_miss"] * 5 + ["client_gone"] * rng.randint(0, 1)
    if "cpu" in faults and rng.random() < dt / 2:
        said.append("starved")
    if service.disk_free < 0.1 and rng.random() < dt / 2:
        said.append("disk_low")
    return said


def _towards(value: float, goal: float, dt: float) -> float:
    return value + (goal - value) * min(1.0, dt * 0.5)
