"""Stand-ins for our ports, written by hand: each does what its Protocol promises, in memory."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.alerts import Alert, Rule, Severity
from bot.domain.evidence import Analysis
from bot.domain.incidents import Incident, State
from bot.domain.inquiries import Exchange, Inquiry, InquiryState, Past, Rating
from bot.domain.looks import SourceState
from bot.domain.mute_timings import MuteTiming
from bot.domain.people import Person
from bot.domain.postmortems import PostedPicture
from bot.domain.silences import Matcher, Silence
from bot.domain.telemetry import (
    Change,
    ChangeKind,
    FoundTrace,
    LogLine,
    RangeSeries,
    ReadLog,
    Span,
    TraceSummary,
    Window,
)
from bot.domain.views import Call, DashboardLink, FoundCard, IncidentView, MessageRef, Page
from bot.errors import DeliveryError, MessageGone, OutOfDate, SourceUnavailable, TooSoon, UnknownIncident
from bot.ports import MESSAGES, Sample, Task, TaskKind
from bot.telemetry.patterns import full_match
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
        self.expired: list[Silence] = []
        self.told = SourceState()
        self.timings: list[MuteTiming] = []
        self.down: str | None = None
        self.hangs = False

    async def _answer(self) -> None:
        await _answer(self.name, self.down, hangs=self.hangs)

    async def alerts(self) -> Sequence[Alert]:
        await self._answer()
        return [self._judged(alert) for alert in self.firing]

    def _judged(self, alert: Alert) -> Alert:
        """Say by which silences an alert is muted, as the servers do."""
        now = self.clock()
        by = [each.source_id for each in self.silenced if each.active(now) and each.covers(alert, full_match)]
        return replace(alert, silenced_by=(*alert.silenced_by, *by))

    async def rules(self) -> Sequence[Rule]:
        await self._answer()
        return [replace(rule, evaluated_at=rule.evaluated_at or self.clock()) for rule in self.known_rules]

    async def state(self) -> SourceState:
        await self._answer()
        return self.told

    async def silences(self) -> Sequence[Silence]:
        await self._answer()
        return [*(silence for silence in self.silenced if silence.ends_at > self.clock()), *self.expired]

    async def mute_timings(self) -> Sequence[MuteTiming]:
        await self._answer()
        return self.timings

    async def create_silence(
        self, matchers: Sequence[Matcher], starts_at: datetime, ends_at: datetime, created_by: str, comment: str
    ) -> str:
        await self._answer()
        source_id = f"silence-{len(self.silenced) + 1}"
        self.silenced.append(Silence(source_id, tuple(matchers), starts_at, ends_at, created_by, comment))
        return source_id

    async def extend_silence(self, silence: Silence) -> str:
        await self._answer()
        self.silenced = [silence if each.source_id == silence.source_id else each for each in self.silenced]
        return silence.source_id

    async def expire_silence(self, source_id: str) -> None:
        await self._answer()
        self.expired += [
            replace(each, ends_at=self.clock(), ended_at=self.clock())
            for each in self.silenced
            if each.source_id == source_id
        ]
        self.silenced = [silence for silence in self.silenced if silence.source_id != source_id]

    async def ping(self) -> None:
        await self._answer()


_Item = TypeVar("_Item")


def _matching(answers: dict[str, Sequence[_Item]], query: str) -> Sequence[_Item]:
    """Return the answer whose key is a part of the query, the first in order; anything else is empty."""
    return next((answer for part, answer in answers.items() if part in query), [])


def _at(points: Sequence[tuple[float, float]], moment: float) -> list[tuple[float, float]]:
    """Return what is known at a moment: the last one of the five minutes before."""
    return [(moment, value) for at, value in points if moment - 300 < at <= moment][-1:]


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
        self.alerts: Sequence[tuple[Mapping[str, str], datetime]] = ()
        self.began: datetime | None = None
        self.frozen: list[str] = []
        self.asked: list[str] = []
        self.down: str | None = None
        self.hangs = False
        self.dots: Sequence[tuple[float, float]] = ()

    async def exemplars(self, promql: str, window: Window) -> Sequence[tuple[float, float]]:
        self.asked.append(promql)
        await _answer(self.name, self.down, hangs=self.hangs)
        return self.dots

    async def firing(self) -> Sequence[tuple[Mapping[str, str], datetime]]:
        await _answer(self.name, self.down, hangs=self.hangs)
        return self.alerts

    async def started_at(self) -> datetime | None:
        await _answer(self.name, self.down, hangs=self.hangs)
        return self.began

    async def frozen_targets(self) -> Sequence[str]:
        await _answer(self.name, self.down, hangs=self.hangs)
        return self.frozen

    async def query_range(
        self, promql: str, window: Window, step_s: float, limit: int, *, every: bool = False
    ) -> Sequence[RangeSeries]:
        self.asked.append(promql)
        await _answer(self.name, self.down, hangs=self.hangs)
        cut = [
            RangeSeries(series.labels, [point for point in series.points if _within(point[0], window)])
            if window.start < window.end
            else RangeSeries(series.labels, _at(series.points, window.end.timestamp()))
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

    async def read(self, logql: str, window: Window, limit: int) -> ReadLog:
        lines = await self.lines(logql, window, limit)
        return ReadLog(lines, lines[0].at if len(lines) >= limit else None)

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

    async def find(self, condition: str, window: Window, limit: int) -> Sequence[FoundTrace]:
        found = await self.search(condition, window, limit)
        return [FoundTrace(each, self._spans_of(each.trace_id), whole=True) for each in found]

    def _spans_of(self, trace_id: str) -> list[Span]:
        return sorted((span for span in self.known_spans if span.trace_id == trace_id), key=lambda span: span.start)

    async def spans(self, trace_id: str, window: Window) -> Sequence[Span]:
        self.asked.append(trace_id)
        await _answer(self.name, self.down, hangs=self.hangs)
        return self._spans_of(trace_id)

    async def ping(self) -> None:
        await _answer(self.name, self.down, hangs=self.hangs)


class FakeDashboards:
    """Grafana's dashboards; what is read of its annotations is `changes`."""

    name = "grafana"

    def __init__(self, links: Sequence[DashboardLink] = ()) -> None:
        self.links = list(links)
        self.changes: list[Change] = []
        self.down: str | None = None
        self.hangs = False

    async def search(self) -> Sequence[DashboardLink]:
        await _answer(self.name, self.down, hangs=self.hangs)
        return list(self.links)

    async def annotations(self, window: Window) -> Sequence[Change]:
        await _answer(self.name, self.down, hangs=self.hangs)
        return sorted((each for each in self.changes if _within(each.at, window)), key=lambda change: change.at)

    async def ping(self) -> None:
        await _answer(self.name, self.down, hangs=self.hangs)


