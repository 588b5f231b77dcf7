"""Log lines and spans of a system: sampled requests walk it, and what they meet is written down."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from bench.generator.course import Course, delay, effect
from bench.generator.faults import DrawnFault
from bench.generator.system import CallEdge, Component, Role, System

Json = dict[str, Any]

_MOST_SPANS_OF_REQUEST = 120
# What a collector reads at most; the requests of a stretch are drawn in no order, so it is cut evenly.
_MOST_RECORDS = 20_000
# Lines that services write of requests that go well; each has some of them, by operation.
_PLAIN = (
    "handled request id={id} in {n} ms",
    "query returned {n} rows",
    "cache refreshed, {n} entries",
    "session {id} validated",
    "published event {id}",
    "loaded {n} items for user {id}",
    "price computed: {n}",
    "[before lookup][id: {id}]",
    "[after lookup][id: {id}, found: {n}]",
    "stored order {id}",
)
_OPERATIONS, _LINES = 3, 4
# Warnings that come always, and mean nothing.
_CHRONIC = (
    "deprecated option used: {symbol}",
    "slow consumer detected, {n} ms",
    "retry {n} of 3 succeeded",
    "token refresh failed for user {id}",
)
_SYMBOLS = (
    "parseOrder",
    "applyDiscount",
    "resolveTenant",
    "computeTotals",
    "decodeCursor",
    "mergeProfile",
    "loadCatalog",
)
_ERRORS = (
    "TypeError: cannot read field of null",
    "panic: index out of range",
    "NullPointerException",
    "KeyError: 'currency'",
)


class Scribe:
    """Writes the lines and spans of one system; `words` are what its fault says everywhere (a symbol, an error)."""

    def __init__(self, dice: random.Random, system: System, fault: DrawnFault | None) -> None:
        self._dice = dice
        self._system = system
        self._fault = fault
        self.words = {"symbol": dice.choice(_SYMBOLS), "error": dice.choice(_ERRORS)}
        self._plain = {
            each.name: [dice.sample(_PLAIN, dice.randint(1, _LINES)) for _ in range(_OPERATIONS)]
            for each in system.components
        }
        # Some systems write of a failure no more than that what should follow is missing.
        self._vocal = dice.random() < 0.7
        self._mix = [1.0] * _OPERATIONS
        self._chronic = {each.name: dice.choice(_CHRONIC) for each in system.components if dice.random() < 0.3}
        self.lines: list[Json] = []
        self.spans: list[Json] = []

    def shift(self) -> None:
        """Have people do other things than before: the shares of the operations change, and nothing is wrong."""
        self._mix = [math.exp(self._dice.gauss(0, 0.5)) for _ in range(_OPERATIONS)]

    def request(self, at: float, moment: int, courses: Mapping[str, Course], *, spans: bool, logs: bool) -> None:
        """Walk one request through the system."""
        self._left = _MOST_SPANS_OF_REQUEST
        self._trace = f"{self._dice.getrandbits(128):032x}"
        self._spans, self._logs = spans, logs
        self._visit(self._system.components[0], at, moment, courses, "")

    def _visit(
        self, each: Component, at: float, moment: int, courses: Mapping[str, Course], parent: str
    ) -> tuple[float, bool]:
        """Return how long it took (ms) and whether it failed."""
        dice, own = self._dice, courses[each.name]
        self._left -= 1
        span_id = f"{dice.getrandbits(64):016x}"
        took = own.own_ms[moment] * math.exp(dice.gauss(0, each.sigma))
        failed = dice.random() < max(each.failing, effect(self._fault, "fails", each.name, at))
        broke = failed
        for call in each.calls:
            if self._left <= 0 or dice.random() >= call.calls:
                continue
            lost = dice.random() < max(
                effect(self._fault, "lost", call.callee, at), effect(self._fault, "down", call.callee, at)
            )
            waited, theirs = self._call(each, call, at + took / 1000, moment, courses, span_id, lost=lost)
            took += waited
            if theirs:
                self._complain(each, call.callee, at + took / 1000, span_id)
                failed = failed or dice.random() < call.passes_on
        operation = dice.choices(range(_OPERATIONS), self._mix)[0]
        self._write(each, operation, at, span_id, broke=broke)
        if self._spans and each.role in (Role.ENTRY, Role.SERVICE):
            self._span(span_id, parent, each.name, f"{each.name[:4]}.op{operation}", at, took, failed and self._vocal)
        return took, failed

    def _call(
        self,
        caller: Component,
        call: CallEdge,
        at: float,
        moment: int,
        courses: Mapping[str, Course],
        parent: str,
        *,
        lost: bool,
    ) -> tuple[float, bool]:
        client = f"{self._dice.getrandbits(64):016x}"
        callee = self._system.component(call.callee)
        under_way = delay(self._fault, caller.name, call.callee, at) * self._dice.uniform(0.7, 1.3)
        waited, failed = (call.timeout_ms * 0.3 if lost else 0.0), lost
        if not lost:
            waited, failed = self._visit(callee, at + under_way / 2000, moment, courses, client)
        waited += under_way
        if call.timeout_ms and waited > call.timeout_ms:
            waited, failed = call.timeout_ms, True
        if self._spans:
            self._span(
                client,
                parent,
                caller.name,
                f"call {callee.name}",
                at,
                waited + 0.3,
                failed and self._vocal,
                kind="client",
            )
        return waited, failed

    def _span(
        self,
        span_id: str,
        parent: str,
        service: str,
        operation: str,
        at: float,
        ms: float,
        failed: bool,
        kind: str = "server",
    ) -> None:
        record: Json = {"trace_id": self._trace, "span_id": span_id, "parent_id": parent or None, "service": service}
        record |= {
            "operation": operation,
            "start": round(at, 6),
            "duration_ms": round(ms, 3),
            "attrs": {"span.kind": kind},
        }
        self.spans.append(record | ({"status": "error"} if failed else {}))

    def _write(self, each: Component, operation: int, at: float, span_id: str, *, broke: bool) -> None:
        if not self._logs or each.role not in (Role.ENTRY, Role.SERVICE, Role.DATABASE):
            return
        dice, fault = self._dice, self._fault
        usual = self._plain[each.name][operation] if each.role is not Role.DATABASE else []
        for said in usual[: len(usual) // 2] if broke else usual:
            self.line(at, each.name, "info", said, span_id)
        if each.name in self._chronic and dice.random() < 0.05:
            self.line(at, each.name, "warn", self._chronic[each.name], span_id)
        hit = fault is not None and each.name in fault.at and fault.strength(at) > 0.3 and bool(fault.kind.says)
        level = "error" if self._vocal else "info"
        if hit and fault and (broke or dice.random() < 0.1):
            self.line(at, each.name, level, dice.choice(fault.kind.says), span_id)
        elif broke and self._vocal:
            self.line(at, each.name, level, "request failed id={id}: status 500", span_id)

    def _complain(self, each: Component, callee: str, at: float, span_id: str) -> None:
        fault = self._fault
        ours = fault is not None and callee in fault.at and fault.strength(at) > 0 and fault.kind.heard
        said = self._dice.choice(fault.kind.heard) if fault and ours else "{root} answered 500"
        if self._logs and self._vocal:
            self.line(at, each.name, "error", said, span_id, root=callee)

    def line(self, at: float, service: str, level: str, said: str, span_id: str = "", **more: str) -> None:
        """Write one line; numbers and ids in it vary."""
        dice = self._dice
        words = {
            "n": str(dice.randrange(2, 900)),
            "id": f"{dice.getrandbits(48):012x}",
            "root": service,
            "host": "",
            **self.words,
        }
        record: Json = {
            "ts": round(at, 6),
            "service": service,
            "level": level.upper(),
            "message": said.format_map(words | more),
        }
        self.lines.append(record | ({"trace_id": self._trace, "span_id": span_id} if span_id and self._spans else {}))


def walked(
    dice: random.Random, scribe: Scribe, stretches: Sequence[tuple[float, float]], times: Sequence[float],
    courses: Mapping[str, Course], most: int, *, spans: bool, logs: bool,
) -> None:  # fmt: skip
    """Walk up to `most` requests through each stretch; a quiet system has fewer."""
    entry = next(iter(courses.values()))
    # The recent stretch first: where there is too much, the reference is the poorer one.
    for start, end in reversed(stretches):
        scribe.shift()
        expected = sum(entry.rate) / len(entry.rate) * (end - start)
        for _ in range(min(most, round(expected))):
            if max(len(scribe.lines), len(scribe.spans)) >= _MOST_RECORDS:
                return
            at = dice.uniform(start, end)
            moment = max(0, min(len(times) - 1, bisect_right(times, at) - 1))
            scribe.request(at, moment, courses, spans=spans, logs=logs)
