"""The shop's logs over HTTP: real lines found by LogQL, and Loki's own words for what it would refuse."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground.shop.clockwork import tick
from playground.shop.logbook import LogBook
from playground.shop.logs import AccessLog, Journal, ServiceLog
from playground.shop.loki import LokiApi
from playground.shop.model import make_shop
from tests.playground.recorded import Api, differences, serving

# Within the recorded exchanges' range, so that they can be asked again.
START = 1_795_443_700.0
NS = 10**9
PATH = "/loki/api/v1/query_range"


def book_of(folder: Path, seconds: float, *faults: str) -> LogBook:
    book, shop, rng = LogBook(), make_shop(START - 86_400), random.Random(5)
    journal = Journal(folder / "all.log")
    logs = {name: ServiceLog(service, journal, rng, book) for name, service in shop.items()}
    access = AccessLog(journal, rng, book)
    for number in range(round(seconds / 0.25)):
        at = START + number * 0.25
        steps = tick(shop, set(faults), 0.25, at, rng)
        for name, log in logs.items():
            log.write(steps[name], at)
        access.write(steps)
    journal.close()
    return book


@pytest.fixture
async def loki(tmp_path: Path) -> AsyncIterator[Api]:
    api = LokiApi(book_of(tmp_path, 20, "pool"), clock=lambda: START + 21)
    async with serving(api.application()) as opened:
        yield opened


async def lines(loki: Api, query: str, **more) -> list[tuple[int, dict[str, str], str]]:
    """Return what a query finds: time, labels, line."""
    reply = await loki.get(PATH, query=query, limit=more.pop("limit", 5000), **more)
    assert reply.status == 200, reply.body
    streams = reply.body["data"]["result"]
    return [(int(at), stream["stream"], line) for stream in streams for at, line in stream["values"]]


@pytest.mark.parametrize(
    "recording",
    [
        "bad_logql_empty_matcher",
        "bad_logql_no_selector",
        "bad_logql_parse",
        "bad_logql_regex",
        "bad_logql_unknown_function",
        "limit_negative",
        "limit_not_a_number",
        "limit_too_large",
        "missing_query",
        "range_bad_time",
        "range_end_before_start",
        "range_too_long",
        "not_found_path",
        "ready",
        "labels_no_data_range",
        "label_values_unknown",
    ],
)
async def test_it_answers_word_for_word_as_loki_did(loki, recording):
    ours, theirs = await loki.replay(f"loki/{recording}")

    assert (ours.status, ours.kind.lower(), ours.body) == (theirs.status, theirs.kind.lower(), theirs.body)


@pytest.mark.parametrize(
    "query", ["| json", "{service=}", '{service="api"} |= ', '{service="api"', '{service="a"} | x']
)
async def test_a_query_that_is_none_is_refused_in_plain_text(loki, query):
    reply = await loki.get(PATH, query=query)

    assert (reply.status, reply.kind) == (400, "text/plain; charset=utf-8")
    assert reply.body.startswith("parse error")


async def test_streams_have_the_shape_of_lokis(loki):
    ours = await loki.get(PATH, query='{service="api"} |= "Connection is not available"')
    _, theirs = await loki.replay("loki/query_range_streams_hikari")

    of_demo, of_loki = ours.body["data"]["result"][0]["stream"], theirs.body["data"]["result"][0]["stream"]
    assert ours.kind == theirs.kind
    assert set(of_demo) - {"service", "host"} == set(of_loki) - {"app"}
    ours.body["data"]["result"][0]["stream"] = theirs.body["data"]["result"][0]["stream"] = {}
    assert differences(ours.body, theirs.body) == []


async def test_an_access_log_line_has_no_trace_of_its_own_and_no_level(loki):
    ours = await loki.get(PATH, query='{service="nginx"}')
    _, theirs = await loki.replay("loki/query_range_nginx_5xx")

    assert len(ours.body["data"]["result"]) == len(theirs.body["data"]["result"]) == 1
    stream = ours.body["data"]["result"][0]["stream"]
    assert stream["detected_level"] == theirs.body["data"]["result"][0]["stream"]["detected_level"] == "unknown"
    assert not {"level", "trace_id"} & set(stream)


async def test_a_stack_trace_is_one_entry_with_its_message(loki):
    found = await lines(loki, '{service="api", level="error"} |= "Caused by: "')

    assert found
    for _, labels, line in found:
        assert line.count("\n") > 3
        assert f"[{labels['trace_id']}-{labels['span_id']}]" in line
        assert "주문 목록 조회 실패" in line


async def test_each_trace_is_a_stream_of_its_own(loki):
    reply = await loki.get(PATH, query='{service="api"} | trace_id != ""', limit=50)

    streams = [stream["stream"] for stream in reply.body["data"]["result"]]
    assert len({(stream["trace_id"], stream["level"]) for stream in streams}) == len(streams) > 10


@pytest.mark.parametrize(
    ("query", "keeps"),
    [
        ('{service="chat"}', lambda labels, _: labels["service"] == "chat"),
        ('{env="demo", service!="chat"}', lambda labels, _: labels["service"] != "chat"),
        ('{service=~"a.i|chat"}', lambda labels, _: labels["service"] in ("api", "chat")),
        ('{service_name=~"ap"}', None),
        ('{env="demo",service!~"n.*"}', lambda labels, _: labels["service"] != "nginx"),
        ('{job="spring"} |= "api" != "ERROR"', lambda _, line: "api" in line and "ERROR" not in line),
        (r'{job="spring"} |~ "30\\d\\dms" ', lambda _, line: "ms" in line and "30" in line),
        (r"{job=`spring`} !~ `\d+ms`", lambda _, line: "SQL Error" in line or "주문" in line),
        ('{job="spring"} |= "WARN" or "ERROR"', lambda _, line: "WARN" in line or "ERROR" in line),
        ('{service="api"} | level="warn"', lambda labels, _: labels["level"] == "warn"),
        ('{service="api"} | detected_level=~"warn|error"', lambda labels, _: labels["level"] in ("warn", "error")),
        ('{service="api"} | logfmt', lambda labels, _: labels["service"] == "api"),
    ],
)
async def test_a_query_finds_what_it_asks_for_and_nothing_else(loki, query, keeps):
    found = await lines(loki, query)

    everything = await lines(loki, '{env="demo"}')
    if keeps is None:
        assert found == []
    else:
        assert 0 < len(found) < len(everything)
        assert all(keeps(labels, line) for _, labels, line in found)


async def test_the_newest_come_first_unless_the_oldest_are_asked_for(loki):
    every = sorted(at for at, *_ in await lines(loki, '{service="nginx"}'))

    newest = [at for at, *_ in await lines(loki, '{service="nginx"}', limit=7)]
    oldest = [at for at, *_ in await lines(loki, '{service="nginx"}', limit=7, direction="forward")]

    assert newest == every[:-8:-1]
    assert oldest == every[:7]


async def test_only_the_range_asked_for_is_told_its_end_excluded(loki):
    every = sorted(at for at, *_ in await lines(loki, '{service="nginx"}'))
    first, last = every[20], every[60]

    found = await lines(loki, '{service="nginx"}', start=first, end=last)

    assert sorted(at for at, *_ in found) == every[20:60]


async def test_times_may_be_seconds_or_written_out(loki):
    from_seconds = await lines(loki, '{service="nginx"}', start=START + 5, end=int(START) + 10)
    written = await lines(loki, '{service="nginx"}', start="2026-11-23T14:21:45Z", end="2026-11-23T14:21:50+00:00")

    assert from_seconds == written != []


async def test_a_line_that_is_no_json_is_told_to_be_none(loki):
    ours = await lines(loki, '{service="api"} | json', limit=1)
    _, theirs = await loki.replay("loki/query_range_json_error_pipeline")

    told = theirs.body["data"]["result"][0]["stream"]
    assert ours[0][1]["__error__"] == told["__error__"]
    assert ours[0][1]["__error_details__"] == told["__error_details__"]


async def test_labels_and_their_values_are_listed(loki):
    labels = await loki.get("/loki/api/v1/labels")
    values = await loki.get("/loki/api/v1/label/service/values")

    assert labels.body["data"] == ["env", "host", "job", "level", "service", "service_name"]
    assert values.body == {"status": "success", "data": ["api", "chat", "nginx"]}


def test_entries_of_the_same_moment_keep_their_order():
    book = LogBook()
    for number in range(3):
        book.add(START, "api", f"line {number}", "info")

    entries = list(book.between(0, 2**63))

    assert [entry.line for entry in entries] == ["line 2", "line 1", "line 0"]
    assert len({entry.at_ns for entry in entries}) == 3


def test_a_loud_service_pushes_out_its_own_lines_only():
    book = LogBook(most_entries=100, most_characters=1000)
    book.add(START, "chat", "quiet", "info")

    for number in range(500):
        book.add(START + number / 100, "api", "twenty characters...", "warn")

    kept = [entry.service for entry in book.between(0, 2**63)]
    assert kept.count("api") == 50
    assert kept.count("chat") == 1


def test_lines_are_forgotten_after_half_an_hour():
    book = LogBook()
    book.add(START, "api", "old", "info")
    book.add(START + 1700, "api", "young", "info")

    book.add(START + 1801, "api", "new", "info")

    assert [entry.line for entry in book.between(0, 2**63)] == ["new", "young"]
