"""What the authors of alerts wrote, as people read it."""

from __future__ import annotations

import pytest

from bot.domain.wording import texts


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("p99 is 1.9833333333333334s on etcd", "p99 is 1.98s on etcd"),
        ("CPU at 92.33333333333333%.", "CPU at 92.33%."),
        ("errors: 0.00012345678901", "errors: 0.000123"),
        ("only -3.4500000000000001 left", "only -3.45 left"),
        ("lag of orders/3 is 1.2e+06", "lag of orders/3 is 1.2 M"),
        ("lag is 1.2e+06.", "lag is 1.2 M."),
        ("1.23456789e+09 bytes free", "1.235 G bytes free"),
        # All before the point is kept, and what is no float that somebody forgot to round.
        ("since 1732888888.123456789", "since 1732888888.12"),
        ("at 37.566535, 126.977969", "at 37.566535, 126.977969"),
        ("v1.20260101123 of 10.0.0.7:9100", "v1.20260101123 of 10.0.0.7:9100"),
        ("trace 4e+12abc and id 12e34", "trace 4e+12abc and id 12e34"),
        ("2026-11-29T03:00:00.123456789Z", "2026-11-29T03:00:00.123456789Z"),
    ],
)
def test_numbers_of_more_digits_than_anybody_reads_are_rounded_in_prose(written, read):
    assert texts({"summary": written}) == (read,)


def test_a_number_beyond_all_floats_stays_as_it_is_written():
    assert texts({"summary": "now 1e+999"}) == ("now 1e+999",)
