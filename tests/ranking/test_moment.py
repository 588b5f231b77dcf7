"""Which samples are the alert's window and which its reference."""

from bot.domain.telemetry import MetricKind, Observations, Series
from bot.ranking.moment import Moment

FIRED = 1_790_000_000.0


def ends_before(minutes: int) -> float:
    points = [(FIRED - 60 * at, 1.0) for at in range(minutes, -1, -1)]
    told = Observations(
        "shop", MetricKind.LATENCY, FIRED, series=[Series("shop", "p99", MetricKind.LATENCY, points, "s")]
    )
    return FIRED - Moment.of(told).until


def test_what_began_a_quarter_of_an_hour_before_its_alert_is_no_reference_where_enough_is_older():
    assert ends_before(60) == 1200.0
    assert ends_before(36) == 900.0
    assert ends_before(25) == 600.0
