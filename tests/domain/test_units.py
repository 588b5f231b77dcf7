"""Numbers with Grafana's units."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.units import format_value, round_steps


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "written"),
    [
        (0.0123, "s", None, "12.3 ms"),
        (90, "s", None, "1.5 min"),
        (0, "s", None, "0 s"),
        (-3, "ms", None, "-3 ms"),
        (250_000, "µs", None, "250 ms"),
        (0.25, "percentunit", None, "25%"),
        (99.5, "percent", 2, "99.50%"),
        (1_234_567, "bytes", None, "1.18 MiB"),
        (1_234_567, "decbytes", None, "1.23 MB"),
        (1500, "Bps", None, "1.5 kB/s"),
        (1500, "reqps", None, "1.5k req/s"),
        (1_234_567, "short", None, "1.23 Mil"),
        (5, "suffix: km", None, "5 km"),
        (5, "parsec", None, "5 parsec"),
        (0.000123, "", None, "0.000123"),
        (12.3456, "", 1, "12.3"),
        (1_339_200, "dtdurations", None, "15.5 day"),
        (90_000, "dtdurationms", None, "1.5 min"),
        (math.inf, "s", None, "+∞"),
        (math.nan, "s", None, "NaN"),
    ],
)
def test_a_number_is_written_as_grafana_does(value, unit, decimals, written):
    assert format_value(value, unit, decimals) == written


@given(st.floats(), st.sampled_from(["s", "bytes", "reqps", "short", "percentunit", "", "x"]), st.integers(-5, 50))
def test_every_number_can_be_written_shortly(value, unit, decimals):
    assert 0 < len(format_value(value, unit)) < 40
    assert format_value(value, unit, decimals)


@pytest.mark.parametrize(
    ("unit", "step", "written"),
    [("s", 300, "5 min"), ("ms", 3_600_000, "1 h"), ("bytes", 2 * 1024**2, "2 MiB"), ("mbytes", 1024, "1 GiB")],
)
def test_steps_of_an_axis_are_round_as_they_are_written(unit, step, written):
    assert step in round_steps(unit)
    assert format_value(step, unit) == written


def test_a_decimal_unit_has_decimal_steps():
    assert round_steps("reqps") == ()
