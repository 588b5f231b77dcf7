"""A model's part: asked once or twice, paid for, and never more than a better wording of what holds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bench.cases import load
from bot.advice.adviser import Adviser, Models, combined
from bot.advice.analyst import RankingAnalyst
from bot.core.investigation.phrasing import statement
from bot.core.investigation.plain import plain_verdict
from bot.domain.alerts import Severity
from bot.domain.evidence import Alternative, Claim, Confidence, ModelUse, Verdict
from bot.domain.owners import Catalogue
from bot.domain.plans import Explore, Plan
from bot.errors import ModelUnavailable
from bot.models.budget import Budget, BudgetedModel, Price, PriceTable
from bot.models.claude import Claude
from bot.models.openai import OpenAI
from bot.ports import Answer
from bot.ranking.rank import rank
from bot.redaction.redact import Redactor
from tests.advice.told import SERVICES, make_case, make_ranking
from tests.bench.folders import write_case
from tests.fakes import FakeLedger, HandClock
from tests.models.aimock import KEY, running_aimock

MODELS = Models("strong", "cheap")
PRICES = PriceTable({"cheap": Price(1, 2), "strong": Price(10, 20)})
P2 = make_case(severity=Severity.P2)


def said(**changes):
    """Return an answer that holds: it quotes no number, so the statements do not matter."""
    answer = {
        "confidence": "likely",
        "cause": {"text": "The pool of orders-db is exhausted", "service": "orders-db", "findings": ["M2", "T1"]},
        "why": [{"text": "Calls from orders wait for it", "service": "orders-db", "findings": ["T1"]}],
        "alternatives": [],
        "blast_radius": [],
        "actions": [],
    }
    return json.dumps(answer | changes)


UNSURE = said(confidence="inconclusive", cause=None, why=[])
ELSEWHERE = said(cause={"text": "The deploy of orders broke it", "service": "orders", "findings": ["C1", "M1"]})


class Scripted:
    """A model that says one thing after the other; an error is raised."""

    name = "scripted"

    def __init__(self, *script):
        self.script = list(script)
        self.asked = []

    async def ask(self, question):
        self.asked.append(question)
        following = self.script.pop(0)
        if isinstance(following, Exception):
            raise following
        return following if isinstance(following, Answer) else Answer(following, "end", 1000, 100)


def payer(model, budget=1.0, ledger=None):
    return BudgetedModel(model, ledger or FakeLedger(), PRICES, Budget(budget, budget, budget), HandClock())


async def advise(*script, case=P2, ranking=None, budget=1.0):
    model = Scripted(*script)
    ranking = ranking or make_ranking()
    verdict, use = await Adviser(payer(model, budget), MODELS, "en").advise(case, ranking, Redactor())
    return verdict, use, [question.model for question in model.asked]


async def test_a_p1_goes_to_the_stronger_model_and_nobody_is_asked_again():
    verdict, use, asked = await advise(UNSURE, case=make_case(severity=Severity.P1))

    assert asked == ["strong"]
    assert verdict is not None
    assert verdict.cause is None
    assert (use.model, use.tokens_in, use.tokens_out, use.usd, use.calls) == (
        "strong",
        1000,
        100,
        pytest.approx(0.012),
        1,
    )


async def test_all_else_goes_to_the_cheaper_one():
    verdict, use, asked = await advise(said())

    assert asked == ["cheap"]
    assert verdict is not None
    assert verdict.cause is not None
    assert verdict.cause.service == "orders-db"
    assert (use.usd, use.silent) == (pytest.approx(0.0012), "")


@pytest.mark.parametrize("first", [UNSURE, ELSEWHERE, "no JSON at all", Answer("{", "length", 1000, 900)])
async def test_a_stronger_one_is_asked_once_when_the_first_is_unsure_disagrees_or_talks_nonsense(first):
    verdict, use, asked = await advise(first, said())

    assert asked == ["cheap", "strong"]
    assert verdict is not None
    assert verdict.cause is not None
    assert verdict.cause.service == "orders-db"
    assert (use.model, use.calls, use.tokens_in, use.silent) == ("cheap + strong", 2, 2000, "")


async def test_the_first_verdict_stands_if_the_stronger_one_does_not_answer():
    verdict, use, asked = await advise(ELSEWHERE, ModelUnavailable("timeout"))

    assert asked == ["cheap", "strong"]
    assert verdict is not None
    assert verdict.cause is not None
    assert verdict.cause.service == "orders"
    assert (use.model, use.calls, use.silent) == ("cheap", 1, "")


@pytest.mark.parametrize("reason", ["timeout", "unreachable", "busy", "refused"])
async def test_a_model_that_is_ill_is_no_reason_to_ask_another_of_the_same_house(reason):
    verdict, use, asked = await advise(ModelUnavailable(reason))

    assert (verdict, asked, use.silent, use.calls) == (None, ["cheap"], reason, 0)


async def test_a_refusal_is_said_and_what_it_cost_as_well():
    verdict, use, _ = await advise(Answer("I cannot", "refusal", 1000, 3))

    assert (verdict, use.silent, use.calls) == (None, "refused", 1)
    assert use.usd > 0


async def test_beyond_the_budget_nobody_is_asked():
    verdict, use, asked = await advise(said(), budget=0.000001)

    assert (verdict, asked, use.silent) == (None, [], "budget")


async def test_the_budget_may_be_enough_for_the_cheap_one_only():
    verdict, use, asked = await advise(ELSEWHERE, budget=0.02)

    assert asked == ["cheap"]
    assert verdict is not None
    assert use.silent == ""


async def test_one_model_for_everything_is_asked_once():
    model = Scripted(UNSURE)
    await Adviser(payer(model), Models("same", "same"), "en").advise(P2, make_ranking(), Redactor())

    assert len(model.asked) == 1


async def test_what_is_asked_holds_no_secret_of_a_finding():
    model = Scripted(said())
    ranking = make_ranking()
    leaky = replace(ranking.findings[0], key="log-new", values={"template": "password=hunter2-Xk29vQ", "count": "3"})
    ranking = replace(ranking, findings=(leaky, *ranking.findings[1:]))

    await Adviser(payer(model), MODELS, "en").advise(P2, ranking, Redactor())

    assert "hunter2" in statement(leaky, "en")
    assert "hunter2" not in json.dumps([model.asked[0].system, model.asked[0].turns[0].text])


def test_without_a_verdict_the_ranking_speaks():
    ranking = make_ranking()
    verdict, use = combined(None, ranking, ModelUse(silent="timeout"), "ko")

    assert (verdict, use.silent) == (plain_verdict(ranking, "ko"), "timeout")


def test_a_model_that_is_not_convinced_makes_the_ranking_less_sure_but_does_not_hide_it():
    ranking = make_ranking()
    verdict, use = combined(Verdict(Confidence.INCONCLUSIVE, dropped=("x",)), ranking, ModelUse("m", calls=1), "en")

    assert verdict.cause == plain_verdict(ranking, "en").cause
    assert (verdict.confidence, verdict.dropped, use.silent) == (Confidence.POSSIBLE, ("x",), "unsure")


def test_both_see_nothing():
    ranking = make_ranking(abstained=True)
    seen = Verdict(Confidence.INCONCLUSIVE, why=(Claim("odd", "web", ("M3",)),))

    assert combined(seen, ranking, ModelUse("m", calls=1), "en") == (seen, ModelUse("m", calls=1))


def test_the_ranking_fills_in_what_the_model_left_out_only_when_they_agree():
    ranking = make_ranking()
    plain = plain_verdict(ranking, "en")
    agreeing = Verdict(Confidence.LIKELY, Claim("pool", "orders-db", ("M2", "T1")))
    other = Verdict(
        Confidence.POSSIBLE, Claim("deploy", "orders", ("C1", "M1")), alternatives=(Alternative(Claim("x"), "y"),)
    )

    filled, _ = combined(agreeing, ranking, ModelUse("m", calls=1), "en")
    assert filled.actions == plain.actions != ()
    assert filled.blast_radius == plain.blast_radius
    assert combined(other, ranking, ModelUse("m", calls=1), "en")[0] == other


@pytest.fixture(scope="module")
def aimock(tmp_path_factory):
    with running_aimock(tmp_path_factory.mktemp("aimock")) as server:
        yield server


# Whoever asks first loads the provider's library, and all workers begin at once; nothing waits for it that is well.
PATIENCE_S = 180.0


@pytest.fixture(params=["anthropic", "openai"])
async def provider(request, aimock):
    aimock.reset()
    opened = (
        Claude.open(KEY, aimock.url, PATIENCE_S)
        if request.param == "anthropic"
        else OpenAI.open(KEY, f"{aimock.url}/v1", PATIENCE_S)
    )
    async with opened as model:
        yield model


def analyst(model, ledger):
    adviser = Adviser(payer(model, ledger=ledger), Models("claude-sonnet-5-5", "claude-haiku-5-5"), "en")
    return RankingAnalyst(explore=Explore(), catalogue=Catalogue({}, ()), plan=Plan(), language="en", adviser=adviser)


@pytest.fixture(scope="module")
def sick(tmp_path_factory):
    """An incident that the ranking can explain: `stock` is slow."""
    seen = load(write_case(tmp_path_factory.mktemp("case") / "sick"))
    return make_case(severity=Severity.P2, past=(), observations=seen, services=("stock", "web"))


# Of nothing but an alert no ranking can say anything; what a model makes of it must still be proven.
SILENT = make_case(severity=Severity.P2, past=())


def proven(case):
    lead = rank(case.observations, Redactor()).lead
    return said(
        cause={"text": "stock answers far too late", "service": lead.service, "findings": list(lead.findings)[:2]},
        why=[],
    )


async def test_over_the_wire_a_verdict_that_holds_is_the_one_that_is_shown(aimock, provider, sick):
    aimock.answer({"content": proven(sick)})
    ledger = FakeLedger()

    analysis = await analyst(provider, ledger).explain(sick)

    assert analysis.verdict.cause is not None
    assert analysis.verdict.cause.text == "stock answers far too late"
    assert (analysis.use.silent, analysis.use.calls, analysis.differs) == ("", 1, "")
    assert analysis.use.usd == sum(usd for _, _, _, usd, _ in ledger.rows) > 0
    asked = aimock.asked()[0]["body"]
    assert asked["model"] == "claude-haiku-5-5"
    assert "stock" in json.dumps(asked["messages"])


async def test_over_the_wire_a_verdict_without_evidence_is_struck_and_the_card_says_so(aimock, provider):
    aimock.answer({"content": said()})
    ledger = FakeLedger()

    analysis = await analyst(provider, ledger).explain(SILENT)

    assert analysis.verdict.cause is None
    assert (analysis.use.silent, analysis.use.calls, len(ledger.rows)) == ("junk", 2, 2)
    assert [each["body"]["model"] for each in aimock.asked()] == ["claude-haiku-5-5", "claude-sonnet-5-5"]


async def test_over_the_wire_an_inconclusive_verdict_agrees_with_a_ranking_that_abstains(aimock, provider):
    aimock.answer({"content": UNSURE})

    analysis = await analyst(provider, FakeLedger()).explain(SILENT)

    assert analysis.verdict.confidence is Confidence.INCONCLUSIVE
    assert (analysis.use.silent, analysis.use.calls) == ("", 1)
    assert analysis.differs == ""


async def test_over_the_wire_a_provider_that_is_overloaded_leaves_the_ranking_as_it_is(aimock, provider, sick):
    aimock.fail_once(529)
    aimock.fail_once(529)

    analysis = await analyst(provider, FakeLedger()).explain(sick)

    assert analysis.use.silent == "busy"
    assert analysis.verdict == plain_verdict(analysis.ranking, "en")


def test_the_services_that_may_be_named_are_those_of_the_case():
    assert set(SERVICES) == set(P2.services)


async def test_what_is_no_incident_is_paid_for_without_one():
    ledger = FakeLedger()
    case = replace(P2, number=0)

    await Adviser(payer(Scripted(said()), ledger=ledger), MODELS, "en").advise(case, make_ranking(), Redactor())

    assert [incident for _, incident, *_ in ledger.rows] == [None]
