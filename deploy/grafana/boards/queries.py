"""Questions to Prometheus and Loki as the panels ask them, and the label matchers that all of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grafana_foundation_sdk.builders import loki, prometheus
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

# The fixed uids of config/grafana/provisioning/datasources.
PROMETHEUS = DataSourceRef(type_val="prometheus", uid="prometheus")
LOKI = DataSourceRef(type_val="loki", uid="loki")

# What the variables of a dashboard choose; `$service` never matches a series without that label.
ANYWHERE = 'env=~"$env", host=~"$host"'
CHOSEN = f'service=~"$service", {ANYWHERE}'
# Prometheus' own visits always succeed, and are not what people ask for.
REQUESTS = f'{CHOSEN}, uri!~"/actuator.*"'
# That the blackbox exporter could be asked says nothing of the service that it looks at.
SCRAPED = 'job!="blackbox"'
# Whoever collects may write levels in capitals or not; nginx has four that are worse than a warning.
ERRORS = 'level=~"(?i)error|fatal|critical|crit|alert|emerg"'


@dataclass(frozen=True)
class Query:
    """One question; `at_once` asks for the newest value only, `table` for a column of a table."""

    expression: str
    legend: str = ""
    logs: bool = False
    at_once: bool = False
    exemplars: bool = False
    form: Literal["", "table", "heatmap"] = ""


def prom(expression: str, legend: str = "", *, exemplars: bool = False) -> Query:
    """Ask Prometheus over the time shown."""
    return Query(expression, legend, exemplars=exemplars)


def now(expression: str, legend: str = "") -> Query:
    """Ask Prometheus for the newest values."""
    return Query(expression, legend, at_once=True)


def column(expression: str) -> Query:
    """Ask Prometheus for the newest values, as a column of a table."""
    return Query(expression, at_once=True, form="table")


def log(expression: str, legend: str = "") -> Query:
    """Ask Loki over the time shown."""
    return Query(expression, legend, logs=True)


def log_now(expression: str, legend: str = "") -> Query:
    """Ask Loki for one value over the time shown."""
    return Query(expression, legend, logs=True, at_once=True)


def error_ratio(selector: str, by: str = "") -> str:
    """Return the share of requests that the server failed, as the alert rules count it; 0 where none failed."""
    name = "http_server_requests_seconds_count"
    added = f"sum by ({by})" if by else "sum"
    every = f"{added} (rate({name}{{{selector}}}[$__rate_interval]))"
    failed = f'{added} (rate({name}{{{selector}, outcome="SERVER_ERROR"}}[$__rate_interval]))'
    # A series for errors exists only after the first one.
    return f"({failed} or 0 * {every}) / {every}"


def quantile(share: float, selector: str, by: str = "") -> str:
    """Return a percentile of the durations of requests, in seconds."""
    groups = f"le, {by}" if by else "le"
    rate = f"rate(http_server_requests_seconds_bucket{{{selector}}}[$__rate_interval])"
    return f"histogram_quantile({share}, sum by ({groups}) ({rate}))"


def dataquery(query: Query, letter: str) -> prometheus.Dataquery | loki.Dataquery:
    """Write a question as Grafana keeps it."""
    return _loki(query, letter) if query.logs else _prometheus(query, letter)


def _prometheus(query: Query, letter: str) -> prometheus.Dataquery:
    forms = {"": PromQueryFormat.TIME_SERIES, "table": PromQueryFormat.TABLE, "heatmap": PromQueryFormat.HEATMAP}
    made = prometheus.Dataquery().ref_id(letter).expr(query.expression).datasource(PROMETHEUS)
    made = made.legend_format(query.legend or "__auto").format(forms[query.form])
    made = made.instant() if query.at_once else made.range()
    return made.exemplar(True) if query.exemplars else made


def _loki(query: Query, letter: str) -> loki.Dataquery:
    made = loki.Dataquery().ref_id(letter).expr(query.expression).datasource(LOKI)
    made = made.query_type("instant" if query.at_once else "range")
    return made.legend_format(query.legend) if query.legend else made
