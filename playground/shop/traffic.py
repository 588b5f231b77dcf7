"""Who asks the shop for what, and what they get while something is broken. No I/O."""

from __future__ import annotations

import random
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from playground.shop.model import ServedRequest, ShopService

# How chat's own client gives up on api.
READ_TIMEOUT_S = 3.0

# Rooms need the list of doctors, consultations a payment; what is cached needs no call.
_ASKED_OF_API = {"/chat/rooms": ("/api/doctors", "GET"), "/chat/consultations": ("/api/payments", "POST")}
_CALLS = 0.6


@dataclass(frozen=True)
class _Outcome:
    """How a request ends; `lost_s` of its seconds are due to what is broken."""

    status: int
    seconds: float
    exception: str = "none"
    lost_to: str = ""
    lost_s: float = 0.0


def serve(
    service: ShopService, api: ShopService, faults: AbstractSet[str], dt: float, at: float, rng: random.Random
) -> list[ServedRequest]:
    """Answer the requests of `dt` seconds and count them, and those that they make of `api`."""
    requests: list[ServedRequest] = []
    for _ in range(_arrived(service, dt, rng)):
        uri, method = rng.choice(service.endpoints)
        if service is api:
            made = _request(at, uri, method, _ask_api(api, uri, faults, rng), rng)
        else:
            made = _ask_chat(service, api, _request(at, uri, method, _Outcome(200, _usual(rng)), rng), faults, rng)
        for call in made.calls:
            _count(api, call)
        _count(service, made)
        requests.append(made)
    return requests


def turn_away(service: ShopService, dt: float, at: float, rng: random.Random) -> list[ServedRequest]:
    """Return the requests for a service that is gone: only nginx knows of them."""
    asked = [rng.choice(service.endpoints) for _ in range(_arrived(service, dt, rng))]
    return [_request(at, uri, method, _Outcome(502, 0.001), rng) for uri, method in asked]


def _arrived(service: ShopService, dt: float, rng: random.Random) -> int:
    service.backlog += service.rate * dt * rng.uniform(0.7, 1.3)
    count, service.backlog = int(service.backlog), service.backlog % 1
    return count


def _usual(rng: random.Random) -> float:
    return rng.lognormvariate(-3.0, 0.5)


def _count(service: ShopService, request: ServedRequest) -> None:
    service.count(request)
    service.timeouts += request.exception == "CannotCreateTransactionException"


def _ask_api(service: ShopService, uri: str, faults: AbstractSet[str], rng: random.Random) -> _Outcome:
    luck, pays = rng.random(), uri == "/api/payments"
    quick = _usual(rng)
    lost = 3 * quick if "cpu" in faults else 0.0
    usual = quick + lost
    if "pool" in faults:
        if luck < 0.7:
            waited = 30.0 + rng.uniform(0.001, 0.05)
            return _Outcome(500, waited, "CannotCreateTransactionException", "connection", waited)
        waited = rng.uniform(5.0, 29.0)
        return _Outcome(200, waited, lost_to="connection", lost_s=waited - min(quick, 1.0))
    if "deploy" in faults and luck < 0.75:
        return _Outcome(500, rng.uniform(0.01, 0.04), "NullPointerException")
    if "slow" in faults and pays:
        waited = rng.uniform(6.0, 9.0)
        return _Outcome(200, waited, lost_to="payment", lost_s=waited - min(quick, 1.0))
    lost_to = "cpu" if lost else ""
    if service.disk_free < 0.05 and pays and luck < 0.3:
        return _Outcome(500, usual, "UncheckedIOException", lost_to, lost)
    return _Outcome(404 if luck < 0.005 else 200, usual, "none", lost_to, lost)


def _ask_chat(
    service: ShopService, api: ShopService, request: ServedRequest, faults: AbstractSet[str], rng: random.Random
) -> ServedRequest:
    """Let chat answer a request, with the help of api where it needs it."""
    asked = _ASKED_OF_API.get(request.uri)
    if asked and rng.random() < _CALLS:
        request = _relay(request, api, asked, faults, rng)
        if request.status >= 500:
            return request
    luck = rng.random()
    if "leak" in faults and service.heap > 0.9:
        # Few enough to hide below the error alerts: the heap is what to look at.
        if luck < 0.04:
            return replace(request, status=500, exception="ServletException")
        paused = rng.uniform(0.5, 2.0)
        return replace(request, seconds=request.seconds + paused, lost_to="gc", lost_s=paused)
    return replace(request, status=404) if luck < 0.005 else request


def _relay(
    request: ServedRequest, api: ShopService, asked: tuple[str, str], faults: AbstractSet[str], rng: random.Random
) -> ServedRequest:
    """Let chat ask api within a request, and answer with what comes of it."""
    uri, method = asked
    made = _request(request.at, uri, method, _ask_api(api, uri, faults, rng), rng)
    call = replace(made, trace_id=request.trace_id, parent_id=f"{rng.getrandbits(64):016x}")
    request = replace(request, calls=(call,))
    if call.seconds > READ_TIMEOUT_S:
        seconds = READ_TIMEOUT_S + rng.uniform(0.005, 0.02)
        return replace(request, status=503, seconds=seconds, exception="ResourceAccessException")
    seconds = request.seconds + call.seconds
    if call.status >= 500:
        return replace(request, status=502, seconds=seconds, exception="InternalServerError")
    return replace(request, seconds=seconds)


def _request(at: float, uri: str, method: str, outcome: _Outcome, rng: random.Random) -> ServedRequest:
    trace, span = f"{rng.getrandbits(128):032x}", f"{rng.getrandbits(64):016x}"
    return ServedRequest(
        at,
        uri,
        method,
        outcome.status,
        outcome.seconds,
        outcome.exception,
        trace,
        span,
        outcome.lost_to,
        outcome.lost_s,
    )
