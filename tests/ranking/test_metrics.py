"""How far series left their normal: short recordings, services that are gone, what is shown of them."""

from dataclasses import replace

import pytest

from bot.domain.telemetry import MetricKind, Observations, Series
from bot.ranking.metrics import deviations
from bot.ranking.rank import rank

FIRED = 1_790_000_000.0
STEP = 15.0


def up(service: str, *, begins: float, ends: float = 60.0, down: float = 1e9, name: str = "up") -> Series:
    """Whether a service is there, from so many seconds before the alert; `ends` and `down` are seconds after it."""
    steps = range(int(begins // STEP), -1 - int(ends // STEP), -1)
    points = tuple((FIRED - STEP * at, 0.0 if -STEP * at >= down else 1.0) for at in steps)
    return Series(service, name, MetricKind.AVAILABILITY, points)


def seen(*found: Series) -> Observations:
    return Observations("chat", MetricKind.OTHER, FIRED, series=found, edges=(("web", "chat"), ("web", "shop")))


@pytest.mark.parametrize("begins", [120.0, 240.0, 600.0, 3600.0])
def test_however_little_was_recorded_who_is_down_is_named(begins):
    ranking = rank(seen(up("chat", begins=begins, down=-30), up("shop", begins=begins), up("web", begins=begins)))

    assert ranking.lead
    assert (ranking.lead.service, ranking.lead.mechanism) == ("chat", "unavailable")
    assert ranking.onset_at == pytest.approx(FIRED - 30, abs=STEP)
    assert (ranking.findings[0].values["before"], ranking.findings[0].values["after"]) == ("1", "0")


@pytest.mark.parametrize("begins", [240.0, 3600.0])
def test_who_is_told_of_no_more_is_gone(begins):
    ranking = rank(seen(up("chat", begins=begins, ends=-60), up("shop", begins=begins), up("web", begins=begins)))

    assert ranking.lead
    assert (ranking.lead.service, ranking.lead.mechanism) == ("chat", "unavailable")


@pytest.mark.parametrize(
    "found",
    [
        (up("chat", begins=3600, ends=-60, name="up a"), up("chat", begins=120, name="up b"), up("web", begins=3600)),
        (up("chat", begins=3600, ends=-60), up("web", begins=3600, ends=-60)),
        (up("chat", begins=3600, ends=45), up("web", begins=3600)),
        (
            replace(up("chat", begins=3600, ends=-60), points=up("chat", begins=3600, ends=-60).points[::3]),
            up("web", begins=3600),
        ),
    ],
    ids=["one instance for another", "of nobody", "a scrape later", "where nobody asks"],
)
def test_what_ends_for_another_reason_is_not_gone(found):
    assert rank(seen(*found)).abstained


def test_without_anything_recorded_before_the_alert_nothing_is_said():
    found = deviations(seen(up("chat", begins=0), up("web", begins=0))).found

    assert found == {}
