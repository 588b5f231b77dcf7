"""The shop's newest traces, kept in memory as a Tempo without a disk would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playground.shop.spans import ShopSpan

_KEPT_S = 30 * 60


class TraceBook:
    """The traces of the last half hour, oldest first; fewer if they have too many spans."""

    def __init__(self, most_spans: int = 40_000) -> None:
        self._most_spans = most_spans
        self._spans = 0
        # A dictionary remembers the order in which its keys came.
        self._traces: dict[str, Sequence[ShopSpan]] = {}

    def add(self, spans: Sequence[ShopSpan]) -> None:
        """Keep the spans of one trace, the root first."""
        if not spans:
            return
        self._traces[spans[0].trace_id] = spans
        self._spans += len(spans)
        oldest_start = spans[0].start - _KEPT_S
        while self._traces and (self._spans > self._most_spans or self._oldest()[0].start < oldest_start):
            self._spans -= len(self._traces.pop(self._oldest()[0].trace_id))

    def trace(self, trace_id: str) -> Sequence[ShopSpan]:
        """Return the spans of a trace; none if it is not known."""
        return self._traces.get(trace_id, ())

    def newest_first(self) -> Iterator[Sequence[ShopSpan]]:
        """Yield the traces."""
        return reversed(self._traces.values())

    def _oldest(self) -> Sequence[ShopSpan]:
        return next(iter(self._traces.values()))
