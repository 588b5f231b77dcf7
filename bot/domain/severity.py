"""Describes how bad an alert is, and reads the words with which people say so. No I/O."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Severity(Enum):
    """How bad: P1 critical (answer in 15 min), P2 high (1 h), P3 warning (working hours), P4 info."""

    P1 = 1
    P2 = 2
    P3 = 3
    P4 = 4

    @classmethod
    def read(cls, label: str | None) -> Severity | None:
        """Read a `severity` label by the usual words; None for a missing or unknown one."""
        return USUAL_WORDS.get(bare(label or ""))

    def worse_of(self, other: Severity) -> Severity:
        """Return the more severe of the two."""
        return self if self.value <= other.value else other


def bare(word: str) -> str:
    """Return letters and digits alone: `SEV-1`, `sev 1` and `Sev_1` are one word."""
    return "".join(filter(str.isalnum, word.lower()))


# What people call it, after what rules in public repositories carry, and in Korean; `severities` in bot.yml adds to it.
WORDS_OF: Final = {
    Severity.P1: (
        *("critical", "crit", "p1", "page", "disaster", "emergency", "emerg", "fatal", "urgent", "sev1", "sev0", "s1"),
        *("p0", "s0", "blocker", "outage", "highest", "panic", "심각", "긴급", "치명", "치명적", "재난", "장애"),
    ),
    Severity.P2: ("high", "p2", "error", "err", "major", "alert", "sev2", "s2", "severe", "높음", "중대", "오류"),
    Severity.P3: (
        *("warning", "warn", "p3", "average", "medium", "minor", "ticket", "sev3", "s3", "moderate", "noncritical"),
        *("경고", "주의", "보통", "중간"),
    ),
    Severity.P4: (
        *("info", "information", "informational", "p4", "none", "low", "lowest", "notice", "ok", "debug", "trivial"),
        *("notclassified", "sev4", "sev5", "s4", "p5", "normal", "정보", "알림", "낮음"),
    ),
}
LEVELS: Final = {severity.value: severity for severity in Severity}
USUAL_WORDS: Final = {word: severity for severity, words in WORDS_OF.items() for word in words}
