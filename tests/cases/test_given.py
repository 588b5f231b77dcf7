"""The cases themselves: ours are the given ones, and moments are read as they are meant."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.cases.given import GIVEN, OURS, at

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("ours", sorted(OURS.glob("*.json")), ids=lambda path: path.stem[:2])
def test_our_copy_is_the_given_case(ours):
    if not (GIVEN / ours.name).exists():
        pytest.skip("the given cases are not beside this checkout")

    given, copy = (json.loads(path.read_text("utf-8")) for path in (GIVEN / ours.name, ours))

    assert copy | {"tool": ""} == given | {"tool": ""}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("@-5m", "2026-11-27T11:55:00.000000Z"),
        ("@+45m", "2026-11-27T12:45:00.000000Z"),
        ("@o-30m", "2026-11-27T19:30:00+08:00"),
        ("mail@-5m.example", "mail@-5m.example"),
    ],
)
def test_moments_are_counted_from_now(written, meant):
    assert at({"alerts": [{"startsAt": written}]}, NOW) == {"alerts": [{"startsAt": meant}]}
