"""The shop's traces over HTTP: found by TraceQL, read as OpenTelemetry's JSON, refused in Tempo's own words."""

from __future__ import annotations

import base64
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from playground.shop.clockwork import tick
from playground.shop.model import make_shop
from playground.shop.spans import ShopSpan, spans_of, spans_without_service
from playground.shop.tempo import TempoApi
from playground.shop.tracebook import TraceBook
from tests.playground.recorded import Api, differences, serving

START = 1_795_443_700.0
SEARCH = "/api/search"


def book_of(seconds: float, *faults: str) -> TraceBook:
    """Run a shop with these faults and keep every trace."""
    book, shop, rng = TraceBook(), make_shop(START - 86_400), random.Random(3)
    for number in range(round(seconds / 0.25)):
        steps = tick(shop, set(faults), 0.25, START + number * 0.25, rng)
        for name, step in steps.items():
            for request in step.requests:
                if not request.parent_id:
                    book.add(spans_of(shop, name, request, rng))
            for request in step.turned_away:
                book.add(spans_without_service(name, request, rng))
    return book


@pytest.fixture
async def tempo() -> AsyncIterator[Api]:
    api = TempoApi(book_of(10, "pool"), clock=lambda: START + 60)
    async with serving(api.application()) as opened:
        yield opened


async def traces(tempo: Api, query: str, **more: Any) -> list[dict[str, Any]]:
    reply = await tempo.get(SEARCH, q=query, **{"limit": 1000, "spss": 100, **more})
    assert reply.status == 200, reply.body
    return reply.body["traces"]


