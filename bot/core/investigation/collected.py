"""Holds what an investigation has read so far; questions that fail are noted, never raised."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.telemetry import Change, Gap, LogLine, Series, Span
from bot.errors import QueryRejected, SourceError, SourceFailed, SourceSlow

log = logging.getLogger(__name__)

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class ReadingScope:
    """Which services are read, and around which moment; before `usual_until` all was well, `now` bounds what there can be."""

    services: tuple[str, ...]
    fired_at: datetime
    now: datetime
    usual_until: datetime


@dataclass(slots=True)
class Collected:
    """Everything that has been read, in the order of its arrival."""

    series: list[Series] = field(default_factory=list[Series])
    lines: list[LogLine] = field(default_factory=list[LogLine])
    spans: list[Span] = field(default_factory=list[Span])
    changes: list[Change] = field(default_factory=list[Change])
    log_windows: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    cut_log_windows: dict[str, list[tuple[float, float]]] = field(default_factory=dict[str, list[tuple[float, float]]])
    span_windows: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    gaps: list[Gap] = field(default_factory=list[Gap])

    def miss(self, source: str, reason: str, detail: str = "") -> None:
        """Note once for each source and reason that something could not be seen."""
        if not any((gap.source, gap.reason) == (source, reason) for gap in self.gaps):
            log.info("not seen: %s (%s) %s", source, reason, detail)
            self.gaps.append(Gap(source, reason, detail[:200]))

    async def ask(self, source: str, question: Coroutine[None, None, None]) -> None:
        """Await one question; a source that fails or is late becomes a gap, not an error."""
        try:
            await question
        except QueryRejected as error:
            self.miss(source, "rejected", error.detail)
        except SourceSlow as error:
            self.miss(source, "timeout", error.detail)
        except SourceFailed as error:
            self.miss(source, "failed", error.detail)
        except SourceError as error:
            self.miss(source, "unavailable", error.detail)

    async def ask_all(
        self, source: str, questions: Sequence[Coroutine[None, None, None]], at_once: int = _AT_ONCE
    ) -> None:
        """Ask several questions, so many at once."""
        gate = asyncio.Semaphore(at_once)

        async def one(question: Coroutine[None, None, None]) -> None:
            async with gate:
                await self.ask(source, question)

        try:
            await asyncio.gather(*map(one, questions))
        finally:
            # At the deadline some have not begun; a coroutine that is never awaited would say so on the console.
            for question in questions:
                question.close()
