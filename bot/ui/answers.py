"""Renders an answer to a question as one message: sentences with the ids they rest on, the evidence, what it cost.

Pure. Whatever a model or a server wrote is made harmless here; at most 1,900 characters.
"""

from __future__ import annotations

from datetime import datetime

from bot.core.investigation.phrasing import statement
from bot.domain.asking import Answered
from bot.domain.evidence import Claim, Finding
from bot.i18n import Language, has, text
from bot.ui.gist import named
from bot.ui.limits import address_of, code, link, plain, shorten
from bot.ui.moments import clocked

ANSWER = 1_900

_SENTENCE, _STATEMENT, _QUERY = 260, 220, 100
_IDS, _EVIDENCE, _WITHOUT_ANSWER = 5, 6, 10
_FOOT = 300


def answer_text(answered: Answered, language: Language, near: datetime) -> str:
    """Write the answer, or what was looked at and why there is no answer; each reader sees times by their own clock.

    `near` is when it was asked for: times are said in UTC and without a day.
    """
    lines = [clocked(_claimed(claim), near) for claim in answered.claims] or [_without(answered, language)]
    foot = _foot(answered, language)
    head = shorten("\n".join(lines), ANSWER - len(foot) - 1)
    evidence = _evidence(answered, language, near, ANSWER - len(head) - len(foot) - 2)
    return "\n".join(part for part in (head, evidence, foot) if part)


def _claimed(claim: Claim) -> str:
    cited = "".join(f" {code(name, 8)}" for name in claim.findings[:_IDS])
    return f"{named(claim.text, claim.service, _SENTENCE)}{cited}"


def _without(answered: Answered, language: Language) -> str:
    if not answered.silent:
        return text(language, "ask.unsupported")
    key = f"silent.{answered.silent}"
    reason = text(language, key if has(key) else "report.silent_other", detail="").strip(" :")
    return text(language, "ask.silent" if answered.model else "ask.no_model", reason=reason)


def _evidence(answered: Answered, language: Language, near: datetime, room: int) -> str:
    """Write the findings that are cited, or all if there is no answer, as long as they fit."""
    cited = {name for claim in answered.claims for name in claim.findings}
    # What was looked up now comes before what was known.
    findings = [*answered.findings, *answered.known]
    chosen = [each for each in findings if not cited or each.id in cited]
    title = text(language, "ask.evidence" if cited else "ask.looked_at")
    lines = [f"**{title}**"]
    left = room - len(lines[0])
    for finding in chosen[: _EVIDENCE if cited else _WITHOUT_ANSWER]:
        # An address is long; the finding is worth more than its link.
        line = next((each for each in _written(finding, language, near) if len(each) + 1 <= left), "")
        if line:
            lines.append(line)
            left -= len(line) + 1
    return "\n".join(lines) if len(lines) > 1 else ""


def _written(finding: Finding, language: Language, near: datetime) -> tuple[str, str]:
    said = clocked(named(statement(finding, language), finding.service, _STATEMENT), near)
    name = plain(finding.id, 8)
    bare = f"- {code(name, 10)} {said}"
    return (f"- {link(name, finding.link)} {said}" if address_of(finding.link) else bare), bare


def _foot(answered: Answered, language: Language) -> str:
    parts: list[str] = []
    if answered.claims and answered.silent:
        parts.append(_without(answered, language))
    if answered.missed:
        names = ", ".join(plain(name, 30) for name in answered.missed)
        parts.append(text(language, "ask.missed", sources=names))
    if answered.struck:
        parts.append(text(language, "ask.struck", count=answered.struck))
    if answered.model:
        values = {"model": plain(answered.model, 60), "usd": f"{answered.usd:.4f}", "steps": answered.steps}
        parts.append(text(language, "ask.cost", **values))
    parts.append(text(language, "report.took", seconds=f"{answered.seconds:.1f}"))
    return f"-# {shorten(' · '.join(parts), _FOOT)}"
