"""Judges what a model answered: nothing is shown that it does not prove, and nothing that does harm.

A claim that names no finding, quotes a number that its findings do not say, or speaks of a service that does not exist is
struck. Without a cause that holds there is no verdict, and the ranking is shown as it is.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.advice.figures import invented
from bot.domain.evidence import Action, ActionKind, Alternative, Claim, Confidence, Ranking, Risk, Verdict
from bot.errors import ModelUnavailable
from bot.i18n import Language, text
from bot.redaction.redact import clean, unmentioned

T = TypeVar("T")

# Four times what 900 tokens can be.
_RAW = 20_000
_TEXT, _NAME, _MANY = 2000, 200, 40
_CAUSE, _CLAIM = 200, 240
MOST_WHY, MOST_ALTERNATIVES, MOST_AFFECTED, MOST_ACTIONS = 4, 2, 8, 3
_FOR_CAUSE, _SURE, _CHANNELS = 2, 0.5, 2
_ELLIPSIS = "…"

_FENCE = re.compile(r"```(?:json|JSON)?[ \t]*\n(?P<body>.*)\n[ \t]*```", re.DOTALL)
_MARKS = re.compile(r"[*`\\|~@]")
_LINK = re.compile(r"\[([^\[\]]{0,200})\]\([^()]{0,600}\)")
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{0,15}:/{1,9}|(?<!\w)(?:www\.|mailto:|javascript:|discord\.gg/))\S*")
# What only somebody says who talks to a model; it can only come out of the data.
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|above|earlier|instructions?|rules?|prompt)\b|\bsystem prompt\b"
    r"|\byou are (?:now|an? (?:ai|assistant|language))\b|\bas an ai\b|(?:지시|명령|프롬프트).{0,10}무시",
    re.IGNORECASE,
)
# Words are asked for, not something to paste into a shell at three in the morning.
_COMMAND = re.compile(
    r"&&|;\s*(?:rm|sudo|curl|sh)\b|\$\(|\b(?:curl|wget|sudo|rm -\w|kubectl (?:delete|exec)|drop (?:table|database)|base64 -d|chmod)\b",
    re.IGNORECASE,
)


class _Said(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    text: str = Field(max_length=_TEXT)
    findings: list[str] = Field(max_length=_MANY)


class _SaidClaim(_Said):
    service: str = Field("", max_length=_NAME)


class _SaidAlternative(_SaidClaim):
    why_not: str = Field(max_length=_TEXT)


class _SaidAction(_Said):
    kind: str = Field(max_length=_NAME)
    risk: str = Field(max_length=_NAME)


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    confidence: Literal["likely", "possible", "inconclusive"]
    cause: _SaidClaim | None
    why: list[_SaidClaim] = Field(max_length=_MANY)
    alternatives: list[_SaidAlternative] = Field(max_length=_MANY)
    blast_radius: list[_SaidClaim] = Field(max_length=_MANY)
    actions: list[_SaidAction] = Field(max_length=_MANY)


class _Struck(Exception):
    """A part of the answer does not hold: the text `struck.<reason>` says why."""

    def __init__(self, reason: str, what: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.what = what


def judged(
    raw: str, ranking: Ranking, statements: Mapping[str, str], services: Collection[str], language: Language = "en"
) -> Verdict:
    """Return what of a model's answer holds; `statements` are what it was told, by id of the finding.

    Raises ModelUnavailable("junk") if it is not what was asked for, or its cause does not hold.
    """
    return _Judge(ranking, statements, frozenset(services), language).verdict(_read(raw))


def harmless(words: str, limit: int) -> str:
    """Return a model's words on one line, without addresses, links, mentions and marks, cut after a word."""
    said = _MARKS.sub("", clean(unicodedata.normalize("NFKC", words)))
    # Addresses last: what is taken away before must not make a new one of its neighbours.
    line = " ".join(_URL.sub("", unmentioned(_LINK.sub(r"\1", said))).split())
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    return (head[: head.rfind(" ")] if " " in head[limit // 2 :] else head).rstrip() + _ELLIPSIS


def commanding(words: str) -> bool:
    """Tell whether words are something to paste into a shell, or repeat orders that were given to a model."""
    return bool(_COMMAND.search(words) or _ORDER.search(words))


class _Judge:
    """Holds what claims are measured by, and collects what was struck."""

    def __init__(
        self, ranking: Ranking, statements: Mapping[str, str], services: frozenset[str], language: Language
    ) -> None:
        self._ranking = ranking
        self._statements = {name: said for name, said in statements.items() if ranking.finding(name)}
        self._services = services
        self._language: Language = language
        self._names = frozenset((*services, *self._statements))
        self._dropped: list[str] = []

    def verdict(self, answer: _Answer) -> Verdict:
        cause = self._cause(answer.cause) if answer.cause else None
        confidence = self._confidence(answer.confidence, cause)
        why = self._claims("why", answer.why, MOST_WHY)
        if cause and confidence is Confidence.INCONCLUSIVE:
            # It names one, and does not believe it: that is something seen, not a cause.
            why, cause = [cause, *why][:MOST_WHY], None
        return Verdict(
            confidence=confidence,
            cause=cause,
            why=tuple(why),
            alternatives=tuple(self._alternatives(answer.alternatives, cause)),
            blast_radius=tuple(self._claims("blast_radius", answer.blast_radius, MOST_AFFECTED, named=True)),
            actions=tuple(self._actions(answer.actions)),
            dropped=tuple(self._dropped),
        )

    def _cause(self, said: _SaidClaim) -> Claim:
        try:
            cause = self._claim(said, _CAUSE, least=_FOR_CAUSE, named=True)
            self._ground(cause)
        except _Struck as struck:
            raise ModelUnavailable("junk", self._sentence("cause", struck)) from struck
        return cause

    def _ground(self, cause: Claim) -> None:
        if cause.service not in self._spoken_of(cause.findings):
            raise _Struck("elsewhere", cause.service)

    def _spoken_of(self, names: Iterable[str]) -> set[str]:
        """Return the services that findings are about: their own, and those at both ends of a call."""
        found = [each for each in map(self._ranking.finding, names) if each]
        ends = {finding.values.get(end, "") for finding in found for end in ("caller", "callee", "peer")}
        return ends | {finding.service for finding in found}

    def _claims(self, part: str, said: list[_SaidClaim], most: int, *, named: bool = False) -> list[Claim]:
        kept: list[Claim] = []
        for each in said:
            try:
                kept.append(self._claim(each, _CLAIM, named=named))
            except _Struck as struck:
                self._strike(part, struck)
        return self._first(part, kept, most)

    def _alternatives(self, said: list[_SaidAlternative], cause: Claim | None) -> list[Alternative]:
        kept: list[Alternative] = []
        for each in said:
            try:
                claim = self._claim(each, _CLAIM)
                why_not = self._words(each.why_not, (*claim.findings, *(cause.findings if cause else ())), _CLAIM)
                kept.append(Alternative(claim, why_not))
            except _Struck as struck:
                self._strike("alternatives", struck)
        return self._first("alternatives", kept, MOST_ALTERNATIVES)

    def _actions(self, said: list[_SaidAction]) -> list[Action]:
        kept: list[Action] = []
        for each in said:
            try:
                kept.append(self._action(each))
            except _Struck as struck:
                self._strike("actions", struck)
        return self._first("actions", kept, MOST_ACTIONS)

    def _action(self, said: _SaidAction) -> Action:
        try:
            kind, risk = ActionKind(said.kind), Risk(said.risk)
        except ValueError as error:
            raise _Struck("kind", f"{said.kind} / {said.risk}") from error
        if _COMMAND.search(said.text) or _COMMAND.search(harmless(said.text, _TEXT)):
            raise _Struck("command")
        findings = self._findings(said.findings, 1)
        return Action(kind, self._words(said.text, findings, _CLAIM), risk, findings)

    def _claim(self, said: _SaidClaim, limit: int, *, least: int = 1, named: bool = False) -> Claim:
        service = said.service.strip()
        if (service or named) and service not in self._services:
            raise _Struck("service", service)
        findings = self._findings(said.findings, least)
        return Claim(self._words(said.text, findings, limit), service, findings)

    def _findings(self, said: list[str], least: int) -> tuple[str, ...]:
        known = tuple(dict.fromkeys(name for name in map(str.strip, said) if name in self._statements))
        if len(known) < least:
            unknown = [name for name in said if name not in self._statements]
            raise _Struck("findings", ", ".join(unknown))
        return known

    def _words(self, said: str, findings: Iterable[str], limit: int) -> str:
        words = harmless(said, _TEXT)
        if not any(char.isalpha() for char in words):
            raise _Struck("empty")
        if _ORDER.search(words):
            raise _Struck("order")
        # Of the statement all counts that was said, also what is no address any more.
        number = invented(words, [self._statements[name] for name in findings], self._names)
        if number:
            raise _Struck("number", number)
        return harmless(words, limit)

    def _confidence(self, said: str, cause: Claim | None) -> Confidence:
        if cause is None:
            return Confidence.INCONCLUSIVE
        if said != Confidence.LIKELY.value:
            return Confidence(said)
        lead = self._ranking.lead
        channels = {found.channel for found in map(self._ranking.finding, cause.findings) if found}
        agreed = lead is not None and lead.service == cause.service
        held_up = lead is not None and (len(channels) >= _CHANNELS or lead.score >= _SURE)
        return Confidence.LIKELY if agreed and held_up else Confidence.POSSIBLE

    def _strike(self, part: str, struck: _Struck) -> None:
        sentence = self._sentence(part, struck)
        if sentence not in self._dropped:
            self._dropped.append(sentence)

    def _sentence(self, part: str, struck: _Struck) -> str:
        what = harmless(struck.what, 60) or "–"
        return text(self._language, f"struck.{struck.reason}", part=text(self._language, f"struck.{part}"), what=what)

    def _first(self, part: str, kept: list[T], most: int) -> list[T]:
        if len(kept) > most:
            self._strike(part, _Struck("surplus", str(len(kept) - most)))
        return kept[:most]


def _read(raw: str) -> _Answer:
    if len(raw) > _RAW:
        raise ModelUnavailable("junk", "the answer is too long")
    body = raw.strip()
    fenced = _FENCE.fullmatch(body)
    try:
        answer: Any = json.loads(fenced["body"] if fenced else body, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        # The parser's own words would quote what the model wrote.
        raise ModelUnavailable("junk", "the answer is not one JSON object") from None
    try:
        return _Answer.model_validate(answer)
    except ValidationError as error:
        places = {".".join(str(step) for step in item["loc"]) for item in error.errors(include_input=False)}
        raise ModelUnavailable("junk", f"the answer has another shape: {', '.join(sorted(places))[:120]}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two readers of the same key would read two answers.
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)


def _no_number(name: str) -> float:
    raise ValueError(name)
