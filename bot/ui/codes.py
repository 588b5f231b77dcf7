"""Names, explains and links the codes of the evidence (`M1`, `T2`) in a report."""

from __future__ import annotations

from bot.domain.evidence import Analysis, Claim, Finding
from bot.i18n import Language, has, text
from bot.ui.limits import address_of, code, plain

_LINKED = 4


def cited(claim: Claim | None) -> str:
    """Name the evidence of a claim, as it is named in the report."""
    return "".join(f" {code(name, 8)}" for name in claim.findings[:_LINKED]) if claim else ""


def codes_line(analysis: Analysis, language: Language) -> str:
    """Explain the codes where they first stand: `M1` is a metric."""
    verdict = analysis.verdict
    claims = [*([verdict.cause] if verdict.cause else []), *verdict.why]
    letters = dict.fromkeys(name[:1] for claim in claims for name in claim.findings)
    said = [f"{letter} {text(language, f'channel.{letter}')}" for letter in letters if has(f"channel.{letter}")]
    return f"-# {text(language, 'report.codes', codes=', '.join(said))}" if said else ""


def links(analysis: Analysis, runbook: str, language: Language) -> tuple[tuple[str, str], ...]:
    """Offer the evidence of the cause, then of the reasons, and the runbook: one row of buttons."""
    verdict, found = analysis.verdict, analysis.ranking.finding
    claims = ([verdict.cause] if verdict.cause else []) + list(verdict.why)
    named = dict.fromkeys(name for claim in claims for name in claim.findings)
    findings = (finding for finding in map(found, named) if finding)
    linked = [each for each in findings if address_of(each.link)][:_LINKED]
    shown = [(_label(each, language), address_of(each.link)) for each in linked]
    address = address_of(analysis.runbook) or address_of(runbook)
    return (*shown, *([(text(language, "report.runbook"), address)] if address else []))


def _label(finding: Finding, language: Language) -> str:
    name = plain(finding.id, 8) or "–"
    kind = text(language, f"channel.{finding.channel.value}")
    return f"{kind[:1].upper()}{kind[1:]} {name}"
