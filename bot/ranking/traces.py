"""Traces: time that is lost inside a service, time that is lost between two, and calls that fail or no longer arrive.

A slow edge speaks against the callee unless the caller is slow towards everybody: then the caller is what is slow. What a
service waits for is not its own time, so a span that calls another service is judged by the gap on that edge instead.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from operator import attrgetter

from bot.domain.evidence import Channel
from bot.domain.telemetry import Span
from bot.ranking.hits import Hit, number
from bot.ranking.logs import stands_alone
from bot.ranking.spans import Operation, Spans
from bot.ranking.stats import squash
from bot.ranking.timeline import Clockface, LevelStep, level_step, share_step

Edge = tuple[str, str]
# Moments, and as many durations (ms): pairs would be an object each.
Timed = tuple[list[float], list[float]]

# Nobody is woken for less than this; what varies below it is noise of the clock and of the garbage collector (ms).
_FLOOR_MS = 5.0
# Growth of the logarithm that is still a mood (×1.8), and the growth beyond it that counts for one half (×2.7 more).
_MOOD, _HALF = 0.6, 1.0
# Standard deviations of a share below which nothing is said, and those beyond that count for one half.
_QUIET, _HALF_Z = 3.5, 3.0
# This part of what is missing counts however few calls are missing (ratio).
_OF_A_MIX = 0.3
# A share of calls that falls by less is another mix of requests (ratio; by hand).
_OF_A_MIX_MISSING = 0.3
# An edge with fewer calls says nothing of its callee (calls).
_FEW = 5
# What begins like this is a query, and the name in it that of a table.
_QUERY = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|UPSERT|MERGE|CALL|BEGIN|COMMIT)\b")
# Operations that do nothing but wait until a connection of a pool is free, as instrumentations call them.
_POOLED = re.compile(
    r"get_?connection|acquire[_ ]?connection|connection[ ._-]?pool|hikaripool|pool[._ -]?(?:acquire|checkout|connect|wait)",
    re.IGNORECASE,
)
# Kinds of spans that are a service's own work, and those that are calls of another one.
_SERVED, _CALLS = frozenset({"server", "consumer"}), frozenset({"client", "producer"})
# A caller whose calls to this share of its callees are slow is slow itself.
_MOST = 0.75


@dataclass(frozen=True, slots=True)
class _Tree:
    callees: dict[str, str]
    edges: dict[Edge, Timed]
    own: dict[Operation, Timed]
    # Operations that are nothing but calls of somebody who writes no spans.
    waiting: set[tuple[str, str]]
    # Spans that failed because they waited no longer, while who was called went on.
    gave_up: set[str]


def trace_hits(
    spans: Sequence[Span],
    fired_at: float,
    stretches: Sequence[tuple[float, float]],
    onset: float | None = None,
    names: Collection[str] = (),
) -> list[Hit]:
    """Return what left its normal, service by service; `names` are all services that a call may be said to go to."""
    if not spans:
        return []
    clock = Clockface.of(fired_at, stretches, onset)
    spans = Spans.of(spans)
    tree = _grow(spans)
    slow = {edge: step for edge, timed in tree.edges.items() if (step := level_step(clock, *timed, _FLOOR_MS, _MOOD))}
    own = {key: step for key, timed in tree.own.items() if (step := level_step(clock, *timed, _FLOOR_MS, _MOOD))}
    return [
        *_slow_edges(tree, slow),
        *(_slow_span(key, step, waits=key in tree.waiting) for key, step in own.items()),
        *_failures(spans, clock, tree.gave_up, names),
        *_lost_calls(spans, tree, clock),
    ]


def _grow(spans: Spans) -> _Tree:
    """Join spans, sorted by their start, to what they called; this is what most of the time of a ranking goes into."""
    known = spans.by_id.get
    children = Counter(map(attrgetter("parent_id"), spans))
    inner: dict[str, float] = {}
    callees: dict[str, str] = {}
    edges = defaultdict[Edge, Timed](_no_times)
    gave_up: set[str] = set()
    for span in spans:
        above = span.parent_id
        parent = known(above)
        if parent is None:
            continue
        took, service, caller = span.duration_ms, span.service, parent.service
        if caller == service:
            inner[above] = inner.get(above, 0.0) + took
            continue
        callees[above] = service
        lost = parent.duration_ms - took
        if lost < 0 and parent.failed and not span.failed:
            gave_up.add(above)
        if children[above] > 1:
            # Around several calls lies the caller's own work; only a span that is one call is lost on its way.
            inner[above] = inner.get(above, 0.0) + took
        else:
            moments, durations = edges[caller, service]
            moments.append(span.start)
            durations.append(lost if lost > 0 else 0.0)
    own, waiting = _alone(spans, callees, children, inner)
    return _Tree(callees, edges, own, waiting, gave_up)


def _alone(
    spans: Spans, callees: Collection[str], children: Mapping[str, int], inner: Mapping[str, float]
) -> tuple[dict[Operation, Timed], set[Operation]]:
    """Return how long each operation took by itself, and which are nothing but calls of somebody who writes no spans."""
    own: dict[Operation, Timed] = {}
    waiting: set[Operation] = set()
    for key, same in spans.by_operation.items():
        moments, durations = timed = _no_times()
        for span in same:
            name = span.span_id
            if name not in children:
                durations.append(span.duration_ms)
                if span.kind == "client":
                    waiting.add(key)
            elif name not in callees or children[name] > 1:
                took = span.duration_ms - inner.get(name, 0.0)
                durations.append(took if took > 0 else 0.0)
            else:
                continue
            moments.append(span.start)
        if moments:
            own[key] = timed
    return own, waiting


def _no_times() -> Timed:
    return [], []


def _strength(step: LevelStep) -> float:
    return squash(step.z - _MOOD, _HALF)


def _slow_edges(tree: _Tree, slow: dict[Edge, LevelStep]) -> list[Hit]:
    called: dict[str, set[str]] = defaultdict(set)
    calling: dict[str, set[str]] = defaultdict(set)
    for (caller, callee), timed in tree.edges.items():
        if len(timed[0]) >= _FEW:
            called[caller].add(callee)
            calling[callee].add(caller)
    hits: list[Hit] = []
    for (caller, callee), step in slow.items():
        to_all = [other for other in called[caller] if (caller, other) in slow]
        from_all = [other for other in calling[callee] if (other, callee) in slow]
        outwards = len(to_all) / max(1, len(called[caller]))
        inwards = len(from_all) / max(1, len(calling[callee]))
        everybody = len(to_all) >= 2 and outwards >= _MOST and outwards >= inwards * len(from_all) / max(1, len(to_all))
        blamed = caller if everybody else callee
        # An edge of one that is fine towards its other neighbours says less about it.
        share = outwards if everybody else inwards
        hits.append(
            Hit(
                Channel.TRACE,
                blamed,
                _strength(step) * (0.5 + 0.5 * share),
                step.onset,
                "edge-slow",
                {"caller": caller, "callee": callee, "before": number(step.before), "after": number(step.after)},
                group=f"{caller}>{callee}",
                mechanism="cpu" if everybody else "network",
            )
        )
    return hits


def _slow_span(name: tuple[str, str], step: LevelStep, *, waits: bool) -> Hit:
    service, operation = name
    values = {"operation": operation, "before": number(step.before), "after": number(step.after)}
    key, mechanism = ("span-waits", "dependency") if waits else ("span-slow", "latency")
    if not waits and _POOLED.search(operation):
        key, mechanism = "span-held", "pool"
    return Hit(Channel.TRACE, service, _strength(step), step.onset, key, values, f"own {service}", mechanism)


def _failures(spans: Spans, clock: Clockface, gave_up: Collection[str], names: Collection[str]) -> list[Hit]:
    """Blame the deepest: a failed span below which nothing failed, unless it failed of impatience with its callee.

    If it names whom it calls, and that one wrote nothing below it, then that one, which did not answer.
    """
    all_failed = [span for span in spans if span.failed]
    above = {span.parent_id for span in all_failed}
    answered = {span.parent_id for span in spans} if all_failed else set[str]()
    called = cache(partial(_called, names))
    failed: dict[tuple[Operation, str], list[float]] = defaultdict(list)
    for span in all_failed:
        if span.span_id not in above and span.span_id not in gave_up:
            callee = "" if span.span_id in answered else called(span.service, span.operation, span.kind)
            failed[(span.service, span.operation), callee].append(span.start)
    hits: list[Hit] = []
    for ((service, operation), callee), moments in failed.items():
        step = share_step(clock, spans.starts[service, operation], moments)
        if step is None or step.z <= _QUIET:
            continue
        values = {
            "operation": operation,
            "failed": str(round(step.after * step.samples)),
            "total": str(step.samples),
            "before": number(100 * step.before),
        }
        strength = squash(step.z - _QUIET, _HALF_Z)
        key, blamed, mechanism = "span-failed", service, "pool" if _POOLED.search(operation) else "errors"
        if callee:
            key, blamed, mechanism = "call-failed", callee, "unavailable"
            values = {**values, "caller": service, "callee": callee}
        hits.append(Hit(Channel.TRACE, blamed, strength, step.onset, key, values, f"failed {blamed}", mechanism))
    return hits


def _called(names: Collection[str], caller: str, operation: str, kind: str) -> str:
    """Return which other service a span says is called, as those of meshes do.

    What a service serves is its own, also under a path that has the name of another one; so only a span that is known
    to be a call may have it anywhere, and any other one has to begin with it, as a host.
    """
    if kind in _SERVED or _QUERY.match(operation):
        return ""
    says = stands_alone if kind in _CALLS else _is_host
    return max((name for name in names if name != caller and says(name, operation)), key=len, default="")


def _is_host(name: str, operation: str) -> bool:
    return bool(re.match(rf"(?:[A-Z]+ )?(?:[a-z]+://)?{re.escape(name)}[.:]\w", operation))


def _lost_calls(spans: Spans, tree: _Tree, clock: Clockface) -> list[Hit]:
    """Find calls that used to arrive at a service and now end at the caller: the callee does not answer."""
    usual: dict[tuple[Operation, str], list[float]] = defaultdict(list)
    for above, callee in tree.callees.items():
        span = spans.by_id[above]
        usual[(span.service, span.operation), callee].append(span.start)
    hits: list[Hit] = []
    for ((caller, operation), callee), arrived in usual.items():
        step = share_step(clock, spans.starts[caller, operation], sorted(arrived))
        if step is None or -step.z <= _QUIET or step.before - step.after < _OF_A_MIX_MISSING:
            continue
        values = {
            "caller": caller,
            "callee": callee,
            "before": number(100 * step.before),
            "after": number(100 * step.after),
        }
        # Who does not answer is missed by most; a part is another mix of requests more often.
        strength = squash(-step.z - _QUIET, _HALF_Z) * min(1.0, _OF_A_MIX + step.before - step.after)
        hits.append(
            Hit(
                Channel.TRACE,
                callee,
                strength,
                step.onset,
                "calls-missing",
                values,
                f"lost {callee}",
                "unavailable",
            )
        )
    return hits
