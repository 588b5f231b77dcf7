"""Secrets and personal data out of everything that reaches a model or a thread; what is left says what stood there.

The same value gets the same placeholder (`<ip-1>`) for as long as one Redactor lives, which is one investigation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from bot.errors import ConfigurationError

# Every quantifier is bounded and what is searched is cut, so that no line can hold the process up.
LIMIT = 20_000
_KEY = r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|auth)"

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("key", r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,8000}?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)"),
    ("webhook", r"https?://(?:\w{1,20}\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{5,25}/[\w-]{20,120}"),
    ("webhook", r"https?://hooks\.slack\.com/[\w/]{10,120}"),
    ("token", r"\beyJ[\w-]{8,2000}\.[\w-]{8,4000}(?:\.[\w-]{0,2000})?"),
    ("token", r"\beyJrIjoi[\w=+/-]{10,500}"),
    ("token", r"\b(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    ("token", r"\bAIza[\w-]{30,45}"),
    ("token", r"\bya29\.[\w-]{20,500}"),
    ("token", r"\bgh[pousr]_[A-Za-z0-9]{20,255}|\bgithub_pat_\w{20,255}"),
    ("token", r"\bglpat-[\w-]{16,64}"),
    ("token", r"\bgl(?:sa|c)_[\w=-]{16,300}"),
    ("token", r"\bxox[abeoprs]-[\w-]{10,200}"),
    ("token", r"\b[srp]k_(?:live|test)_[A-Za-z0-9]{10,200}|\bwhsec_[\w+/=]{10,200}"),
    ("token", r"\bsk-(?:ant-|proj-|svcacct-)?[\w-]{16,250}"),
    ("token", r"\bnpm_[A-Za-z0-9]{30,60}|\bpypi-[\w-]{30,300}|\bdckr_pat_[\w-]{20,60}|\bhf_[A-Za-z0-9]{20,60}"),
    ("token", r"\bSG\.[\w-]{16,32}\.[\w-]{30,60}|\bSK[0-9a-f]{32}\b|\bAC[0-9a-f]{32}\b|\bhvs\.[\w-]{20,120}"),
    ("token", r"\b\d{8,10}:AA[\w-]{30,40}"),
    ("token", r"\b[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,45}"),
    ("token", r"(?i)(?<=AccountKey=)[\w+/=]{20,120}|(?<=SharedAccessSignature=)[^\s;]{10,500}"),
    ("token", r"(?i)(?<=bearer )[\w.~+/=-]{8,4000}|(?<=basic )[\w+/=]{8,1000}"),
    ("cookie", r"(?i)(?<=cookie: )[^\r\n]{1,2000}|(?<=JSESSIONID=)[\w.!-]{8,200}|(?<=session[_-]id=)[\w.-]{8,200}"),
    ("password", r"(?i)(?<=://)[^\s/@:\"']{0,100}:[^\s/@\"']{1,200}(?=@)"),
    ("password", r"(?i)(?:(?<=PrivateKey = )|(?<=PresharedKey = ))[\w+/]{42,43}="),
    (
        "password",
        rf"(?i)(?<![a-z]){_KEY}[\"']?\s{{0,3}}[=:]\s{{0,3}}(?P<value>\"[^\"\n]{{1,300}}\"|'[^'\n]{{1,300}}'|[^\s,;&\"'<>]{{4,300}})",
    ),
    ("password", rf"(?i)[\w.-]{{0,60}}[_.-]{_KEY}[\"']?\s{{0,3}}[=:]\s{{0,3}}(?P<value>[^\s,;&\"'<>]{{4,300}})"),
    ("email", r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}\b"),
    ("resident", r"(?<!\d)\d{6}-[1-8]\d{6}(?!\d)"),
    ("phone", r"(?<![\w.-])(?:\+82[ -]?1\d|01[016789])[ -]?\d{3,4}[ -]?\d{4}(?![\w-])"),
    ("phone", r"(?<![\w.])\+\d{1,3}[ -]\d{1,4}(?:[ -]\d{2,4}){2,3}(?![\w-])"),
    ("card", r"(?<![\w.-])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w.-])"),
    ("ip", r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])"),
    (
        "ip",
        r"(?i)(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4}){1,4}(?![\w:])|(?<![\w:])[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){1,5}::[0-9a-f]{0,4}",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_PLACEHOLDER = re.compile(r"<[a-z-]{2,30}-\d{1,5}>")
_TIME = re.compile(r"^\d{1,2}(?::\d{2}){1,3}$")


def clean(text: str) -> str:
    """Remove what is invisible or turns the direction of writing; newlines and tabs stay."""
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char)[0] != "C")


class Redactor:
    """Replaces what must not leave; `extra` are names and patterns of the configuration."""

    def __init__(self, extra: Mapping[str, str] | None = None) -> None:
        self._patterns = [*_COMPILED, *_configured(extra or {})]
        self._known: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def text(self, value: str) -> str:
        """Return a text without secrets; what is beyond 20,000 characters is cut off."""
        said = clean(value[:LIMIT])
        for kind, pattern in self._patterns:
            said = pattern.sub(lambda match, kind=kind: self._replaced(kind, match), said)
        return said

    def _replaced(self, kind: str, match: re.Match[str]) -> str:
        whole = match.group()
        value = match.groupdict().get("value") or whole
        if _PLACEHOLDER.search(value) or (kind == "card" and not _luhn(value)) or (kind == "ip" and _TIME.match(value)):
            return whole
        bare = value.strip("\"'")
        key = kind, bare
        if key not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[key] = f"<{kind}-{self._counts[kind]}>"
        return whole.replace(bare, self._known[key]) if bare else whole


def _configured(extra: Mapping[str, str]) -> list[tuple[str, re.Pattern[str]]]:
    patterns: list[tuple[str, re.Pattern[str]]] = []
    for name, pattern in extra.items():
        try:
            patterns.append((re.sub(r"[^a-z-]", "-", name.lower())[:30] or "own", re.compile(pattern)))
        except re.error as error:
            mistake = f"investigation.redact.{name}: {error}"
            raise ConfigurationError("errors.configuration", file="config/bot.yml", mistakes=mistake) from error
    return patterns


def _luhn(value: str) -> bool:
    digits = [int(char) for char in value if char.isdigit()]
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [digit * 2 - 9 * (digit > 4) if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0
