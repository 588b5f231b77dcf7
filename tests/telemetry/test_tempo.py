"""Tempo's traces: ids in one spelling, seconds and milliseconds, and what is no answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.telemetry import Window
from bot.errors import QueryRejected, SourceUnavailable
from bot.ports import Traces
from bot.telemetry.http import JsonClient
from bot.telemetry.tempo import Tempo

SEARCH = "GET /api/search"
WINDOW = Window.between(1795443620.5, 1795444040.5)
CROSS = "26eab9abcbf605e2f41023aaee700a51"
ERROR = "6eb541e3ecdc79695d9380379b17887e"
UNKNOWN = "00000000000000000000000000000001"


@pytest.fixture
def tempo(server, session) -> Traces:
    return Tempo(JsonClient(session, server.url, source="tempo", timeout_s=20))


def span(**more):
    return {"spanId": "ZLKyUnOdn24=", "name": "GET", "startTimeUnixNano": "1795444001000000000", **more}


def said(raw, key, value):
    raw["attributes"].append({"key": key, "value": {"stringValue": value}})


def as_found(spans):
    """Tell a trace as a search does."""
    told = []
    for each in spans:
        raw = {
            # Without their leading zeros.
            "spanID": each.span_id.lstrip("0"),
            "name": each.operation,
            "startTimeUnixNano": str(round(each.start * 1e9)),
            "durationNanos": str(round(each.duration_ms * 1e6)),
            "attributes": [],
        }
        said(raw, "status", "error" if each.failed else "unset")
        said(raw, "kind", each.kind)
        said(raw, "service.name", each.service)
        if each.parent_id:
            said(raw, "span:parentID", each.parent_id)
        told.append(raw)
    found = {"spans": told, "matched": len(told)}
    return {"traceID": spans[0].trace_id, "startTimeUnixNano": told[0]["startTimeUnixNano"], "spanSets": [found]}


class Refusing(JsonClient):
    """A Tempo that refuses what has these words in it, and finds nothing otherwise."""

    def __init__(self, session, words):
        super().__init__(session, "http://127.0.0.1:1", source="tempo")
        self.words = words
        self.asked = []

    async def get(self, path, params=None):
        self.asked.append(params["q"])
        if self.words in params["q"]:
            raise QueryRejected("tempo", "parse error")
        return {}


def trace(*spans, service="api"):
    attributes = [
        {"key": "host", "value": {"intValue": "1"}},
        {"key": "service.name", "value": {"stringValue": service}},
    ]
    return {"trace": {"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": [{"spans": spans}]}]}}


async def only(server, tempo, **more):
    server.on(f"GET /api/v2/traces/{ERROR}", trace(span(**more)))
    (found,) = await tempo.spans(ERROR, WINDOW)
    return found


async def test_questions_are_in_whole_seconds_around_the_window(server, session):
    asked = []

    class Listening(JsonClient):
        async def get(self, path, params=None):
            asked.append((path, dict(params)))
            return {}

    tempo = Tempo(Listening(session, server.url, source="tempo"))

    await tempo.search("{ status = error }", WINDOW, 20)
    await tempo.search("{}", Window.between(7, 7), 10**9)
    await tempo.spans(CROSS[:16].upper(), WINDOW)

    assert asked == [
        (
            "api/search",
            {"q": "{ status = error }", "limit": "20", "spss": "1", "start": "1795443620", "end": "1795444041"},
        ),
        # Tempo refuses an end that is the start, and a limit beyond reason.
        ("api/search", {"q": "{}", "limit": "1000", "spss": "1", "start": "7", "end": "8"}),
        (f"api/v2/traces/{CROSS[:16].zfill(32)}", {"start": "1795441820", "end": "1795445841"}),
    ]


async def test_a_recorded_search_lists_traces_with_their_root(server, tempo):
    server.play("tempo/search_error_slow")

    found = await tempo.search("{ status = error && duration > 5s }", WINDOW, 3)

    assert len(found) == 3
    first = found[0]
    assert (first.trace_id, first.service, first.operation) == (ERROR, "api", "GET /api/meetings/{id}")
    assert (first.start, first.duration_ms) == (pytest.approx(1795444001.373222), 30010)


async def test_a_search_asks_for_all_spans_of_a_trace_and_for_what_hangs_them_together(server, session):
    asked = []

    class Listening(JsonClient):
        async def get(self, path, params=None):
            asked.append((path, params["q"], params["spss"], params["limit"]))
            return {}

    await Tempo(Listening(session, server.url, source="tempo")).find('resource.service.name = "api"', WINDOW, 40)

    query = (
        '{ resource.service.name = "api" } && { } | select(name, status, kind, span:parentID, resource.service.name)'
    )
    # 100 is the most that Tempo brings along by default; it refuses to be asked for more.
    assert asked == [("api/search", query, "100", "40")]


async def test_the_spans_of_a_search_are_those_of_the_trace(server, tempo):
    """The same trace, as it is read by its id and as a search tells it: hex and attributes instead of base64 and fields."""
    server.play("tempo/trace_v2_cross_service")
    by_id = await tempo.spans(CROSS, WINDOW)
    server.on(SEARCH, {"traces": [as_found(by_id)]})

    (found,) = await tempo.find("x", WINDOW, 5)

    assert found.whole
    assert {replace(each, start=0) for each in found.spans} == {replace(each, start=0) for each in by_id}


@pytest.mark.parametrize(
    ("spoil", "whole"),
    [
        (lambda raw: None, True),
        # More matched than came along.
        (lambda raw: raw["spanSets"][0].update(matched=101), False),
        # A trace in two blocks is told from one of them.
        (lambda raw: raw["spanSets"][0]["spans"][2]["attributes"].clear(), False),
        # Its caller is not traced: its topmost span has a parent that nobody has.
        (lambda raw: said(raw["spanSets"][0]["spans"][0], "span:parentID", "0a0b"), True),
        (lambda raw: raw.pop("spanSets"), False),
        (lambda raw: raw["spanSets"][0].update(matched="9"), False),
    ],
)
async def test_a_trace_is_whole_if_nothing_of_it_was_left_behind(server, tempo, spoil, whole):
    server.play("tempo/trace_v2_cross_service")
    raw = as_found(await tempo.spans(CROSS, WINDOW))
    spoil(raw)
    server.on(SEARCH, {"traces": [raw]})

    (found,) = await tempo.find("x", WINDOW, 5)

    assert found.whole is whole


async def test_a_recorded_search_that_brought_only_what_matched_is_not_whole(server, tempo):
    server.play("tempo/search_structural_chat_to_api")

    found = await tempo.find("x", WINDOW, 5)

    assert [(len(each.spans), each.whole) for each in found] == [(3, False)] * 3
    assert {span.service for each in found for span in each.spans} == {"api"}


async def test_a_tempo_that_cannot_tell_parents_is_asked_plainly_from_then_on(session):
    http = Refusing(session, "span:parentID")
    tempo = Tempo(http)

    assert await tempo.find("a = 1", WINDOW, 5) == []
    assert await tempo.find("b = 1", WINDOW, 5) == []

    assert [query.partition(" | ")[0] for query in http.asked] == ["{ a = 1 } && { }", "{ a = 1 }", "{ b = 1 }"]


async def test_a_condition_that_is_wrong_stays_wrong_and_teaches_nothing_of_the_version(session):
    http = Refusing(session, "{ a }")
    tempo = Tempo(http)

    with pytest.raises(QueryRejected, match="parse error"):
        await tempo.find("a", WINDOW, 5)
    await tempo.find("b = 1", WINDOW, 5)

    assert "select" in http.asked[-1]


async def test_a_search_that_finds_nothing_is_no_failure(server, tempo):
    server.play("tempo/search_empty")
    assert await tempo.search("{}", WINDOW, 5) == []
    server.on(SEARCH, {"traces": None, "metrics": {}})
    assert await tempo.search("{}", WINDOW, 5) == []


async def test_what_tempo_leaves_out_is_nothing(server, tempo):
    found = {"startTimeUnixNano": "1795444001000000000"}
    short = {**found, "traceID": "1f", "rootServiceName": "<root span not yet received>"}
    server.on(SEARCH, {"traces": [short, {**found, "traceID": "../x"}, {**found, "traceID": "2", "durationMs": 1e999}]})

    first, second = await tempo.search("{}", WINDOW, 5)

    assert (first.trace_id, first.service, first.operation, first.duration_ms) == ("1f".zfill(32), "", "", 0)
    assert second.duration_ms == 0


async def test_recorded_spans_of_two_services_hang_together(server, tempo):
    server.play("tempo/trace_v2_cross_service")

    spans = await tempo.spans(CROSS, WINDOW)

    assert [each.start for each in spans] == sorted(each.start for each in spans)
    assert {each.trace_id for each in spans} == {CROSS}
    by_id = {each.span_id: each for each in spans}
    (root,) = [each for each in spans if not each.parent_id]
    assert (root.service, root.kind, root.span_id) == ("chat", "server", "d45a9a83ff64d3e9")
    crossing = {
        (by_id[each.parent_id].service, each.service)
        for each in spans
        if each.parent_id and by_id[each.parent_id].service != each.service
    }
    assert crossing == {("chat", "api")}
    assert {each.kind for each in spans} == {"server", "client", "internal"}


async def test_recorded_spans_that_failed_say_so(server, tempo):
    server.play("tempo/trace_v2_error")

    spans = await tempo.spans(ERROR, WINDOW)

    assert [(each.operation, each.failed) for each in spans] == [
        ("GET /api/meetings/{id}", True),
        ("MeetingsController.handle", True),
        ("HikariDataSource.getConnection", True),
    ]
    assert spans[-1].duration_ms == pytest.approx(30000.740352)
    assert spans[-1].start == pytest.approx(1795444001.375222)


async def test_an_older_tempo_has_only_the_first_version_and_tells_the_same(server, tempo):
    server.play("tempo/trace_v2_cross_service")
    new = await tempo.spans(CROSS, WINDOW)
    server.play("tempo/not_found_path", f"GET /api/v2/traces/{CROSS}")
    server.play("tempo/trace_v1_cross_service")

    old = await tempo.spans(CROSS, WINDOW)

    assert old == new
    assert len(old) == 9


async def test_a_trace_that_is_not_known_has_no_spans(server, tempo):
    server.play("tempo/trace_v2_not_found")
    assert await tempo.spans(UNKNOWN, WINDOW) == []

    server.play("tempo/not_found_path", f"GET /api/v2/traces/{UNKNOWN}")
    server.play("tempo/trace_v1_not_found")
    assert await tempo.spans(UNKNOWN, WINDOW) == []


async def test_what_is_no_tempo_is_not_a_trace_that_is_not_known(server, tempo):
    server.play("tempo/not_found_path", f"GET /api/v2/traces/{UNKNOWN}")
    server.play("tempo/not_found_path", f"GET /api/traces/{UNKNOWN}")

    with pytest.raises(QueryRejected):
        await tempo.spans(UNKNOWN, WINDOW)


@pytest.mark.parametrize("name", ["", "../../api/status", "xyz", "0" * 32, "a" * 33, "7?x=", "１２"])
async def test_what_is_no_trace_id_is_not_asked_for(server, tempo, name):
    assert await tempo.spans(name, WINDOW) == []

    assert server.asked == []


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("ZLKyUnOdn24=", "64b2b252739d9f6e"),
        ("64B2B252739D9F6E", "64b2b252739d9f6e"),
        ("AAAAAAAAAAA=", ""),
        ("not base64!", ""),
        ("é", ""),
        (None, ""),
        (7, ""),
    ],
)
async def test_ids_come_as_base64_or_hex_and_leave_as_hex(server, tempo, raw, seen):
    assert (await only(server, tempo, parentSpanId=raw)).parent_id == seen


@pytest.mark.parametrize(
    ("status", "failed"),
    [({"code": "STATUS_CODE_ERROR"}, True), ({"code": 2}, True), ({"code": 1}, False), ({}, False), (None, False)],
)
async def test_a_span_fails_by_its_status(server, tempo, status, failed):
    assert (await only(server, tempo, status=status)).failed is failed


@pytest.mark.parametrize(
    ("raw", "kind"),
    [("SPAN_KIND_SERVER", "server"), (3, "client"), ("SPAN_KIND_UNSPECIFIED", ""), (0, ""), (9, ""), ("@here", "")],
)
async def test_kinds_are_words(server, tempo, raw, kind):
    assert (await only(server, tempo, kind=raw)).kind == kind


async def test_a_span_that_ends_before_it_starts_or_not_at_all_took_no_time(server, tempo):
    assert (await only(server, tempo, endTimeUnixNano="1795444000000000000")).duration_ms == 0
    assert (await only(server, tempo)).duration_ms == 0


async def test_a_span_without_an_id_is_left_out_and_a_trace_without_one_is_the_one_asked_for(server, tempo):
    server.on(f"GET /api/v2/traces/{ERROR}", trace(span(spanId=""), span(), service="a\0b" + "x" * 999))

    (found,) = await tempo.spans(ERROR, WINDOW)

    assert (found.trace_id, found.service) == (ERROR, "ab" + "x" * 298)


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        ("bad_traceql_parse", "parse error at line 1, col 17"),
        ("search_range_too_long", "range"),
        ("search_limit_too_large", "limit"),
    ],
)
async def test_a_recorded_refusal_comes_in_tempos_plain_words(server, tempo, recording, words):
    server.play(f"tempo/{recording}", SEARCH)

    with pytest.raises(QueryRejected) as caught:
        await tempo.search("{", WINDOW, 5)

    assert words in caught.value.detail
    assert caught.value.source == "tempo"


async def test_a_recorded_refusal_of_an_id_is_passed_on(server, tempo):
    server.play("tempo/trace_v2_bad_id", f"GET /api/v2/traces/{ERROR}")

    with pytest.raises(QueryRejected, match="hex characters"):
        await tempo.spans(ERROR, WINDOW)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": "<html>sign in</html>", "content_type": "text/html"}, "not JSON"),
        ({"body": "", "status": 302, "headers": {"Location": "/login"}}, "login page"),
        ({"body": "no org id\n", "status": 401, "content_type": "text/plain"}, "TEMPO_TENANT"),
        ({"body": b"[" + b" " * 6_000_000 + b"]"}, "larger"),
        ({"body": {}, "hang": True}, "no answer within 20 s"),
        ({"body": []}, "unknown shape"),
        ({"body": b""}, "unknown shape"),
    ],
)
async def test_a_tempo_that_does_not_answer_is_unavailable(server, tempo, answer, words):
    server.on(SEARCH, **answer)
    server.on(f"GET /api/v2/traces/{ERROR}", **answer)

    with pytest.raises(SourceUnavailable, match=words):
        await tempo.search("{}", WINDOW, 5)
    with pytest.raises(SourceUnavailable, match=words):
        await tempo.spans(ERROR, WINDOW)

    assert len(server.asked) == 2


async def test_a_tempo_is_reached_when_it_answers_what_is_asked(server, tempo):
    server.play("tempo/search_empty", "GET /api/search")
    await tempo.ping()
    server.play("tempo/tenant_missing", "GET /api/search")

    with pytest.raises(SourceUnavailable):
        await tempo.ping()
