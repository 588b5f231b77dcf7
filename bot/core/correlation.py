"""Tells which alerts are of one trouble: who calls whom, as configured and as traces have shown."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from bot.domain.joining import CallGraph, Joining, in_chain
from bot.domain.owners import Catalogue
from bot.ports import Clock, Keepsakes

log = logging.getLogger(__name__)

# What was not seen for so long is called no more; as many are remembered as any team has.
_REMEMBERED, _MOST = timedelta(days=30), 2000
_CALLS = "calls"
_NAME = 200

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """When alerts join, as an operator wants it: never, if the window is nothing."""

    window: timedelta = timedelta()
    alone: Collection[str] = ()
    together: Collection[Collection[str]] = ()


class Correlation:
    """Knows who calls whom, and learns more of it with each investigation."""

    def __init__(self, *, rules: Rules, catalogue: Catalogue, keepsakes: Keepsakes, clock: Clock) -> None:
        self._keepsakes = keepsakes
        self._clock = clock
        self._configured = (
            *((name, callee) for name, each in catalogue.services.items() for callee in each.depends_on),
            *(edge for names in rules.together for edge in in_chain(list(names))),
        )
        self._seen: dict[Edge, datetime] | None = None
        self._joining = Joining(
            rules.window,
            CallGraph(self._configured),
            frozenset(name.lower() for name in rules.alone),
            lambda service: frozenset(catalogue.find(service).owners),
        )

    async def joining(self) -> Joining:
        """Return when alerts join, by what is known now."""
        if self._seen is None and self._joining.window:
            self._take(_read(await self._keepsakes.recall(_CALLS)))
        return self._joining

    async def learn(self, edges: Iterable[Edge]) -> None:
        """Remember which services were seen to call which."""
        if not self._joining.window:
            return
        at = self._clock()
        await self.joining()
        known = self._seen or {}
        news = {(caller[:_NAME], callee[:_NAME]) for caller, callee in edges if caller and callee}
        # Each day is soon enough to write that it is still so.
        if all(edge in known and at - known[edge] < timedelta(days=1) for edge in news):
            return
        kept = {edge: seen for edge, seen in known.items() if at - seen < _REMEMBERED} | dict.fromkeys(news, at)
        newest = dict(sorted(kept.items(), key=lambda each: each[1], reverse=True)[:_MOST])
        await self._keepsakes.remember(_CALLS, json.dumps([[*edge, seen.isoformat()] for edge, seen in newest.items()]))
        self._take(newest)

    def _take(self, seen: Mapping[Edge, datetime]) -> None:
        self._seen = dict(seen)
        self._joining = replace(self._joining, calls=CallGraph([*self._configured, *seen]))


def _read(kept: str | None) -> dict[Edge, datetime]:
    try:
        rows = cast("list[list[Any]]", json.loads(kept or "[]"))
        return {(str(caller), str(callee)): datetime.fromisoformat(seen) for caller, callee, seen in rows}
    except (ValueError, TypeError):
        # Another version may have written it otherwise; the next traces tell it again.
        log.warning("what calls what cannot be read, and is learnt anew")
        return {}
