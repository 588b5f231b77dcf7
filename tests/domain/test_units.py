"""Numbers with Grafana's units."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.unit_times import from_now
from bot.domain.units import format_value, round_steps


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "written"),
    [
        (0.0123, "s", None, "12.3 ms"),
        (90, "s", None, "1.50 mins"),
        # Seen in 12.4: zeros stay.
        (0.01804, "s", None, "18.0 ms"),
        (12.96, "percent", None, "13.0%"),
        (0, "s", None, "0 s"),
        (-3, "ms", None, "-3 ms"),
        (250_000, "µs", None, "250 ms"),
        (0.25, "percentunit", None, "25%"),
        (99.5, "percent", 2, "99.50%"),
        (1_234_567, "bytes", None, "1.18 MiB"),
        (1_234_567, "decbytes", None, "1.23 MB"),
        (1500, "Bps", None, "1.50 kB/s"),
        (1500, "reqps", None, "1.50K req/s"),
        (1_234_567, "short", None, "1.23 Mil"),
        (5, "suffix: km", None, "5 km"),
        (5, "parsec", None, "5 parsec"),
        (0.000123, "", None, "0.000123"),
        (12.3456, "", 1, "12.3"),
        # As @grafana/data 13.2 writes them: several minutes are "mins", half a step goes up, rare units have their names.
        (999, "s", None, "16.7 mins"),
        (60, "s", None, "1 min"),
        (59.9, "m", None, "59.9 min"),
        (1500, "m", None, "1.04 days"),
        (999, "h", None, "5.95 weeks"),
        (3599, "s", None, "60.0 mins"),
        (31536000, "m", None, "60.0 years"),
        (60, "ns", None, "60 ns"),
        (1e-07, "none", None, "1e-7"),
        (1500, "candela", None, "1.50 kcd"),
        (0.5, "mwatth", None, "500 kWh"),
        (1500, "GHs", None, "1.50 TH/s"),
        (12345.678, "sci", None, "1.2345678e+4"),
        (0.5, "sci", None, "5e-1"),
        (-1234567, "sci", None, "-1.234567e+6"),
        (1500, "currencyPYG", None, "₲1.50K"),
        (61, "velocityknot", None, "61 kn"),
        (1500, "mpm", None, "1.50K msgs/m"),
        (1500, "sishort", None, "1.50 k"),
        (0.5, "Wm2", None, "500 mW/m²"),
        (99.99, "dBm", None, "100.0 dbm"),
        (2e300, "none", 8, f"{2e300:.8f}"),
        (1_339_200, "s", None, "2.21 weeks"),
        (1080, "dtdurations", None, "18 minutes"),
        (90_061_000, "dtdurationms", 2, "1 day, 1 hour, 1 minute"),
        (-90, "dtdurations", 1, "1 minute, 30 seconds ago"),
        (0, "dtdurations", None, "0 seconds"),
        (93_784, "dthms", None, "26:03:04"),
        (93_784, "dtdhms", None, "1 d 02:03:04"),
        (93_784, "clocks", 1, "26h:03m"),
        (250, "clockms", None, "250ms"),
        (36, "h", None, "1.50 days"),
        (400, "d", None, "1.10 years"),
        (20 * 86_400_000, "ms", 0, "20 days"),
        (4000, "timeticks", None, "40 s"),
        (1500, "KBs", None, "1.50 MB/s"),
        (1500, "KiBs", None, "1.46 MiB/s"),
        (3, "MBs", None, "3 MB/s"),
        (1_500_000, "Mbits", None, "1.50 Tb/s"),
        (0.5, "Bps", None, "500 mB/s"),
        (0, "Bps", None, "0 B/s"),
        (10_000_000, "kbytes", 3, "9.537 GiB"),
        (10_000_000, "deckbytes", 3, "10.000 GB"),
        (2500, "pps", None, "2.50 kp/s"),
        (1000, "megwatt", 3, "1.000 GW"),
        (12_345, "wps", None, "12.3K wr/s"),
        (7, "cps", None, "7 c/s"),
        (0.291, "reqps", None, "0.291 req/s"),
        (1234, "si:µF", 2, "1.23 mF"),
        (1234, "si:B", 2, "1.23 kB"),
        (1_234_567, "count:xpm", 2, "1.23M xpm"),
        (1234, "currency:@", 2, "@1.23K"),
        (-1532.82, "currencyKRW", 2, "-₩1.53K"),
        (1532.82, "currencySEK", 2, "1.53Kkr"),
        (5, "prefix:v", None, "v5"),
        (1, "bool_yes_no", None, "Yes"),
        (0, "bool:up/down", None, "down"),
        (12_345.6789, "locale", None, "12,345.679"),
        (255, "hex0x", None, "0xFF"),
        (1_700_000_000, "string", None, "1700000000"),
        (1_234, "none", None, "1234"),
        (21.5, "celsius", None, "21.5 °C"),
        (math.inf, "s", None, "+∞"),
        (math.nan, "s", None, "NaN"),
    ],
)
def test_a_number_is_written_as_grafana_does(value, unit, decimals, written):
    assert format_value(value, unit, decimals) == written


@given(
    st.floats(),
    st.sampled_from(
        [
            "s",
            "ms",
            "h",
            "bytes",
            "Bps",
            "reqps",
            "short",
            "percentunit",
            "currencyUSD",
            "dtdurations",
            "dthms",
            "clocks",
            "dateTimeFromNow",
            "dateTimeAsUS",
            "sci",
            "hex",
            "string",
            "locale",
            "si:mF",
            "",
            "x",
        ]
    ),
    st.integers(-5, 50),
)
def test_every_number_can_be_written_shortly(value, unit, decimals):
    assert 0 < len(format_value(value, unit)) < 400
    assert format_value(value, unit, decimals)


@pytest.mark.parametrize(
    ("unit", "step", "written"),
    [("s", 300, "5 mins"), ("ms", 3_600_000, "1 hour"), ("bytes", 2 * 1024**2, "2 MiB"), ("mbytes", 1024, "1 GiB")],
)
def test_steps_of_an_axis_are_round_as_they_are_written(unit, step, written):
    assert step in round_steps(unit)
    assert format_value(step, unit) == written


def test_a_decimal_unit_has_decimal_steps():
    assert round_steps("reqps") == ()


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        ("dateTimeAsIso", "2023-11-15 07:13:20"),
        ("dateTimeAsIsoNoDateIfToday", "07:13:20"),
        ("dateTimeAsUS", "11/15/2023 7:13:20 am"),
        ("dateTimeAsSystem", "2023-11-15 07:13:20"),
        ("time:YYYY.MM [at] HH:mm", "2023.11 at 07:13"),
        ("dateTimeFromNow", "2 hours ago"),
    ],
)
def test_a_moment_is_written_in_the_zone_of_the_picture(unit, written):
    now = 1_700_007_200
    assert format_value(1_700_000_000_000, unit, zone="Asia/Seoul", now=now) == written


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-10, "a few seconds ago"),
        (-60, "a minute ago"),
        (300, "in 5 minutes"),
        (-86_400, "a day ago"),
        (30 * 86_400, "in a month"),
        (-200 * 86_400, "7 months ago"),
        (3 * 365 * 86_400, "in 3 years"),
    ],
)
def test_a_distance_in_time_is_said_as_moment_js_does(seconds, said):
    assert from_now(seconds) == said


def test_what_is_no_moment_is_said_so():
    assert format_value(1e300, "dateTimeAsIso") == "Invalid date"


def test_an_axis_leaves_zeros_out():
    assert format_value(90, "s", trim=True) == "1.5 mins"
