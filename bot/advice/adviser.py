"""Asks a model for its verdict, and a stronger one once more if that is not good enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.advice.prompt import escalation, question, worth_asking_again
from bot.advice.verdict import judged
from bot.core.investigation.phrasing import statement
from bot.core.investigation.plain import plain_verdict
from bot.domain.alerts import Severity
from bot.domain.evidence import Confidence, ModelUse, Ranking, Suspect, Verdict
from bot.domain.inquiries import Case
from bot.errors import ModelUnavailable
from bot.i18n import Language
from bot.ports import Payer, Question
from bot.redaction.redact import Redactor

# Answers of a model that has understood too little: a stronger one may do better.
_WEAK = frozenset({"junk", "cut-off"})
_UNFINISHED = {"length": "cut-off", "refusal": "refused"}


@dataclass(frozen=True, slots=True)
class Models:
    """Which model is asked first about a P1 and about all others; that of a P1 is also the one to ask again."""

    p1: str
    other: str

    def chosen(self, severity: Severity) -> tuple[str, ...]:
        """Return the model to ask first, and the stronger one if there is one."""
        return (self.p1,) if severity is Severity.P1 else tuple(dict.fromkeys((self.other, self.p1)))


class Adviser:
    """Asks at most two models, and lets nothing through that does not hold."""

    def __init__(self, payer: Payer, models: Models, language: Language) -> None:
        self._payer = payer
        self._models = models
        self._language: Language = language

    async def advise(self, case: Case, ranking: Ranking, redactor: Redactor) -> tuple[Verdict | None, ModelUse]:
        """Return the verdict, None if no model has one that holds, with what it took; the ranking holds no secrets."""
        statements = {each.id: redactor.text(statement(each, self._language)) for each in ranking.findings}
        first, *stronger = self._models.chosen(case.severity)
        asked = question(case, ranking, statements, first, self._language, redactor)
        verdict, use = await self._one(asked, case, ranking, statements)
        if stronger and self._again(verdict, use, ranking):
            second, more = await self._one(escalation(asked, stronger[0]), case, ranking, statements)
            use = _added(use, more)
            verdict = _better(verdict, second)
        return verdict, replace(use, silent="") if verdict else use

    def _again(self, verdict: Verdict | None, use: ModelUse, ranking: Ranking) -> bool:
        return use.silent in _WEAK if verdict is None else worth_asking_again(verdict, ranking)

    async def _one(
        self, asked: Question, case: Case, ranking: Ranking, statements: Mapping[str, str]
    ) -> tuple[Verdict | None, ModelUse]:
        use = ModelUse(asked.model)
        try:
            answer, usd = await self._payer.ask(asked, case.number or None)
            use = ModelUse(asked.model, answer.tokens_in, answer.tokens_out, usd, calls=1)
            if answer.stopped in _UNFINISHED:
                return None, replace(use, silent=_UNFINISHED[answer.stopped])
            return judged(answer.text, ranking, statements, case.services, self._language), use
        except ModelUnavailable as error:
            return None, replace(use, silent=error.reason)


def combined(
    verdict: Verdict | None,
    ranking: Ranking,
    use: ModelUse,
    language: Language,
    alerted: Suspect | None = None,
    *,
    traced: bool = True,
) -> tuple[Verdict, ModelUse]:
    """Return what is shown: the model's verdict where it says something, the ranking's for the rest."""
    plain = plain_verdict(ranking, language, alerted, traced=traced)
    if verdict is None:
        return plain, use
    if verdict.cause is None and plain.cause is not None:
        # Nobody is helped by hiding what stands out, but nobody should be sure of it either.
        doubted = Confidence.POSSIBLE if plain.confidence is Confidence.LIKELY else plain.confidence
        return replace(plain, confidence=doubted, dropped=verdict.dropped), replace(use, silent="unsure")
    if verdict.cause and plain.cause and verdict.cause.service == plain.cause.service:
        reach = verdict.blast_radius or plain.blast_radius
        verdict = replace(verdict, actions=verdict.actions or plain.actions, blast_radius=reach)
    return verdict, use


def _better(first: Verdict | None, second: Verdict | None) -> Verdict | None:
    if second is None or (second.cause is None and first is not None):
        return first
    return second


def _added(first: ModelUse, second: ModelUse) -> ModelUse:
    """Add up what two calls took; one that never came to anything is not named."""
    names = [use.model for use in (first, second) if use.calls] or [second.model]
    return ModelUse(
        " + ".join(names),
        first.tokens_in + second.tokens_in,
        first.tokens_out + second.tokens_out,
        first.usd + second.usd,
        first.calls + second.calls,
        second.silent or first.silent,
    )
