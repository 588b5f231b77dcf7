"""How far apart points are, what intervals are filled in, and where a time shift leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.dashboards import DashboardModel, Variable
from bot.domain.paces import pace_of, seconds_of, shifted
from bot.domain.promql import interpolate
from bot.domain.telemetry import Window

END = datetime(2026, 11, 25, 9, tzinfo=UTC)
HOUR = Window(END - timedelta(hours=1), END)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("30s", 30.0), (">1m", 60.0), ("1h30m", 5400.0), ("500ms", 0.5), ("2w", 1_209_600.0), ("", None), ("5", None),
     ("soon", None), ("1d/d", None), ("1M", None), ("999999999y", 315_360_000.0)],
)  # fmt: skip
def test_lengths_are_read_as_grafana_writes_them(written, seconds):
    assert seconds_of(written) == seconds


@pytest.mark.parametrize(
    ("wanted", "step", "rate_interval"),
    [
        ({}, 15, 60),
        # Increases over an interval are one for each point: another interval would be other numbers.
        ({"panel_step": "5m"}, 300, 315),
        ({"query_step": "1m"}, 60, 240),
        ({"panel_step": "5m", "query_step": "1m"}, 60, 240),
        ({"most_points": 10}, 600, 615),
        # Four samples are further apart than a minute where a scrape is: over less there would be no rate.
        ({"scrape": "60s"}, 60, 240),
        ({"panel_step": "1s"}, 10, 60),
        ({"panel_step": "$unknown"}, 15, 60),
    ],
)
def test_points_are_as_far_apart_as_the_panel_says(wanted, step, rate_interval):
    pace = pace_of(HOUR, **wanted)

    assert (pace.step, pace.rate_interval) == (step, rate_interval)


@pytest.mark.parametrize(
    ("variable", "asked"),
    [
        (Variable("i", "interval", current=("$__auto_interval_i",), automatic=(30, "10s")), "rate(x[120s])"),
        (Variable("i", "interval", current=("$__auto",), automatic=(3600, "30s")), "rate(x[30s])"),
        (Variable("i", "custom", current=("$__rate_interval",)), "rate(x[60s])"),
        (Variable("i", "interval", current=("5m",)), "rate(x[5m])"),
        (Variable("i", "custom", current=("$other",)), "rate(x[$other])"),
    ],
)
def test_an_interval_may_be_one_that_grafana_chooses(variable, asked):
    assert interpolate("rate(x[$i])", DashboardModel("a", "A", variables=(variable,)), {}, HOUR) == asked


def test_a_time_shift_is_a_stretch_before():
    day = timedelta(days=1)

    assert shifted(HOUR, "1d") == Window(HOUR.start - day, HOUR.end - day)
    assert (shifted(HOUR, ""), shifted(HOUR, "1d/d")) == (HOUR, None)
