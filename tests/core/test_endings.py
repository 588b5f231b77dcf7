"""A series that has vanished is no recovery, and a silent Prometheus holds nothing up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest

from bot.core.endings import Endings
from bot.domain.alerts import Notification
from bot.errors import QueryRejected
from bot.ports import Sample
from tests.builders import make_alert, make_notification
from tests.fakes import FakeMetrics, HandClock

RULE = 'sum by (service) (rate(http_requests_total{code="500"}[2m])) > 0.5'
SERIES = {"__name__": "http_requests_total", "service": "api", "job": "spring", "instance": "api-1:8080"}


class Store(FakeMetrics):
    """Prometheus with series that were there when it fired, and some of them now; it knows selectors within `count`."""

    def __init__(self, then: Sequence[dict[str, str]], now: Sequence[dict[str, str]]) -> None:
        super().__init__()
        self.then, self.now = then, now

    async def query(self, promql: str) -> Sequence[Sample]:
        await super().query(promql)
        self.asked.append(promql)
        names = re.search(r'__name__=~"([^"]*)"', promql)
        wanted = dict(re.findall(r'(\w+)="([^"]*)"', promql))
        found = [
            series
            for series in (self.then if " @ " in promql else self.now)
            if names and re.fullmatch(names[1], series["__name__"]) and wanted.items() <= series.items()
        ]
        return [Sample({}, len(found))] if found else []


def ended(expression: str = RULE, **labels: str) -> Notification:
    alert = make_alert(
        firing=False, labels=labels, generator_url=f"http://p/graph?g0.expr={quote(expression)}&g0.tab=1"
    )
    return replace(make_notification(), alerts=(alert,))


async def reason(metrics: FakeMetrics, told: Notification, patience_s: float = 60.0) -> str | None:
    return (await Endings(metrics, HandClock(), patience_s).judged(told)).alerts[0].end_reason


async def test_what_ended_with_its_process_has_not_recovered():
    assert await reason(Store([SERIES], []), ended()) == "MissingSeries"


async def test_what_is_still_measured_has_recovered():
    assert await reason(Store([SERIES], [SERIES]), ended()) is None


async def test_another_instance_that_lives_says_nothing_of_this_one():
    other = {**SERIES, "instance": "api-2:8080"}

    assert await reason(Store([SERIES, other], [other]), ended()) == "MissingSeries"


async def test_labels_that_only_the_alert_carries_do_not_count():
    # Of the rule (team), of Prometheus for all that it sends (env), and one that no selector can name.
    told = ended(team="shop", env="prod", **{"odd.label": "1"})

    assert await reason(Store([SERIES], [SERIES]), told) is None
    assert await reason(Store([SERIES], []), told) == "MissingSeries"


async def test_what_was_absent_and_is_there_again_has_recovered():
    assert await reason(Store([], [SERIES]), ended('absent(http_requests_total{service="api"})')) is None


async def test_an_end_with_a_reason_keeps_it():
    told = ended()
    alert = replace(told.alerts[0], annotations={"grafana_state_reason": "Paused"})

    assert await reason(Store([SERIES], []), replace(told, alerts=(alert,))) == "Paused"


async def test_a_rule_that_nobody_told_is_not_judged():
    metrics = Store([SERIES], [])

    assert await reason(metrics, ended("")) is None
    assert metrics.asked == []


@pytest.mark.parametrize("down", [True, False])
async def test_a_prometheus_that_does_not_answer_holds_nothing_up(down):
    metrics = Store([SERIES], [])
    metrics.down, metrics.hangs = ("down", False) if down else (None, True)

    assert await reason(metrics, ended(), patience_s=0.2) is None


async def test_what_fires_is_not_asked_about():
    metrics = Store([SERIES], [SERIES])

    assert await Endings(metrics, HandClock()).judged(make_notification()) == make_notification()
    assert metrics.asked == []


async def test_a_prometheus_that_does_not_answer_is_let_rest_so_that_ends_hold_up_no_alert():
    metrics, clock = Store([SERIES], []), HandClock()
    endings = Endings(metrics, clock, 60.0)
    metrics.down = "down"
    await endings.judged(ended())
    metrics.down, metrics.asked = None, []

    assert (await endings.judged(ended())).alerts[0].end_reason is None
    assert metrics.asked == []

    clock.forward(seconds=31)
    assert (await endings.judged(ended())).alerts[0].end_reason == "MissingSeries"


async def test_alerts_of_one_rule_ask_but_once_which_labels_are_measured():
    series = [{**SERIES, "instance": f"api-{number}:8080"} for number in range(1, 11)]
    metrics = Store(series, series[:5])
    (first,) = ended().alerts
    alerts = tuple(
        replace(first, fingerprint=str(number), labels={**first.labels, "instance": each["instance"]})
        for number, each in enumerate(series)
    )

    told = await Endings(metrics, HandClock(), 60.0).judged(replace(ended(), alerts=alerts))

    assert [each.end_reason for each in told.alerts] == [None] * 5 + ["MissingSeries"] * 5
    assert len(metrics.asked) <= 2 * len(alerts) + 5


def of_alertmanager(told: Notification) -> Notification:
    return replace(told, source="alertmanager")


async def judged(metrics: FakeMetrics, told: Notification, looked_at: str = "alertmanager") -> bool:
    """Tell whether it fires on."""
    return (await Endings(metrics, HandClock(), 60.0, looked_at=looked_at).judged(told)).alerts[0].firing


async def test_what_fires_where_its_rule_is_evaluated_has_not_ended_because_alertmanager_was_not_told_of_it():
    told = of_alertmanager(ended(env="prod"))
    (alert,) = told.alerts
    metrics = Store([SERIES], [SERIES])
    # There it has no external labels, and the beginning has more digits.
    own = {name: value for name, value in alert.labels.items() if name != "env"}
    metrics.alerts = [(own, alert.starts_at + timedelta(microseconds=300))]

    assert await judged(metrics, told)
    # Without anybody who looks again whether it fires, it would do so for ever.
    assert not await judged(metrics, told, looked_at="grafana")
    assert not await judged(metrics, replace(told, alerts=(replace(alert, rule_uid="of-grafana"),)))


async def test_another_instance_or_a_later_episode_that_fires_keeps_no_alert_from_ending():
    told = of_alertmanager(ended())
    (alert,) = told.alerts
    metrics = Store([SERIES], [SERIES])
    metrics.alerts = [
        ({**alert.labels, "instance": "another"}, alert.starts_at),
        (alert.labels, alert.starts_at + timedelta(minutes=5)),
    ]

    assert not await judged(metrics, told)


async def test_a_server_that_knows_no_alerts_still_tells_which_series_have_vanished():
    class StoresOnly(Store):
        async def firing(self) -> Sequence[tuple[Mapping[str, str], datetime]]:
            raise QueryRejected("prometheus", "404 page not found")

    told = await Endings(StoresOnly([SERIES], []), HandClock(), 60.0, looked_at="alertmanager").judged(
        of_alertmanager(ended())
    )

    assert told.alerts[0].end_reason == "MissingSeries"
