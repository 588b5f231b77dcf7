"""Money: never more than the budget, also when two ask at once; patience: a provider that is ill is left alone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ModelUnavailable
from bot.models.budget import Budget, BudgetedModel, Price, PriceTable
from bot.ports import Answer, Question, Tool, ToolCall, Turn
from tests.fakes import HandClock

PRICES = PriceTable({"cheap": Price(1, 5), "dear": Price(10, 20), "wordy": Price(2, 50), "free": Price(0, 0)})
RICH = Budget(10, 100, 1000)


class FakeLedger:
    """What was spent, in a list; it lets others run, as a database does."""

    def __init__(self):
        self.rows = []

    async def spend(self, at: datetime, incident: int | None, model: str, usd: float, tokens: tuple[int, int]) -> None:
        await asyncio.sleep(0)
        self.rows.append((at, incident, model, usd, tokens))

    async def spent(self, since: datetime, incident: int | None = None) -> float:
        await asyncio.sleep(0)
        return sum(row[3] for row in self.rows if row[0] >= since and incident in (None, row[1]))


class FakeModel:
    """Answers or fails as a test says; with a gate it waits for the test to open it."""

    name = "fake"

    def __init__(self, answer=None):
        self.next = answer or Answer("fine", "end", 1000, 100)
        self.asked = 0
        self.gate = None

    async def ask(self, question: Question) -> Answer:
        self.asked += 1
        if self.gate:
            await self.gate.wait()
        if isinstance(self.next, Exception):
            raise self.next
        return self.next


@pytest.fixture
def ledger():
    return FakeLedger()


@pytest.fixture
def model():
    return FakeModel()


def question(name="cheap", out=1000, **more):
    return Question(name, "system", (Turn("user", "x" * 2000),), out, **more)


def payer(model, ledger, clock, budget=RICH):
    return BudgetedModel(model, ledger, PRICES, budget, clock)


async def silence(asking) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as caught:
        await asking
    return caught.value


def test_a_price_is_per_million_tokens():
    assert PRICES.usd("cheap", 1_000_000, 0) == 1
    assert PRICES.usd("cheap", 0, 1_000_000) == 5
    assert PRICES.usd("dear", 500_000, 100_000) == 7
    assert PRICES.usd("free", 500_000, 100_000) == 0


@pytest.mark.parametrize("name", ["never-heard-of", "cheap-pro", ""])
def test_an_unknown_model_costs_as_much_as_the_dearest(name):
    assert PRICES.usd(name, 1_000_000, 1_000_000) == 10 + 50


@pytest.mark.parametrize("name", ["cheap-20260901", "cheap-2026-09-01"])
def test_a_release_costs_what_its_model_costs(name):
    assert PRICES.usd(name, 1_000_000, 0) == 1


def test_a_table_without_prices_is_refused():
    with pytest.raises(ValueError, match="free"):
        PriceTable({})


async def test_what_a_call_costs_is_returned_and_written_down(model, ledger, clock):
    answer, usd = await payer(model, ledger, clock).ask(question(), 7)

    assert answer.text == "fine"
    assert usd == pytest.approx(0.0015)
    assert ledger.rows == [(clock(), 7, "cheap", usd, (1000, 100))]


@pytest.mark.parametrize("stopped", ["refusal", "length"])
async def test_an_answer_that_is_of_no_use_costs_all_the_same(model, ledger, clock, stopped):
    model.next = Answer("", stopped, 1000, 3)

    await payer(model, ledger, clock).ask(question(), 7)

    assert ledger.rows[0][4] == (1000, 3)


async def test_a_provider_that_counts_nothing_is_estimated(model, ledger, clock):
    model.next = Answer("y" * 400, "end", 0, 0, (ToolCall("c", "look", {"a": "z" * 400}),))

    _, usd = await payer(model, ledger, clock).ask(question(), 7)

    tokens_in, tokens_out = ledger.rows[0][4]
    assert 1000 <= tokens_in <= 1300
    assert 400 <= tokens_out <= 450
    assert usd == pytest.approx(PRICES.usd("cheap", tokens_in, tokens_out))


@pytest.mark.parametrize(
    ("budget", "name"),
    [
        (Budget(incident_usd=0.005, hour_usd=9, day_usd=9), "incident"),
        (Budget(incident_usd=9, hour_usd=0.005, day_usd=9), "hour"),
        (Budget(incident_usd=9, hour_usd=9, day_usd=0.005), "day"),
    ],
)
async def test_what_may_cost_too_much_is_not_asked(model, ledger, clock, budget, name):
    error = await silence(payer(model, ledger, clock, budget).ask(question(), 7))

    assert error.reason == "budget"
    assert error.detail.startswith(name)
    assert (model.asked, ledger.rows) == (0, [])


async def test_the_schema_and_the_tools_are_read_too(model, ledger, clock):
    budget = Budget(0.01, 9, 9)
    tool = Tool("look", "x" * 10_000, {"type": "object"})

    await payer(model, ledger, clock, budget).ask(question(), 7)
    for more in ({"tools": (tool,)}, {"schema": {"description": "x" * 10_000}}):
        assert (await silence(payer(model, FakeLedger(), clock, budget).ask(question(**more), 7))).reason == "budget"


async def test_the_budget_is_open_again_when_its_time_has_passed(model, ledger, clock):
    asker = payer(model, ledger, clock, Budget(9, 0.007, 0.008))
    await asker.ask(question(), 7)
    await silence(asker.ask(question(), 8))

    clock.forward(hours=1, seconds=1)
    await asker.ask(question(), 8)
    assert (await silence(asker.ask(question(), 9))).detail.startswith("day")

    clock.forward(days=1)
    await asker.ask(question(), 9)
    assert model.asked == 3


async def test_an_incident_keeps_its_budget_for_ever_and_others_have_their_own(model, ledger, clock):
    asker = payer(model, ledger, clock, Budget(0.007, 9, 9))
    await asker.ask(question(), 7)
    clock.forward(days=300)

    assert (await silence(asker.ask(question(), 7))).detail.startswith("incident")
    await asker.ask(question(), 8)
    await asker.ask(question(), None)
    await asker.ask(question(), None)


async def test_a_model_that_costs_nothing_needs_no_budget(model, ledger, clock):
    _, usd = await payer(model, ledger, clock, Budget(0, 0, 0)).ask(question("free"), 7)

    assert usd == 0


async def test_two_at_once_cannot_spend_the_same_money(model, ledger, clock):
    asker = payer(model, ledger, clock, Budget(9, 0.0155, 9))
    model.gate = asyncio.Event()

    asked = [asyncio.create_task(asker.ask(question(), number)) for number in range(5)]
    for _ in range(50):
        await asyncio.sleep(0)
    model.gate.set()
    done = await asyncio.gather(*asked, return_exceptions=True)

    assert model.asked == 2
    assert sum(isinstance(one, ModelUnavailable) and one.reason == "budget" for one in done) == 3


async def test_money_that_was_set_aside_comes_back(model, ledger, clock):
    asker = payer(model, ledger, clock, Budget(9, 0.007, 9))
    model.next = ModelUnavailable("refused")
    for _ in range(5):
        assert (await silence(asker.ask(question(), 7))).reason == "refused"
    model.next = Answer("fine", "end", 1, 1)

    await asker.ask(question(), 7)

    assert len(ledger.rows) == 1


async def test_a_question_that_was_given_up_may_have_been_paid_for(model, ledger, clock):
    asker = payer(model, ledger, clock)
    model.next = ModelUnavailable("timeout")
    await silence(asker.ask(question(), 7))
    model.gate = asyncio.Event()
    asking = asyncio.create_task(asker.ask(question(), 8))
    for _ in range(20):
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    assert asking.cancelled()
    assert [(row[1], row[4][1]) for row in ledger.rows] == [(7, 1000), (8, 1000)]


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 1000)), max_size=30), st.floats(0, 0.05))
def test_never_more_than_the_budget_is_spent(usages, most):
    async def run():
        model, ledger, clock = FakeModel(), FakeLedger(), HandClock()
        asker = payer(model, ledger, clock, Budget(9, most, 9))
        for tokens_in, tokens_out in usages:
            # What a provider counts is never more than the worst that was set aside.
            model.next = Answer("y", "end", min(tokens_in, 1000), tokens_out)
            with suppress(ModelUnavailable):
                await asker.ask(question(), 7)
        return await ledger.spent(clock() - timedelta(hours=1))

    assert asyncio.run(run()) <= most + 1e-9


@pytest.mark.parametrize("reason", ["timeout", "unreachable", "busy"])
async def test_after_three_failures_in_a_row_it_is_left_alone_for_five_minutes(model, ledger, clock, reason):
    asker = payer(model, ledger, clock)
    model.next = ModelUnavailable(reason)
    reasons = [(await silence(asker.ask(question(), 7))).reason for _ in range(5)]
    assert reasons == [reason] * 3 + ["breaker"] * 2

    clock.forward(minutes=4, seconds=59)
    assert (await silence(asker.ask(question(), 7))).reason == "breaker"
    assert model.asked == 3

    clock.forward(seconds=1)
    model.next = Answer("fine", "end", 1, 1)
    await asker.ask(question(), 7)
    await asker.ask(question(), 7)
    assert model.asked == 5


async def test_one_failure_of_the_trial_means_five_minutes_more(model, ledger, clock):
    asker = payer(model, ledger, clock)
    model.next = ModelUnavailable("busy")
    for _ in range(3):
        await silence(asker.ask(question(), 7))
    clock.forward(minutes=5)

    assert (await silence(asker.ask(question(), 7))).reason == "busy"
    assert (await silence(asker.ask(question(), 7))).reason == "breaker"


async def test_only_one_tries(model, ledger, clock):
    asker = payer(model, ledger, clock)
    model.next = ModelUnavailable("busy")
    for _ in range(3):
        await silence(asker.ask(question(), 7))
    clock.forward(minutes=5)
    model.gate, model.next = asyncio.Event(), Answer("fine", "end", 1, 1)

    asked = [asyncio.create_task(asker.ask(question(), number)) for number in range(3)]
    for _ in range(50):
        await asyncio.sleep(0)
    model.gate.set()
    done = await asyncio.gather(*asked, return_exceptions=True)

    assert [getattr(one, "reason", "answer") for one in done] == ["answer", "breaker", "breaker"]


async def test_a_trial_that_was_given_up_lets_the_next_one_try(model, ledger, clock):
    asker = payer(model, ledger, clock)
    model.next = ModelUnavailable("busy")
    for _ in range(3):
        await silence(asker.ask(question(), 7))
    clock.forward(minutes=5)
    model.gate, model.next = asyncio.Event(), Answer("fine", "end", 1, 1)
    asking = asyncio.create_task(asker.ask(question(), 7))
    for _ in range(20):
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    model.gate = None

    assert (await asker.ask(question(), 7))[0].text == "fine"


@pytest.mark.parametrize("between", ["refused", "junk", None])
async def test_a_provider_that_says_no_is_well(model, ledger, clock, between):
    asker = payer(model, ledger, clock)
    for _ in range(3):
        for reason in ("busy", "busy", between):
            model.next = ModelUnavailable(reason) if reason else Answer("fine", "end", 1, 1)
            await asyncio.gather(asker.ask(question(), 7), return_exceptions=True)

    assert model.asked == 9
