"""Grafana's variables inside of PromQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.dashboards import ALL, DashboardModel, Variable
from bot.domain.promql import interpolate, legend_of, step_of
from bot.domain.telemetry import Window

END = datetime(2026, 11, 25, 9, tzinfo=UTC)
HOUR = Window(END - timedelta(hours=1), END)
MODEL = DashboardModel(
    "api",
    "API",
    variables=(
        Variable("service", current=("api",)),
        Variable("env", options=("prod", "dev.eu"), multi=True, include_all=True, current=(ALL,)),
        Variable("pod", include_all=True, all_value=".+"),
        Variable("path", include_all=True),
    ),
)


@pytest.mark.parametrize(
    ("expr", "chosen", "asked"),
    [
        ("up{s='$service'}", {}, "up{s='api'}"),
        ("up{s='${service}'}", {"service": ("chat",)}, "up{s='chat'}"),
        ("up{s='[[service]]'}", {}, "up{s='api'}"),
        ('up{s="$service"}', {"service": ('a"b\\',)}, 'up{s="a\\"b\\\\"}'),
        ("up{e=~'$env'}", {"env": ("prod",)}, "up{e=~'prod'}"),
        ("up{e=~'$env'}", {"env": ("prod", "dev.eu")}, "up{e=~'(prod|dev\\\\.eu)'}"),
        ("up{e=~'$env'}", {}, "up{e=~'(prod|dev\\\\.eu)'}"),
        # As Prometheus reads it: the string "C:\\\\a|b" without quotes, then the pattern C:\\a or b.
        ('up{e=~"$env"}', {"env": ("C:\\a", 'b"')}, 'up{e=~"(C:\\\\\\\\a|b\\")"}'),
        ("up{e=~'${env:pipe}'}", {"env": ("prod", "dev.eu")}, "up{e=~'prod|dev.eu'}"),
        ("up{p=~'$pod'}", {"pod": (ALL,)}, "up{p=~'.+'}"),
        ("up{p=~'$path'}", {"path": (ALL,)}, "up{p=~'.*'}"),
        ("rate(x[$__rate_interval])", {}, "rate(x[60s])"),
        ("rate(x[${__interval}])", {}, "rate(x[15s])"),
        ("sum_over_time(x[$__range])", {}, "sum_over_time(x[3600s])"),
        ("label_replace(x, 'a', '$1', 'b', '(.*)')", {}, "label_replace(x, 'a', '$1', 'b', '(.*)')"),
    ],
)
def test_a_query_is_what_grafana_would_ask(expr, chosen, asked):
    assert interpolate(expr, MODEL, chosen, HOUR) == asked


@pytest.mark.parametrize(("hours", "step"), [(0.1, 15), (1, 15), (6, 60), (24, 300), (24 * 90, 21_600)])
def test_a_chart_needs_no_more_than_500_points(hours, step):
    window = Window(END - timedelta(hours=hours), END)

    assert step_of(window) == step
    assert window.seconds / step_of(window) <= 500


@pytest.mark.parametrize(
    ("template", "labels", "name"),
    [
        ("{{ method }} {{uri}}", {"method": "GET", "uri": "/"}, "GET /"),
        ("{{nope}}", {}, "sum(up)"),
        ("p99 {{nope}}", {"a": "b"}, "p99 "),
        ("{{nope}}", {"a": "b"}, '{a="b"}'),
        ("p99", {"a": "b"}, "p99"),
        ("", {"__name__": "up", "job": "api"}, 'up{job="api"}'),
        ("", {}, "sum(up)"),
        ("__auto", {"job": "api"}, "api"),
    ],
)
def test_a_series_is_named_as_in_the_panel(template, labels, name):
    assert legend_of(template, labels, "sum(up)") == name


@pytest.mark.parametrize(
    ("expr", "asked"),
    [
        ("up @ ${__to:date:seconds}", "up @ 1700003600"), ("${__from}", "1700000000000"), ("$__to", "1700003600000"),
        ("${__from:date}", "2023-11-14T22:13:20.000Z"), ("${__from:date:iso}", "2023-11-14T22:13:20.000Z"),
    ],
)  # fmt: skip
def test_the_ends_of_the_stretch_are_written_as_they_are_asked_for(expr, asked):
    assert interpolate(expr, DashboardModel("u", "t"), {}, Window.between(1_700_000_000, 1_700_003_600)) == asked


def test_variables_in_a_legend_are_what_they_are_set_to_and_nothing_is_escaped():
    model = DashboardModel("u", "t", variables=(Variable("host", multi=True), Variable("job")))
    chosen = {"host": ("web-1.prod",), "job": ("a", "b")}

    legend = interpolate("$host $job {{device}} $1", model, chosen, Window.between(0, 60), style="glob")

    assert legend == "web-1.prod {a,b} {{device}} $1"
