"""Gathers the evidence of one question under ids that last: what is known from before, and what is looked up for it.

All that sources told is redacted here, before a model, a thread or the store sees it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from bot.advice.document import Hand, tokens
from bot.core.investigation.phrasing import statement
from bot.domain.asking import Asked, LookupResult
from bot.domain.evidence import Finding
from bot.errors import QueryRejected, SourceError
from bot.i18n import Language

LETTER = "Q"
MOST_TOKENS = 1_200
_TEXT, _VALUE, _CELLS = 300, 400, 40


class Dossier:
    """Findings by id: those of the last investigation, those of earlier questions, and new ones numbered after them."""

    def __init__(self, asked: Asked, hand: Hand, language: Language, linked: Callable[[Finding], Finding]) -> None:
        self._hand = hand
        self._language: Language = language
        self._linked = linked
        ranked = asked.analysis.ranking.findings if asked.analysis else ()
        told = [finding for exchange in asked.earlier for finding in exchange.findings]
        self.known = {finding.id: finding for finding in (*ranked, *told)}
        self.new: list[Finding] = []
        self._results: dict[str, str] = {}
        numbers = [int(name[1:]) for name in self.known if name.startswith(LETTER) and name[1:].isdecimal()]
        self._last = max(numbers, default=0)
        self._missed: list[str] = []

    def add(self, look: LookupResult) -> str:
        """Make a finding of what was found; return it as JSON for the model, without secrets, of bounded length."""
        self._last += 1
        name = f"{LETTER}{self._last}"
        query = self._hand.words(look.query, _VALUE)
        values = {key: self._hand.words(value, _VALUE) for key, value in look.values.items()}
        made = self._linked(Finding(name, look.channel, look.service, look.key, {}, 0.0, look.query, look.window))
        # A link leads to the very query; one that had to be redacted must not be in it either.
        link = made.link if query == " ".join(look.query.split()) else ""
        service = self._hand.words(look.service, 80)
        self.new.append(replace(made, values=values, query=query, link=link, service=service))
        self._results[name] = self._told(name, look, values)
        return self._results[name]

    def miss(self, error: SourceError) -> str:
        """Note that a source did not answer, or not this; return what the model is told."""
        if not isinstance(error, QueryRejected):
            self._missed = list(dict.fromkeys([*self._missed, error.source]))
        kind = "rejected" if isinstance(error, QueryRejected) else "unavailable"
        return _json({"error": kind, "source": error.source, "detail": self._hand.words(error.detail, _TEXT)})

    @property
    def missed(self) -> tuple[str, ...]:
        """The sources that did not answer."""
        return tuple(self._missed)

    def statement(self, name: str) -> str:
        """Say a finding; nothing if there is none with this id."""
        finding = self.find(name)
        return self._hand.cut(statement(finding, self._language), 2 * _TEXT) if finding else ""

    def source(self, name: str) -> str:
        """Return all that a sentence may quote which names this finding."""
        finding = self.find(name)
        if finding is None:
            return ""
        return "\n".join((self.statement(name), *finding.values.values(), self._results.get(name, "")))

    def find(self, name: str) -> Finding | None:
        """Return the finding with this id."""
        return next((each for each in self.new if each.id == name), self.known.get(name))

    def _told(self, name: str, look: LookupResult, values: Mapping[str, str]) -> str:
        head: dict[str, object] = {
            "id": name,
            "query": values.get("query", ""),
            "from": values.get("began", ""),
            "to": values.get("ended", ""),
            "minutes": values.get("minutes", ""),
            "found": look.found,
        }
        rows = [self._safe(row) for row in look.rows]
        said = _json({**head, "shown": len(rows), "rows": rows})
        while tokens(said) > MOST_TOKENS and rows:
            # The first row is the newest, or the one that the source put first.
            rows = rows[: len(rows) * 3 // 4]
            said = _json({**head, "shown": len(rows), "rows": rows})
        return said

    def _safe(self, value: object) -> object:
        if isinstance(value, str):
            return self._hand.words(value, _TEXT)
        if isinstance(value, Mapping):
            cells = cast("Mapping[str, object]", value)
            return {
                # The name of a label may tell that its value is secret.
                name: self._hand.labels(cast("Mapping[str, str]", cell)) if name == "labels" else self._safe(cell)
                for name, cell in list(cells.items())[:_CELLS]
            }
        if isinstance(value, (list, tuple)):
            return [self._safe(cell) for cell in cast("list[object]", value)[:_CELLS]]
        return value


def _json(parts: object) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
