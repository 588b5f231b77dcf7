"""A request into its spans, as nginx and the OpenTelemetry agent of each service would report them. No I/O.

A span begins when its request is counted and lasts as long as the request says, so it may end in the future: nobody who
tries the shop wants to wait for thirty seconds until the first timeout.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.shop.model import ServedRequest, ShopService
from playground.shop.traffic import READ_TIMEOUT_S

Attributes = Mapping[str, str | int]

SERVER, CLIENT, INTERNAL = "server", "client", "internal"
# One trace of five: enough to compare a quarter of an hour with the seconds after a fault began, and it fits into memory.
SAMPLED = 0.2
_NGINX_VERSION = "1.22.1"
_HTTP_CLIENT = "io.opentelemetry.java-http-client"
# Of a service's own time, when nothing is broken; what is left is its own computing.
_START_SHARE, _RECEIPT_SHARE = 0.02, 0.01
_CONNECTION_SHARE = (0.004, 0.016)
_QUERY_SHARE, _PAYMENT_SHARE = 0.5, 0.3

_TABLES = {
    "/api/orders": "orders",
    "/api/orders/{id}": "orders",
    "/api/payments": "payments",
    "/api/doctors": "doctors",
    "/chat/rooms": "rooms",
    "/chat/rooms/{id}/messages": "messages",
    "/chat/consultations": "consultations",
}
_CLASSES = {
    "CannotCreateTransactionException": "org.springframework.transaction.CannotCreateTransactionException",
    "NullPointerException": "java.lang.NullPointerException",
    "ResourceAccessException": "org.springframework.web.client.ResourceAccessException",
    "InternalServerError": "org.springframework.web.client.HttpServerErrorException$InternalServerError",
    "ServletException": "jakarta.servlet.ServletException",
    "UncheckedIOException": "java.io.UncheckedIOException",
}


@dataclass(frozen=True, slots=True)
class ShopSpan:
    """One span: `start` in epoch seconds, ids in hex, `error` nothing if it went well, `scope` who reported it."""

    trace_id: str
    span_id: str
    parent_id: str
    service: str
    version: str
    scope: str
    name: str
    kind: str
    start: float
    seconds: float
    error: str = ""
    attributes: Attributes = field(default_factory=dict[str, str | int])


@dataclass
class _Trace:
    """The spans of one request while they are being made."""

    trace_id: str
    dice: random.Random
    spans: list[ShopSpan] = field(default_factory=list[ShopSpan])

    def add(
        self,
        place: tuple[str, str, str],
        name: str,
        kind: str,
        when: tuple[float, float],
        attributes: Attributes,
        *,
        parent_id: str = "",
        span_id: str = "",
        error: str = "",
    ) -> str:
        """Add a span and return its id; `place` is service, version and scope, `when` start and seconds."""
        span_id = span_id or f"{self.dice.getrandbits(64):016x}"
        self.spans.append(ShopSpan(self.trace_id, span_id, parent_id, *place, name, kind, *when, error, attributes))
        return span_id


def sampled(request: ServedRequest) -> bool:
    """Tell whether the spans of a request are kept: by its trace alone, so that every service decides alike."""
    return int(request.trace_id[-4:], 16) < SAMPLED * 0x10000


def spans_of(
    shop: Mapping[str, ShopService], service: str, request: ServedRequest, dice: random.Random
) -> list[ShopSpan]:
    """Return the spans of a request that came through nginx, the root first."""
    trace = _Trace(request.trace_id, dice)
    parent_id = _gate(trace, service, request)
    _serve(trace, shop, shop[service], request, request.at + 0.0004, parent_id)
    return trace.spans


def spans_without_service(service: str, request: ServedRequest, dice: random.Random) -> list[ShopSpan]:
    """Return the spans of a request that found its service gone: nginx reports them, nobody else does."""
    trace = _Trace(request.trace_id, dice)
    _gate(trace, service, request, "connect() failed (111: Connection refused) while connecting to upstream")
    return trace.spans


def _gate(trace: _Trace, service: str, request: ServedRequest, refused: str = "") -> str:
    """Add nginx' two spans and return the id of the one that called the service."""
    place = ("nginx", _NGINX_VERSION, "nginx")
    failed = request.status >= 500
    root = trace.add(
        place,
        f"{request.method} {request.uri}",
        SERVER,
        (request.at, request.seconds + 0.0012),
        _http(request),
        error=f"HTTP {request.status}" if failed else "",
    )
    return trace.add(
        place,
        f"proxy_pass {service}",
        CLIENT,
        (request.at + 0.0002, request.seconds + 0.0008),
        {"server.address": service, "peer.service": service},
        parent_id=root,
        error=refused or (f"HTTP {request.status}" if failed else ""),
    )


