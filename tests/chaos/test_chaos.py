"""A few seeds of `make chaos`, one planted mistake, and what the checker takes for wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.chaos import storm
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
        ("digest", {"digests": ["1 has (2, 2, 0), shown is nothing"]}),
        ("twice", {"digested": {"b": True}}),
        ("stale", {"cards": {"a": WELL.cards["a"]}, "digested": {"b": False}}),
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
        {"cards": {"a": WELL.cards["a"]}, "digested": {"b": True}},
    ],
)
def test_the_checker_takes_no_offence_at_what_nobody_promised(changed):
    assert problems(replace(WELL, **changed)) == []


HEAD = "### 🟠 Storm: 2 alerts firing, shown in one card\nsince <t:1:t> (<t:1:R>) · 3 in all, 1 ended\n🟠 P2: **2**"
LINES = [(1, "firing", 9), (2, "acknowledged", 9), (3, "resolved", 9), (4, "firing", 8)]


def test_what_a_digest_shows_is_compared_with_what_the_store_has_in_it():
    told = {1: False, 2: False, 3: True}

    assert storm.shown({5: HEAD}, [(9, 5, None, 2)], LINES) == (told, [])
    for message, lines in ((None, LINES), (6, LINES), (5, LINES[1:])):
        shown, (wrong,) = storm.shown({5: HEAD}, [(9, message, None, 2)], lines)
        assert (shown, wrong.split()[0]) == ({}, "9")


def test_of_what_was_over_before_its_digest_the_digest_tells_how_many():
    over = "### 🟢 The storm is over: 1 of 3 ended; 2 go on, each with a card of its own."

    assert storm.left_over({5: over}, [(5,)], [(3,)]) == {3: True}
    assert storm.left_over({5: over}, [(5,)], [(3,), (4,)]) == {}
    assert storm.is_digest(over)
    assert storm.is_digest(HEAD)
    assert not storm.is_digest("### 🟠 P2 · Chaos1x1")


def test_two_hundred_seeds_see_each_fault():
    turns = Counter(STAGES[seed % len(STAGES)] for seed in range(200))

    assert all(turns[stage] >= len(OF_STAGE[stage]) for stage in OF_STAGE)
    assert turns["plain"] >= len(ANYWHERE)


@pytest.mark.timeout(600)
async def test_nothing_is_lost_twice_or_stale_whatever_dies_or_fails():
    async with means() as made:
        told = [await episode(seed, made) for seed in (0, 6, 7)]
        found = await hunt("everything_is_said_twice", made)

    counts = summary(told)
    assert [one["problems"] for one in told] == [[], [], []]
    assert counts["answered"] >= 8
    assert counts["kills"] >= 2
    # The same with a mistake in the outbox.
    assert len(MUTANTS) == 11
    assert found
    assert found.startswith(("twice", "called"))
