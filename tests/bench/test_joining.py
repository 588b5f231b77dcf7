"""What shares a card on recorded and generated troubles."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.cases import folders
from bench.joining import pairs_kept_apart, rates, replay
from tests.bench.folders import GIVEN


def test_forty_pairs_of_unrelated_troubles_at_once_stay_two():
    assert pairs_kept_apart(40)["pairs_kept_apart"] == 40


def test_each_of_two_troubles_at_once_is_nearly_always_whole():
    assert pairs_kept_apart(40)["pairs_whole"] >= 30


@pytest.mark.skipif(not GIVEN.is_dir(), reason="the recorded cases are not here")
def test_recorded_troubles_are_joined_and_others_are_not():
    cases = folders(GIVEN)["petshop"][::6]
    found = sum((replay(case, 2) for case in cases), Counter())

    shares = rates(found)

    assert found["dependent_pairs"] > 20
    assert found["unrelated"] > 5
    assert shares["joined_rightly"] >= 0.9
    assert shares["joined_wrongly"] <= 0.03