def _serve(
    trace: _Trace,
    shop: Mapping[str, ShopService],
    service: ShopService,
    request: ServedRequest,
    start: float,
    parent_id: str,
) -> None:
    """Add the span of a service that answers, and what it does meanwhile, one after the other."""
    thrown = _CLASSES.get(request.exception, "")
    me = trace.add(
        (service.name, service.version, "io.opentelemetry.tomcat-10.0"),
        f"{request.method} {request.uri}",
        SERVER,
        (start, request.seconds),
        {**_http(request), "server.port": service.port, **_error_type(thrown)},
        parent_id=parent_id,
        span_id=request.span_id,
        error=thrown or (f"HTTP {request.status}" if request.status >= 500 else ""),
    )
    # What is left for its own work when nothing is broken.
    own = max(0.0, request.seconds - request.lost_s - sum(min(call.seconds, READ_TIMEOUT_S) for call in request.calls))
    now = _connect(trace, service, request, (start + own * _START_SHARE, own), me)
    if request.exception == "CannotCreateTransactionException":
        return
    now = _query(trace, service, request, (now, own * _QUERY_SHARE), me)
    if request.uri == "/api/payments" and request.exception != "NullPointerException":
        _pay(trace, service, request, (now, own), me)
    for call in request.calls:
        _call(trace, shop, service, call, now, me)


def _connect(
    trace: _Trace, service: ShopService, request: ServedRequest, when: tuple[float, float], parent_id: str
) -> float:
    """Add the waiting for a connection and return when it ended; `when` is its start and the service's own seconds."""
    start, own = when
    waits, timed_out = request.lost_to == "connection", request.exception == "CannotCreateTransactionException"
    seconds = own * trace.dice.uniform(*_CONNECTION_SHARE) + (request.lost_s if waits else 0.0)
    thrown = "java.sql.SQLTransientConnectionException" if timed_out else ""
    words = f"{service.pool} - Connection is not available, request timed out after {request.seconds * 1000:.0f}ms"
    trace.add(
        (service.name, service.version, "io.opentelemetry.hikaricp-3.0"),
        "HikariPool.getConnection",
        INTERNAL,
        (start, seconds),
        {"db.pool.name": service.pool, **_error_type(thrown)},
        parent_id=parent_id,
        error=words if timed_out else "",
    )
    return start + seconds


def _query(
    trace: _Trace, service: ShopService, request: ServedRequest, when: tuple[float, float], parent_id: str
) -> float:
    """Add the statement and return when it ended; PostgreSQL itself reports nothing."""
    operation, table = "INSERT" if request.method == "POST" else "SELECT", _TABLES[request.uri]
    trace.add(
        (service.name, service.version, "io.opentelemetry.jdbc"),
        f"{operation} doktori.{table}",
        CLIENT,
        when,
        {
            "db.system": "postgresql",
            "db.name": "doktori",
            "db.operation": operation,
            "db.sql.table": table,
            "server.address": "postgres",
        },
        parent_id=parent_id,
    )
    return sum(when)


def _pay(
    trace: _Trace, service: ShopService, request: ServedRequest, when: tuple[float, float], parent_id: str
) -> None:
    """Add the call of the payment service, which belongs to somebody else, and the writing of the receipt."""
    start, own = when
    seconds = own * _PAYMENT_SHARE + (request.lost_s if request.lost_to == "payment" else 0.0)
    full = request.exception == "UncheckedIOException"
    trace.add(
        (service.name, service.version, _HTTP_CLIENT),
        "POST /v1/charges",
        CLIENT,
        (start, seconds),
        {"http.response.status_code": 200, "server.address": "payment", "peer.service": "payment"},
        parent_id=parent_id,
    )
    trace.add(
        (service.name, service.version, "com.doktori.api"),
        "ReceiptWriter.write",
        INTERNAL,
        (start + seconds, own * _RECEIPT_SHARE),
        _error_type("java.io.IOException" if full else ""),
        parent_id=parent_id,
        error="No space left on device" if full else "",
    )


def _call(
    trace: _Trace,
    shop: Mapping[str, ShopService],
    service: ShopService,
    call: ServedRequest,
    start: float,
    parent_id: str,
) -> None:
    """Add a call of api and what api did; api goes on after its caller has given up."""
    known: Attributes = {"http.request.method": call.method, "server.address": "api", "peer.service": "api"}
    if call.seconds > READ_TIMEOUT_S:
        seconds, error = READ_TIMEOUT_S, "Read timed out"
        known = {**known, **_error_type("java.net.SocketTimeoutException")}
    else:
        seconds, error = call.seconds + 0.0006, f"HTTP {call.status}" if call.status >= 500 else ""
        known = {**known, "http.response.status_code": call.status}
    name = f"{call.method} {call.uri}"
    place = (service.name, service.version, _HTTP_CLIENT)
    trace.add(place, name, CLIENT, (start, seconds), known, parent_id=parent_id, span_id=call.parent_id, error=error)
    _serve(trace, shop, shop["api"], call, start + 0.0003, call.parent_id)


def _http(request: ServedRequest) -> Attributes:
    return {
        "http.request.method": request.method,
        "http.route": request.uri,
        "http.response.status_code": request.status,
    }


def _error_type(name: str) -> Attributes:
    return {"error.type": name} if name else {}
