"""Turns observations into what is shown: the ranking, its findings without secrets and with links, and the verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from bot.advice.adviser import Adviser, combined
from bot.domain.evidence import Analysis, Channel, Finding, ModelUse, Ranking, Verdict
from bot.domain.inquiries import Case
from bot.domain.owners import Catalogue
from bot.domain.plans import Explore, Plan
from bot.domain.runbooks import steps_of
from bot.i18n import Language
from bot.ranking.links import linked
from bot.ranking.rank import rank
from bot.redaction.redact import Redactor, unmentioned

_MOST, _TEXT = 20, 300


def hidden(ranking: Ranking, redactor: Redactor) -> Ranking:
    """Return the ranking without secrets: what a thread, a card or a model may see of it."""
    findings = tuple(
        replace(finding, values={name: redactor.text(value) for name, value in finding.values.items()})
        for finding in ranking.findings
    )
    culprit = ranking.culprit
    if culprit is not None:
        culprit = replace(culprit, text=redactor.text(culprit.text)[:_TEXT], id=redactor.text(culprit.id))
    return replace(ranking, findings=findings, culprit=culprit)


class RankingAnalyst:
    """Implements `bot.ports.Analyst`: the ranking, and a model's verdict on it if there is an adviser.

    Without one `silent` says why: no-key or off.
    """

    def __init__(
        self,
        *,
        explore: Explore,
        catalogue: Catalogue,
        plan: Plan,
        language: Language,
        redact: Mapping[str, str] | None = None,
        adviser: Adviser | None = None,
        silent: str = "no-key",
    ) -> None:
        # Compiled once here, so that a mistake in the configuration stops the start.
        Redactor(redact)
        self._explore = explore
        self._catalogue = catalogue
        self._plan = plan
        self._language: Language = language
        self._redact = redact
        self._adviser = adviser
        self._silent = silent

    async def explain(self, case: Case) -> Analysis:
        """Rank, say what the numbers say, and what a model makes of it."""
        redactor = Redactor(self._redact)
        # A second of arithmetic would hold up every card.
        ranking = await asyncio.to_thread(self._ranked, case, redactor)
        advice, use = None, ModelUse(silent=self._silent)
        if self._adviser:
            advice, use = await self._adviser.advise(case, ranking, redactor)
        verdict, use = combined(advice, ranking, use, self._language)
        return Analysis(
            ranking=ranking,
            verdict=verdict,
            use=use,
            differs=_contradicted(ranking, verdict),
            gaps=tuple(replace(gap, detail=redactor.text(gap.detail)) for gap in case.observations.gaps),
            runbook=case.runbook_url,
            runbook_steps=await asyncio.to_thread(_steps, case.runbook, redactor),
            similar=tuple(past.number for past in case.past),
        )

    def _ranked(self, case: Case, redactor: Redactor) -> Ranking:
        ranking = hidden(rank(case.observations, redactor), redactor)
        findings = [linked(each, self._explore, self._catalogue, self._plan) for each in ranking.findings]
        room = _MOST - len(findings)
        findings += [self._past(case, place) for place in range(min(room, 2, len(case.past)))]
        return replace(ranking, findings=tuple(findings))

    def _past(self, case: Case, place: int) -> Finding:
        past = case.past[place]
        values = {"number": str(past.number), "cause": past.cause, "when": f"{past.opened_at:%Y-%m-%d}"}
        return Finding(
            f"{Channel.HISTORY.value}{place + 1}", Channel.HISTORY, past.service, "happened-before", values, 0.1
        )


def _steps(runbook: str, redactor: Redactor) -> tuple[str, ...]:
    # Before anything is cut: nobody would know half of a secret any more.
    return steps_of(unmentioned(redactor.text(runbook)))


def _contradicted(ranking: Ranking, verdict: Verdict) -> str:
    lead, cause = ranking.lead, verdict.cause
    return lead.service if lead and cause and cause.service != lead.service else ""
