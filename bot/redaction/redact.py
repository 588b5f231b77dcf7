r"""Takes secrets and personal data out of what reaches a model or a thread; what is left says what stood there.

The same value gets the same placeholder (`<ip-1>`) for as long as one Redactor lives, which is one investigation.
Every quantifier is bounded, what is searched is cut, and patterns of an operator are RE2's, so that no line can hold the
process up.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

from bot.redaction.own_patterns import own_rule

if TYPE_CHECKING:
    from bot.redaction.patterns import RedactionRule

LIMIT = 20_000
_ELLIPSIS = "…"
_WORD = 512
# A replaced value can make its neighbour visible to an earlier pattern; more than two rounds are rare.
_ROUNDS = 6

_COLOURS = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")
# The same, and invisible characters, as JSON or a shell writes them.
_ESCAPED = re.compile(
    r"\\(?:u00|x|0)(?:1[bB]|33)\[[0-9;?]{0,20}[A-Za-z]|\\u(?:200[b-fB-F]|202[a-eA-E]|206[0-9a-fA-F]|[fF][eE][fF]{2}|00[aA][dD])"
)
# Letters, marks and spaces in name only: nobody sees them, but they would tear a secret apart.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# How Discord writes mentions, commands, emojis and moments; without its first character it is text.
_MENTION = re.compile(r"<+(?=@[!&]?\d|#\d|/\w|a?:\w|id:|t:-?\d)|@+(?=everyone|here)")


def clean(text: str) -> str:
    """Remove what is invisible, colours or turns the direction of writing; newlines and tabs stay."""
    words = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    # Each kind of character once, of which a text of ten thousand has some hundred; None leaves it out.
    changed = {ord(kind): _FULL_WIDTH.get(ord(kind)) for kind in set(words) if _is_full_width_or_unseen(kind)}
    return _COLOURS.sub("", words.translate(changed) if changed else words).replace("\x1b", "")


def _is_full_width_or_unseen(char: str) -> bool:
    return ord(char) in _FULL_WIDTH or (char not in "\n\t\x1b" and unicodedata.category(char)[0] == "C")


def unmentioned(text: str) -> str:
    """Remove what Discord would make a mention, a command or an emoji of; placeholders stay."""
    return _MENTION.sub("", text)


class Redactor:
    """Replaces what must not leave; `extra` are names and patterns of the configuration.

    Raises ConfigurationError for a pattern that nobody can read.
    """

    def __init__(self, extra: Mapping[str, str] | None = None) -> None:
        # Here, because it compiles fifty patterns, and a start has no text for them.
        from bot.redaction.patterns import RULES

        self._rules = RULES
        self._own = tuple(own_rule(name, pattern) for name, pattern in (extra or {}).items())
        kinds = "|".join(sorted({rule.kind for rule in (*self._rules, *self._own)}))
        self._placeholder = re.compile(rf"(<(?:{kinds})-[0-9]{{1,6}}>)")
        self._salt = secrets.token_bytes(16)
        self._known: dict[tuple[str, bytes], str] = {}
        self._counts: dict[str, int] = {}

    def text(self, value: str, limit: int = LIMIT) -> str:
        """Return a text without secrets; what is beyond `limit`, 20,000 characters at most, is cut off before it is searched."""
        # What is cleaned away does not count, but nobody has to clean a gigabyte.
        said = _cut(clean(_cut(value, 4 * limit)), min(limit, LIMIT))
        for _ in range(_ROUNDS):
            before, said = said, _cut(self._round(said), LIMIT)
            if said == before:
                break
        return said

    def labels(self, labels: Mapping[str, str], limit: int = LIMIT) -> dict[str, str]:
        """Redact values whose name may tell that they are secret."""
        redacted: dict[str, str] = {}
        for name, value in labels.items():
            said = self.text(f"{name}={value}", limit)
            redacted[self.text(name, limit)] = (
                said.removeprefix(f"{name}=") if said.startswith(f"{name}=") else self.text(value, limit)
            )
        return redacted

    def _round(self, said: str) -> str:
        said = _ESCAPED.sub("", said)
        for rule in self._rules:
            said = rule.pattern.sub(lambda match, rule=rule: self._replaced(rule, match), said)
        for rule in self._own:
            # A pattern of the operator may fit our own placeholders.
            parts = self._placeholder.split(said)
            said = "".join(
                part if place % 2 else rule.pattern.sub(lambda match, rule=rule: self._replaced(rule, match), part)
                for place, part in enumerate(parts)
            )
        return said

    def _replaced(self, rule: RedactionRule, match: re.Match[str]) -> str:
        whole = match.group()
        start, end = match.span(0 if rule in self._own else match.lastgroup or 0)
        value = match.string[start:end]
        if not value or self._placeholder.fullmatch(value.rstrip(".,:;!")) or rule.spares(value, whole):
            return whole
        start, end = start - match.start(), end - match.start()
        return whole[:start] + self._name(rule.kind, value) + whole[end:]

    def _name(self, kind: str, value: str) -> str:
        # Only a salted digest is kept: nobody can ask a Redactor what it has seen.
        key = kind, blake2b(value.encode("utf-8", "replace"), key=self._salt, digest_size=16).digest()
        if key not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[key] = f"<{kind}-{self._counts[kind]}>"
        return self._known[key]


def _cut(text: str, limit: int) -> str:
    """Cut between two words, because no pattern would know half of a secret any more."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    end = next((place for place in range(len(head) - 1, len(head) - _WORD, -1) if head[place].isspace()), limit - _WORD)
    return head[:end] + _ELLIPSIS
