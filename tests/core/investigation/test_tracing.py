"""Traces in a bounded number of questions: whole ones from a search, a few by their ids, and once more for a young alert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.investigation.collect import Collector
from bot.domain.inquiries import Subject
from bot.domain.owners import Catalogue, Service
from bot.domain.plans import Plan
from bot.domain.telemetry import FoundTrace, Gap, Span, TraceSummary, Window
from bot.errors import SourceFailed, SourceSlow
from bot.ports import Telemetry
from tests.builders import NOW
from tests.fakes import FakeChanges, FakeDashboards, FakeLogs, FakeTraces, HandClock
from tests.skipping import skip

AT = NOW.timestamp()
PLAN = Plan(deadline_s=60.0, most_traces=40, searchable_after=timedelta(0))
CATALOGUE = Catalogue(
    {"api": Service("api", "API", depends_on=("db",)), "db": Service("db", "DB"), "web": Service("web", "Web")}
)
# One moment in each of the three stretches that are compared.
NEWEST, RECENT, USUAL = AT - 30, AT - 200, AT - 700


def trace(name: str, at: float, *, failed: bool = False, milliseconds: float = 5.0, whole: bool = True) -> FoundTrace:
    span = Span(name, f"span-{name}", "", "api", "GET /", at, milliseconds, failed)
    return FoundTrace(TraceSummary(name, "api", "GET /", at, milliseconds), (span,), whole)


class Searchable(FakeTraces):
    """A Tempo of given traces; what it is asked by id takes the trace from the same list."""

    def __init__(self, found: Sequence[FoundTrace] = (), *, refuses: bool = False) -> None:
        super().__init__()
        self.found = list(found)
        self.refuses = refuses
        self.searches: list[tuple[str, Window, int]] = []
        self.fetched: list[str] = []

    async def find(self, condition: str, window: Window, limit: int) -> Sequence[FoundTrace]:
        self.searches.append((condition, window, limit))
        if self.refuses:
            raise SourceFailed("tempo", "HTTP 500")
        start, end = window.start.timestamp(), window.end.timestamp()
        wanted = [each for each in self.found if start <= each.summary.start < end]
        return [each for each in wanted if "error" not in condition or each.spans[0].failed][:limit]

    async def spans(self, trace_id: str, window: Window) -> Sequence[Span]:
        self.fetched.append(trace_id)
        (known,) = (each for each in self.found if each.summary.trace_id == trace_id)
        return [*known.spans, Span(trace_id, f"more-{trace_id}", known.spans[0].span_id, "db", "SELECT", AT, 1.0)]


async def read(traces: FakeTraces, plan: Plan = PLAN, clock: HandClock | None = None, *, alerting: bool = True):
    collector = Collector(
        telemetry=Telemetry(FakeChanges(), traces=traces, dashboards=FakeDashboards()),
        catalogue=CATALOGUE,
        plan=plan,
        clock=clock or HandClock(),
    )
    seen = await collector.look(Subject("api", NOW, "HighLatency", alerting=alerting), [])
    return replace(seen, gaps=tuple(gap for gap in seen.gaps if gap.reason != "not_configured"))


def everywhere(count: int, **more: bool) -> list[FoundTrace]:
    return [trace(f"{name}{n}", at + n / 100, **more) for name, at in STRETCHES for n in range(count)]


STRETCHES = (("n", NEWEST), ("r", RECENT), ("u", USUAL))


async def test_a_search_that_brings_its_spans_along_is_all_that_is_asked():
    tempo = Searchable(everywhere(10))

    seen = await read(tempo)

    assert len(seen.spans) == 30
    assert (tempo.fetched, seen.gaps) == ([], ())
    # Each of three services in each of three stretches; nothing was cut, so those that failed are among them.
    assert len(tempo.searches) == 9
    assert len(seen.span_windows) == 3


async def test_where_there_are_more_than_a_search_returns_those_that_failed_are_searched_for_all_services_at_once():
    tempo = Searchable([*everywhere(50), trace("bad", NEWEST + 20, failed=True)])

    seen = await read(tempo)

    assert "bad" in {span.trace_id for span in seen.spans if span.failed}
    of_failed = [each for each in tempo.searches if "error" in each[0]]
    assert (len(tempo.searches), len(of_failed)) == (12, 3)
    assert all(each[0].count("resource.service.name") == 3 and each[2] == 120 for each in of_failed)


async def test_what_did_not_come_whole_is_read_by_its_id_failed_and_slowest_first_and_from_each_stretch_alike():
    partial = everywhere(30, whole=False)
    worst = [
        trace("failed", NEWEST + 5, failed=True, whole=False),
        trace("slow", NEWEST + 5, milliseconds=900.0, whole=False),
    ]
    tempo = Searchable([*partial, *worst])

    seen = await read(tempo)

    of_newest = [name for name in tempo.fetched if name[0] in "nfs"]
    assert of_newest[:2] == ["failed", "slow"]
    assert len(tempo.fetched) == PLAN.most_fetches <= 20
    assert len(tempo.searches) + len(tempo.fetched) <= 40
    assert {name: sum(each.startswith(name) for each in tempo.fetched) for name in "ru"} == {"r": 5, "u": 5}
    # A part of a trace would blame who called, because what it called is not there.
    assert {span.trace_id for span in seen.spans} == set(tempo.fetched)
    assert seen.gaps == (Gap("tempo", "truncated"),)


async def test_the_budget_of_requests_holds_whatever_there_is():
    plan = replace(PLAN, most_trace_requests=14, most_fetches=20, most_traces=10)
    tempo = Searchable(everywhere(60, whole=False))

    await read(tempo, plan)

    assert len(tempo.searches) + len(tempo.fetched) == 14


async def test_a_trace_is_kept_once_however_many_searches_find_it():
    tempo = Searchable([trace("t", NEWEST), trace("t2", RECENT)])

    seen = await read(tempo)

    assert sorted(span.trace_id for span in seen.spans) == ["t", "t2"]


async def test_of_a_young_alert_the_newest_stretch_is_searched_once_more_when_it_can_be():
    class Late(Searchable):
        async def find(self, condition: str, window: Window, limit: int) -> Sequence[FoundTrace]:
            if len(self.searches) == 9:
                self.found.append(trace("late", NEWEST))
            return await super().find(condition, window, limit)

    tempo = Late([trace("r", RECENT)])
    plan = replace(PLAN, searchable_after=timedelta(seconds=0.05))

    seen = await read(tempo, plan)

    assert {span.trace_id for span in seen.spans} == {"r", "late"}
    assert len(tempo.searches) == 12


async def test_what_is_younger_than_a_minute_is_compared_with_the_seconds_before_the_alert():
    calm = [trace(f"c{n}", AT - 40 + n / 10) for n in range(20)]
    # A search returns the newest, and of those there are more than it may return.
    wrong = [trace(f"w{n}", AT - 5 + n / 10, milliseconds=9000.0) for n in range(PLAN.most_traces)]
    tempo = Searchable([*wrong, *calm])

    seen = await read(tempo)

    assert len([span for span in seen.spans if span.duration_ms < 10]) == 20
    assert len(tempo.searches) == 9 + 1 + 3


async def test_that_the_newest_half_minute_could_not_be_searched_is_said():
    plan = replace(PLAN, searchable_after=timedelta(seconds=46))
    clock = HandClock(NOW + timedelta(seconds=45))

    young = await read(Searchable(everywhere(3)), plan, clock)
    clock.forward(seconds=1)
    old = await read(Searchable(everywhere(3)), plan, clock)

    assert [gap.reason for gap in young.gaps] == ["young"]
    assert old.gaps == ()


@pytest.mark.parametrize(
    ("found", "alerting"), [([], True), ([trace("r", RECENT)], False)], ids=["no traces at all", "a person asks"]
)
async def test_nobody_waits_where_a_second_search_would_tell_nothing(found, alerting):
    tempo = Searchable(found)

    seen = await read(tempo, replace(PLAN, searchable_after=timedelta(hours=1)), alerting=alerting)

    assert (len(tempo.searches), seen.gaps) == (9, ())


async def test_what_was_read_before_the_deadline_is_kept():
    class Stalling(Searchable):
        async def find(self, condition: str, window: Window, limit: int) -> Sequence[FoundTrace]:
            if len(self.searches) >= 6:
                self.hangs = True
                skip(3600)
            await FakeTraces.search(self, condition, window, limit)
            return await super().find(condition, window, limit)

    seen = await read(Stalling(everywhere(3)))

    # The newest first: what is missing is what is usual, and it is not taken for read.
    assert {span.trace_id[0] for span in seen.spans} == {"n", "r"}
    assert len(seen.span_windows) == 2
    assert seen.gaps == (Gap("tempo", "timeout"),)


async def test_traces_are_asked_for_after_the_logs_have_answered():
    order: list[str] = []

    class Logs(FakeLogs):
        async def lines(self, logql, window, limit):
            found = await super().lines(logql, window, limit)
            order.append("logs")
            return found

    class Traces(Searchable):
        async def find(self, condition, window, limit):
            order.append("traces")
            return await super().find(condition, window, limit)

    collector = Collector(
        telemetry=Telemetry(FakeChanges(), logs=Logs(), traces=Traces()),
        catalogue=CATALOGUE,
        plan=PLAN,
        clock=HandClock(),
    )
    await collector.look(Subject("api", NOW, "HighLatency"), [])

    assert order == sorted(order)


@pytest.mark.parametrize(
    ("error", "reason"), [(SourceSlow("tempo", "5 s"), "timeout"), (SourceFailed("tempo", "HTTP 500"), "failed")]
)
async def test_slow_and_failing_and_away_are_three_things(error, reason):
    class Ill(FakeTraces):
        async def find(self, condition, window, limit):
            raise error

    seen = await read(Ill())

    assert [(gap.reason, gap.detail) for gap in seen.gaps] == [(reason, error.detail)]
