"""A question in a thread, and a model that answers as a test wrote it down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta

from bot.advice.answering import ModelAnswerer, QuestionLimits
from bot.advice.interview import Briefing
from bot.core.questions.lookups import Lookups
from bot.domain.asking import Asked
from bot.domain.evidence import Analysis, Confidence, ModelUse, Verdict
from bot.domain.excerpts import Excerpts
from bot.domain.owners import Catalogue, Service
from bot.domain.plans import Explore, MetricQuery, Plan
from bot.domain.telemetry import Change, ChangeKind, LogLine, MetricKind
from bot.errors import ModelUnavailable
from bot.ports import Answer, Question, Telemetry, ToolCall
from tests.advice.told import make_ranking
from tests.builders import NOW, make_incident
from tests.fakes import FakeChanges, FakeLogs, FakeMetrics, FakeTraces, HandClock
from tests.skipping import skip

T = NOW.timestamp()
MODEL = "claude-haiku-5-5"
DEPLOY = Change(T - 600, ChangeKind.DEPLOY, "v1.4.2", "Raise pool to 50", "orders")
CATALOGUE = Catalogue({name: Service(name, name) for name in ("orders", "orders-db", "chat")})
PLAN = Plan(metrics=(MetricQuery("errors", "sum(rate(errors{$selector}[$rate]))", MetricKind.ERRORS),))


def calls(*each: tuple[str, dict], text: str = "") -> Answer:
    """The model wants these lookups."""
    made = tuple(ToolCall(f"c{place}", name, arguments) for place, (name, arguments) in enumerate(each))
    return Answer(text, "tools", 1000, 50, made)


def answers(*sentences: tuple[str, list[str]]) -> Answer:
    """The model answers with these sentences and the findings that they name."""
    said = [{"text": text, "findings": findings} for text, findings in sentences]
    return calls(("answer", {"sentences": said}))


def says(text: str, stopped: str = "end") -> Answer:
    return Answer(text, stopped, 1000, 50)


@dataclass
class Script:
    """A model that says one thing after the other; an error is raised, None hangs until every deadline is over."""

    turns: list[Answer | Exception | Callable[[Question], Answer] | None]
    usd: float = 0.001
    most: float = 0.002
    asked: list[Question] = field(default_factory=list)
    expected: int = 42

    async def ask(self, question: Question, incident: int | None) -> tuple[Answer, float]:
        assert incident == self.expected
        self.asked.append(question)
        if not self.turns:
            raise ModelUnavailable("junk", "the script is over")
        turn = self.turns.pop(0)
        if turn is None:
            skip(3600)
            await asyncio.Event().wait()
        if isinstance(turn, Exception):
            raise turn
        return (turn if isinstance(turn, Answer) else turn(question)), self.usd

    def most_usd(self, question: Question) -> float:
        return self.most

    @property
    def results(self) -> list[str]:
        """What tools have told it."""
        return [turn.text for turn in self.asked[-1].turns if turn.result_of]


@dataclass
class Scene:
    """An answerer over sources that a test fills."""

    script: Script | None
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    logs: FakeLogs = field(default_factory=FakeLogs)
    traces: FakeTraces = field(default_factory=FakeTraces)
    changes: FakeChanges = field(default_factory=FakeChanges)
    language: str = "en"
    limits: QuestionLimits = field(default_factory=QuestionLimits)
    explore: Explore = field(default_factory=lambda: Explore("https://grafana.example"))
    ticks: list[float] = field(default_factory=list)

    def answerer(self, payer=None) -> ModelAnswerer:
        lookups = Lookups(
            telemetry=Telemetry(self.changes, self.metrics, self.logs, self.traces),
            incidents=None,  # type: ignore[arg-type]
            clock=HandClock(),
            zone=UTC,
        )
        more = {"monotonic": lambda: self.ticks.pop(0) if len(self.ticks) > 1 else self.ticks[0]} if self.ticks else {}
        return ModelAnswerer(
            payer=payer or self.script,
            model=MODEL,
            lookups=lookups,
            briefing=Briefing(CATALOGUE, PLAN, Excerpts(UTC), self.language),  # type: ignore[arg-type]
            explore=self.explore,
            limits=self.limits,
            **more,
        )

    async def ask(self, question: str = "Was there a deploy?", **more):
        return await self.answerer().answer(make_asked(question, **more))


def make_asked(question: str = "Was there a deploy?", *, ranked: bool = True, earlier: tuple = ()) -> Asked:
    verdict = Verdict(Confidence.POSSIBLE)
    analysis = Analysis(make_ranking(), verdict, ModelUse()) if ranked else None
    return Asked(make_incident(at=NOW - timedelta(minutes=5)), question, NOW, analysis, tuple(earlier))


def make_line(message: str, service: str = "orders", ago_s: float = 60) -> LogLine:
    return LogLine(T - ago_s, service, message, "error")
