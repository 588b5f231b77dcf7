"""What a ranking is worth."""

from __future__ import annotations

import pytest

from bench.scoring import CaseScore, figures, judged, judged_scores
from bench.truths import Truth
from bot.domain.evidence import Ranking, Suspect
from bot.domain.telemetry import Change, ChangeKind

KNOWN = frozenset("abcdefgh")


def ranking(*names, abstained=False, culprit=None):
    change = Change(0, ChangeKind.DEPLOY, culprit, "") if culprit else None
    suspects = tuple(Suspect(name, 0.9 - 0.1 * place, "latency") for place, name in enumerate(names))
    return Ranking(0.0, suspects, (), abstained, culprit=change)


def one(found, real):
    return judged("case", found, real, KNOWN, 0.5, 40)


def test_places_are_counted_from_one():
    first = one(ranking("a", "b"), Truth("a", "delay", healthy=False))
    third = one(ranking("b", "c", "a"), Truth("a", "delay", healthy=False))
    never = one(ranking("b"), Truth("a", "crash", healthy=False))

    found = figures([first, third, never])

    assert (first.within, third.within, never.within) == ((1, 1, 1, 1, 1), (0, 0, 1, 1, 1), (0, 0, 0, 0, 0))
    assert (found["ac1"], found["ac3"], found["avg5"]) == (
        pytest.approx(1 / 3),
        pytest.approx(2 / 3),
        pytest.approx(8 / 15),
    )
    assert found["mrr"] == pytest.approx((1 + 1 / 3) / 3)
    assert (found["chance_ac1"], found["lift"]) == (pytest.approx(1 / 8), pytest.approx(8 / 3))
    assert found["by_fault"] == {"crash": {"n": 1, "ac1": 0, "ac3": 0}, "delay": {"n": 2, "ac1": 0.5, "ac3": 1}}


def test_a_case_without_a_root_takes_no_part_in_the_ranking_but_in_false_alarms():
    healthy = Truth(None, "healthy", healthy=True)

    found = figures([one(ranking("a"), healthy), one(ranking("a", abstained=True), healthy)])

    assert (found["n"], found["ranked"], found["healthy"], found["healthy_called_sick"]) == (2, 0, 2, 0.5)
    assert (found["ac1"], found["lift"], found["by_fault"]) == (0, 0, {})


def test_who_abstains_on_a_faulty_case_is_seen():
    sick = Truth("a", "delay", healthy=False)

    assert figures([one(ranking("a", abstained=True), sick), one(ranking("a"), sick)])["abstained"] == 0.5


@pytest.mark.parametrize(
    ("named", "culprit", "found", "right", "decoy"),
    [
        ("bad", "bad", True, True, False),
        ("red", "bad", False, False, True),
        ("else", "bad", False, False, False),
        (None, "bad", False, False, False),
        (None, "none", True, False, False),
        ("red", "none", False, False, True),
        (None, None, False, False, False),
    ],
)
def test_the_change_that_is_blamed(named, culprit, found, right, decoy):
    real = Truth("a", "delay", healthy=False, culprit=culprit, decoys=("red",))

    outcome = one(ranking("a", culprit=named), real)

    assert (outcome.culprit_found, outcome.culprit_named, outcome.decoy_blamed) == (found, right, decoy)


def test_equal_scores_are_broken_by_chance():
    scores = {"a": 1.0, "b": 1.0, "c": 9.0, "d": 0.0}

    outcome = judged_scores("case", scores, 6.0, Truth("a", "delay", healthy=False), KNOWN, 0, 0)

    assert outcome.within == (0, 0.5, 1, 1, 1)
    assert outcome.reciprocal == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert outcome.sick
    assert not judged_scores("case", {"a": 5.9}, 6.0, Truth("a", "x", healthy=False), KNOWN, 0, 0).sick
    assert judged_scores("case", {}, 6.0, Truth("a", "x", healthy=False), KNOWN, 0, 0).within == (0, 0, 0, 0, 0)


def test_time_and_memory_are_those_of_the_worst():
    outcomes = [CaseScore("x", "f", healthy=False, seconds=at / 100, rss_mb=at) for at in range(1, 101)]

    found = figures(outcomes)

    assert (found["seconds_p50"], found["seconds_p95"], found["peak_rss_mb"]) == (0.5, 0.95, 100)
