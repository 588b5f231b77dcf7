"""Turns names of services into questions: matchers for Prometheus and Loki, conditions for Tempo, an alert's own series."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from bot.domain.alerts import Alert
from bot.domain.owners import Catalogue

# `expression > 5`: what stands before the comparison is the series that the alert watches.
_COMPARED = re.compile(r"^(?P<series>.+?)\s*(?:==|!=|>=|<=|>|<)\s*(?:bool\s+)?[-+]?[\d.]+(?:e[-+]?\d+)?\s*$", re.DOTALL)
_JOINED = re.compile(r"\b(?:and|or|unless|absent|absent_over_time)\b")
_LONGEST = 2000


def metric_selector(catalogue: Catalogue, service: str, label: str) -> str:
    """Return the label matchers of a service in Prometheus, without braces."""
    known = catalogue.services.get(service)
    return known.metrics if known and known.metrics else f"{label}={quoted(service)}"


def log_selector(catalogue: Catalogue, service: str, label: str) -> str:
    """Return the stream selector of a service in Loki, with braces."""
    known = catalogue.services.get(service)
    return f"{{{known.logs}}}" if known and known.logs else f"{{{label}={quoted(service)}}}"


def trace_condition(catalogue: Catalogue, service: str, attribute: str) -> str:
    """Return the TraceQL condition of a service, without braces."""
    known = catalogue.services.get(service)
    return known.traces if known and known.traces else f"{attribute} = {quoted(service)}"


def linked_expression(alert: Alert) -> str:
    """Return the expression of the alert's rule, as Prometheus tells it in its link; nothing if it does not."""
    try:
        return parse_qs(urlsplit(alert.generator_url).query).get("g0.expr", [""])[0]
    except ValueError:
        return ""


def own_series(alert: Alert) -> str:
    """Return the expression that the alert compares, if Prometheus told its rule and it is a plain comparison."""
    expression = linked_expression(alert)
    if len(expression) > _LONGEST or _JOINED.search(expression):
        return ""
    match = _COMPARED.match(expression)
    if match is None:
        return ""
    series = match["series"]
    return series if series.count("(") == series.count(")") and not _compared_inside(series) else ""


def quoted(value: str) -> str:
    """Write a string as PromQL, LogQL and TraceQL read it; a label's value is anybody's text."""
    kept = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{kept}"'


def _compared_inside(series: str) -> bool:
    # `a > 0.8 <= 0.95` has a comparison left, which would cut the series where nothing is wrong.
    outside = re.sub(r"\{[^}]*\}", "", series)
    return bool(re.search(r"[<>]|==|!=", outside))