NORMAL, URGENT = 77, 78


class FakeWarner:
    """The channel for urgent alerts as a list of what was said there; `fail` errors are raised once each, in order."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, str]]] = []
        self.fail: list[Exception] = []

    async def warn(self, key: str, **values: str) -> None:
        if self.fail:
            raise self.fail.pop(0)
        self.said.append((key, values))


class FakeAnnouncer:
    """Discord as a dictionary of messages; `fail` errors are raised once each, in order, before anything is done."""

    def __init__(self) -> None:
        self.cards: dict[int, IncidentView] = {}
        self.pages: list[Page] = []
        self.fail: list[Exception] = []
        self.edits = 0
        self.drawn: list[MessageRef] = []
        self.ahead: list[IncidentView] = []
        self.called: list[IncidentView] = []
        self.silent: set[int] = set()
        self.moved: list[Page] = []
        self.normal: set[int] = set()
        # Where an attempt has moved a card without hearing of it.
        self.unheard: dict[int, MessageRef] = {}

    def _next_failure(self) -> None:
        if self.fail:
            raise self.fail.pop(0)

    async def post(self, view: IncidentView, replaces: int = 0) -> MessageRef:
        self._next_failure()
        message_id = 9000 + len(self.cards)
        self.cards[message_id] = view
        silent = view.incident.has_called(replaces)
        self.silent |= {message_id} if silent else set()
        self.called += [view] if view.incident.state is State.FIRING and not silent else []
        if view.incident.severity in (Severity.P3, Severity.P4):
            self.normal.add(message_id)
        return MessageRef(NORMAL, message_id)

    def draw(self, view: IncidentView) -> None:
        self.ahead.append(view)

    async def edit(self, ref: MessageRef, view: IncidentView) -> None:
        self._next_failure()
        if ref.message_id not in self.cards:
            raise MessageGone
        self.edits += 1
        self.drawn.append(ref)
        self.cards[ref.message_id] = view

    async def find(self, view: IncidentView) -> FoundCard | None:
        for message_id, card in self.cards.items():
            if card.incident.number == view.incident.number:
                called = card.incident.severity is view.incident.severity and message_id not in self.silent
                return FoundCard(MessageRef(77, message_id), called and card.incident.state is State.FIRING)
        return None

    async def promote(self, ref: MessageRef, page: Page, *, post: bool = True) -> MessageRef | None:
        urgent = page.view.incident.severity in (Severity.P1, Severity.P2)
        if not urgent or ref.channel_id == URGENT or ref.message_id not in self.normal:
            return None
        if (moved := self.unheard.pop(ref.message_id, None)) is not None or not post:
            return moved
        self._next_failure()
        self.normal.remove(ref.message_id)
        self.moved.append(page)
        del self.cards[ref.message_id]
        message_id = 9500 + len(self.moved)
        self.cards[message_id] = page.view
        return MessageRef(URGENT, message_id)

    async def page(self, ref: MessageRef | None, page: Page) -> MessageRef:
        self._next_failure()
        self.pages.append(page)
        return MessageRef(77, 9900 + len(self.pages))


class FakeInvestigations:
    """Investigations of the incidents that a test puts into `incidents`; `reports` are those that would be posted."""

    def __init__(self, *incidents: Incident) -> None:
        self.incidents = {incident.number: incident for incident in incidents}
        self.inquiries: dict[int, Inquiry] = {}
        self.reasons: dict[int, str] = {}
        self.reports: list[int] = []
        self.ratings: dict[int, dict[int, Rating]] = {}
        self.cards: dict[int, int] = {}
        self.told: list[Exchange] = []

    def _add(self, incident: int, by: Person | None, at: datetime) -> Inquiry:
        inquiry = Inquiry(len(self.inquiries) + 1, incident, by, at, InquiryState.WAITING)
        self.inquiries[inquiry.id] = inquiry
        return inquiry

    def _give_up(self, inquiry: int, reason: str) -> None:
        self.inquiries[inquiry] = replace(self.inquiries[inquiry], state=InquiryState.FAILED)
        self.reasons[inquiry] = reason

    def _in_state(self, *states: InquiryState) -> list[Inquiry]:
        return [each for each in self.inquiries.values() if each.state in states]

    async def admit(self, severities: Collection[Severity], since: datetime, at: datetime) -> int:
        known = {
            each.incident
            for each in self.inquiries.values()
            if each.asked_at >= self.incidents[each.incident].began_at or each.asked_at > at - timedelta(minutes=5)
        }
        new = [
            number
            for number, each in sorted(self.incidents.items())
            if each.is_open and each.severity in severities and each.began_at >= since and number not in known
        ]
        for number in new:
            self._add(number, None, at)
        return len(new)

    async def ask(self, incident: int, by: Person, at: datetime, pause: timedelta) -> Inquiry:
        if incident not in self.incidents:
            raise UnknownIncident("errors.unknown_incident")
        asked = [each.asked_at for each in self.inquiries.values() if each.incident == incident]
        if asked and at - max(asked) < pause:
            seconds = (max(asked) + pause - at).total_seconds()
            raise TooSoon("errors.too_soon", seconds=str(math.ceil(seconds)))
        return self._add(incident, by, at)

    async def take(self) -> Inquiry | None:
        for each in self._in_state(InquiryState.WAITING):
            if each.asked_by is None and not self.incidents[each.incident].is_open:
                self._give_up(each.id, "resolved")
        waiting = self._in_state(InquiryState.WAITING)
        if not waiting:
            return None
        first = min(waiting, key=lambda each: (self.incidents[each.incident].severity.value, each.id))
        taken = replace(first, state=InquiryState.RUNNING, attempts=first.attempts + 1)
        self.inquiries[taken.id] = taken
        return taken

    async def give_back(self) -> None:
        for each in self._in_state(InquiryState.RUNNING):
            if each.attempts >= 3:
                self._give_up(each.id, "attempts")
            else:
                self.inquiries[each.id] = replace(each, state=InquiryState.WAITING)

    async def finish(self, inquiry: Inquiry, analysis: Analysis, at: datetime) -> None:
        if inquiry.id not in {each.id for each in self._in_state(InquiryState.RUNNING, InquiryState.WAITING)}:
            return
        self.inquiries[inquiry.id] = replace(
            self.inquiries[inquiry.id], state=InquiryState.DONE, finished_at=at, analysis=analysis
        )
        self.reports.append(inquiry.id)

    async def fail(self, inquiry: Inquiry, reason: str) -> None:
        if self.inquiries[inquiry.id].state is not InquiryState.DONE:
            self._give_up(inquiry.id, reason)

    async def load(self, inquiry: int) -> Inquiry:
        if inquiry not in self.inquiries:
            raise OutOfDate("errors.out_of_date")
        return self.inquiries[inquiry]

    async def latest(self, incident: int) -> Inquiry | None:
        done = [each for each in self._in_state(InquiryState.DONE) if each.incident == incident]
        return done[-1] if done else None

    async def rate(self, inquiry: int, by: Person, rating: Rating, at: datetime) -> dict[Rating, int]:
        if (await self.load(inquiry)).state is not InquiryState.DONE:
            raise OutOfDate("errors.out_of_date")
        given = self.ratings.setdefault(inquiry, {})
        # The newest last, as `past` needs it.
        given.pop(by.id, None)
        given[by.id] = rating
        counts = Counter(given.values())
        return {each: counts[each] for each in Rating}

    async def past(self, incident: Incident, limit: int) -> Sequence[Past]:
        alike = [
            each
            for number, each in sorted(self.incidents.items(), reverse=True)
            if number < incident.number
            and not each.is_open
            and (each.title, each.service) == (incident.title, incident.service)
        ]
        return [await self._past(each) for each in alike[:limit]]

    async def _past(self, incident: Incident) -> Past:
        last = await self.latest(incident.number)
        cause = last.analysis.verdict.cause if last and last.analysis else None
        rated = list(self.ratings.get(last.id, {}).values()) if last else []
        common = Counter(reversed(rated)).most_common(1)
        return Past(
            incident.number,
            incident.opened_at,
            incident.service or "",
            cause.text if cause else "",
            common[0][0] if common else None,
        )

    async def incident_of(self, message_id: int) -> int | None:
        return self.cards.get(message_id)

    async def remember(self, exchange: Exchange) -> None:
        self.told.append(exchange)

    async def exchanges(self, incident: int, limit: int) -> Sequence[Exchange]:
        return [each for each in self.told if each.incident == incident][-limit:] if limit else []


class FakeChanges:
    """Changes in a list; the same kind, service and id again replaces the one before."""

    def __init__(self, *changes: Change) -> None:
        self.known = list(changes)

    async def record(self, change: Change) -> None:
        name = (change.kind, change.service, change.id)
        self.known = [each for each in self.known if (each.kind, each.service, each.id) != name] + [change]

    async def between(self, window: Window) -> Sequence[Change]:
        inside = [each for each in self.known if window.start.timestamp() <= each.at <= window.end.timestamp()]
        return sorted(inside, key=lambda change: change.at)[-200:]

    async def deployed(self) -> Mapping[str, float]:
        deploys = sorted(self.known, key=lambda change: change.at)
        latest = {each.service: each.at for each in deploys if each.kind is ChangeKind.DEPLOY and each.service}
        return dict(sorted(latest.items(), key=lambda item: -item[1])[:100])


class FakeLedger:
    """What models have cost, in a list: when, for which incident, which model, USD, tokens in and out."""

    def __init__(self) -> None:
        self.rows: list[tuple[datetime, int | None, str, float, tuple[int, int]]] = []

    async def spend(self, at: datetime, incident: int | None, model: str, usd: float, tokens: tuple[int, int]) -> None:
        self.rows.append((at, incident, model, usd, tokens))

    async def spent(self, since: datetime, incident: int | None = None) -> float:
        return sum(usd for at, number, _, usd, _ in self.rows if at >= since and incident in (None, number))


class FakePostedPictures:
    """Pictures below a card; with `error` it cannot be read there."""

    def __init__(self) -> None:
        self.posted: list[PostedPicture] = []
        self.error: DeliveryError | None = None

    async def pictures(self, card: MessageRef, number: int) -> Sequence[PostedPicture]:
        if self.error:
            raise self.error
        return self.posted


class FakeCaller:
    """Discord as a list of what was called where: below a card, in a channel, to a person; `fail` errors come first, once each."""

    def __init__(self) -> None:
        self.calls: list[tuple[str | int, Call]] = []
        self.fail: list[Exception] = []

    async def _said(self, where: str | int, call: Call) -> MessageRef:
        if self.fail:
            raise self.fail.pop(0)
        self.calls.append((where, call))
        return MessageRef(URGENT, 9700 + len(self.calls))

    async def call(self, card: MessageRef, call: Call, *, again: bool) -> MessageRef:
        return await self._said(f"reply to {card.message_id}", call)

    async def call_below(self, card: MessageRef, view: IncidentView, call: Call, *, again: bool) -> MessageRef:
        return await self._said(f"thread of {card.message_id}", call)

    async def call_in(self, channel: str | int, call: Call, *, again: bool) -> MessageRef:
        return await self._said(channel, call)

    async def message(self, user: int, call: Call, *, again: bool) -> MessageRef:
        return await self._said(f"<@{user}>", call)


class OneTask:
    """An outbox of one task, which counts as the store does."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.due_at = NOW
        self.ended = ""
        self.ref: MessageRef | None = None
        self.forgotten: list[int] = []
        self.admitted: list[tuple[Collection[Severity], datetime]] = []

    async def admit(self, severities: Collection[Severity], since: datetime, at: datetime) -> int:
        self.admitted.append((severities, since))
        return 0

    async def due(
        self,
        at: datetime,
        limit: int,
        severities: Collection[Severity] = (),
        *,
        unseen: bool | None = None,
        kinds: Collection[TaskKind] = MESSAGES,
    ) -> Sequence[Task]:
        return [self.task] if not self.ended and self.due_at <= at and self.task.kind in kinds else []

    async def delivered(self, task: Task, version: int, ref: MessageRef, at: datetime) -> Sequence[datetime]:
        self.ended, self.ref = "delivered", ref
        return []

    async def failed(self, task: Task, reason: str, retry_at: datetime | None) -> None:
        self.task = replace(self.task, attempts=task.attempts + 1)
        if retry_at is None:
            self.ended = reason
        else:
            self.due_at = retry_at

    async def forget_card(self, incident: int, at: datetime, card: MessageRef | None = None) -> None:
        self.forgotten.append(incident)
        self.task = replace(self.task, card=None)
