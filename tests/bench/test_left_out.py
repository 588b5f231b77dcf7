"""A suite is judged by weights that it had no part in."""

from __future__ import annotations

from dataclasses import replace

from bench.calibrate import Example
from bench.left_out import compared
from bot.ranking.vector import NAMES


def incident(root: str | None, sign: str) -> list[Example]:
    """Make one of three services, whose root shows `sign` alone."""
    told = {name: [0.0] * len(NAMES) for name in ("a", "b", "c")}
    if root:
        told[root][NAMES.index(sign)] = 1.0
    return [Example(told, sorted(told).index(root) if root else len(told), spans=False, now=(), earlier=())]


def test_what_only_a_suite_itself_teaches_is_not_known_where_it_is_left_out():
    made = [incident(root, "alike") for root in ("a", "b", "c", None) * 6]
    made += [[replace(own[0], spans=True)] for own in made]
    suites = {
        "like-made": [incident(root, "alike") for root in ("a", "b", "c")],
        "unlike": [incident(root, "down") for root in ("b", "c", "b", "c")],
    }

    told = compared(made, suites)

    assert told["like-made"]["left_out"]["ac1"] == told["like-made"]["given"]["ac1"] == 1.0
    assert told["unlike"]["given"]["ac1"] == 1.0
    # Weights that were never set name nobody before anybody: all are first.
    assert told["unlike"]["left_out"]["said_ac1"] == 0.0
    assert {name: rows["left_out"]["n"] for name, rows in told.items()} == {"like-made": 3, "unlike": 4}
