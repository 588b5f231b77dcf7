"""A cause must be able to account for the alert: who takes part in no request that was seen is none, however wild it is."""

from dataclasses import replace

import pytest

from bot.domain.telemetry import Change, ChangeKind, LogLine, MetricKind, Observations, Series, Span
from bot.ranking.accountable import requests_of
from bot.ranking.moment import Moment
from bot.ranking.rank import rank, vectors_of
from bot.ranking.vector import AT, NAMES

FIRED = 1_790_000_000.0
NORMAL, INCIDENT = range(60, 200), range(200, 232)


def request(n: int, *, slow: bool) -> list[Span]:
    at, trace = FIRED - 2000 + 10 * n, f"t{n}"
    inner = 400.0 + n % 5 if slow else 40.0 + n % 5
    return [
        Span(trace, f"{trace}a", "", "shop", "GET /", at, inner + 20),
        Span(trace, f"{trace}b", f"{trace}a", "stock", "GET /stock", at, inner),
    ]


def jumped(service: str, low: float, high: float, *, unit: str = "s") -> Series:
    points = [
        (at, (high if at > FIRED - 120 else low) * (1 + 0.02 * (step % 5)))
        for step, at in enumerate(FIRED - 3600 + 60 * step for step in range(63))
    ]
    return Series(service, "p99", MetricKind.LATENCY, points, unit)


def seen(*series: Series) -> Observations:
    spans = [each for n in NORMAL for each in request(n, slow=False)]
    spans += [each for n in INCIDENT for each in request(n, slow=True)]
    return Observations(
        "shop",
        MetricKind.LATENCY,
        FIRED,
        series=series,
        spans=spans,
        edges=(("shop", "stock"),),
        span_windows=((FIRED - 1400, FIRED + 310),),
    )


def test_who_takes_part_in_no_traced_request_is_not_the_cause():
    told = seen(jumped("hermit", 0.005, 30.0), jumped("shop", 0.06, 0.42))

    assert rank(told).suspects[0].service == "stock"


def test_where_nobody_knows_who_calls_whom_it_may_be():
    told = replace(seen(jumped("hermit", 0.005, 30.0)), spans=(), edges=())
    vectors, *_ = vectors_of(told, ["hermit", "shop"])

    assert vectors["hermit"][NAMES.index("apart")] == 0.0
    assert vectors["hermit"][NAMES.index("alike")] > 0.5


def test_a_slow_ramp_is_seen_by_its_slope_and_a_step_of_long_ago_is_none():
    def points(level):
        return [(FIRED - 9600 + 60 * step, level(step) * (1 + 0.05 * (step % 4))) for step in range(162)]

    ramp = Series("stock", "p99", MetricKind.LATENCY, points(lambda step: 0.1 * 1.02**step), "s")
    ago = Series("mail", "p99", MetricKind.LATENCY, points(lambda step: 0.1 if step < 60 else 1.0), "s")
    flat = Series("shop", "p99", MetricKind.LATENCY, points(lambda _: 0.3), "s")
    told = Observations("shop", MetricKind.LATENCY, FIRED, series=(ramp, ago, flat), edges=(("shop", "stock"),))
    vectors, *_ = vectors_of(told, ["mail", "shop", "stock"])
    place = NAMES.index("ramp")

    assert vectors["stock"][place] > 0.9
    assert (vectors["mail"][place], vectors["shop"][place]) == (0.0, 0.0)


def test_a_line_that_names_another_accuses_that_one():
    lines = [LogLine(FIRED - 1800 + 2 * n, "shop", f"order {n} placed", "info") for n in range(900)]
    lines += [
        LogLine(FIRED - 110 + n, "shop", f"stock answered 503 to order {n}", "error") for n in range(100)
    ]  # fmt: skip
    told = Observations(
        "shop",
        MetricKind.ERRORS,
        FIRED,
        series=(jumped("shop", 0.01, 0.4, unit=""),),
        lines=sorted(lines, key=lambda line: line.at),
        edges=(("shop", "stock"), ("shop", "mail")),
        log_windows=((FIRED - 1800, FIRED),),
    )

    assert rank(told).suspects[0].service == "stock"


def steady(service: str, name: str, kind: MetricKind, level: float, last: float | None, unit: str = "") -> Series:
    """An hour by the minute, then five minutes at another level; None where nothing is measured any more."""
    points = [
        (at, (last or 0.0 if at > FIRED - 300 else level) * (1 + 0.02 * (step % 5)))
        for step, at in enumerate(FIRED - 3600 + 60 * step for step in range(61))
        if last is not None or at < FIRED - 300
    ]
    return Series(service, name, kind, points, unit)


def feature(told: Observations, service: str, name: str) -> float:
    vectors, *_ = vectors_of(told, ["shop"])
    return vectors[service][NAMES.index(name)]


def asked_of(stock: float, mail: float, shop: float = 50.0) -> Observations:
    levels = {"shop": (50.0, shop), "stock": (20.0, stock), "mail": (20.0, mail)}
    series = [steady(name, "requests", MetricKind.TRAFFIC, *both, "/s") for name, both in levels.items()]
    edges = (("shop", "stock"), ("shop", "mail"))
    return Observations("shop", MetricKind.ERRORS, FIRED, series=series, edges=edges)


