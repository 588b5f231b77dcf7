"""The life of incidents as people have them: never green while it burns, and the end as it was."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.incidents import State
from tests.cases.cards import cards_of, incidents_of, words

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)


def said(number: str) -> str:
    return "\n\n".join(words(card) for card in cards_of(number, NOW))


def test_two_grafanas_with_one_group_key_are_two_incidents():
    states = [incident.state for incident in incidents_of("25", NOW)]

    assert states[0] is State.FIRING
    assert len(states) == 2


def test_what_fires_again_under_the_same_start_is_red_again():
    assert [incident.state for incident in incidents_of("32", NOW)] == [State.FIRING]


def test_the_late_copy_of_a_replica_does_not_reopen():
    assert [incident.state for incident in incidents_of("24", NOW)] == [State.RESOLVED]


def test_an_end_that_is_told_late_does_not_lengthen_the_outage():
    assert "after 10 min" in said("17")


def test_ends_are_told_for_each_instance():
    assert "1 × Recovered" in said("22")
    assert "1 × Series disappeared (not recovered)" in said("22")
