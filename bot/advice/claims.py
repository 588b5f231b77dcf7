"""Keeps the sentences of a model's answer that hold: each names findings and invents nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import cast

from bot.advice.dossier import Dossier
from bot.advice.figures import invented
from bot.advice.verdict import commanding, harmless
from bot.domain.evidence import Claim
from bot.models.provider import Json, obj, objects, words

MOST = 6
_SENTENCE, _RAW, _READ, _NAMED = 240, 8_000, 20, 8

_IDS = r"[A-Z]\d{1,4}(?:\s{0,2}[,;·]\s{0,2}[A-Z]\d{1,4}){0,8}"
_MARKER = re.compile(rf"\s{{0,3}}[\[(]({_IDS})[\])]")
_ID = re.compile(r"[A-Z]\d{1,4}")
_END = re.compile(r"(?<=[.!?。])\s+(?=[^\s\[(])|\n+")
_FENCE = re.compile(r"```(?:json)?\s*\n(?P<body>.*)\n\s*```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CheckedClaims:
    """What holds, and why the rest does not, in words for the model."""

    claims: tuple[Claim, ...] = ()
    struck: tuple[str, ...] = ()


def of_call(arguments: Json, dossier: Dossier, names: Collection[str]) -> CheckedClaims:
    """Judge the arguments of the tool that answers: `sentences`, each with a `text` and its `findings`."""
    said = [
        (words(each.get("text")), tuple(words(name).strip() for name in _listed(each.get("findings"))))
        for each in objects(arguments.get("sentences"))[:_READ]
    ]
    return _judged(said, dossier, names)


def of_text(raw: str, dossier: Dossier, names: Collection[str]) -> CheckedClaims:
    """Judge an answer in words: JSON as the tool takes it, or sentences that name findings like [Q1]."""
    body = raw[:_RAW].strip()
    fenced = _FENCE.fullmatch(body)
    try:
        parsed = obj(json.loads(fenced["body"] if fenced else body))
    except (ValueError, RecursionError):
        parsed = {}
    if parsed:
        return of_call(parsed, dossier, names)
    return _judged([(part, ()) for part in _END.split(body) if part.strip()][:_READ], dossier, names)


def _judged(said: list[tuple[str, tuple[str, ...]]], dossier: Dossier, names: Collection[str]) -> CheckedClaims:
    claims: list[Claim] = []
    struck: list[str] = []
    for place, (text, findings) in enumerate(said, 1):
        named = (*findings, *_marked(text))
        known = tuple(dict.fromkeys(name for name in named if dossier.find(name)))[:_NAMED]
        sentence = harmless(_MARKER.sub("", text), len(text) + 1)
        problem = _problem(text, sentence, known, dossier, names)
        if problem:
            struck.append(f"sentence {place} {problem}")
        elif len(claims) < MOST:
            found = [finding for finding in map(dossier.find, known) if finding]
            services = {finding.service for finding in found}
            claims.append(Claim(harmless(sentence, _SENTENCE), services.pop() if len(services) == 1 else "", known))
    return CheckedClaims(tuple(claims), tuple(struck))


def _problem(text: str, sentence: str, known: tuple[str, ...], dossier: Dossier, names: Collection[str]) -> str:
    if not any(char.isalpha() for char in sentence):
        return "says nothing"
    if not known:
        return "names no finding that exists"
    if commanding(text) or commanding(sentence):
        return "holds a command, or words that are not for people"
    number = invented(sentence, [dossier.source(name) for name in known], names)
    return f"says {number}, which its findings do not say" if number else ""


def _marked(text: str) -> Iterator[str]:
    for match in _MARKER.finditer(text):
        yield from _ID.findall(match[1])


def _listed(raw: object) -> list[object]:
    return cast("list[object]", raw)[:_READ] if isinstance(raw, list) else []
