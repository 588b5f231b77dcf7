"""Rate, errors and durations of HTTP requests, for each endpoint, with traces of single requests as dots."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from deploy.grafana.boards import board
from deploy.grafana.boards.panels import (
    CRITICAL,
    HIGH,
    INFO,
    STATUSES,
    WARNING,
    About,
    Panel,
    areas,
    coloured,
    lines,
    listed,
    numbers,
    painted,
    ranking,
    rows,
    warmth,
)
from deploy.grafana.boards.queries import REQUESTS, Query, column, error_ratio, now, prom, quantile

_COUNT = "http_server_requests_seconds_count"
_ASKED = f'{REQUESTS}, uri=~"$uri"'
_ENDPOINT = "service, method, uri"
_NAMED = "{{method}} {{uri}}"
_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_RATE = "[$__rate_interval]"


def http_red() -> dashboard.Dashboard:
    """Make it."""
    says = "How many requests, how many fail, how long they take, for each endpoint. A dot is one request: click it for its trace."
    chosen = 'env=~"$env", service=~"$service"'
    uri = board.label("uri", "Endpoint", f"label_values({_COUNT}{{{chosen}}}, uri)")
    variables = [board.env(), board.host(_COUNT), board.service(_COUNT), uri]
    return board.shelve(
        board.board("http-red", "HTTP", says, variables),
        (4, _glance()),
        (9, _rates()),
        (9, _durations()),
        (10, [_endpoints()]),
        (8, _failures()),
    )


def _glance() -> list[Panel]:
    errors = error_ratio(_ASKED)
    longest = prom(f"max(http_server_requests_seconds_max{{{_ASKED}}})", "longest")
    limits = [(2.0, WARNING), (5.0, HIGH)]
    return [
        numbers(
            About(1, "Requests", "Per second, now.", "reqps"), prom(f"sum(rate({_COUNT}{{{_ASKED}}}{_RATE}))", "rate")
        ),
        numbers(
            About(2, "Error ratio", "Share of requests answered with 5xx.", "percentunit"),
            prom(errors, "5xx"),
            steps=[(0.01, WARNING), (0.1, HIGH), (0.5, CRITICAL)],
        ),
        *(
            numbers(
                About(3 + n, name, f"{share:.0%} are faster.", "s"), prom(quantile(share, _ASKED), name), steps=limits
            )
            for n, (name, share) in enumerate(_SHARES.items())
        ),
        numbers(About(6, "Slowest", "The longest request of the last two minutes.", "s"), longest, steps=limits),
    ]


def _rates() -> list[Panel]:
    rate = f"sum by ({_ENDPOINT}) (rate({_COUNT}{{{_ASKED}}}{_RATE}))"
    failed = f'sum by ({_ENDPOINT}) (rate({_COUNT}{{{_ASKED}, outcome="SERVER_ERROR"}}{_RATE}))'
    failing = About(8, "Errors by endpoint", "Requests per second answered with 5xx.", "reqps")
    statuses = prom(f"sum by (status) (rate({_COUNT}{{{_ASKED}}}{_RATE}))", "{{status}}")
    by_status = areas(About(9, "Requests by status", "Requests per second.", "reqps"), statuses)
    return [
        listed(lines(About(7, "Requests by endpoint", "Requests per second.", "reqps"), prom(rate, _NAMED))),
        listed(lines(failing, prom(f"{failed} or 0 * {rate}", _NAMED))),
        painted(by_status, STATUSES),
    ]


def _durations() -> list[Panel]:
    whole = [prom(quantile(share, _ASKED), name, exemplars=True) for name, share in _SHARES.items()]
    each = prom(quantile(0.99, _ASKED, _ENDPOINT), _NAMED, exemplars=True)
    buckets = Query(
        f"sum by (le) (increase(http_server_requests_seconds_bucket{{{_ASKED}}}{_RATE}))", "{{le}}", form="heatmap"
    )
    return [
        lines(About(10, "Latency", "Percentiles of all chosen requests.", "s"), *whole, steps=[(5, HIGH)]),
        listed(lines(About(11, "Latency by endpoint, p99", "99 of 100 are faster.", "s"), each, steps=[(5, HIGH)])),
        warmth(
            About(12, "Durations", "How many requests took how long; two bands are two kinds of requests.", "s"),
            buckets,
        ),
    ]


def _endpoints() -> Panel:
    rate = f"sum by ({_ENDPOINT}) (rate({_COUNT}{{{_ASKED}}}{_RATE}))"
    queries = [column(rate), column(error_ratio(_ASKED, _ENDPOINT))]
    queries += [column(quantile(share, _ASKED, _ENDPOINT)) for share in _SHARES.values()]
    about = About(13, "Endpoints", "Each endpoint, now. Click one to see it alone.")
    columns = dict(zip("ABCDE", ["Requests", "Errors", *_SHARES], strict=True))
    made = coloured(rows(about, *queries, columns=columns, first="-Requests"), "Requests", "reqps")
    coloured(made, "Errors", "percentunit", [(0.01, WARNING), (0.1, HIGH), (0.5, CRITICAL)])
    for name in _SHARES:
        coloured(made, name, "s", [(2, WARNING), (5, HIGH)])
    alone = {
        "title": "Only this endpoint",
        "url": "/d/http-red?var-uri=${__value.raw:percentencode}&${__url_time_range}",
    }
    return made.override_by_name("uri", [DynamicConfigValue("links", [alone])])


def _failures() -> list[Panel]:
    failed = f'{_COUNT}{{{_ASKED}, exception!="none"}}'
    thrown = now(
        f"topk(10, sum by (service, exception) (increase({failed}[$__range])) > 0)", "{{service}}: {{exception}}"
    )
    slowest = now(f"topk(10, max by ({_ENDPOINT}) (http_server_requests_seconds_max{{{_ASKED}}}))", _NAMED)
    return [
        ranking(About(14, "Exceptions", "What requests ended with in the time shown; empty is good.", "none"), thrown),
        ranking(
            About(15, "Slowest endpoints", "Their longest request of the last two minutes.", "s"), slowest, colour=INFO
        ).decimals(2),
    ]
