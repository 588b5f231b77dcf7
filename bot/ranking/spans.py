"""The spans of a case with what is looked up of them again and again, found once: by id, by service, by operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from operator import attrgetter

from bot.domain.telemetry import Span

Operation = tuple[str, str]


class Spans(tuple[Span, ...]):  # noqa: SLOT001 - its indexes are kept beside it
    """Spans in the order of their start."""

    @classmethod
    def of(cls, spans: Sequence[Span]) -> Spans:
        """Return them as such; those that are already stay the same."""
        return spans if isinstance(spans, Spans) else cls(sorted(spans, key=attrgetter("start")))

    @cached_property
    def by_id(self) -> Mapping[str, Span]:
        """Each span by its id."""
        return {span.span_id: span for span in self}

    @cached_property
    def by_operation(self) -> Mapping[Operation, Sequence[Span]]:
        """The spans of each (service, operation)."""
        found: defaultdict[Operation, list[Span]] = defaultdict(list)
        for span in self:
            found[span.service, span.operation].append(span)
        return found

    @cached_property
    def starts(self) -> Mapping[Operation, Sequence[float]]:
        """When the spans of each (service, operation) started."""
        return {key: [span.start for span in own] for key, own in self.by_operation.items()}

    def without(self, services: Collection[str]) -> Spans:
        """Return those of all other services."""
        left = Spans(span for span in self if span.service not in services)
        left.counts = {name: count for name, count in self.counts.items() if name not in services}
        return left

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many each service wrote."""
        found: defaultdict[str, int] = defaultdict(int)
        for (service, _), own in self.by_operation.items():
            found[service] += len(own)
        return found
