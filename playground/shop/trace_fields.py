"""What TraceQL can read of a span: its intrinsics under each of their names, its attributes and those of its resource."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playground.shop.spans import ShopSpan

Value = str | float | bool | None
Trace = Sequence[ShopSpan]
Read = Callable[[Trace, ShopSpan], Value]


@dataclass(frozen=True)
class Field:
    """Something that a query reads of a span; `name` is how an answer calls it."""

    name: str
    kind: str
    read: Read


def end_of(trace: Trace) -> float:
    """Return when the last span of a trace ends."""
    return max(span.start + span.seconds for span in trace)


def attributes_of_resource(span: ShopSpan) -> dict[str, str]:
    """Return what is said of the process that reported a span."""
    own = {"telemetry.sdk.language": "java", "telemetry.sdk.name": "opentelemetry", "telemetry.sdk.version": "1.42.1"}
    return {
        "deployment.environment": "demo",
        "host.name": "shop-1",
        "service.version": span.version,
        **({} if span.service == "nginx" else own),
        "service.name": span.service,
    }


def _status(_: Trace, span: ShopSpan) -> str:
    return "error" if span.error else "unset"


def _trace_seconds(trace: Trace, _: ShopSpan) -> float:
    return end_of(trace) - trace[0].start


# By name: which kind of value it has, and how it is read.
_INTRINSICS: dict[str, tuple[str, Read]] = {
    "name": ("string", lambda _, span: span.name),
    "status": ("status", _status),
    "statusMessage": ("string", lambda _, span: span.error),
    "kind": ("kind", lambda _, span: span.kind),
    "duration": ("duration", lambda _, span: span.seconds),
    "traceDuration": ("duration", _trace_seconds),
    "rootName": ("string", lambda trace, _: trace[0].name),
    "rootServiceName": ("string", lambda trace, _: trace[0].service),
    "span:id": ("string", lambda _, span: span.span_id),
    "span:parentID": ("string", lambda _, span: span.parent_id),
    "trace:id": ("string", lambda trace, _: trace[0].trace_id),
}
_ALIASES = {
    "span:name": "name",
    "span:status": "status",
    "span:statusMessage": "statusMessage",
    "span:kind": "kind",
    "span:duration": "duration",
    "trace:duration": "traceDuration",
    "trace:rootName": "rootName",
    "trace:rootService": "rootServiceName",
}
# These stand in an answer anyway.
NOT_SHOWN = ("duration", "span:id", "traceDuration", "rootName", "rootServiceName", "trace:id")


def field_named(name: str) -> Field | None:
    """Return what a name of TraceQL reads, if it is one."""
    known = _ALIASES.get(name, name)
    if known in _INTRINSICS:
        return Field(known, *_INTRINSICS[known])
    scope, _, attribute = name.partition(".")
    readers: dict[str, Read] = {
        "resource": lambda _, span: attributes_of_resource(span).get(attribute),
        "span": lambda _, span: span.attributes.get(attribute),
        "": lambda _, span: span.attributes.get(attribute, attributes_of_resource(span).get(attribute)),
    }
    return Field(attribute, "any", readers[scope]) if attribute and scope in readers else None
