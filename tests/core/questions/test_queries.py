"""Queries of a model: what may be asked, and what is refused with a word that helps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.questions.queries import Unfit, logql, only, promql, trace_id, traceql, whole, window, words
from tests.builders import NOW

FIRED = NOW - timedelta(hours=3)


@pytest.mark.parametrize(
    "query",
    [
        'sum(rate(http_server_requests_seconds_count{service="api",status=~"5.."}[1m]))',
        'histogram_quantile(0.99, sum by (le) (rate(x_bucket{service="api"}[5m])))',
        "up",
        'up{service="a}b"}',
        'sum by (service) ({service="chat"})',
        "max_over_time(up[1h:15s])",
        "up offset 30m",
        '{__name__="up"}',
        "rate(x[6h])",
        'x{path="[30d] offset 9d @ #"}',
    ],
)
def test_a_promql_that_reads_little_is_taken(query):
    assert promql(query) == query


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("rate(x[30d])", "6h"),
        ("rate(x[5h]) / rate(y[2h])", "6h"),
        ("up offset 7h", "6h"),
        ("up offset -7h", "6h"),
        ("(up offset 9w)", "6h"),
        ("up @ 0", "@"),
        ("up # {}", "#"),
        ("max_over_time(up[1h:1s])", "subquery"),
        ("max_over_time(up[2h:1m])", "subquery"),
        ("rate(x[$range])", "no length"),
        ("rate(x[])", "no length"),
        ('{__name__=~".+"}', "__name__"),
        ('{__name__!=""}', "__name__"),
        ('{service=~".+"}', "name a metric"),
        ("{}", "name a metric"),
        ('sum by ({service!=""})', "name a metric"),
        ('label_replace(up, "a", "$1", "password", "(.{4}).*")', "as they are"),
        ('count_values("v", up)', "as they are"),
        ('up{service="api}', "not closed"),
        ("up{service='api", "not closed"),
    ],
)
def test_a_promql_that_reads_too_much_is_refused(query, why):
    with pytest.raises(Unfit, match=why):
        promql(query)


@pytest.mark.parametrize(
    "query", ['{service="api"}', '{app=~"api|chat"} |= "time[out]" | json', '{service="a}"} |~ "x" != "# y"']
)
def test_a_logql_of_lines_is_taken(query):
    assert logql(query) == query


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ('rate({service="api"}[5m])', "begins with a selector"),
        ('{service="api"} | unwrap x [5m]', "begins with a selector"),
        ('{service=~".+"}', "at least one value"),
        ('{service!="api"}', "at least one value"),
        ("{}", "at least one value"),
        ('{service="api"', "brace"),
        ('{service="api"} | line_format "{{ __line__ | b64enc }}"', "as they are"),
        ('{service="api"} | label_format a=b', "as they are"),
        ('{service="api"} |= "{{"', "as they are"),
    ],
)
def test_a_logql_that_counts_or_disguises_is_refused(query, why):
    with pytest.raises(Unfit, match=why):
        logql(query)


@pytest.mark.parametrize("query", ['{ resource.service.name = "api" && status = error }', "{}", "({}) && ({})"])
def test_a_traceql_search_is_taken(query):
    assert traceql(query) == query


@pytest.mark.parametrize(
    "query",
    ["{} | rate()", "{} | quantile_over_time(duration, .9)", "status = error", "{} | rate() with (exemplars=true)"],
)
def test_metrics_of_traces_are_refused(query):
    with pytest.raises(Unfit, match="no metrics"):
        traceql(query)


@pytest.mark.parametrize("identity", ["", "../../admin", "abc?x", "a" * 33, "한글", "0x12"])
def test_what_is_no_id_of_a_trace_is_refused(identity):
    with pytest.raises(Unfit):
        trace_id(identity)


@pytest.mark.parametrize("raw", [None, 7, "", "  ", ["up"], {"a": 1}, "x" * 1001, "up\x00", "up\u202e", True])
def test_what_is_no_query_is_refused(raw):
    with pytest.raises(Unfit):
        words({"query": raw}, "query")


def test_a_query_over_several_lines_is_one_line():
    assert words({"query": " sum(\n  up\n)\t"}, "query") == "sum( up )"


@pytest.mark.parametrize(("raw", "number"), [(None, 30), (5, 5), (5.0, 5), ("5", 5), (360, 360)])
def test_a_number_is_read_as_models_write_it(raw, number):
    assert whole({"minutes": raw}, "minutes", 30, 1, 360) == number


@pytest.mark.parametrize("raw", [0, 361, -5, 5.5, "5m", "٥", True, [5], float("nan"), float("inf"), 10**30, "9" * 50])
def test_what_is_no_number_within_bounds_is_refused(raw):
    with pytest.raises(Unfit, match="from 1 to 360"):
        whole({"minutes": raw}, "minutes", 30, 1, 360)


def test_the_window_ends_now_or_earlier_or_around_the_alert():
    assert window({}, NOW, FIRED).end == NOW
    assert window({}, NOW, FIRED).seconds == 30 * 60
    earlier = window({"minutes": 60, "ended_minutes_ago": 300}, NOW, FIRED)
    assert (earlier.start, earlier.end) == (NOW - timedelta(hours=6), NOW - timedelta(hours=5))
    around = window({"minutes": 20, "around_alert": True}, NOW, FIRED)
    assert (around.start, around.end) == (FIRED - timedelta(minutes=20), FIRED + timedelta(minutes=10))
    just_now = window({"around_alert": True}, NOW, NOW - timedelta(minutes=2))
    assert just_now.end == NOW


@pytest.mark.parametrize(
    "arguments",
    [
        {"minutes": 300, "ended_minutes_ago": 61},
        {"minutes": 361},
        {"ended_minutes_ago": 360},
        {"around_alert": "yes"},
        {"around_alert": True, "ended_minutes_ago": 5},
    ],
)
def test_a_window_further_back_than_six_hours_is_refused(arguments):
    with pytest.raises(Unfit):
        window(arguments, NOW, FIRED)


def test_arguments_that_nobody_offered_are_refused():
    only({"query": "up"}, ("query", "minutes"))
    with pytest.raises(Unfit, match="'step'; known are: minutes, query"):
        only({"query": "up", "step": 1}, ("query", "minutes"))
