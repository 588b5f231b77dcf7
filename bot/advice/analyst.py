"""Turns observations into what is shown: the ranking, its findings without secrets and with links, and the verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from bot.advice.adviser import Adviser, combined
from bot.domain.apart import known_by
from bot.domain.evidence import Analysis, Channel, Finding, ModelUse, Ranking, Suspect, Verdict
from bot.domain.inquiries import Case
from bot.domain.labels import name_of
from bot.domain.owners import Catalogue
from bot.domain.plans import Explore, Plan
from bot.domain.runbooks import steps_of
from bot.domain.telemetry import PARTLY, MetricKind
from bot.i18n import Language
from bot.ranking.links import linked
from bot.redaction.redact import Redactor, unmentioned

_MOST, _TEXT = 20, 300
# What an alert of each kind complains of, as the ranking names it.
_COMPLAINTS = {
    MetricKind.LATENCY: "latency",
    MetricKind.ERRORS: "errors",
    MetricKind.SATURATION: "saturation",
    MetricKind.AVAILABILITY: "unavailable",
    MetricKind.TRAFFIC: "traffic",
}
# What these complain of is felt by whoever asks, whatever it is that is short.
_TOLD = frozenset({MetricKind.LATENCY, MetricKind.ERRORS, MetricKind.AVAILABILITY})


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
        gaps = case.observations.gaps
        traced = not any(gap.source == "tempo" and gap.reason not in PARTLY for gap in gaps)
        verdict, use = combined(advice, ranking, use, self._language, _alerted(case), traced=traced)
        return Analysis(
            ranking=ranking,
            verdict=verdict,
            use=use,
            differs=_contradicted(ranking, verdict),
            gaps=tuple(replace(gap, detail=redactor.text(gap.detail)) for gap in gaps),
            runbook=case.runbook_url,
            runbook_steps=await asyncio.to_thread(_steps, case.runbook, redactor),
            similar=tuple(past.number for past in case.past),
        )

    def _ranked(self, case: Case, redactor: Redactor) -> Ranking:
        # Here, and so in a thread: twenty modules that no start needs.
        from bot.ranking.rank import rank

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


def _alerted(case: Case) -> Suspect | None:
    from bot.ranking.topology import mechanism_of

    seen = case.observations
    name = seen.service or known_by(seen.labels)
    said = f"{name_of(seen.labels)} {seen.summary}"
    told = "" if seen.kind in _TOLD else mechanism_of(said)
    return Suspect(name, 0.0, told or _COMPLAINTS.get(seen.kind, "unknown"), ()) if name else None


def _steps(runbook: str, redactor: Redactor) -> tuple[str, ...]:
    # Before anything is cut: nobody would know half of a secret any more.
    return steps_of(unmentioned(redactor.text(runbook)))


def _contradicted(ranking: Ranking, verdict: Verdict) -> str:
    lead, cause = ranking.lead, verdict.cause
    return lead.service if lead and cause and cause.service != lead.service else ""
