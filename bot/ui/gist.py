"""Puts an investigation into the one line that its card shows, and shares the words of card and report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from bot.domain.evidence import Analysis, Claim, ModelUse
from bot.domain.telemetry import PARTLY, Gap
from bot.i18n import Language, has, text
from bot.ui.limits import code, plain, shorten
from bot.ui.moments import spell

GIST = 300

_CAUSE, _ACTION, _UNSEEN, _NAMED = 120, 200, 120, 3
# Who has set up no traces need not read so on each card, nor what was read in part; where nothing is named it may be why.
_UNSET = "not_configured"
_SOURCES = frozenset({"prometheus", "loki", "tempo"})
_TO = " → "
# Where a sentence ends; what stands before a semicolon is one as well.
_SENTENCE = re.compile(r"[.!?](?=\s|$)|;(?=\s)")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,59}", re.ASCII)


def gist(analysis: Analysis, language: Language) -> str:
    """Say the cause with its confidence, what to do first, and what a reader must know to believe it.

    Nothing where none of the sources is connected and nothing else tells anything: whoever set it up so knows.
    """
    unset = {gap.source for gap in analysis.gaps if gap.reason == _UNSET} >= _SOURCES
    if unset and analysis.verdict.cause is None and not analysis.runbook_steps:
        return ""
    lines = [headline(analysis, language, _CAUSE)]
    lines += [f"-# {each}" for each in reservations(analysis, language)]
    gaps = [gap for gap in analysis.gaps if analysis.verdict.cause is None or gap.reason not in (_UNSET, *PARTLY)]
    if gaps and not unset:
        lines.append(f"-# {text(language, 'report.gaps')}: {shorten(unseen(gaps, language), _UNSEEN)}")
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
    said = sentence(cause, limit) if cause else _inconclusive(analysis, language)
    return f"🔎 **{word}**: {said}"


def _inconclusive(analysis: Analysis, language: Language) -> str:
    """Say why no cause is named: nothing was read, nobody knows what would stand out, or nothing does."""
    missed = {gap.source for gap in analysis.gaps if gap.reason not in PARTLY}
    if missed >= _SOURCES:
        return text(language, "report.unseen")
    return unknown_past(analysis, language, "inconclusive") or text(language, "report.inconclusive")


def unknown_past(analysis: Analysis, language: Language, key: str) -> str:
    """Say that nothing tells what is normal, and why; nothing where that is known."""
    why = analysis.ranking.unknown
    if why is None:
        return ""
    length = timedelta(seconds=analysis.ranking.watched_s)
    # "For only 0 s" is no length that anybody would say.
    known = why.value if length else "unwatched"
    return text(language, f"report.{key}_{known}", length=spell(length, language))


def unseen(gaps: Sequence[Gap], language: Language) -> str:
    """Name the sources that could not be read, those together that share their reason."""
    alike: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        key = next(key for key in (gap.reason, f"gap.{gap.reason}", "gap.other") if has(key))
        detail = "" if key == f"gap.{gap.reason}" else plain(gap.detail, 80)
        alike.setdefault((key, detail), []).append(plain(gap.source, 30))
    said = (text(language, key, source=", ".join(names), detail=detail) for (key, detail), names in alike.items())
    return ", ".join(each.strip() for each in said)


def reservations(analysis: Analysis, language: Language) -> list[str]:
    """Name both services when the model and the ranking do not agree, and what fires although the cause explains it not."""
    named_one, found = code(cause_service(analysis) or "–", 32), list[str]()
    if analysis.differs:
        found.append(text(language, "report.differs", model=named_one, service=code(analysis.differs, 32)))
    if analysis.unexplained:
        names = ", ".join(code(each, 32) for each in analysis.unexplained[:_NAMED])
        found.append(text(language, "report.unexplained", services=names, cause=named_one))
    return found


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
