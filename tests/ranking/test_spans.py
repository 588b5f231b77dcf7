"""Spans are sorted once, and looked up by id, by service and by operation."""

from bot.domain.telemetry import Span
from bot.ranking.spans import Spans


def span(name: str, service: str, operation: str, start: float) -> Span:
    return Span("t", name, "", service, operation, start, 1.0)


def test_spans_are_in_the_order_of_their_start_and_found_by_what_they_are_of():
    late, early, other = span("c", "shop", "GET", 30.0), span("a", "shop", "GET", 10.0), span("b", "stock", "get", 20.0)
    spans = Spans.of([late, early, other])

    assert list(spans) == [early, other, late]
    assert spans.by_id["b"] is other
    assert spans.by_operation["shop", "GET"] == [early, late]
    assert spans.starts["shop", "GET"] == [10.0, 30.0]
    assert dict(spans.counts) == {"shop": 2, "stock": 1}


def test_what_is_sorted_is_not_sorted_again():
    spans = Spans.of([span("a", "shop", "GET", 10.0)])

    assert Spans.of(spans) is spans
    assert not Spans.of(())
