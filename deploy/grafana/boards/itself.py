"""Bongsu itself: is it alive, is it late, what is open. Its silence is an alert of Grafana's own."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana.boards import board
from deploy.grafana.boards.panels import (
    CRITICAL,
    FINE,
    SEVERITIES,
    WARNING,
    About,
    Panel,
    apart,
    areas,
    lines,
    log_lines,
    numbers,
    painted,
)
from deploy.grafana.boards.queries import SCRAPED, Query, log, now, prom

_HERE = 'env=~"$env"'
_ITSELF = f'service="bongsu", {_HERE}'
# Its container is called bot.
_SAID = f'{{service=~"bongsu|bot", {_HERE}}}'
# A card should stand within two seconds; half a minute late is a nuisance, two minutes are a danger.
_LATE = [(30.0, WARNING), (120.0, CRITICAL)]


def itself() -> dashboard.Dashboard:
    """Make it."""
    says = "Is Bongsu alive and in time? What is open, what came in, and what it says."
    made = board.board("bongsu", "Bongsu", says, [board.env()])
    return board.shelve(
        made,
        (6, [_alive(), _open_now()]),
        (8, _queues()),
        (8, _work()),
        (10, [_lines()]),
    )


def _alive() -> Panel:
    says = "1 is alive. Then how long the oldest alert waits to be read, and the oldest card to be posted; two minutes are P1."
    alive = now(f"min(up{{{_ITSELF}, {SCRAPED}}})", "alive")
    made = numbers(About(1, "Alive, and in time", says, "none"), alive, *_lags())
    made = apart(made, "^alive$", "none", [(1, FINE)], below=CRITICAL)
    return apart(made, "^oldest", "s", _LATE)


def _lags() -> list[Query]:
    names = {"oldest unread alert": "inbox", "oldest waiting card": "outbox"}
    return [prom(f"max(bongsu_{queue}_lag_seconds{{{_HERE}}})", name) for name, queue in names.items()]


def _open_now() -> Panel:
    query = now(f"sum by (severity) (bongsu_incidents_open{{{_HERE}}})", "{{severity}}")
    return painted(numbers(About(2, "Open incidents", "By severity, now.", "none"), query, spark=False), SEVERITIES)


def _queues() -> list[Panel]:
    waiting = prom(f'sum by (state) (bongsu_notifications{{{_HERE}, state=~"received|applied"}})', "{{state}}")
    late = About(3, "How late", "Unread alerts: the store is slow. Waiting cards: Discord is, and is asked again.", "s")
    says = "received: not read yet. applied: no card yet. Both fall back to 0."
    return [lines(late, *_lags(), steps=_LATE), areas(About(4, "Waiting notifications", says), waiting)]


def _work() -> list[Panel]:
    incidents = prom(f"sum by (severity) (bongsu_incidents_open{{{_HERE}}})", "{{severity}}")
    done = prom(f"sum by (state) (bongsu_notifications{{{_HERE}}})", "{{state}}")
    answer = prom(f"max(scrape_duration_seconds{{{_ITSELF}, {SCRAPED}}})", "answer to Prometheus")
    return [
        painted(areas(About(5, "Open incidents over time", "By severity."), incidents), SEVERITIES),
        lines(About(6, "Notifications in the store", "By how far they have come."), done),
        lines(
            About(7, "Time to answer", "How long its metrics take; its store is slow when this rises.", "s"),
            answer,
            steps=[(1, WARNING)],
        ),
    ]


def _lines() -> Panel:
    return log_lines(About(8, "Log", "What Bongsu says, newest first."), log(_SAID))
