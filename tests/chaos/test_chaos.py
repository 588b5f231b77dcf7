"""A few seeds of `make chaos`, one planted mistake, and what the checker takes for wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.chaos.__main__ import episode, hunt, means, summary
from tests.chaos.checker import Account, Seen, problems
from tests.chaos.faults import ANYWHERE, OF_STAGE
from tests.chaos.mutant import MUTANTS
from tests.chaos.scene import STAGES

WELL = Account(
    answered={"a": "firing", "b": "resolved"},
    fired=Counter({"a": 1, "b": 1}),
    told=Counter({"a": 1, "b": 2}),
    severity={"a": "critical", "b": "warning"},
    acknowledged={"a"},
    shown_firing={"b"},
    silenced={"a"},
    cards={"a": [Seen("🔴 a", 1)], "b": [Seen("🟢 b", 0)]},
    calls={"a": 1, "b": 0},
    stored={"a": "acknowledged", "b": "resolved"},
    silences={"a": 1},
    asked={"a"},
    reports={"a": 1},
    investigated={"a": 1},
    pictures={"a": 1},
)


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("lost", {"cards": {"b": WELL.cards["b"]}}),
        ("twice", {"cards": {**WELL.cards, "b": [*WELL.cards["b"], *WELL.cards["b"]]}}),
        ("stale", {"cards": {**WELL.cards, "b": [Seen("🔴 b", 0)]}}),
        ("store", {"stored": {"a": "acknowledged", "b": "firing"}}),
        ("forgotten", {"stored": {"a": "firing", "b": "resolved"}}),
        ("called", {"calls": {"a": 2}}),
        ("called", {"calls": {"a": 1, "b": 1}}),
        ("called", {"calls": {"a": 2}, "fired": Counter({"a": 2, "b": 1}), "raised": {"a"}}),
        ("uncalled", {"calls": {}}),
        ("waiting", {"waiting": ["a card"]}),
        ("green while it fires", {"green": {"a"}}),
        ("loud", {"silences": {}}),
        ("silenced", {"silences": {"a": 2}}),
        ("unsigned", {"asked": set()}),
        ("pictured", {"pictures": {"a": 2}}),
        ("reported", {"reports": {"a": 2}}),
        ("unreported", {"reports": {}}),
        ("traceback", {"tracebacks": ["Traceback …"]}),
        ("died", {"deaths": ["…"]}),
    ],
)
def test_the_checker_finds_each_kind(kind, changed):
    assert problems(WELL) == []

    assert [each.split(":")[0] for each in problems(replace(WELL, **changed))] == [kind]


@pytest.mark.parametrize(
    "changed",
    [
        {"cards": {"a": WELL.cards["a"]}, "taken_away": {"b": 2}},
        {"calls": {"a": 2}, "fired": Counter({"a": 2, "b": 1})},
        {"calls": {}, "raised": {"a"}},
    ],
)
def test_the_checker_takes_no_offence_at_what_nobody_promised(changed):
    assert problems(replace(WELL, **changed)) == []


def test_two_hundred_seeds_see_each_fault():
    turns = Counter(STAGES[seed % len(STAGES)] for seed in range(200))

    assert all(turns[stage] >= len(OF_STAGE[stage]) for stage in OF_STAGE)
    assert turns["plain"] >= len(ANYWHERE)


@pytest.mark.timeout(600)
async def test_nothing_is_lost_twice_or_stale_whatever_dies_or_fails():
    async with means() as made:
        told = [await episode(seed, made) for seed in (0, 6)]
        found = await hunt("everything_is_said_twice", made)

    counts = summary(told)
    assert [one["problems"] for one in told] == [[], []]
    assert counts["answered"] >= 8
    assert counts["kills"] >= 2
    # The same with a mistake in the outbox.
    assert len(MUTANTS) == 10
    assert found
    assert found.startswith(("twice", "called"))
