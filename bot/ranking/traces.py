"""Traces: time that is lost inside a service, time that is lost between two, and calls that fail or no longer arrive.

A slow edge speaks against the callee unless the caller is slow towards everybody: then the caller is what is slow. What a
service waits for is not its own time, so a span that calls another service is judged by the gap on that edge instead.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from bot.domain.evidence import Channel
from bot.domain.telemetry import Span
from bot.ranking.hits import Hit, number
from bot.ranking.stats import squash
from bot.ranking.timeline import Clockface, Step, level_step, share_step

Edge = tuple[str, str]
Timed = list[tuple[float, float]]

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
# A caller whose calls to this share of its callees are slow is slow itself.
_MOST = 0.75


@dataclass(frozen=True, slots=True)
class _Tree:
    inner: dict[str, float]
    callees: dict[str, str]
    edges: dict[Edge, Timed]
    own: dict[tuple[str, str], Timed]
    # Operations that are nothing but calls of somebody who writes no spans.
    waiting: set[tuple[str, str]]
    # Spans that failed because they waited no longer, while who was called went on.
    gave_up: set[str]


def trace_hits(
    spans: Sequence[Span], fired_at: float, stretches: Sequence[tuple[float, float]], onset: float | None = None
) -> list[Hit]:
    """Return what left its normal, service by service."""
    if not spans:
        return []
    clock = Clockface.of(fired_at, stretches, onset)
    spans = sorted(spans, key=attrgetter("start"))
    tree = _grow(spans)
    slow = {edge: step for edge, timed in tree.edges.items() if (step := level_step(clock, timed, _FLOOR_MS, _MOOD))}
    own = {key: step for key, timed in tree.own.items() if (step := level_step(clock, timed, _FLOOR_MS, _MOOD))}
    return [
        *_slow_edges(tree, slow),
        *(_slow_span(key, step, waits=key in tree.waiting) for key, step in own.items()),
        *_failures(spans, clock, tree.gave_up),
        *_lost_calls(spans, tree, clock),
    ]


def _grow(spans: Sequence[Span]) -> _Tree:
    """Join spans, sorted by their start, to what they called; this is what most of the time of a ranking goes into."""
    by_id = {span.span_id: span for span in spans}
    children = Counter([span.parent_id for span in spans])
    inner: dict[str, float] = defaultdict(float)
    callees: dict[str, str] = {}
    edges: dict[Edge, Timed] = defaultdict(list)
    gave_up: set[str] = set()
    for span in spans:
        above = span.parent_id
        parent = by_id.get(above)
        if parent is None:
            continue
        inner[above] += span.duration_ms
        if parent.service == span.service:
            continue
        callees[above] = span.service
        lost = parent.duration_ms - span.duration_ms
        if lost < 0 and parent.failed and not span.failed:
            gave_up.add(above)
        # Around several calls lies the caller's own work; only a span that is one call is lost on its way.
        if children[above] == 1:
            edges[parent.service, span.service].append((span.start, lost if lost > 0 else 0.0))
    own, waiting = _alone(spans, callees, children, inner)
    return _Tree(inner, callees, edges, own, waiting, gave_up)


def _alone(
    spans: Sequence[Span], callees: Collection[str], children: Mapping[str, int], inner: Mapping[str, float]
) -> tuple[dict[tuple[str, str], Timed], set[tuple[str, str]]]:
    """Return how long each operation took by itself, and which are nothing but calls of somebody who writes no spans."""
    own: dict[tuple[str, str], Timed] = defaultdict(list)
    waiting: set[tuple[str, str]] = set()
    for span in spans:
        name = span.span_id
        below = children.get(name, 0)
        if name not in callees or below > 1:
            took = span.duration_ms - inner[name] if below else span.duration_ms
            own[span.service, span.operation].append((span.start, took if took > 0 else 0.0))
        if not below and span.kind == "client":
            waiting.add((span.service, span.operation))
    return own, waiting


def _strength(step: Step) -> float:
    return squash(step.z - _MOOD, _HALF)


def _slow_edges(tree: _Tree, slow: dict[Edge, Step]) -> list[Hit]:
    called: dict[str, set[str]] = defaultdict(set)
    calling: dict[str, set[str]] = defaultdict(set)
    for (caller, callee), timed in tree.edges.items():
        if len(timed) >= _FEW:
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


def _slow_span(key: tuple[str, str], step: Step, *, waits: bool) -> Hit:
    service, operation = key
    values = {"operation": operation, "before": number(step.before), "after": number(step.after)}
    mechanism = "dependency" if waits else "latency"
    return Hit(Channel.TRACE, service, _strength(step), step.onset, "span-slow", values, f"own {service}", mechanism)


def _failures(spans: Sequence[Span], clock: Clockface, gave_up: Collection[str]) -> list[Hit]:
    """Blame the deepest: a failed span below which nothing failed, unless it failed of impatience with its callee."""
    if not any(span.failed for span in spans):
        return []
    above = {span.parent_id for span in spans if span.failed}
    total: dict[tuple[str, str], list[float]] = defaultdict(list)
    failed: dict[tuple[str, str], list[float]] = defaultdict(list)
    for span in spans:
        key = span.service, span.operation
        total[key].append(span.start)
        if span.failed and span.span_id not in above and span.span_id not in gave_up:
            failed[key].append(span.start)
    hits: list[Hit] = []
    for (service, operation), moments in failed.items():
        step = share_step(clock, total[service, operation], moments)
        if step is None or step.z <= _QUIET:
            continue
        values = {
            "operation": operation,
            "failed": str(round(step.after * step.samples)),
            "total": str(step.samples),
            "before": number(100 * step.before),
        }
        strength = squash(step.z - _QUIET, _HALF_Z)
        hits.append(
            Hit(Channel.TRACE, service, strength, step.onset, "span-failed", values, f"failed {service}", "errors")
        )
    return hits


def _lost_calls(spans: Sequence[Span], tree: _Tree, clock: Clockface) -> list[Hit]:
    """Find calls that used to arrive at a service and now end at the caller: the callee does not answer."""
    usual: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    total: dict[tuple[str, str], list[float]] = defaultdict(list)
    with_callee: set[tuple[str, str]] = set()
    for span in spans:
        key = span.service, span.operation
        total[key].append(span.start)
        callee = tree.callees.get(span.span_id)
        if callee:
            with_callee.add(key)
            usual[key][callee].append(span.start)
    hits: list[Hit] = []
    for caller, operation in with_callee:
        moments = total[caller, operation]
        for callee, arrived in usual[caller, operation].items():
            step = share_step(clock, moments, arrived)
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
