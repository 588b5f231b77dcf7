"""What the services say: how much, how bad, which exceptions, and the lines themselves."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana.boards import board
from deploy.grafana.boards.panels import (
    CRITICAL,
    INFO,
    QUIET,
    WARNING,
    About,
    Panel,
    bars,
    log_lines,
    numbers,
    painted,
    ranking,
)
from deploy.grafana.boards.queries import CHOSEN, ERRORS, log, log_now

_WARNINGS = 'level=~"(?i)warn|warning"'
# Backquotes: what somebody types needs no escaping.
_SOUGHT = "|~ `(?i)$search`"
_EXCEPTION = r'| regexp `(?P<exception>[A-Za-z_$]+(?:Exception|Error))\b` | exception!=""'
_COLOURS = {
    "error|fatal|critical|crit|alert|emerg": CRITICAL,
    "warn|warning": WARNING,
    "info": INFO,
    "debug|trace|unknown": QUIET,
}


def logs() -> dashboard.Dashboard:
    """Make it."""
    says = "What do the services say? Choose, search, and click a trace id to see the whole request."
    variables = [
        board.logged("env", "Environment"),
        board.logged("host", "Host"),
        board.logged("service", "Service", ".+"),
        board.logged("level", "Level"),
    ]
    made = board.board("logs", "Logs", says, variables)
    made = made.with_variable(dashboard.TextBoxVariable("search").label("Search").default_value(""))
    return board.shelve(
        made,
        (4, _glance()),
        (7, [_volume(), _by_service(), _exceptions()]),
        (12, [_errors()]),
        (14, [_every()]),
    )


def _glance() -> list[Panel]:
    def counted(about: About, matchers: str, colour: str) -> Panel:
        expression = f"sum(count_over_time({{{matchers}}} {_SOUGHT} [$__range]))"
        return numbers(about, log_now(expression, "lines"), steps=[(1, colour)], spark=False).no_value("0")

    speaking = f"count(sum by (service) (count_over_time({{{CHOSEN}}} [$__range])))"
    return [
        counted(
            About(1, "Errors", "Lines of level error and worse in the time shown."), f"{CHOSEN}, {ERRORS}", CRITICAL
        ),
        counted(About(2, "Warnings", "Lines of level warn in the time shown."), f"{CHOSEN}, {_WARNINGS}", WARNING),
        counted(About(3, "Lines", "All lines in the time shown."), f'{CHOSEN}, level=~"$level"', INFO),
        numbers(About(4, "Services that log", "A silent one may be down."), log_now(speaking, "services"), spark=False),
    ]


def _volume() -> Panel:
    expression = f'sum by (level) (count_over_time({{{CHOSEN}, level=~"$level"}} {_SOUGHT} [$__auto]))'
    return painted(bars(About(5, "Volume", "Lines by level."), log(expression, "{{level}}")), _COLOURS)


def _by_service() -> Panel:
    expression = f"sum by (service) (count_over_time({{{CHOSEN}, {ERRORS}}} {_SOUGHT} [$__auto]))"
    return bars(About(6, "Errors by service", "Lines of level error and worse."), log(expression, "{{service}}"))


def _exceptions() -> Panel:
    lines = f"{{{CHOSEN}, {ERRORS}}} {_SOUGHT} {_EXCEPTION}"
    query = log_now(f"topk(10, sum by (exception) (count_over_time({lines} [$__range])))", "{{exception}}")
    return ranking(About(7, "Exceptions", "The first class that each error names.", "none"), query, colour=CRITICAL)


def _errors() -> Panel:
    says = "Lines of level error and worse with their stack traces, newest first."
    return log_lines(About(8, "Errors", says), log(f"{{{CHOSEN}, {ERRORS}}} {_SOUGHT}"))


def _every() -> Panel:
    says = "All lines of the chosen services and levels, newest first."
    return log_lines(About(9, "All lines", says), log(f'{{{CHOSEN}, level=~"$level"}} {_SOUGHT}'))
