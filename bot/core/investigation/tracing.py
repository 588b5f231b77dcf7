"""Reads traces around an incident in a bounded number of questions: asked too much, Tempo slows what it watches.

A search brings the spans of its traces along. Only a trace of which it holds too few is read by its id, those that failed
first and the slowest before the others: such a read opens every block that Tempo has, so forty of them cost as much as a
thousand searches of a calm minute.
"""

from __future__ import annotations

import itertools
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.core.investigation.collected import Collected, ReadingScope
from bot.domain.owners import Catalogue
from bot.domain.plans import Plan
from bot.domain.selectors import trace_condition
from bot.domain.telemetry import FoundTrace, Span, Window
from bot.ports import Clock, Traces

_SPANS = 40_000
_SERVICES = 3
_AT_ONCE = 2
_JUST_BEFORE = timedelta(minutes=1)
# So much of it lies at the alert itself: what fires at once began about then.
_AT_THE_ALERT = timedelta(seconds=10)


class TraceReading:
    """Reads the traces of one incident."""

    def __init__(
        self, traces: Traces, collected: Collected, scope: ReadingScope, catalogue: Catalogue, plan: Plan, clock: Clock
    ) -> None:
        self._traces = traces
        self._collected = collected
        self._plan = plan
        self._clock = clock
        self._conditions = [
            trace_condition(catalogue, name, plan.trace_attribute) for name in scope.services[:_SERVICES]
        ]
        self._windows = _windows(scope, plan)
        self._newest = self._windows[0]
        self._searchable_at = scope.fired_at + plan.searchable_after
        self._requests = 0
        self._found: dict[Window, dict[str, FoundTrace]] = {}

    async def read(self) -> None:
        """Search each stretch of time, then read what a search did not bring whole."""
        # The newest first: at a deadline the usual may be missing, but not what is wrong.
        for window in self._windows:
            await self._search(window)
        if self._found.get(self._newest) and not any(self._found.get(window) for window in self._windows[1:]):
            # Nothing is older than a minute, and of that a search has returned the newest: only what is wrong.
            await self._search(Window(self._newest.start, self._newest.start + _JUST_BEFORE - _AT_THE_ALERT))
        await self._complete()

    async def read_again(self) -> None:
        """Search the newest stretch once more, when all of the minute before the alert can be searched."""
        await self._search(self._newest)
        await self._complete()

    @property
    def wait(self) -> timedelta:
        """How long until it is worth to search again; nothing if the newest stretch told something, or if none did."""
        if self._found.get(self._newest) or not any(self._found.values()):
            return timedelta(0)
        return max(timedelta(0), self._searchable_at - self._clock())

    def note_age(self) -> None:
        """Say that the moment of the alert cannot be searched yet, if there are traces at all."""
        if any(self._found.values()) and self._clock() < self._searchable_at:
            self._collected.miss(self._traces.name, "young")

    async def _search(self, window: Window) -> None:
        """Ask the same of each window, so that what is picked is picked alike."""
        counts = [0] * len(self._conditions)

        async def any_of(place: int) -> None:
            counts[place] = await self._find(self._conditions[place], window)

        await self._ask([any_of(place) for place in range(len(self._conditions))])
        # Fewer than were asked for are all there were, and so all that failed.
        busy = [each for each, count in zip(self._conditions, counts, strict=True) if count >= self._plan.most_traces]
        if busy:
            await self._ask([self._failed_of(busy, window)])
        read = window.start.timestamp(), window.end.timestamp()
        if read not in self._collected.span_windows:
            self._collected.span_windows.append(read)

    async def _failed_of(self, conditions: Sequence[str], window: Window) -> None:
        either = " || ".join(f"({each})" for each in conditions)
        await self._find(f"({either}) && status = error", window, len(conditions))

    async def _find(self, condition: str, window: Window, times: int = 1) -> int:
        found = await self._traces.find(condition, window, times * self._plan.most_traces)
        known = self._found.setdefault(window, {})
        for each in found:
            before = known.get(each.summary.trace_id)
            # Several searches find the same trace; the one that brought all of it is kept.
            if before is None or (each.whole and not before.whole):
                known[each.summary.trace_id] = each
                self._keep(each.spans if each.whole else ())
        return len(found)

    async def _complete(self) -> None:
        partial = [
            [(each, window) for each in sorted(traces.values(), key=_urgency) if not each.whole]
            for window, traces in self._found.items()
        ]
        # In turn from each window: what is compared must have been picked alike.
        turns = [each for turn in itertools.zip_longest(*partial) for each in turn if each]
        within = self._plan.most_fetches
        if len(turns) > within:
            self._collected.miss(self._traces.name, "truncated")
        await self._ask([self._fetch(each, window) for each, window in turns[:within]])

    async def _fetch(self, trace: FoundTrace, window: Window) -> None:
        trace_id = trace.summary.trace_id
        spans = await self._traces.spans(trace_id, window)
        self._found[window][trace_id] = replace(trace, spans=spans, whole=True)
        self._keep(spans)

    def _keep(self, spans: Sequence[Span]) -> None:
        if len(self._collected.spans) < _SPANS:
            self._collected.spans.extend(spans)

    async def _ask(self, questions: Sequence[Coroutine[None, None, None]]) -> None:
        within = max(0, self._plan.most_trace_requests - self._requests)
        for question in questions[within:]:
            question.close()
        self._requests += len(questions[:within])
        await self._collected.ask_all(self._traces.name, questions[:within], _AT_ONCE)


def _windows(scope: ReadingScope, plan: Plan) -> tuple[Window, Window, Window]:
    recent = max(2 * _JUST_BEFORE, plan.logs_around)
    return (
        Window(scope.fired_at - _JUST_BEFORE, max(scope.now, scope.fired_at) + timedelta(seconds=1)),
        # A search returns the newest, so the minute of the alert would hide the minutes just before it.
        Window(scope.fired_at - recent, scope.fired_at - _JUST_BEFORE),
        Window(scope.usual_until - recent - plan.baseline, scope.usual_until - recent),
    )


def _urgency(trace: FoundTrace) -> tuple[bool, float]:
    return not any(span.failed for span in trace.spans), -trace.summary.duration_ms
