"""Guesses from a webhook's bytes how soon it is to be read, before anybody reads it. No I/O.

It decides about an order and nothing else, so it may be wrong: of two bodies of one group the older one always goes first.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from bot.domain.labels import SEVERITY_LABELS, Vocabulary
from bot.domain.severity import USUAL_WORDS, Severity, bare

_SAYS: Final = re.compile(
    rb'"(?:' + "|".join(SEVERITY_LABELS).encode() + rb')"\s*:\s*"?([^"\\,{}\[\]]{1,40})', re.IGNORECASE
)
_EACH_HAS: Final = b'"startsAt"'
_GROUP: Final = re.compile(rb'"groupKey"\s*:\s*"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Triage:
    """How bad the worst of a body is, as far as one sees, and which group it is about."""

    severity: Severity = Severity.P2
    group: str = ""


UNKNOWN: Final = Triage()


def triage(body: bytes, vocabulary: Vocabulary) -> Triage:
    """Look at a body; one that says nothing of how bad it is counts as P2, as its alerts will."""
    said = _SAYS.findall(body)
    known = [_severity(word, vocabulary) for word in set(said)]
    if len(said) < body.count(_EACH_HAS) or not known:
        known.append(Severity.P2)
    group = _GROUP.search(body)
    name = hashlib.sha256(group[1]).hexdigest()[:16] if group else ""
    return Triage(min(known, key=lambda severity: severity.value), name)


def _severity(word: bytes, vocabulary: Vocabulary) -> Severity:
    plain = bare(word.decode("utf-8", "replace"))
    return vocabulary.words.get(plain) or USUAL_WORDS.get(plain) or Severity.P2
