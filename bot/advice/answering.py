"""Answers a question by a model that may look things up, within a few steps, a minute and a budget.

Whatever happens, what was found until then is returned, with the reason why there is no more.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.advice.claims import CheckedClaims, of_call, of_text
from bot.advice.document import Hand
from bot.advice.dossier import Dossier
from bot.advice.interview import ANSWER, ANSWERING, Briefing
from bot.core.questions.lookups import Lookups
from bot.core.questions.queries import Unfit
from bot.domain.asking import QUESTION_USD, Answered, Asked, LookupResult
from bot.domain.evidence import Claim, Finding
from bot.domain.plans import Explore
from bot.errors import ModelUnavailable, SourceError, SourceUnavailable
from bot.ports import Answer, Payer, Question, Tool, ToolCall, Turn
from bot.ranking.links import linked
from bot.redaction.redact import Redactor

MOST_TOKENS_OUT = 700
_AT_ONCE, _ID = 4, 100
# What is left after the model's last moment is for the lookup that needs no model.
_SPARE_S = 5.0
_LOOKUP_S = 10.0
# From then on it has to answer with what it has.
_HURRY = 0.6
_KNOWN = 5
_QUESTION = 1_000


@dataclass(frozen=True, slots=True)
class QuestionLimits:
    """The most that one question may take."""

    usd: float = QUESTION_USD
    steps: int = 6
    deadline_s: float = 60.0


@dataclass(slots=True)
class _Talk:
    """One question on its way."""

    asked: Asked
    dossier: Dossier
    fired_at: datetime
    began: float
    turns: list[Turn]
    steps: int = 0
    usd: float = 0.0
    claims: tuple[Claim, ...] = ()
    struck: int = 0
    corrected: bool = False


class ModelAnswerer:
    """Implements `bot.ports.Answerer`; without a payer `silent` says why no model is asked."""

    def __init__(
        self,
        *,
        payer: Payer | None,
        model: str,
        lookups: Lookups,
        briefing: Briefing,
        explore: Explore,
        limits: QuestionLimits | None = None,
        redact: Mapping[str, str] | None = None,
        silent: str = "no-key",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._payer = payer
        self._model = model
        self._lookups = lookups
        self._briefing = briefing
        self._explore = explore
        self._limits = limits or QuestionLimits()
        self._redact = redact
        self._silent = silent
        self._monotonic = monotonic

    async def answer(self, asked: Asked) -> Answered:
        """Look things up and answer; at most a minute."""
        hand = Hand(Redactor(self._redact))
        dossier = Dossier(asked, hand, self._briefing.language, self._linked)
        fired_at = min(alert.starts_at for alert in asked.incident.firing or asked.incident.alerts)
        talk = _Talk(asked, dossier, fired_at, self._monotonic(), [self._briefing.first(asked, dossier, hand)])
        reason = self._silent
        if self._payer is not None:
            try:
                async with asyncio.timeout(max(0.0, self._limits.deadline_s - _SPARE_S)):
                    reason = await self._converse(talk, self._payer)
            except ModelUnavailable as error:
                reason = error.reason
            except TimeoutError:
                reason = "timeout"
        if not talk.claims and not dossier.new:
            await self._without_model(talk)
        return replace(self._answered(talk, reason), question=hand.words(asked.question, _QUESTION))

    def _answered(self, talk: _Talk, reason: str) -> Answered:
        dossier = talk.dossier
        cited = dict.fromkeys(name for claim in talk.claims for name in claim.findings)
        # Without an answer what is known already is the second best.
        shown = cited if talk.claims else dict.fromkeys(list(dossier.known)[:_KNOWN])
        return Answered(
            claims=talk.claims,
            findings=tuple(dossier.new),
            known=tuple(dossier.known[name] for name in shown if name in dossier.known),
            silent=reason,
            missed=dossier.missed,
            struck=talk.struck,
            model=self._model if talk.steps else "",
            steps=talk.steps,
            usd=talk.usd,
            seconds=round(self._monotonic() - talk.began, 1),
        )

    async def _converse(self, talk: _Talk, payer: Payer) -> str:
        """Go on until there is an answer; return the reason if there is none."""
        while talk.steps < self._limits.steps:
            question = self._question(talk, payer)
            if talk.usd + payer.most_usd(question) > self._limits.usd:
                return "budget"
            answer = await self._ask(talk, payer, question)
            talk.steps += 1
            if answer.stopped == "refusal":
                return "refused"
            calls = _named(answer.calls, talk.steps)
            judged = self._judge(calls, answer, talk)
            if judged is not None and self._accept(talk, judged):
                return ""
            if not calls and answer.stopped == "length":
                return "cut-off"
            talk.turns.append(Turn("assistant", answer.text, calls))
            if judged is not None:
                talk.turns += _objection(calls, judged)
            elif question.tools == (ANSWERING,):
                talk.turns += [
                    Turn("user", _error("no more lookups: call answer"), result_of=call.id) for call in calls
                ]
            else:
                talk.turns += await self._look(talk, calls)
        return "steps"

    def _question(self, talk: _Talk, payer: Payer) -> Question:
        """Ask with all tools, or for the answer only if that is all that is left time or money for."""
        tools: tuple[Tool, ...] = (*self._lookups.tools, ANSWERING)
        question = Question(self._model, self._briefing.system(), tuple(talk.turns), MOST_TOKENS_OUT, tools=tools)
        late = self._monotonic() - talk.began > _HURRY * self._limits.deadline_s
        # The next question holds the results of this one as well.
        poor = talk.usd + 2.5 * payer.most_usd(question) > self._limits.usd
        last = talk.steps + 1 >= self._limits.steps
        return replace(question, tools=(ANSWERING,)) if late or poor or last else question

    async def _ask(self, talk: _Talk, payer: Payer, question: Question) -> Answer:
        worst = payer.most_usd(question)
        try:
            answer, usd = await payer.ask(question, talk.asked.incident.number)
        except ModelUnavailable as error:
            # A payer writes down what it may have cost at most; so do we.
            talk.usd += worst if error.reason == "timeout" else 0.0
            raise
        except asyncio.CancelledError:
            talk.usd += worst
            raise
        talk.usd += usd
        return answer

    def _judge(self, calls: tuple[ToolCall, ...], answer: Answer, talk: _Talk) -> CheckedClaims | None:
        """Judge what the model says is its answer; None if it wants to look further."""
        names = (*self._briefing.catalogue.services, *talk.dossier.known)
        given = next((call for call in calls if call.name == ANSWER), None)
        if given is not None:
            return of_call(given.arguments, talk.dossier, names)
        return of_text(answer.text, talk.dossier, names) if not calls and answer.stopped != "length" else None

    def _accept(self, talk: _Talk, judged: CheckedClaims) -> bool:
        """Take the answer, unless nothing of it holds and the model was not told so yet."""
        talk.claims, talk.struck = judged.claims, len(judged.struck)
        if judged.claims or talk.corrected:
            return True
        talk.corrected = True
        return False

    async def _look(self, talk: _Talk, calls: tuple[ToolCall, ...]) -> list[Turn]:
        """Look up what is asked for, all at once; findings are numbered in the order of the calls."""
        found = await asyncio.gather(*(self._one(talk, call) for call in calls[:_AT_ONCE]))
        # Redacting a flood takes a while, in which Discord and the cards must not wait.
        add = talk.dossier.add
        results = [each if isinstance(each, str) else await asyncio.to_thread(add, each) for each in found]
        results += [_error(f"at most {_AT_ONCE} lookups at once")] * (len(calls) - len(results))
        return [Turn("user", result, result_of=call.id) for call, result in zip(calls, results, strict=True)]

    async def _one(self, talk: _Talk, call: ToolCall) -> LookupResult | str:
        """Look one thing up; a text is what the model is told instead."""
        try:
            async with asyncio.timeout(_LOOKUP_S):
                return await self._lookups.run(call, talk.fired_at)
        except TimeoutError:
            return talk.dossier.miss(SourceUnavailable(call.name, "no answer in time"))
        except Unfit as error:
            return _error(str(error))
        except SourceError as error:
            return talk.dossier.miss(error)

    async def _without_model(self, talk: _Talk) -> None:
        """Look up what is asked for most: changes, as far back as may be looked."""
        call = ToolCall("changes", "changes", {"minutes": 360})
        try:
            async with asyncio.timeout(_SPARE_S):
                await self._look(talk, (call,))
        except TimeoutError:
            return

    def _linked(self, finding: Finding) -> Finding:
        return linked(finding, self._explore, self._briefing.catalogue, self._briefing.plan)


def _named(calls: tuple[ToolCall, ...], step: int) -> tuple[ToolCall, ...]:
    """Return calls whose ids are there, and differ: a result belongs to one of them."""
    ids = [call.id[:_ID] for call in calls]
    return tuple(
        call if call.id and ids.count(call.id) == 1 else replace(call, id=f"call_{step}_{place}")
        for place, call in enumerate(calls)
    )


def _objection(calls: tuple[ToolCall, ...], judged: CheckedClaims) -> list[Turn]:
    """Tell the model why nothing of its answer holds."""
    why = _error(
        "; ".join(judged.struck) or "there is no sentence in it", hint="answer again, or look up what is missing"
    )
    if not calls:
        return [Turn("user", why)]
    return [Turn("user", why, result_of=call.id) for call in calls]


def _error(problem: str, **more: str) -> str:
    return json.dumps({"error": problem, **more}, ensure_ascii=False)
