"""All that leaves the process of a ranking: every finding and the verdict as they are written, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

from bot.advice.analyst import hidden
from bot.core.investigation.phrasing import statement
from bot.core.investigation.plain import plain_verdict
from bot.domain.evidence import Claim, Ranking, Verdict
from bot.i18n import Language
from bot.redaction.redact import Redactor

_LANGUAGES: tuple[Language, ...] = ("en", "ko")


def shown(ranking: Ranking) -> str:
    """Return it as one text."""
    ranking = hidden(ranking, Redactor())
    return "\n".join(text for language in _LANGUAGES for text in _texts(ranking, language))


def _texts(ranking: Ranking, language: Language) -> Iterator[str]:
    for finding in ranking.findings:
        yield statement(finding, language)
        yield finding.query
        yield finding.service
    verdict = plain_verdict(ranking, language)
    yield from (claim.text for claim in _claims(verdict))
    yield from (action.text for action in verdict.actions)
    yield from (alternative.why_not for alternative in verdict.alternatives)
    yield from (f"{suspect.service} {suspect.mechanism}" for suspect in ranking.suspects)


def _claims(verdict: Verdict) -> Iterator[Claim]:
    if verdict.cause:
        yield verdict.cause
    yield from verdict.why
    yield from verdict.blast_radius
    yield from (alternative.claim for alternative in verdict.alternatives)
