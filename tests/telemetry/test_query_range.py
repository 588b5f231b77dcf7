"""Prometheus' range queries: real numbers only, and what is no answer."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from bot.domain.telemetry import RangeSeries, Window
from bot.errors import QueryRejected, SourceUnavailable
from bot.ports import Metrics
from bot.telemetry.http import JsonClient
from bot.telemetry.prometheus import Prometheus

RANGE = "POST /api/v1/query_range"
WINDOW = Window.between(1795443770.886, 1795444040.886)


@pytest.fixture
def prometheus(server, session) -> Metrics:
    return Prometheus(JsonClient(session, server.url, source="prometheus", timeout_s=20))


def matrix(*rows):
    result = [{"metric": {"service": name}, "values": values} for name, values in rows]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


async def test_the_question_is_a_form_in_seconds(server, prometheus):
    server.on(RANGE, matrix())

    assert await prometheus.query_range('up{job="x"}', WINDOW, 1234567.5, 0) == []

    assert parse_qs(server.asked[0][2]) == {
        "query": ['up{job="x"}'],
        "start": ["1795443770.886"],
        "end": ["1795444040.886"],
        "step": ["1234567.500"],
        "limit": ["1"],
    }


async def test_recorded_series_are_read_oldest_first(server, prometheus):
    server.play("prometheus/query_range_p99", RANGE)

    api, chat = await prometheus.query_range("x", WINDOW, 15, 10)

    assert (api.labels, chat.labels) == ({"application": "api"}, {"application": "chat"})
    assert api.points[0] == (1795443770.886, pytest.approx(0.2315, abs=1e-4))
    assert max(value for _, value in api.points) == 30
    assert [at for at, _ in api.points] == sorted(at for at, _ in api.points)


async def test_no_more_series_than_wanted_whatever_an_old_prometheus_sends(server, prometheus):
    server.play("prometheus/query_range_many_series", RANGE)

    assert len(await prometheus.query_range("x", WINDOW, 15, 100)) == 20
    assert len(await prometheus.query_range("x", WINDOW, 15, 3)) == 3


async def test_nothing_matched_is_no_failure(server, prometheus):
    server.play("prometheus/query_range_empty", RANGE)

    assert await prometheus.query_range("x", WINDOW, 15, 10) == []


async def test_missing_samples_and_series_of_nothing_else_are_left_out(server, prometheus):
    server.on(
        RANGE,
        matrix(
            ("empty", [[1, "NaN"], [2, "+Inf"], [3, "-Inf"]]),
            ("histogram", None),
            ("api", [[3, "3"], [1, "1.5"], [2, "NaN"]]),
        ),
    )

    assert await prometheus.query_range("x", WINDOW, 15, 1) == [RangeSeries({"service": "api"}, [(1, 1.5), (3, 3)])]


async def test_a_panel_says_of_its_last_sample_too_that_it_is_no_number(server, prometheus):
    server.on(RANGE, matrix(("api", [[1, "1.5"], [2, "NaN"], [3, "+Inf"]])))

    (series,) = await prometheus.query_range("x", WINDOW, 15, 1, every=True)

    assert [str(value) for _, value in series.points] == ["1.5", "nan", "inf"]


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        ("query_range_too_many_points", "exceeded maximum resolution of 11,000 points"),
        ("query_range_end_before_start", "end timestamp"),
        ("query_range_zero_step", "step"),
        ("query_bad_parse", "unclosed left parenthesis"),
        ("not_found_path", "404 page not found"),
    ],
)
async def test_a_recorded_refusal_comes_in_prometheus_own_words(server, prometheus, recording, words):
    server.play(f"prometheus/{recording}", RANGE)

    with pytest.raises(QueryRejected) as caught:
        await prometheus.query_range("x", WINDOW, 15, 10)

    assert words in caught.value.detail


@pytest.mark.parametrize("recording", ["proxy_401_html", "proxy_502_html", "query_scalar", "query_empty_vector"])
async def test_a_recorded_answer_without_series_is_no_answer(server, prometheus, recording):
    server.play(f"prometheus/{recording}", RANGE)

    with pytest.raises(SourceUnavailable):
        await prometheus.query_range("x", WINDOW, 15, 10)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": "<html>sign in</html>", "content_type": "text/html"}, "not JSON"),
        ({"body": "", "status": 302, "headers": {"Location": "/login"}}, "login page"),
        ({"body": b"[" + b" " * 6_000_000 + b"]"}, "larger"),
        ({"body": {}, "hang": True}, "no answer within 20 s"),
        ({"body": matrix(("api", "x"))}, "unknown shape"),
        ({"body": matrix(("api", [[1, "x"]]))}, "unknown shape"),
        ({"body": matrix(("api", [[1]]))}, "unknown shape"),
        ({"body": matrix(("api", [7]))}, "unknown shape"),
        ({"body": b'{"data":{"resultType":"matrix","result":[{"values":[[1' + b"0" * 400 + b',"1"]]}]}}'}, "unknown"),
    ],
)
async def test_a_prometheus_that_does_not_answer_is_unavailable(server, prometheus, answer, words):
    server.on(RANGE, **answer)

    with pytest.raises(SourceUnavailable, match=words):
        await prometheus.query_range("x", WINDOW, 15, 10)
