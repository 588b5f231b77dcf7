"""A few seeds of `make chaos`, one planted mistake, and what the checker takes for wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.__main__ import episode, hunt
from tests.chaos.checker import Account, Seen, problems
from tests.chaos.mutant import MUTANTS

WELL = Account(
    answered={"a": "firing", "b": "resolved"},
    severity={"a": "critical", "b": "warning"},
    acknowledged={"a"},
    shown_firing={"b"},
    cards={"a": [Seen("🔴 a", 1)], "b": [Seen("🟢 b", 0)]},
    calls={"a": 1, "b": 0},
    stored={"a": "acknowledged", "b": "resolved"},
)


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("lost", {"cards": {"b": WELL.cards["b"]}}),
        ("twice", {"cards": {**WELL.cards, "b": 2 * WELL.cards["b"]}}),
        ("stale", {"cards": {**WELL.cards, "b": [Seen("🔴 b", 0)]}}),
        ("store", {"stored": {"a": "acknowledged", "b": "firing"}}),
        ("forgotten", {"stored": {"a": "firing", "b": "resolved"}}),
        ("called", {"calls": {"a": 2}}),
        ("called", {"calls": {"a": 1, "b": 1}}),
        ("uncalled", {"calls": {}}),
        ("waiting", {"waiting": 1}),
    ],
)
def test_the_checker_finds_each_kind(kind, changed):
    assert problems(WELL) == []

    assert [each.split(":")[0] for each in problems(replace(WELL, **changed))] == [kind]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_is_lost_twice_or_stale_whatever_dies_or_fails(seed):
    told = await episode(seed)

    assert told["problems"] == []
    assert (told["answered"], told["kills"] >= 1) == (4, True)


@pytest.mark.timeout(300)
async def test_a_planted_mistake_is_found():
    assert len(MUTANTS) == 10
    assert await hunt("everything_is_said_twice")
