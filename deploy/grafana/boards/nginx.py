"""The door: nginx' own counters, and its access log for what they do not know: status, path, time."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana.boards import board
from deploy.grafana.boards.panels import (
    CRITICAL,
    HIGH,
    STATUSES,
    WARNING,
    About,
    Panel,
    areas,
    lamps,
    lines,
    log_lines,
    numbers,
    painted,
    ranking,
)
from deploy.grafana.boards.queries import ANYWHERE, log, log_now, now, prom

_RATE = "[$__rate_interval]"
# The collector tells both logs apart by the label `log`; without it, there is only the access log.
_SAID = f'{{service="nginx", log!="error", {ANYWHERE}}}'
# JSON as config/nginx/log_format.conf writes it, or nginx' own format: GET /path HTTP/1.1" 502 … rt=0.1.
_STATUS = r'| regexp `(?:"status":"|" )(?P<status>[1-5][0-9]{2})\b`'
_PATH = r'| regexp `(?:"uri":"|"[A-Z]+ )(?P<path>/[^ ?"]*)`'
_TIME = r'| regexp `(?:"request_time":"|rt=)(?P<rt>[0-9.]+)`'
_ACCESS = f'{_SAID} {_STATUS} | status!=""'
_FAILED = f"{_ACCESS} | status=~`5..`"


def nginx() -> dashboard.Dashboard:
    """Make it."""
    says = "What comes through the door, and what nginx answers when the services behind it do not."
    made = board.board("nginx", "Nginx", says, [board.env(), board.host("nginx_up")])
    return board.shelve(
        made,
        (4, _glance()),
        (8, _counters()),
        (8, _access()),
        (12, [_refused()]),
        (10, [_errors()]),
    )


def _glance() -> list[Panel]:
    dropped = f"increase(nginx_connections_accepted{{{ANYWHERE}}}[$__range]) - increase(nginx_connections_handled{{{ANYWHERE}}}[$__range])"
    share = f"sum(count_over_time({_FAILED} [$__range])) / sum(count_over_time({_ACCESS} [$__range]))"
    rate = f"sum(rate(nginx_http_requests_total{{{ANYWHERE}}}{_RATE}))"
    active = f"sum(nginx_connections_active{{{ANYWHERE}}})"
    return [
        lamps(
            About(1, "Up", "Whether the exporter reaches nginx."),
            now(f"min by (host) (nginx_up{{{ANYWHERE}}})", "{{host}}"),
        ),
        numbers(About(2, "Requests", "Per second, now.", "reqps"), prom(rate, "rate")),
        numbers(About(3, "Connections", "Open now."), prom(active, "active")),
        numbers(
            About(
                4, "Turned away", "Connections accepted but not handled in the time shown: a limit is reached.", "none"
            ),
            now(f"sum({dropped})", "dropped"),
            steps=[(1, HIGH)],
            spark=False,
        ).decimals(0),
        numbers(
            About(5, "5xx", "Share of answers with 5xx in the time shown, from the access log.", "percentunit"),
            log_now(share, "5xx"),
            steps=[(0.01, WARNING), (0.1, HIGH), (0.5, CRITICAL)],
            spark=False,
        ).no_value("0 %"),
        numbers(
            About(6, "p95", "95 % of requests were faster, from the access log.", "s"),
            log_now(_time(0.95, "$__range"), "p95"),
            steps=[(2, WARNING), (5, HIGH)],
            spark=False,
        ),
    ]


def _counters() -> list[Panel]:
    rate = prom(f"sum by (host) (rate(nginx_http_requests_total{{{ANYWHERE}}}{_RATE}))", "{{host}}")
    states = [
        prom(f"sum(nginx_connections_{state}{{{ANYWHERE}}})", state) for state in ("reading", "writing", "waiting")
    ]
    taken = [
        prom(f"sum(rate(nginx_connections_{what}{{{ANYWHERE}}}{_RATE}))", what) for what in ("accepted", "handled")
    ]
    return [
        lines(About(7, "Requests by host", "Requests per second.", "reqps"), rate),
        areas(About(8, "Connections by state", "Many writing ones wait for the services behind."), *states),
        lines(
            About(9, "New connections", "Per second; the lines part when connections are turned away.", "cps"), *taken
        ),
    ]


def _access() -> list[Panel]:
    classes = f"sum by (class) (rate({_ACCESS} | label_format class=`{{{{ substr 0 1 .status }}}}xx` [$__auto]))"
    # Without numbers, so that many ids are one path.
    shortened = '| label_format path=`{{ regexReplaceAll "/[0-9]+" .path "/N" }}`'
    paths = f"topk(10, sum by (path, status) (count_over_time({_FAILED} {_PATH} {shortened} [$__range])))"
    by_class = areas(
        About(10, "Answers by class", "Per second, from the access log.", "reqps"), log(classes, "{{class}}")
    )
    return [
        painted(by_class, STATUSES),
        lines(
            About(11, "Time", "Time from the first byte of the request to the last of the answer.", "s"),
            *(log(_time(share, "$__auto"), f"p{share * 100:g}") for share in (0.5, 0.95, 0.99)),
            steps=[(5, HIGH)],
        ),
        ranking(
            About(12, "Paths that fail", "5xx in the time shown.", "none"),
            log_now(paths, "{{status}} {{path}}"),
            colour=CRITICAL,
        ),
    ]


def _refused() -> Panel:
    says = "Requests answered with 4xx or 5xx, newest first; the trace id leads to the whole request."
    return log_lines(About(13, "Access log: 4xx and 5xx", says), log(f"{_ACCESS} | status=~`[45]..`"))


def _errors() -> Panel:
    says = "What nginx itself complains of: refused upstreams, timeouts, bodies too large."
    return log_lines(About(14, "Error log", says), log(f'{{service="nginx", log="error", {ANYWHERE}}}'))


def _time(share: float, window: str) -> str:
    timed = f'{_SAID} {_TIME} | unwrap rt | __error__=""'
    # Grouped by nothing that every line has of its own, so that there is one line.
    return f"quantile_over_time({share}, {timed} [{window}]) by (service)"
