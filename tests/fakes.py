"""Stand-ins for our ports, written by hand: each does what its Protocol promises, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.alerts import Alert, Rule
from bot.domain.silences import Matcher, Silence
from bot.domain.telemetry import Change, LogLine, RangeSeries, Span, TraceSummary, Window
from bot.domain.views import DashboardLink, IncidentView, MessageRef, Page
from bot.errors import MessageGone, SourceUnavailable
from bot.ports import Sample
from tests.builders import NOW


async def _answer(name: str, down: str | None, *, hangs: bool) -> None:
    """Answer, refuse, or leave the asker waiting for ever."""
    if hangs:
        await asyncio.Event().wait()
    if down:
        raise SourceUnavailable(name, down)


class HandClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class FakeAlertSource:
    """An alert source whose alerts and rules a test sets; silences are kept in a list."""

    name = "alertmanager"

    def __init__(self, clock: HandClock | None = None) -> None:
        self.clock = clock or HandClock()
        self.firing: list[Alert] = []
        self.known_rules: list[Rule] = [Rule("HighLatency"), Rule("DiskFilling")]
        self.silenced: list[Silence] = []
        self.down: str | None = None
        self.hangs = False

    async def _answer(self) -> None:
        await _answer(self.name, self.down, hangs=self.hangs)

    async def alerts(self) -> Sequence[Alert]:
        await self._answer()
        return list(self.firing)

    async def rules(self) -> Sequence[Rule]:
        await self._answer()
        return list(self.known_rules)

    async def silences(self) -> Sequence[Silence]:
        await self._answer()
        return [silence for silence in self.silenced if silence.ends_at > self.clock()]

    async def create_silence(
        self, matchers: Sequence[Matcher], starts_at: datetime, ends_at: datetime, created_by: str, comment: str
    ) -> str:
        await self._answer()
        source_id = f"silence-{len(self.silenced) + 1}"
        self.silenced.append(Silence(source_id, tuple(matchers), starts_at, ends_at, created_by, comment))
        return source_id

    async def expire_silence(self, source_id: str) -> None:
        await self._answer()
        self.silenced = [silence for silence in self.silenced if silence.source_id != source_id]

    async def ping(self) -> None:
        await self._answer()


_Item = TypeVar("_Item")


def _matching(answers: dict[str, Sequence[_Item]], query: str) -> Sequence[_Item]:
    """Return the answer whose key is a part of the query, the first in order; anything else is empty."""
    return next((answer for part, answer in answers.items() if part in query), [])


def _within(at: float, window: Window) -> bool:
    return window.start.timestamp() <= at < window.end.timestamp()


class FakeMetrics:
    """Prometheus with an answer per query, and series per part of a range query; anything else is empty."""

    name = "prometheus"

    def __init__(
        self,
        answers: dict[str, Sequence[Sample]] | None = None,
        ranges: dict[str, Sequence[RangeSeries]] | None = None,
    ) -> None:
        self.answers = answers or {}
        self.ranges = ranges or {}
        self.asked: list[str] = []
        self.down: str | None = None
        self.hangs = False

    async def query_range(self, promql: str, window: Window, step_s: float, limit: int) -> Sequence[RangeSeries]:
        self.asked.append(promql)
        await _answer(self.name, self.down, hangs=self.hangs)
        cut = [
            RangeSeries(series.labels, [point for point in series.points if _within(point[0], window)])
            for series in _matching(self.ranges, promql)
        ]
        return [series for series in cut if series.points][:limit]

    async def query(self, promql: str) -> Sequence[Sample]:
        await _answer(self.name, self.down, hangs=self.hangs)
        return self.answers.get(promql, [])

    async def ping(self) -> None:
        await _answer(self.name, self.down, hangs=self.hangs)


class FakeLogs:
    """Loki with lines per part of a query: the newest ones inside the window; anything else is empty."""

    name = "loki"

    def __init__(self, answers: dict[str, Sequence[LogLine]] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[str] = []
        self.down: str | None = None
        self.hangs = False

    async def lines(self, logql: str, window: Window, limit: int) -> Sequence[LogLine]:
        self.asked.append(logql)
        await _answer(self.name, self.down, hangs=self.hangs)
        found = [line for line in _matching(self.answers, logql) if _within(line.at, window)]
        return sorted(found, key=lambda line: line.at)[-min(limit, 5000) :]

    async def ping(self) -> None:
        await _answer(self.name, self.down, hangs=self.hangs)


class FakeTraces:
    """Tempo with traces per part of a query, and spans that are looked up by their trace."""

    name = "tempo"

    def __init__(self, answers: dict[str, Sequence[TraceSummary]] | None = None, spans: Sequence[Span] = ()) -> None:
        self.answers = answers or {}
        self.known_spans = list(spans)
        self.asked: list[str] = []
        self.down: str | None = None
        self.hangs = False

    async def search(self, traceql: str, window: Window, limit: int) -> Sequence[TraceSummary]:
        self.asked.append(traceql)
        await _answer(self.name, self.down, hangs=self.hangs)
        return [trace for trace in _matching(self.answers, traceql) if _within(trace.start, window)][:limit]

    async def spans(self, trace_id: str, window: Window) -> Sequence[Span]:
        self.asked.append(trace_id)
        await _answer(self.name, self.down, hangs=self.hangs)
        return sorted((span for span in self.known_spans if span.trace_id == trace_id), key=lambda span: span.start)

    async def ping(self) -> None:
        await _answer(self.name, self.down, hangs=self.hangs)


class FakeDashboards:
    """Grafana's dashboards; what is written as an annotation is kept in `written`, what is read of them is `changes`."""

    name = "grafana"

    def __init__(self, links: Sequence[DashboardLink] = ()) -> None:
        self.links = list(links)
        self.written: list[tuple[str, tuple[str, ...]]] = []
        self.changes: list[Change] = []
        self.down: str | None = None
        self.hangs = False

    async def search(self) -> Sequence[DashboardLink]:
        await _answer(self.name, self.down, hangs=self.hangs)
        return list(self.links)

    async def annotate(self, text: str, tags: Sequence[str], at: datetime) -> None:
        await _answer(self.name, self.down, hangs=self.hangs)
        self.written.append((text, tuple(tags)))

    async def annotations(self, window: Window) -> Sequence[Change]:
        await _answer(self.name, self.down, hangs=self.hangs)
        return sorted((each for each in self.changes if _within(each.at, window)), key=lambda change: change.at)

    async def ping(self) -> None:
        await _answer(self.name, self.down, hangs=self.hangs)


class FakeAnnouncer:
    """Discord as a dictionary of messages; `fail` errors are raised once each, in order, before anything is done."""

    def __init__(self) -> None:
        self.cards: dict[int, IncidentView] = {}
        self.pages: list[Page] = []
        self.fail: list[Exception] = []
        self.edits = 0

    def _next_failure(self) -> None:
        if self.fail:
            raise self.fail.pop(0)

    async def post(self, view: IncidentView) -> MessageRef:
        self._next_failure()
        message_id = 9000 + len(self.cards)
        self.cards[message_id] = view
        return MessageRef(77, message_id)

    async def edit(self, ref: MessageRef, view: IncidentView) -> None:
        self._next_failure()
        if ref.message_id not in self.cards:
            raise MessageGone
        self.edits += 1
        self.cards[ref.message_id] = view

    async def find(self, view: IncidentView) -> MessageRef | None:
        for message_id, card in self.cards.items():
            if card.incident.number == view.incident.number:
                return MessageRef(77, message_id)
        return None

    async def page(self, ref: MessageRef | None, page: Page) -> MessageRef:
        self._next_failure()
        self.pages.append(page)
        return MessageRef(77, 9900 + len(self.pages))
