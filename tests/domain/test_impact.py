"""What users notice, out of the series of the alerting service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.impact import Trend, impact_of
from bot.domain.telemetry import MetricKind, Observations, Series

BEGAN = 1_000.0


def points(*values: float) -> list[tuple[float, float]]:
    return [(BEGAN + 10 * number, value) for number, value in enumerate(values)]


def seen(*series: Series, service: str | None = "api") -> Observations:
    return Observations(service, MetricKind.ERRORS, BEGAN + 100, series=series)


def errors(*values: float, unit: str = "ratio", service: str = "api") -> Series:
    return Series(service, "http error ratio", MetricKind.ERRORS, points(*values), unit)


RATE = Series("api", "http requests", MetricKind.TRAFFIC, points(*[29] * 12), "/s")


def p99(*values: float) -> Series:
    return Series("api", "http p99", MetricKind.LATENCY, points(*values), "s")


def test_the_share_that_fails_its_beginning_and_its_direction():
    found = impact_of(seen(errors(0, 0, 0, 0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.7, 0.8, 0.9), RATE))

    assert found is not None
    assert (found.failing, found.rate, found.since, found.trend) == (0.8, 29, BEGAN + 40, Trend.RISING)


@pytest.mark.parametrize(
    ("values", "trend"),
    [
        ((0, 0, 0.7, 0.7, 0.71, 0.7, 0.69, 0.7), Trend.STEADY),
        ((0, 0, 0.9, 0.9, 0.9, 0.8, 0.4, 0.4, 0.3), Trend.FALLING),
        ((0, 0.2, 0.2, 0.3, 0.4, 0.5, 0.6, 0.9), Trend.RISING),
    ],
)
def test_which_way_it_goes(values, trend):
    found = impact_of(seen(errors(*values[:-1], values[-1], values[-1], values[-1])))

    assert found is not None
    assert found.trend is trend


def test_percent_is_a_share_as_well():
    found = impact_of(seen(errors(0, 0, 70, 70, 70, unit="%")))

    assert found is not None
    assert found.failing == pytest.approx(0.7)


def test_slow_requests_are_told_where_none_fail():
    found = impact_of(seen(errors(*[0] * 12), p99(*[0.2] * 8, 8, 9, 9, 9), RATE))

    assert found is not None
    assert (found.failing, found.slow_s, found.rate) == (None, 9, 29)


@pytest.mark.parametrize(
    "observed",
    [
        seen(),
        seen(errors(*[0.001] * 9)),
        seen(errors(0, 0, 0.7, 0.7, 0.7, service="chat")),
        seen(p99(*[9] * 9)),
        seen(p99(*[0.2] * 9)),
        replace(seen(errors(0, 0.7, 0.7, 0.7)), service=None),
        # Not a ratio: lines a second.
        seen(errors(0, 31, 31, 31, unit="/s")),
        seen(errors(0, 31, 31, 31)),
    ],
)
def test_what_means_nothing_to_users_is_not_told(observed):
    assert impact_of(observed) is None
