"""Asks a model only within a budget, and leaves it alone for a while when it does not answer."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.errors import ModelUnavailable
from bot.ports import Answer, Clock, Ledger, Model, Question

_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_FAILURES = 3
_PAUSE = timedelta(minutes=5)
# The provider is ill; with any other reason it is well, and says no to us.
_ILL = frozenset({"timeout", "unreachable", "busy"})
# Fewer than any tokenizer needs for English or Korean; hashes and numbers come near it.
_BYTES_PER_TOKEN = 2
# The roles and frames around the texts.
_FRAME_TOKENS = 50
# A name may be followed by the day of its release.
_RELEASE = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in USD, those that are read and those that are written."""

    usd_per_mtok_in: float
    usd_per_mtok_out: float


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices of models, as their providers publish them."""

    prices: Mapping[str, Price]

    def __post_init__(self) -> None:
        if not self.prices:
            raise ValueError("a table without a price would make everything free")

    def usd(self, model: str, tokens_in: int, tokens_out: int) -> float:
        """Return what a call costs; a model that is not in the table costs as much as the dearest that is."""
        price = self.prices.get(model) or self.prices.get(_RELEASE.sub("", model)) or self._dearest()
        return (tokens_in * price.usd_per_mtok_in + tokens_out * price.usd_per_mtok_out) / 1_000_000

    def _dearest(self) -> Price:
        known = self.prices.values()
        return Price(max(price.usd_per_mtok_in for price in known), max(price.usd_per_mtok_out for price in known))


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that may be spent on one incident, within an hour and within a day, in USD."""

    incident_usd: float
    hour_usd: float
    day_usd: float


class Breaker:
    """Counts failures in a row; after three nobody is let through for five minutes, then one to try."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._closed_until: datetime | None = None
        self._trying = False

    def enter(self) -> None:
        """Go through. Raises ModelUnavailable."""
        if self._closed_until is None:
            return
        if self._trying or self._clock() < self._closed_until:
            raise ModelUnavailable("breaker")
        self._trying = True

    def leave(self, reason: str | None) -> None:
        """Come back with an answer (None), or with the reason why there is none."""
        self._trying = False
        if reason not in _ILL:
            self._failures, self._closed_until = 0, None
            return
        self._failures += 1
        if self._failures >= _FAILURES:
            self._closed_until = self._clock() + _PAUSE

    def give_up(self) -> None:
        """Come back without having learnt anything."""
        self._trying = False


class BudgetedModel:
    """A `bot.ports.Payer`: asks a model as long as the budget allows it, and writes down what it cost."""

    def __init__(self, model: Model, ledger: Ledger, prices: PriceTable, budget: Budget, clock: Clock) -> None:
        self._model = model
        self._ledger = ledger
        self._prices = prices
        self._budget = budget
        self._clock = clock
        self._breaker = Breaker(clock)
        self._reserving = asyncio.Lock()
        self._reserved: dict[object, tuple[int | None, float]] = {}

    async def ask(self, question: Question, incident: int | None) -> tuple[Answer, float]:
        worst = self._worst(question)
        ticket = await self._reserve(self.most_usd(question), incident)
        try:
            answer = await self._ask(question, incident, worst)
            tokens = (answer.tokens_in or worst[0], answer.tokens_out or _tokens(_written(answer)))
            return answer, await self._spend(question, incident, tokens)
        finally:
            del self._reserved[ticket]

    def most_usd(self, question: Question) -> float:
        return self._prices.usd(question.model, *self._worst(question))

    async def _ask(self, question: Question, incident: int | None, worst: tuple[int, int]) -> Answer:
        self._breaker.enter()
        try:
            answer = await self._model.ask(question)
        except ModelUnavailable as error:
            self._breaker.leave(error.reason)
            if error.reason == "timeout":
                # It was asked, and may have thought about it at our expense.
                await self._spend(question, incident, worst)
            raise
        except asyncio.CancelledError:
            self._breaker.give_up()
            await self._spend(question, incident, worst)
            raise
        self._breaker.leave(None)
        return answer

    async def _reserve(self, usd: float, incident: int | None) -> object:
        """Set aside what a call may cost at most, so that calls at the same time cannot spend the same money."""
        async with self._reserving:
            # Before the ledger is asked: what is written down in between is then counted twice, never missed.
            reserved = list(self._reserved.values())
            everything = sum(other for _, other in reserved)
            same = sum(other for number, other in reserved if number == incident)
            now = self._clock()
            limits = [
                ("day", self._budget.day_usd, everything + await self._ledger.spent(now - timedelta(days=1))),
                ("hour", self._budget.hour_usd, everything + await self._ledger.spent(now - timedelta(hours=1))),
            ]
            if incident is not None:
                limits.append(("incident", self._budget.incident_usd, same + await self._ledger.spent(_EVER, incident)))
            for name, most, spent in limits:
                if spent + usd > most:
                    raise ModelUnavailable("budget", f"{name}: {spent:.4f} of {most:g} USD, {usd:.4f} needed")
            ticket = object()
            self._reserved[ticket] = (incident, usd)
            return ticket

    async def _spend(self, question: Question, incident: int | None, tokens: tuple[int, int]) -> float:
        usd = self._prices.usd(question.model, *tokens)
        await self._ledger.spend(self._clock(), incident, question.model, usd, tokens)
        return usd

    def _worst(self, question: Question) -> tuple[int, int]:
        """Estimate the most tokens that a question can take, in and out."""
        tools = [(tool.name, tool.description, tool.schema) for tool in question.tools]
        turns = [(turn.text, [use.arguments for use in turn.calls]) for turn in question.turns]
        everything = json.dumps([question.system, turns, question.schema, tools], ensure_ascii=False, default=str)
        return _tokens(everything) + _FRAME_TOKENS * (1 + len(turns)), question.most_tokens_out


def _written(answer: Answer) -> str:
    return answer.text + "".join(
        use.name + json.dumps(use.arguments, ensure_ascii=False, default=str) for use in answer.calls
    )


def _tokens(text: str) -> int:
    return len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN + 1
