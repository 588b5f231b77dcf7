"""A cause must be able to account for the alert: who takes part in no request that was seen is none, however wild it is."""

from dataclasses import replace

from bot.domain.telemetry import LogLine, MetricKind, Observations, Series, Span
from bot.ranking.features import NAMES
from bot.ranking.rank import rank, vectors_of

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
    vectors, _, _ = vectors_of(told, ["hermit", "shop"])

    assert vectors["hermit"][NAMES.index("apart")] == 0.0
    assert vectors["hermit"][NAMES.index("alike")] > 0.5


def test_a_slow_ramp_is_seen_by_its_slope_and_a_step_of_long_ago_is_none():
    def points(level):
        return [(FIRED - 9600 + 60 * step, level(step) * (1 + 0.05 * (step % 4))) for step in range(162)]

    ramp = Series("stock", "p99", MetricKind.LATENCY, points(lambda step: 0.1 * 1.02**step), "s")
    ago = Series("mail", "p99", MetricKind.LATENCY, points(lambda step: 0.1 if step < 60 else 1.0), "s")
    flat = Series("shop", "p99", MetricKind.LATENCY, points(lambda _: 0.3), "s")
    told = Observations("shop", MetricKind.LATENCY, FIRED, series=(ramp, ago, flat), edges=(("shop", "stock"),))
    vectors, _, _ = vectors_of(told, ["mail", "shop", "stock"])
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
