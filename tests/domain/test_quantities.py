"""Measured values as people read them."""

from __future__ import annotations

import pytest

from bot.domain.quantities import amount, length, readable


@pytest.mark.parametrize(
    ("written", "unit", "read"),
    [
        ("30,012", "ms", "30 s"),
        ("7,330", "ms", "7.3 s"),
        ("999.7", "ms", "1 s"),
        ("0.496", "ms", "0.5 ms"),
        ("0.0496 s", "", "50 ms"),
        ("0.155 s", "", "155 ms"),
        ("30 s", "", "30 s"),
        ("150 s", "", "2.5 min"),
        ("31.1 /s", "", "31/s"),
        ("0 /s", "", "0/s"),
        ("12.4%", "", "12%"),
        ("0.05", "ms", "0.05 ms"),
        ("44", "", "44"),
        ("1,234", "", "1,234"),
        ("many", "ms", "many"),
        ("", "ms", ""),
    ],
)
def test_an_amount_keeps_the_digits_that_matter(written, unit, read):
    assert readable(written, unit) == read


def test_lengths_never_jump_over_their_unit():
    said = [length(ms) for ms in (0, 0.4, 999, 999.4, 999.6, 1_000, 9_960, 119_000, 121_000)]

    assert said == ["0 ms", "0.4 ms", "999 ms", "999 ms", "1 s", "1 s", "10 s", "119 s", "2 min"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("30s", "30 s"),
        ("4.94 s", "4.94 s"),
        ("30,012 ms", "30 s"),
        ("250ms", "250 ms"),
        ("67.74 %", "67.74 %"),
        ("99.97%", "99.97%"),
        ("31.1 /s", "31.1/s"),
        ("41 waiting", "41 waiting"),
        ("1.264s ago", "1.3 s ago"),
        ("923.6ms 전", "924 ms 전"),
        ("4m 23s ago", "4m 23s ago"),
        ("0", "0"),
        ("", ""),
    ],
)
def test_an_amount_of_a_rule_keeps_its_digits(written, shown):
    assert amount(written) == shown
