"""Makes the verdict that is shown when no model speaks: what the numbers say, and nothing that no finding holds up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.core.investigation.phrasing import (
    HELD,
    STANDS,
    STATEMENT,
    WAITS,
    change_text,
    mechanism_text,
    name_of_service,
    statement,
    values_of,
)
from bot.core.investigation.steps import blamed, looks, steps
from bot.domain.evidence import LIKELY, Alternative, Claim, Confidence, Finding, Ranking, Suspect, Verdict
from bot.domain.shortening import whole_words
from bot.i18n import Language, text

_AGAIN = "restarts-again"
_ALTERNATIVE = 0.4
_WHYS, _ALTERNATIVES, _AFFECTED = 4, 2, 8


def plain_verdict(
    ranking: Ranking, language: Language, alerted: Suspect | None = None, *, traced: bool = True
) -> Verdict:
    """Say what the ranking says, without a model: only what its findings hold up.

    `alerted` is whom the alert is about and what it complains of: where one looks if nobody stands out. Without
    `traced` nobody is sent to traces, which are not there or cannot be read.
    """
    lead = ranking.lead
    if lead is None:
        return _inconclusive(ranking, alerted, language, traced=traced)
    found = _told(ranking, lead)
    cause = _cause(lead, found, language)
    culprit = blamed(ranking, lead)
    if culprit:
        # "Bad deploy, after deploy" would say it twice.
        key = "report.cause_deploy" if lead.mechanism == culprit.kind.value else "report.cause_after"
        change = change_text(culprit, language)
        cause = text(language, key, cause=cause, change=change, service=name_of_service(lead.service))
    return Verdict(
        confidence=_confidence(lead),
        cause=Claim(whole_words(cause, STATEMENT), lead.service, lead.findings),
        why=tuple(_claim(finding, language) for finding in found[:_WHYS]),
        alternatives=_alternatives(ranking, lead, language),
        blast_radius=_blast_radius(ranking, language),
        actions=steps(ranking, lead, language, traced=traced),
    )


def _cause(lead: Suspect, found: Sequence[Finding], language: Language) -> str:
    """Say what is wrong; of who waits for somebody else, for what and how long."""
    wanted = {"dependency": WAITS, "pool": HELD, "unavailable": _AGAIN, "pods": _AGAIN}.get(lead.mechanism)
    for each in found:
        if wanted and each.key.removesuffix(STANDS) == wanted:
            return text(language, f"report.cause_{each.key}", **values_of(each, language))
    return mechanism_text(lead.mechanism, lead.service, language)


def _claim(finding: Finding, language: Language) -> Claim:
    return Claim(statement(finding, language), finding.service, (finding.id,))


def _strongest(ranking: Ranking, names: Iterable[str]) -> list[Finding]:
    """Order findings so that each channel's best comes before any channel's second."""
    wanted = set(names)
    ordered = sorted((each for each in ranking.findings if each.id in wanted), key=lambda each: -each.score)
    firsts = {finding.channel: finding.id for finding in reversed(ordered)}
    return sorted(ordered, key=lambda each: firsts[each.channel] != each.id)


def _told(ranking: Ranking, lead: Suspect) -> list[Finding]:
    """Order what speaks against the first: what tells the mechanism that is said comes before all else."""
    return sorted(_strongest(ranking, lead.findings), key=lambda each: each.id != lead.tells)


def _confidence(lead: Suspect) -> Confidence:
    return Confidence.LIKELY if lead.score >= LIKELY else Confidence.POSSIBLE


def _alternatives(ranking: Ranking, lead: Suspect, language: Language) -> tuple[Alternative, ...]:
    near = [each for each in ranking.suspects[1:] if each.score >= _ALTERNATIVE * lead.score]
    return tuple(
        Alternative(
            Claim(mechanism_text(each.mechanism, each.service, language), each.service, each.findings),
            _why_not(ranking, lead, each, language),
        )
        for each in near[:_ALTERNATIVES]
    )


def _why_not(ranking: Ranking, lead: Suspect, other: Suspect, language: Language) -> str:
    for finding in ranking.findings:
        if (finding.values.get("caller"), finding.values.get("callee")) == (other.service, lead.service):
            return text(language, "report.why_not_caller", service=name_of_service(lead.service))
    ours, theirs = (len({f.channel for f in _strongest(ranking, each.findings)}) for each in (lead, other))
    if 0 < theirs < ours:
        return text(language, "report.why_not_channels", count=theirs, lead=ours)
    return text(language, "report.why_not_weaker", score=f"{other.score:.2f}", lead=f"{lead.score:.2f}")


def _blast_radius(ranking: Ranking, language: Language) -> tuple[Claim, ...]:
    claims: list[Claim] = []
    lead = ranking.lead.service if ranking.lead else ""
    for service in [each for each in ranking.affected if each != lead][:_AFFECTED]:
        names = [finding.id for finding in ranking.findings if finding.service == service]
        found = _strongest(ranking, names)
        said = (
            statement(found[0], language)
            if found
            else text(language, "report.affected", service=name_of_service(service))
        )
        claims.append(Claim(said, service, (found[0].id,) if found else ()))
    return tuple(claims)


def _inconclusive(ranking: Ranking, alerted: Suspect | None, language: Language, *, traced: bool) -> Verdict:
    found = _strongest(ranking, [finding.id for finding in ranking.findings])
    return Verdict(
        confidence=Confidence.INCONCLUSIVE,
        why=tuple(_claim(finding, language) for finding in found[:_WHYS]),
        blast_radius=_blast_radius(ranking, language),
        actions=looks(ranking, alerted, language, traced=traced),
    )
