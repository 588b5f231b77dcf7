"""Numbers as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ranking.hits import measure, number

SIZES = st.floats(1e-4, 1e9)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (0.000123, "0.000123"),
        (0.00001234, "0.000012"),
        (1e-9, "0"),
        (0.5, "0.5"),
        (1.0, "1"),
        (6.25, "6.25"),
        (12.0, "12"),
        (12.34, "12.3"),
        (100.4, "100"),
        (13_958.6, "13,959"),
    ],
)
def test_three_digits_matter(value, written):
    assert number(value) == written


@given(SIZES)
def test_what_is_written_is_what_was_measured(value):
    written = number(value)

    assert "e" not in written
    assert float(written.replace(",", "")) == pytest.approx(value, rel=0.006)
    assert number(-value) == f"-{written}"


@given(SIZES, st.floats(1.02, 1000))
def test_more_is_written_as_more(value, times):
    assert float(number(times * value).replace(",", "")) > float(number(value).replace(",", ""))


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (13_958_600_000, "B", "14 GB"),
        (-1500, "B", "-1.5 kB"),
        (2e6, "B/s", "2 MB/s"),
        (3e12, "B", "3 TB"),
        (900, "B", "900 B"),
        (0.25, "s", "250 ms"),
        (0, "s", "0 s"),
        (2.5, "s", "2.5 s"),
        (97.25, "%", "97.2%"),
        (0.97, "ratio", "97%"),
        (0.0042, "ratio", "0.42%"),
        (3, "", "3"),
        (4, "requests/s", "4 requests/s"),
    ],
)
def test_a_measure_has_the_unit_that_people_say(value, unit, written):
    assert measure(value, unit) == written
