"""Stand-ins for our ports, written by hand: each does what its Protocol promises, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.alerts import Alert, Rule
from bot.domain.silences import Matcher, Silence
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


class FakeMetrics:
    """Prometheus with an answer per query; anything else is empty."""

    name = "prometheus"

    def __init__(self, answers: dict[str, Sequence[Sample]] | None = None) -> None:
        self.answers = answers or {}
        self.down: str | None = None
        self.hangs = False

    async def query(self, promql: str) -> Sequence[Sample]:
        await _answer(self.name, self.down, hangs=self.hangs)
        return self.answers.get(promql, [])

    async def ping(self) -> None:
        await _answer(self.name, self.down, hangs=self.hangs)


class FakeDashboards:
    """Grafana's dashboards; annotations are kept in a list."""

    name = "grafana"

    def __init__(self, links: Sequence[DashboardLink] = ()) -> None:
        self.links = list(links)
        self.annotations: list[tuple[str, tuple[str, ...]]] = []
        self.down: str | None = None
        self.hangs = False

    async def search(self) -> Sequence[DashboardLink]:
        await _answer(self.name, self.down, hangs=self.hangs)
        return list(self.links)

    async def annotate(self, text: str, tags: Sequence[str], at: datetime) -> None:
        await _answer(self.name, self.down, hangs=self.hangs)
        self.annotations.append((text, tuple(tags)))

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