def test_who_is_asked_less_than_all_others_is_not_reached():
    told = asked_of(stock=2.0, mail=20.0)

    assert feature(told, "stock", "starved") > 0.8
    assert feature(told, "mail", "starved") == feature(told, "shop", "starved") == 0.0
    # Where everybody is asked less it is the users who are gone, and where all that a service asks is, it is that service.
    assert feature(asked_of(stock=2.0, mail=2.0, shop=5.0), "stock", "starved") < 0.05
    assert feature(asked_of(stock=2.0, mail=2.0), "stock", "starved") < 0.05


@pytest.mark.parametrize("last", [0.0, None])
def test_who_uses_nothing_any_more_is_not_there(last):
    names = ("cpu_usage_percent", "memory_usage_percent")
    gone = [steady("stock", name, MetricKind.SATURATION, 30.0, last, "%") for name in names]
    well = [steady("shop", name, MetricKind.SATURATION, 30.0, 30.0, "%") for name in names]
    told = Observations("shop", MetricKind.ERRORS, FIRED, series=[*gone, *well], edges=(("shop", "stock"),))

    assert feature(told, "stock", "sank") == 1.0
    assert feature(told, "shop", "sank") == 0.0
    assert rank(told).suspects[0].service == "stock"
    assert {(each.service, each.mechanism) for each in rank(told).suspects[:1]} == {("stock", "unavailable")}


def test_an_instance_that_another_replaces_is_not_gone():
    old = steady("stock", "cpu_usage_percent", MetricKind.SATURATION, 30.0, None, "%")
    new = Series(
        "stock", "cpu_usage_percent", MetricKind.SATURATION, [(FIRED - 240 + 60 * n, 30.0) for n in range(4)], "%"
    )
    told = Observations("shop", MetricKind.ERRORS, FIRED, series=[old, new], edges=(("shop", "stock"),))

    assert feature(told, "stock", "sank") == 0.0


def test_what_is_waited_for_on_all_ways_to_a_service_is_held_against_it():
    name = "client_latency_p99"
    waits = [steady(each, name, MetricKind.LATENCY, 0.05, 2.0, "s") for each in ("shop", "desk")]
    well = [steady(each, "p99", MetricKind.LATENCY, 0.02, 0.02, "s") for each in ("stock", "mail")]
    edges = (("shop", "stock"), ("desk", "stock"), ("shop", "mail"), ("blog", "mail"))
    told = Observations("shop", MetricKind.LATENCY, FIRED, series=[*waits, *well], edges=edges)

    assert feature(told, "stock", "asked") > 0.8 > feature(told, "mail", "asked") > 0.3


def test_who_is_busier_than_ever_is_said_to_be_so_far_from_the_limit():
    told = Observations(
        "shop",
        MetricKind.OTHER,
        FIRED,
        series=[steady("stock", "cpu_usage_percent", MetricKind.SATURATION, 3.0, 40.0, "%")],
    )

    assert feature(told, "stock", "busy") > 0.5
    assert feature(told, "stock", "full") == 0.0
    assert rank(told).findings[0].key == "metric-rose"


def shipped(minutes_before: float, *, shows: bool = True) -> Observations:
    series = [jumped("stock", 0.02, 0.9 if shows else 0.02)]
    change = Change(FIRED - 120 - 60 * minutes_before, ChangeKind.DEPLOY, "1.2", "deploy", "stock")
    return Observations("shop", MetricKind.LATENCY, FIRED, series=series, changes=[change])


def test_a_change_is_held_against_what_began_soon_after_it():
    assert feature(shipped(2), "stock", "changed") == 1.0
    assert 0.0 < feature(shipped(20), "stock", "changed") < 1.0
    assert feature(shipped(-3), "stock", "changed") == 0.0
    assert feature(shipped(2, shows=False), "stock", "changed") < 0.1


def test_who_complains_of_one_whom_it_calls_follows_that_one():
    lines = [LogLine(FIRED - 1800 + 2 * n, "shop", f"order {n} placed", "info") for n in range(900)]
    lines += [LogLine(FIRED - 110 + n, "shop", f"stock answered 503 to order {n}", "error") for n in range(100)]
    told = Observations(
        "shop",
        MetricKind.ERRORS,
        FIRED,
        lines=sorted(lines, key=lambda line: line.at),
        edges=(("shop", "stock"), ("shop", "mail")),
        log_windows=((FIRED - 1800, FIRED),),
    )

    vectors, *_ = vectors_of(told, ["shop", "stock", "mail"])

    assert vectors["shop"][AT["follows"]] > 0.5 > vectors["stock"][AT["follows"]]


def test_what_somebody_waits_for_whom_nobody_asks_is_not_what_the_alert_is_about():
    polls = steady("timer", "client_latency_p99", MetricKind.LATENCY, 0.05, 30.0, "s")
    told = Observations("shop", MetricKind.LATENCY, FIRED, series=[polls, jumped("stock", 0.02, 0.02)])

    assert feature(told, "timer", "alike") == 0.0
    assert feature(replace(told, series=[polls]), "timer", "alike") > 0.5


def test_requests_are_counted_by_what_counts_requests():
    points = [(FIRED - 60 * step, 5.0) for step in range(60)][::-1]
    moved = [(at, 90_000.0) for at, _ in points]
    series = [
        Series("shop", "network_receive_bytes", MetricKind.TRAFFIC, moved, "B"),
        Series("shop", "workload_ops_per_second", MetricKind.TRAFFIC, points, "/s"),
    ]
    seen = Observations("shop", MetricKind.LATENCY, FIRED, series=series)

    assert requests_of(seen, Moment.of(seen)) == {"shop": pytest.approx(5.0)}
