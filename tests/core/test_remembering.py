"""What earlier incidents teach: which resemble one another, and what was done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import Severity
from bot.domain.memory import ALIKE, Fix, Remembered, Traits, alike, likeness
from bot.domain.searches import Search, parse_search
from tests.builders import MINJI, NOW

POOL = Traits("HighLatency", "api", "pool", "api", frozenset({"Connection is not available"}))


def known(number: int, traits: Traits = POOL, *, fix: str = "", days: int = 1) -> Remembered:
    at = NOW - timedelta(days=days)
    told = Fix(fix, MINJI, at) if fix else None
    return Remembered(number, traits.rule, Severity.P1, at, at + timedelta(minutes=14), traits, fix=told)


@pytest.mark.parametrize(
    ("changes", "is_alike"),
    [
        ({}, True),
        ({"templates": frozenset()}, True),
        # Before anything was found out, rule and service are all there is.
        ({"mechanism": "", "culprit": "", "templates": frozenset()}, True),
        ({"rule": "SlowChat"}, True),
        ({"rule": "SlowChat", "templates": frozenset()}, False),
        ({"service": "chat", "mechanism": "", "culprit": "", "templates": frozenset()}, False),
        # The same rule at the same service, for another reason: what helped then need not help now.
        ({"mechanism": "deploy", "templates": frozenset()}, False),
        ({"culprit": "db", "templates": frozenset()}, False),
        (
            {"rule": "DiskFull", "service": "web", "mechanism": "disk", "culprit": "web", "templates": frozenset()},
            False,
        ),
    ],
)
def test_alike_is_what_shares_enough(changes, is_alike):
    assert (likeness(POOL, replace(POOL, **changes)) >= ALIKE) is is_alike


def test_services_that_nobody_named_are_not_the_same():
    assert likeness(Traits("Watchdog"), Traits("Watchdog")) < ALIKE


def test_the_most_alike_comes_first_then_what_was_mended_then_the_newest():
    nearest, mended = known(1, days=30), replace(POOL, templates=frozenset({"other"}))
    others = [known(2, mended, days=9), known(3, mended, fix="rolled back v3.2", days=20), known(4, mended, days=2)]

    found = alike(POOL, [*others, nearest], 10)

    assert [each.number for each in found] == [1, 3, 4, 2]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", Search()),
        ("p1 P2 api", Search(("api",), (Severity.P1, Severity.P2))),
        ("open 7d", Search(is_open=True, since=NOW - timedelta(days=7))),
        ("resolved service:api 시간초과", Search(("api", "시간초과"), is_open=False)),
        ("#42", Search(("42",))),
        ("99999999999999999999d", Search(("99999999999999999999d",))),
    ],
)
def test_a_filter_is_read(typed, meant):
    assert parse_search(typed, NOW) == meant


def test_a_filter_that_looks_back_for_ever_looks_back_far():
    assert parse_search("99999d", NOW).since == NOW - timedelta(days=3660)
