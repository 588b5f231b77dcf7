"""Rules replayed over the past of a real Prometheus, and what becomes of it when Prometheus is not there."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.core.reporting import replaying
from bot.core.reporting.replaying import DAYS, Replaying, Terms
from bot.domain.alerts import Severity
from bot.domain.incidents import Incident
from bot.domain.telemetry import RangeSeries
from bot.errors import SourceUnavailable
from bot.reporting.alert_rules import AlertRule, comparison_of
from bot.reporting.history import Target
from bot.reporting.overview import NotTuned
from bot.reporting.replay import Track
from bot.reporting.rule_diffs import rule_yaml
from bot.reporting.rules import Noise
from bot.reporting.tuning import Knob, Proposal, RulePast, proposal
from bot.telemetry.http import JsonClient
from bot.telemetry.prometheus import Prometheus
from bot.telemetry.rule_books import PrometheusRules
from playground.process import find_binary, free_port, running
from tests.builders import NOW, make_alert, make_incident
from tests.fakes import FakeMetrics
from tests.reporting.months import BEGIN, MINUTES, Month, months

AT = datetime.fromtimestamp(BEGIN + MINUTES * 60, UTC)
MADE = months(3)


@pytest.fixture(scope="module")
def month_of_numbers(tmp_path_factory) -> Path:
    """A TSDB with a month of three series, and the rules that read them."""
    folder = tmp_path_factory.mktemp("tsdb")
    lines: list[str] = []
    for month in MADE:
        lines.append(f"# TYPE {month.rule.name} gauge")
        lines += [f"{month.rule.name} {value:.4f} {BEGIN + 60 * minute}" for minute, value in enumerate(month.values)]
    numbers = folder / "numbers.txt"
    numbers.write_text("\n".join([*lines, "# EOF", ""]), "utf-8")
    # By itself a month becomes blocks of two hours, which takes minutes.
    making = ["tsdb", "create-blocks-from", "--max-block-duration=960h", "openmetrics"]
    command = [find_binary("promtool"), *making, str(numbers), str(folder / "data")]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    rules = "\n".join(f"    {line}" for month in MADE for line in rule_yaml(month.rule))
    (folder / "rules.yml").write_text(f"groups:\n- name: month\n  interval: 1m\n  rules:\n{rules}\n", "utf-8")
    (folder / "prometheus.yml").write_text("rule_files: [rules.yml]\n", "utf-8")
    return folder


@pytest.fixture
async def address(month_of_numbers: Path) -> AsyncIterator[str]:
    port = free_port()
    command = [
        find_binary("prometheus"), f"--config.file={month_of_numbers / 'prometheus.yml'}",
        f"--storage.tsdb.path={month_of_numbers / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
        "--storage.tsdb.retention.time=100y", "--log.level=warn",
    ]  # fmt: skip
    async with running("prometheus", command, month_of_numbers / "log") as process:
        await process.ready(f"http://127.0.0.1:{port}/-/ready", 60)
        yield f"http://127.0.0.1:{port}"


def real_incidents(month: Month) -> list[Incident]:
    made: list[Incident] = []
    for number, (start, end) in enumerate(month.real):
        opened = datetime.fromtimestamp(start, UTC)
        alert = make_alert(month.rule.name, starts_at=opened)
        incident = replace(make_incident(month.rule.name, number=number + 1), opened_at=opened, alerts=(alert,))
        made.append(replace(incident, first_ack_at=opened, resolved_at=datetime.fromtimestamp(end, UTC)))
    return made


def noise(name: str, uid: str = "") -> Noise:
    return Noise(name, uid, (1, 2), 0, ())


@pytest.mark.server
async def test_a_month_of_prometheus_is_replayed_as_it_was(address):
    async with aiohttp.ClientSession() as session:
        http = JsonClient(session, address, source="prometheus", timeout_s=30)
        terms = Terms(timedelta(), {Severity.P2: Target(30 * timedelta(minutes=1))})
        made = Replaying(Prometheus(http), PrometheusRules(http), lambda _: "", terms)
        incidents = [each for month in MADE for each in real_incidents(month)]

        judged = await made.judge([noise(month.rule.name) for month in MADE], incidents, AT, 240)

    for month, each in zip(MADE, judged, strict=True):
        whole = month.past()
        points = [point for point in whole.tracks[0].points if point[0] >= (AT - DAYS).timestamp()]
        known = proposal(month.rule, replace(whole, tracks=[Track("", points)]))
        assert isinstance(each.tuned, Proposal), each
        assert known is not None
        assert each.tuned.knob is month.right is known.knob
        assert each.tuned.rule.place == "month"
        assert each.tuned.before == pytest.approx(known.before, rel=0.05)
        assert each.tuned.saved == pytest.approx(known.saved, rel=0.05)


class Book:
    """Rules as a test sets them."""

    def __init__(self, *rules: AlertRule, down: str = "", hangs: bool = False) -> None:
        self.rules, self.down, self.hangs = rules, down, hangs

    async def alert_rules(self) -> Sequence[AlertRule]:
        if self.hangs:
            await asyncio.Event().wait()
        if self.down:
            raise SourceUnavailable("prometheus", self.down)
        return self.rules


RULE = AlertRule("X", "x > 5", timedelta(minutes=1), compared=comparison_of("x > 5"))


def points(*minutes: int) -> list[tuple[float, float]]:
    return [(NOW.timestamp() - 60.0 * (3000 - minute), 9.0) for minute in minutes]


async def verdict(metrics: FakeMetrics | None, book: Book | None, name: Noise | None = None, within_s: float = 30):
    made = Replaying(metrics, book, lambda labels: labels.get("service", ""))
    (judged,) = await made.judge([name or noise("X")], [], NOW, within_s)
    return judged.tuned


def blips(count: int = 12, series: int = 1) -> FakeMetrics:
    """Answers all of it to the first question, as a past of two days stands at the end of it."""
    found = [RangeSeries({"__name__": "x", "i": str(n)}, points(*range(0, 120 * count, 120))) for n in range(series)]
    return FakeMetrics(ranges={"x > 5": found})


async def test_a_rule_of_blips_should_wait(monkeypatch):
    monkeypatch.setattr(replaying, "_AT_ONCE", 10**6)

    found = await verdict(blips(), Book(RULE))

    assert isinstance(found, Proposal)
    assert (found.knob, found.before, found.after, found.days) == (Knob.WAIT, 12, 0, 3)


@pytest.mark.parametrize(
    ("metrics", "book", "name", "said"),
    [
        (None, Book(RULE), noise("X"), NotTuned.NO_PROMETHEUS),
        (FakeMetrics(), None, noise("X"), NotTuned.NO_PROMETHEUS),
        (FakeMetrics(), Book(down="away"), noise("X"), NotTuned.UNANSWERED),
        (FakeMetrics(), Book(RULE), noise("Y"), NotTuned.UNKNOWN),
        (FakeMetrics(), Book(RULE, RULE), noise("X"), NotTuned.UNKNOWN),
        (blips(), Book(RULE), noise("X", "asks-sql"), NotTuned.UNKNOWN),
        (FakeMetrics(), Book(replace(RULE, uid="u"), RULE), noise("other", "u"), NotTuned.NOT_SEEN),
        (blips(series=60), Book(RULE), noise("X"), NotTuned.TOO_MANY),
        (FakeMetrics(ranges={"x": [RangeSeries({}, [(NOW.timestamp() - 60, 1.0)])]}), Book(RULE), noise("X"), NotTuned.NOT_SEEN),
    ],
)  # fmt: skip
async def test_why_nothing_is_proposed_is_said(metrics, book, name, said):
    assert await verdict(metrics, book, name) is said


async def test_a_prometheus_that_fails_or_hangs_costs_a_sentence():
    down, hanging = FakeMetrics(), FakeMetrics()
    down.down, hanging.hangs = "away", True

    assert await verdict(down, Book(RULE)) is NotTuned.UNANSWERED
    assert await verdict(hanging, Book(RULE), within_s=0.2) is NotTuned.NO_TIME
    assert await verdict(FakeMetrics(), Book(hangs=True), within_s=0.2) is NotTuned.UNANSWERED


async def test_what_lasted_is_no_reason_for_a_change(monkeypatch):
    monkeypatch.setattr(replaying, "_AT_ONCE", 10**6)
    metrics = FakeMetrics(ranges={"x > 5": [RangeSeries({}, points(*range(600)))]})

    assert await verdict(metrics, Book(RULE)) is NotTuned.REAL


async def test_it_is_asked_for_the_very_moments_of_the_evaluation():
    metrics = FakeMetrics()

    await verdict(metrics, Book(replace(RULE, interval=timedelta(seconds=10), offset_s=3.5)))

    # Evaluated so often, it is looked at for a week.
    assert len(metrics.asked) == 42


async def test_no_further_back_than_the_incidents_are_known():
    metrics = FakeMetrics()
    made = Replaying(metrics, Book(RULE), lambda _: "")

    await made.judge([noise("X")], [], NOW, 60, NOW - timedelta(hours=30))

    # A day of minutes is asked for at once.
    assert len(metrics.asked) == 2


async def test_two_who_ask_at_once_are_answered_one_after_the_other():
    metrics = FakeMetrics()
    metrics.hangs = True
    made = Replaying(metrics, Book(RULE), lambda _: "")

    first, second = await asyncio.gather(*(made.judge([noise("X")], [], NOW, within_s) for within_s in (0.3, 0.1)))

    assert [each.tuned for each in (*first, *second)] == [NotTuned.NO_TIME] * 2
    assert len(metrics.asked) == 1


async def test_a_turn_that_comes_when_the_time_is_over_asks_nothing():
    metrics = FakeMetrics()

    (judged,) = await Replaying(metrics, Book(RULE), lambda _: "").judge([noise("X")], [], NOW, 0)

    assert judged.tuned is NotTuned.NO_TIME
    assert metrics.asked == []


def test_whoever_has_to_answer_soon_is_told_soon():
    made = Replaying(None, None, lambda _: "", Terms(targets={Severity.P1: Target(timedelta(minutes=8))}))
    p1 = replace(make_incident(), severity=Severity.P1)

    assert made._most_delay([p1, make_incident()]) == timedelta(minutes=4)
    assert made._most_delay([]) == timedelta(minutes=10)


def test_a_past_needs_no_incident():
    assert proposal(RULE, RulePast([], 1)) is None
