"""A service of which nothing is measured while others are has gone; what is measured seldom, or later than others, has not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.telemetry import MetricKind, Observations, Series
from bot.ranking.absence import absence_hits
from bot.ranking.hits import Hit
from bot.ranking.moment import Moment
from bot.ranking.rank import rank

FIRED = 1_790_000_000.0
NAMES = ("web", "cart", "pay", "mail")
Kept = Callable[[str, float], bool]


def system(kept: Kept) -> tuple[Series, ...]:
    """An hour by the minute of four services, of which only the samples are there that are `kept` (name, minutes to the alert)."""
    return tuple(
        Series(name, measure, kind, [(FIRED + 60 * at, value) for at in range(-60, 3) if kept(f"{name} {measure}", at)])
        for name in NAMES
        for measure, kind, value in (("requests", MetricKind.TRAFFIC, 7.0), ("cpu", MetricKind.SATURATION, 0.3))
    )


def hits(kept: Kept) -> list[Hit]:
    seen = Observations("web", MetricKind.LATENCY, FIRED, series=system(kept))
    return absence_hits(seen.series, Moment.of(seen))


def test_of_whom_nothing_is_measured_shortly_before_the_alert_is_gone():
    (hit,) = hits(lambda name, at: not name.startswith("pay") or at <= -3)

    assert (hit.blames, hit.mechanism, hit.values["minutes"]) == ("pay", "unavailable", "5")
    assert hit.at == FIRED - 120
    assert hit.strength > 0.5


def test_who_was_back_before_the_alert_was_gone_as_well():
    (hit,) = hits(lambda name, at: not name.startswith("pay") or not -8 < at < -3)

    assert (hit.blames, hit.values["minutes"]) == ("pay", "4")


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(lambda name, at: name != "pay cpu" or at <= -3, id="one of its series ends"),
        pytest.param(lambda name, at: at <= -3, id="all end"),
        pytest.param(lambda name, at: not name.startswith("pay") or at % 5 == 0, id="measured every five minutes"),
        pytest.param(lambda name, at: not name.startswith("pay") or at != -2, id="one scrape is lost"),
        pytest.param(
            lambda name, at: not name.startswith("pay") or not (at > -3 or -40 < at < -30), id="was so before"
        ),
        pytest.param(lambda name, at: not name.startswith("pay") or at > 0, id="never seen before"),
    ],
)
def test_what_is_measured_as_ever_is_there(kept: Kept):
    assert hits(kept) == []


def test_of_several_that_fall_silent_at_once_each_counts_for_a_part():
    alone = hits(lambda name, at: not name.startswith("pay") or at <= -3)
    lagging = hits(lambda name, at: not name.startswith(("pay", "mail")) or at <= -3)

    assert {hit.blames for hit in lagging} == {"pay", "mail"}
    assert {hit.strength for hit in lagging} == {alone[0].strength / 2}


def test_whom_a_service_that_went_asked_is_not_starved():
    series = system(lambda name, at: not name.startswith("pay") or at <= -3)
    fewer = [
        replace(each, points=[(at, 0.1 if at > FIRED - 180 else value) for at, value in each.points])
        if (each.service, each.name) == ("mail", "requests")
        else each
        for each in series
    ]
    edges = (("web", "cart"), ("web", "pay"), ("pay", "mail"))
    found = rank(Observations("web", MetricKind.LATENCY, FIRED, series=fewer, edges=edges))

    assert found.suspects[0].service == "pay"
    assert found.suspects[0].score > 2 * found.suspects[1].score


def test_a_pod_that_went_comes_first_by_what_is_not_measured():
    series = system(lambda name, at: not name.startswith("pay") or at <= -3)
    edges = (("web", "cart"), ("web", "pay"), ("cart", "mail"))
    found = rank(Observations("web", MetricKind.LATENCY, FIRED, series=series, edges=edges))

    assert (found.suspects[0].service, found.suspects[0].mechanism) == ("pay", "unavailable")
    assert "unmeasured" in {finding.key for finding in found.findings}
