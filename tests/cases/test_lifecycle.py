"""Cases about the life of an incident: when it begins, ends, comes again, and how many it is."""

from __future__ import annotations

import pytest

from bot.domain.incidents import State


@pytest.mark.parametrize("number", ["24", "30", "73"])
async def test_one_card_for_one_alert(trial, number):
    await trial.play(number)

    assert len(trial.cards) == 1


async def test_case_31_an_alert_without_a_fingerprint_ends_by_its_labels(trial):
    await trial.play("31")

    assert [incident.state for incident in await trial.incidents()] == [State.RESOLVED]


async def test_case_53_an_end_of_what_never_began_is_nothing(trial):
    await trial.play("53")

    assert await trial.incidents() == []


async def test_case_54_a_message_that_was_cut_off_ends_nothing(trial):
    await trial.play("54")

    assert [incident.state for incident in await trial.incidents()] == [State.FIRING]
    assert "7" in trial.texts[0]
