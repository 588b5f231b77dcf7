"""Who asks the shop for what, and what they get while something is broken. No I/O."""

from __future__ import annotations

import random
from collections.abc import Set as AbstractSet

from playground.shop.model import Request, Service

# How chat's own client gives up on api.
_READ_TIMEOUT_S = 3.0

# Status, seconds, exception.
_Outcome = tuple[int, float, str]


def serve(service: Service, faults: AbstractSet[str], dt: float, at: float, rng: random.Random) -> list[Request]:
    """Answer the requests of `dt` seconds and count them."""
    requests: list[Request] = []
    for _ in range(_arrived(service, dt, rng)):
        uri, method = rng.choice(service.endpoints)
        ask = _ask_api if service.name == "api" else _ask_chat
        status, seconds, exception = ask(service, uri, faults, rng)
        requests.append(_request(at, uri, method, (status, seconds, exception), rng))
        service.timeouts += exception == "CannotCreateTransactionException"
    for request in requests:
        service.count(request)
    return requests


def turn_away(service: Service, dt: float, at: float, rng: random.Random) -> list[Request]:
    """Return the requests for a service that is gone: only nginx knows of them."""
    asked = [rng.choice(service.endpoints) for _ in range(_arrived(service, dt, rng))]
    return [_request(at, uri, method, (502, 0.001, "none"), rng) for uri, method in asked]


def _arrived(service: Service, dt: float, rng: random.Random) -> int:
    service.backlog += service.rate * dt * rng.uniform(0.7, 1.3)
    count, service.backlog = int(service.backlog), service.backlog % 1
    return count


def _ask_api(service: Service, uri: str, faults: AbstractSet[str], rng: random.Random) -> _Outcome:
    luck, pays = rng.random(), uri == "/api/payments"
    usual = rng.lognormvariate(-3.0, 0.5) * (4 if "cpu" in faults else 1)
    if "pool" in faults:
        if luck < 0.7:
            return 500, 30.0 + rng.uniform(0.001, 0.05), "CannotCreateTransactionException"
        return 200, rng.uniform(5.0, 29.0), "none"
    if "deploy" in faults and luck < 0.75:
        return 500, rng.uniform(0.01, 0.04), "NullPointerException"
    if "slow" in faults and pays:
        return 200, rng.uniform(6.0, 9.0), "none"
    if service.disk_free < 0.05 and pays and luck < 0.3:
        return 500, usual, "UncheckedIOException"
    return (404 if luck < 0.005 else 200), usual, "none"


def _ask_chat(service: Service, uri: str, faults: AbstractSet[str], rng: random.Random) -> _Outcome:
    usual, luck = rng.lognormvariate(-3.0, 0.5), rng.random()
    # Rooms need the list of doctors, consultations a payment; what is cached needs no call.
    calls = uri != "/chat/rooms/{id}/messages" and rng.random() < 0.6
    if calls and ("pool" in faults or ("slow" in faults and uri == "/chat/consultations")):
        return 503, _READ_TIMEOUT_S + rng.uniform(0.001, 0.02), "ResourceAccessException"
    if calls and "deploy" in faults and luck < 0.75:
        return 502, usual, "InternalServerError"
    if "leak" in faults and service.heap > 0.9:
        # Few enough to hide below the error alerts: the heap is what to look at.
        return (500, usual, "ServletException") if luck < 0.04 else (200, usual + rng.uniform(0.5, 2.0), "none")
    return (404 if luck < 0.005 else 200), usual, "none"


def _request(at: float, uri: str, method: str, outcome: _Outcome, rng: random.Random) -> Request:
    trace, span = f"{rng.getrandbits(128):032x}", f"{rng.getrandbits(64):016x}"
    return Request(at, uri, method, *outcome, trace, span)
