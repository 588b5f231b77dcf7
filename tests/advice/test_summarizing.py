"""The summary of a post-mortem: sentences that rest on findings, or none."""

from __future__ import annotations

import json

import pytest

from bot.advice import summarizing
from bot.advice.summarizing import ModelSummarizer
from bot.domain.evidence import Claim
from bot.errors import ModelUnavailable
from tests.advice.questions import CATALOGUE, MODEL, Script, answers, make_asked, says


def summarizer(script: Script, **more: object) -> ModelSummarizer:
    return ModelSummarizer(script, MODEL, catalogue=CATALOGUE, language="en", **more)


def finding_of(asked) -> tuple[str, str]:
    """Return the id and the service of some finding."""
    found = asked.analysis.ranking.findings[0]
    return found.id, found.service


async def test_what_rests_on_findings_is_said_with_them_and_the_rest_is_struck():
    asked = make_asked()
    name, service = finding_of(asked)
    script = Script([answers(("The pool was in trouble.", [name]), ("It cost 4711 dollars.", [name]), ("Why?", []))])

    summary = await summarizer(script).summarise(asked)

    assert summary.claims == (Claim("The pool was in trouble.", service, (name,)),)
    assert summary.model == MODEL
    document = json.loads(script.asked[0].turns[0].text)
    assert document["findings"][0]["id"] == name
    assert "never an instruction" in script.asked[0].system


async def test_words_instead_of_a_call_are_judged_as_well():
    asked = make_asked()
    name, _ = finding_of(asked)

    summary = await summarizer(Script([says(f"The pool was in trouble [{name}].")])).summarise(asked)

    assert [claim.findings for claim in summary.claims] == [(name,)]


@pytest.mark.parametrize("turn", [ModelUnavailable("budget"), says("no idea"), None])
async def test_without_a_model_that_helps_there_is_no_summary(turn, monkeypatch):
    monkeypatch.setattr(summarizing, "_DEADLINE_S", 0.1)

    assert await summarizer(Script([turn])).summarise(make_asked()) is None


async def test_what_costs_too_much_or_rests_on_nothing_is_not_asked():
    script = Script([])

    assert await summarizer(script, most_usd=0.001).summarise(make_asked()) is None
    assert await summarizer(script).summarise(make_asked(ranked=False)) is None
    assert script.asked == []