def spans_in(trace: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all spans of a trace, each with its service."""
    return [
        {**span, "service": attributes(resource["resource"])["service.name"]}
        for resource in trace["trace"]["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


def attributes(holder: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values())) for each in holder.get("attributes", [])}


@pytest.mark.parametrize(
    "recording",
    [
        "bad_traceql_parse",
        "bad_traceql_type",
        "bad_traceql_unknown_intrinsic",
        "search_bad_limit",
        "search_end_before_start",
        "search_limit_too_large",
        "trace_v2_bad_id",
        "trace_v2_not_found",
        "not_found_path",
        "ready",
        "echo",
    ],
)
async def test_it_answers_word_for_word_as_tempo_did(tempo, recording):
    ours, theirs = await tempo.replay(f"tempo/{recording}")

    assert (ours.status, ours.kind, ours.body) == (theirs.status, theirs.kind, theirs.body)


async def test_a_week_is_too_long(tempo):
    ours, theirs = await tempo.replay("tempo/search_range_too_long")

    # Tempo tells an end of its own, the half minute earlier up to which it searches.
    assert ours.status == theirs.status
    assert ours.body.partition(" received")[0] == theirs.body.partition(" received")[0]


@pytest.mark.parametrize(
    "query", ["{ ", "error", "{ status = }", "{ duration > 5s x }", "{ status = error } >> { }", '{ name = "a" "b" }']
)
async def test_a_query_that_is_none_is_refused_in_plain_text(tempo, query):
    reply = await tempo.get(SEARCH, q=query)

    assert (reply.status, reply.kind) == (400, "text/plain; charset=utf-8")
    assert reply.body.startswith("invalid TraceQL query: parse error at line 1, col ")


@pytest.mark.parametrize("recording", ["search_error_slow", "search_no_query_recent", "search_empty"])
async def test_a_search_has_the_shape_of_tempos(tempo, recording):
    ours, theirs = await tempo.replay(f"tempo/{recording}")

    assert bool(ours.body["traces"]) == bool(theirs.body["traces"])
    for answer in (ours, theirs):
        for trace in answer.body["traces"]:
            # Which services there are differs.
            trace.get("serviceStats", {}).clear()
    assert ours.kind == theirs.kind
    assert differences(ours.body, theirs.body) == []


async def test_a_failed_trace_has_the_shape_of_tempos(tempo):
    _, theirs = await tempo.replay("tempo/trace_v2_error")
    found = await traces(tempo, '{ name = "HikariPool.getConnection" && status = error }')

    ours = await tempo.get(f"/api/v2/traces/{found[0]['traceID']}")

    assert differences(ours.body, theirs.body) == []


async def test_a_trace_over_services_has_the_shape_of_tempos():
    async with serving(TempoApi(book_of(5)).application()) as tempo:
        _, theirs = await tempo.replay("tempo/trace_v2_cross_service")
        found = await traces(tempo, '{ resource.service.name = "chat" && name = "GET /api/doctors" }')
        ours = await tempo.get(f"/api/v2/traces/{found[0]['traceID']}")

    assert differences(ours.body, theirs.body) == []
    assert {span["kind"] for span in spans_in(ours.body)} == {span["kind"] for span in spans_in(theirs.body)}
    assert {span["service"] for span in spans_in(ours.body)} == {"nginx", "chat", "api"}


async def test_ids_are_hex_in_a_search_and_base64_in_a_trace(tempo):
    found = (await traces(tempo, "{ status = error }"))[0]

    spans = spans_in((await tempo.get(f"/api/v2/traces/{found['traceID']}")).body)

    inside = {base64.b64decode(span["traceId"]).hex().lstrip("0") for span in spans}
    assert inside == {found["traceID"]}
    matched = {span["spanID"] for span in found["spanSet"]["spans"]}
    assert matched <= {base64.b64decode(span["spanId"]).hex() for span in spans}


async def test_an_id_is_found_without_its_leading_zeros():
    book = TraceBook()
    book.add([ShopSpan("0" * 31 + "a", "1" * 16, "", "api", "1", "scope", "GET /", "server", START, 0.0001)])
    async with serving(TempoApi(book).application()) as tempo:
        listed = (await traces(tempo, "{}"))[0]
        trace = await tempo.get("/api/v2/traces/a")

    assert listed["traceID"] == "a"
    assert "durationMs" not in listed
    assert spans_in(trace.body)[0]["name"] == "GET /"


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("{ status = error }", lambda span: span.error),
        ("{ status != error }", lambda span: not span.error),
        ('{ resource.service.name = "chat" }', lambda span: span.service == "chat"),
        ('{ resource.service.name =~ "ch.*" && kind = client }', lambda s: s.service == "chat" and s.kind == "client"),
        ('{ name = "HikariPool.getConnection" && duration > 5s }', lambda s: "Hikari" in s.name and s.seconds > 5),
        ("{ duration >= 500ms && duration < 4s }", lambda span: 0.5 <= span.seconds < 4),
        ('{ span:name !~ "GET .*" && span:kind = server }', lambda s: s.name[:3] != "GET" and s.kind == "server"),
        ("{ span.http.response.status_code >= 500 }", lambda s: s.attributes.get("http.response.status_code", 0) > 499),
        ('{ .db.system = "postgresql" }', lambda span: span.name.partition(" ")[0] in ("SELECT", "INSERT")),
        (
            '{ (status = error || duration > 20s) && resource.service.name = "api" }',
            lambda span: span.service == "api" and bool(span.error or span.seconds > 20),
        ),
        ('{ trace:rootName = "GET /api/doctors" && span:statusMessage =~ ".*timed out.*" }', None),
        ("{}", lambda _: True),
        ("{ true }", lambda _: True),
    ],
)
async def test_a_query_finds_the_spans_it_asks_for_and_no_others(query, matches):
    book = book_of(5, "pool")
    everything = [span for trace in book.newest_first() for span in trace]
    async with serving(TempoApi(book).application()) as tempo:
        found = {span["spanID"] for trace in await traces(tempo, query) for span in trace["spanSet"]["spans"]}

    roots = {trace[0].trace_id: trace[0].name for trace in book.newest_first()}
    matches = matches or (lambda s: roots[s.trace_id] == "GET /api/doctors" and "timed out" in s.error)
    assert found == {span.span_id for span in everything if matches(span)}
    assert found


async def test_what_a_query_names_is_shown_with_each_span(tempo):
    query = (
        '{ kind = client && span.db.system = "postgresql" } | select(span.db.operation, resource.service.version, name)'
    )

    span = (await traces(tempo, query))[0]["spanSet"]["spans"][0]

    assert attributes(span) == {
        "kind": "client",
        "db.system": "postgresql",
        "db.operation": span["name"].partition(" ")[0],
        "service.version": "2.4.0",
    }


async def test_the_newest_traces_are_listed_and_each_tells_how_many_spans_matched(tempo):
    every = [int(trace["startTimeUnixNano"]) for trace in await traces(tempo, "{}")]

    few = await traces(tempo, "{}", limit=5, spss=1)

    assert [int(trace["startTimeUnixNano"]) for trace in few] == sorted(every, reverse=True)[:5]
    assert all(len(trace["spanSet"]["spans"]) == 1 for trace in few)
    assert all(trace["spanSet"]["matched"] > 3 for trace in few)


async def test_only_traces_of_the_range_are_found(tempo):
    begins, ends = int(START) + 3, int(START) + 5

    found = await traces(tempo, "{ trace:duration < 1s }", start=begins, end=ends)

    starts = [int(trace["startTimeUnixNano"]) / 1e9 for trace in found]
    assert found
    assert begins - 1 <= min(starts) <= max(starts) <= ends


def test_the_book_forgets_the_oldest_traces_when_there_are_too_many_spans():
    book = TraceBook(most_spans=10)
    made = [
        [
            ShopSpan(f"{number:032x}", f"{part:016x}", "", "api", "1", "s", "n", "server", START, 0.1)
            for part in range(3)
        ]
        for number in range(8)
    ]

    for trace in made:
        book.add(trace)

    assert [trace[0].trace_id for trace in book.newest_first()] == [f"{number:032x}" for number in (7, 6, 5)]
    assert not book.trace(f"{4:032x}")


def test_the_book_forgets_after_half_an_hour_and_never_keeps_a_trace_larger_than_itself():
    book = TraceBook(most_spans=2)
    old = [ShopSpan("a" * 32, "1" * 16, "", "api", "1", "s", "n", "server", START, 0.1)]
    new = [ShopSpan("b" * 32, "1" * 16, "", "api", "1", "s", "n", "server", START + 1801, 0.1)]

    book.add(old)
    book.add(new)
    kept = [trace[0].trace_id for trace in book.newest_first()]
    book.add(new * 3)

    assert kept == ["b" * 32]
    assert list(book.newest_first()) == []


async def test_empty_braces_bring_the_other_spans_of_a_trace_that_has_one_of_the_first_kind(tempo):
    select = "select(name, status, kind, span:parentID, resource.service.name)"
    alone = await traces(tempo, '{ resource.service.name = "api" && status = error }')
    (whole, *_) = await traces(tempo, f'{{ resource.service.name = "api" && status = error }} && {{ }} | {select}')

    read = (await tempo.get(f"/api/v2/traces/{whole['traceID']}")).body
    assert whole["traceID"] == alone[0]["traceID"]
    assert whole["spanSet"]["matched"] == len(spans_in(read)) > alone[0]["spanSet"]["matched"]
    assert {each["spanID"] for each in whole["spanSet"]["spans"]} == {
        base64.b64decode(each["spanId"]).hex() for each in spans_in(read)
    }
    assert await traces(tempo, '{ resource.service.name = "nobody" } && { }') == []
