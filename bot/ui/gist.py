"""Puts an investigation into the one line that its card shows, and shares the words of card and report."""

from __future__ import annotations

import re

from bot.domain.evidence import Analysis, Claim, ModelUse
from bot.i18n import Language, has, text
from bot.ui.limits import code, plain, shorten

GIST = 300

_CAUSE, _ACTION = 120, 200
_TO = " → "
# Where a sentence ends; what stands before a semicolon is one as well.
_SENTENCE = re.compile(r"[.!?](?=\s|$)|;(?=\s)")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,59}", re.ASCII)


def gist(analysis: Analysis, language: Language) -> str:
    """Say the cause with its confidence, what to do first, and what a reader must know to believe it."""
    lines = [headline(analysis, language, _CAUSE)]
    if analysis.differs:
        lines.append(f"-# {differing(analysis, language)}")
    action = first_action(analysis, language, GIST - sum(map(len, lines)) - len(lines) - len(_TO))
    if action:
        lines[0] += f"{_TO}{action}"
    return shorten("\n".join(lines), GIST)


def first_action(analysis: Analysis, language: Language, room: int) -> str:
    """Say what to do first: the cause's own step, else what people wrote down for this alert; whole sentences only."""
    service = cause_service(analysis)
    steps = [action.text for action in analysis.verdict.actions[:1]]
    found = [whole(named(step, service, _ACTION), room) for step in steps]
    if analysis.verdict.cause is None or not any(found):
        # Without a cause its step is only "look around"; people have written down where.
        runbook = text(language, "report.runbook")
        written = [f"{runbook}: {named(step, service, _ACTION)}" for step in analysis.runbook_steps[:1]]
        found = [*(whole(step, room) for step in written), *found]
    return next(filter(None, found), "")


def whole(words: str, room: int) -> str:
    """Return as many whole sentences as fit; nothing if not even the first does."""
    if len(words) <= room and not words.endswith("…"):
        return words
    ends = [match.end() for match in _SENTENCE.finditer(words) if match.end() <= room]
    return words[: ends[-1]].rstrip() if ends else ""


def headline(analysis: Analysis, language: Language, limit: int) -> str:
    """Say how sure it is and what the cause is; `limit` is for the cause alone."""
    cause = analysis.verdict.cause
    word = text(language, f"confidence.{analysis.verdict.confidence.value}")
    said = sentence(cause, limit) if cause else text(language, "report.inconclusive")
    return f"🔎 **{word}**: {said}"


def differing(analysis: Analysis, language: Language) -> str:
    """Name both services when the model and the ranking do not agree."""
    ours, theirs = code(analysis.differs, 32), code(cause_service(analysis) or "–", 32)
    return text(language, "report.differs", model=theirs, service=ours)


def without_model(use: ModelUse, language: Language) -> str:
    """Say why the model is silent; nothing if it is not."""
    if not use.silent:
        return ""
    known = [key for key in (use.silent, f"silent.{use.silent}") if has(key)]
    reason = text(language, next(iter(known), "report.silent_other"), detail="")
    return text(language, "report.no_model", reason=reason.strip(" :"))


def cause_service(analysis: Analysis) -> str:
    """Return the service that is said to be the cause."""
    return analysis.verdict.cause.service if analysis.verdict.cause else ""


def sentence(claim: Claim, limit: int) -> str:
    """Write a claim so that it does no harm, with its service as a name."""
    return named(claim.text, claim.service, limit)


def named(words: str, service: str, limit: int) -> str:
    """Write anybody's words, and set off the service where they name it first."""
    safe = plain(words, limit - 2)
    if not _NAME.fullmatch(service):
        return safe
    # Hangul follows a name without a space, so only ASCII letters make another word of it.
    name = re.compile(rf"(?<![\w.-]){re.escape(plain(service, 60))}(?![\w-])", re.ASCII)
    return name.sub(lambda _: code(service, 62), safe, count=1)
