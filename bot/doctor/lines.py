"""Runs probes and prints their lines: ok, worth knowing, or wrong; shared by `check` and `verify`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TextIO

from bot.errors import BongsuError
from bot.i18n import Language, Phrase, text

DEADLINE_S = 15.0

# An address may hold credentials before its host or behind its question mark.
_USERINFO = re.compile(r"(\w+://)[^/\s@]*@")
_QUERY = re.compile(r"(\w+://[^\s?\"']*)\?[^\s\"']*")


class Level(Enum):
    """How a line ends: ok, worth knowing, or unfit."""

    OK = "✅"
    NOTE = "➖"
    WRONG = "❌"


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One line of the answer."""

    level: Level
    subject: str
    words: str


Probe = Callable[[], Awaitable[list[CheckFinding]]]


class LineWriter:
    """Makes findings in the operator's language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def subject(self, name: str, /, **values: object) -> str:
        """Name what a line of `verify` is about."""
        return text(self.language, f"verify.subject.{name}", **values)

    def ok(self, subject: str, key: str, **values: object) -> CheckFinding:
        """Say that something is as it should be."""
        return CheckFinding(Level.OK, subject, text(self.language, key, **values))

    def note(self, subject: str, key: str, **values: object) -> CheckFinding:
        """Say what is worth knowing and no fault."""
        return CheckFinding(Level.NOTE, subject, text(self.language, key, **values))

    def wrong(self, subject: str, key: str, **values: object) -> CheckFinding:
        """Say what is wrong."""
        return CheckFinding(Level.WRONG, subject, text(self.language, key, **values))

    async def tried(self, subject: str, probe: Probe, deadline_s: float = DEADLINE_S) -> list[CheckFinding]:
        """Run a probe; what it raises becomes a finding, and so does its silence."""
        try:
            async with asyncio.timeout(deadline_s):
                return await probe()
        except BongsuError as error:
            return [CheckFinding(Level.WRONG, subject, sentence(self.language, error))]
        except TimeoutError:
            return [self.wrong(subject, "check.timeout", seconds=f"{deadline_s:.0f}")]


def told(findings: Sequence[CheckFinding], out: TextIO) -> int:
    """Print the lines, at once, and return how many are wrong."""
    for finding in findings:
        print(f"{finding.level.value} {finding.subject}: {finding.words}", file=out, flush=True)
    return sum(finding.level is Level.WRONG for finding in findings)


def without_secrets(words: str) -> str:
    """Cut credentials and questions out of the addresses in somebody's words."""
    return _QUERY.sub(r"\1", _USERINFO.sub(r"\1", words))


def sentence(language: Language, error: BongsuError) -> str:
    """Say what went wrong, without the credentials that somebody's words may hold; texts of ours stay whole."""
    return text(language, error.key, **{name: _safe(value) for name, value in error.values.items()})


def _safe(value: object) -> object:
    if isinstance(value, Phrase):
        return Phrase(value.key, **{name: _safe(inner) for name, inner in value.values.items()})
    return without_secrets(value) if isinstance(value, str) else value


def joined(names: Iterable[str], most: int = 8) -> str:
    """Write names one after the other, the first few if there are many."""
    kept = list(names)
    return ", ".join(kept[:most]) + (f", … (+{len(kept) - most})" if len(kept) > most else "")
