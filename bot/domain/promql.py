"""Replaces Grafana's variables inside of PromQL as its Prometheus data source would do it. No I/O.

Source: Grafana's documentation, "Variable syntax" and "Global variables", and its Prometheus data source (11 to 13).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.dashboards import ALL, Chosen, DashboardModel, Variable
from bot.domain.telemetry import Window

# `$name`, `${name}`, `${name:format}`, `[[name]]`, as far as a name may reach.
_USE = re.compile(r"\$(\w+)|\$\{(\w+)(?:\.[^:^}]+)?(?::([^}]+))?\}|\[\[(\w+)(?::(\w+))?\]\]")
_REGEX_MARKS = re.compile(r"[\\^$.*+?()\[\]{}|]")
_LEGEND = re.compile(r"\{\{\s*([^}]+?)\s*\}\}")
# Ways of writing several values that change nothing in them: what stands before, between and after.
_PLAIN_STYLES = {
    "raw": ("", ",", ""), "csv": ("", ",", ""), "pipe": ("", "|", ""), "glob": ("{", ",", "}"),
    "singlequote": ("'", "','", "'"), "doublequote": ('"', '","', '"'), "json": ('["', '","', '"]'),
}  # fmt: skip
_SCRAPE_S = 15.0
_MOST_POINTS, _STEPS = 500, (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400)


def step_of(window: Window) -> float:
    """Return the distance of points in seconds that a chart of this stretch needs: at most 500 points."""
    wanted = max(window.seconds / _MOST_POINTS, _SCRAPE_S)
    return float(next((step for step in _STEPS if step >= wanted), _STEPS[-1]))


def interpolate(expr: str, model: DashboardModel, chosen: Chosen, window: Window) -> str:
    """Return the PromQL that Grafana would ask; a name nobody knows is left as it stands."""
    built_in = _built_in(window)

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[4]
        if name in built_in:
            return built_in[name]
        variable = next((each for each in model.variables if each.name == name), None)
        if variable is None:
            return match[0]
        return _written(variable, values_of(variable, chosen), match[3] or match[5] or "")

    return _USE.sub(value, expr)


def values_of(variable: Variable, chosen: Chosen) -> tuple[str, ...]:
    """Return what a variable is set to: what was chosen, else what the dashboard was saved with."""
    return tuple(chosen.get(variable.name) or variable.current or variable.options[:1])


def used_in(expr: str) -> set[str]:
    """Return the names that are used as variables."""
    return {match[1] or match[2] or match[4] for match in _USE.finditer(expr)}


def legend_of(template: str, labels: Mapping[str, str], expr: str = "") -> str:
    """Name a series as the panel's legend does."""
    if template and template != "__auto":
        return _LEGEND.sub(lambda match: labels.get(match[1], match[1]), template)
    inner = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()) if name != "__name__")
    if template == "__auto" and len(labels) == 1:
        return next(iter(labels.values()))
    return f"{labels.get('__name__', '')}{{{inner}}}" if inner else labels.get("__name__", "") or expr


def _built_in(window: Window) -> dict[str, str]:
    step = step_of(window)
    seconds = max(1, round(window.seconds))
    return {
        "__interval": f"{step:.0f}s",
        "__interval_ms": f"{step * 1000:.0f}",
        "__rate_interval": f"{max(step + _SCRAPE_S, 4 * _SCRAPE_S):.0f}s",
        "__rate_interval_ms": f"{max(step + _SCRAPE_S, 4 * _SCRAPE_S) * 1000:.0f}",
        "__range": f"{seconds}s",
        "__range_s": str(seconds),
        "__range_ms": str(seconds * 1000),
        "__from": f"{window.start.timestamp() * 1000:.0f}",
        "__to": f"{window.end.timestamp() * 1000:.0f}",
    }


def _written(variable: Variable, values: tuple[str, ...], style: str) -> str:
    if values in ((ALL,), ("All",)) and variable.include_all:
        if variable.all_value:
            return variable.all_value
        values = tuple(each for each in variable.options if each != ALL)
        if not values:
            return ".*"
    if style == "text":
        return " + ".join(variable.texts.get(each, each) for each in values)
    if style in _PLAIN_STYLES:
        before, between, after = _PLAIN_STYLES[style]
        return f"{before}{between.join(values)}{after}"
    if not (variable.multi or variable.include_all or style == "regex"):
        return values[0].replace("\\", "\\\\").replace('"', '\\"') if values else ""
    # Twice: once for the regular expression, once for the string of PromQL that it stands in.
    escaped = [_REGEX_MARKS.sub(lambda mark: f"\\\\{mark[0]}", each) for each in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"
