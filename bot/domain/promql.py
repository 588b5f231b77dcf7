"""Replaces Grafana's variables inside of PromQL as its Prometheus data source would do it. No I/O.

Source: Grafana's documentation, "Variable syntax" and "Global variables", and its Prometheus data source (11 to 13).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.domain.dashboards import ALL, Chosen, DashboardModel, Variable
from bot.domain.paces import QueryPace, pace_of, rounded, seconds_of
from bot.domain.telemetry import Window

# `$name`, `${name}`, `${name:format}`, `[[name]]`, as far as a name may reach.
_USE = re.compile(r"\$(\w+)|\$\{(\w+)(?:\.[^:^}]+)?(?::([^}]+))?\}|\[\[(\w+)(?::(\w+))?\]\]")
# What stands for a series in the name that it is given: a label of it, or its own name.
_FIELD_USE = re.compile(
    r"\$\{__(?:field|series)\.(?:labels(?:\.(?P<label>\w+)|\[[\"'](?P<quoted>[^\"'\]]+)[\"']\])|(?:displayN|n)ame)\}"
)
_REGEX_MARKS = re.compile(r"[\\^$.*+?()\[\]{}|]")
_LEGEND = re.compile(r"\{\{\s*([^}]+?)\s*\}\}")
# Ways of writing several values that change nothing in them: what stands before, between and after.
_PLAIN_STYLES = {
    "raw": ("", ",", ""), "csv": ("", ",", ""), "pipe": ("", "|", ""), "glob": ("{", ",", "}"),
    "singlequote": ("'", "','", "'"), "doublequote": ('"', '","', '"'), "json": ('["', '","', '"]'),
}  # fmt: skip
_AUTO = "$__auto"


def step_of(window: Window) -> float:
    """Return the distance of points in seconds that a chart of this stretch needs: at most 500 points."""
    return pace_of(window).step


def interpolate(
    expr: str, model: DashboardModel, chosen: Chosen, window: Window, pace: QueryPace | None = None, style: str = ""
) -> str:
    """Return the PromQL that Grafana would ask, or by the style "glob" its legend; a name nobody knows is left as it stands."""
    built_in = _built_in(window, pace or pace_of(window))

    def own(match: re.Match[str]) -> str:
        return built_in.get(_name(match), match[0])

    def value(match: re.Match[str]) -> str:
        name, own_style = _name(match), match[3] or match[5] or style
        if name in built_in:
            return _moment(built_in[name], own_style) if name in ("__from", "__to") else built_in[name]
        variable = next((each for each in model.variables if each.name == name), None)
        if variable is None:
            return match[0]
        values = values_of(variable, chosen)
        if variable.kind == "interval" and values and values[0].startswith(_AUTO):
            return f"{_automatic(variable, window):.0f}s"
        # What a variable is set to may be one of Grafana's own.
        return _USE.sub(own, _written(variable, values, own_style))

    return _USE.sub(value, expr)


def _name(match: re.Match[str]) -> str:
    return match[1] or match[2] or match[4]


def _automatic(variable: Variable, window: Window) -> float:
    """Return the interval that divides the stretch into as many parts as the variable wants."""
    count, least = variable.automatic
    return max(rounded(window.seconds / max(count, 1)), seconds_of(least) or 1.0)


def values_of(variable: Variable, chosen: Chosen) -> tuple[str, ...]:
    """Return what a variable is set to: what was chosen, else what the dashboard was saved with."""
    return tuple(chosen.get(variable.name) or variable.current or variable.options[:1])


def displayed(wanted: str, name: str, labels: Mapping[str, str]) -> str:
    """Return what a series is called that is to be called so; its own name where that cannot be said."""

    def filled(match: re.Match[str]) -> str:
        label = match["label"] or match["quoted"]
        return name if label is None else labels.get(label, "")

    return name if "$" in _FIELD_USE.sub("", wanted) else _FIELD_USE.sub(filled, wanted).strip() or name


def titled(text: str, model: DashboardModel, chosen: Chosen) -> str:
    """Return a title with what its variables are set to, as Grafana shows it."""

    def shown(match: re.Match[str]) -> str:
        variable = next((each for each in model.variables if each.name == _name(match)), None)
        values = values_of(variable, chosen) if variable else ()
        return (
            " + ".join("All" if each == ALL else variable.texts.get(each, each) for each in values)
            if variable
            else match[0]
        )

    return _USE.sub(shown, text)


def used_in(expr: str) -> set[str]:
    """Return the names that are used as variables."""
    return {_name(match) for match in _USE.finditer(expr)}


def legend_of(template: str, labels: Mapping[str, str], expr: str = "") -> str:
    """Name a series as the panel's legend does."""
    if template and template != "__auto":
        # A label that the series lacks leaves nothing; where nothing is left, it is named as without a template.
        named = _LEGEND.sub(lambda match: labels.get(match[1], ""), template)
        if named:
            return named
    inner = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()) if name != "__name__")
    if template == "__auto" and len(labels) == 1:
        return next(iter(labels.values()))
    return f"{labels.get('__name__', '')}{{{inner}}}" if inner else labels.get("__name__", "") or expr


def _built_in(window: Window, pace: QueryPace) -> dict[str, str]:
    seconds = max(1, round(window.seconds))
    return {
        "__interval": _length(pace.step),
        "__interval_ms": f"{pace.step * 1000:.0f}",
        "__rate_interval": _length(pace.rate_interval),
        "__rate_interval_ms": f"{pace.rate_interval * 1000:.0f}",
        "__range": f"{seconds}s",
        "__range_s": str(seconds),
        "__range_ms": str(seconds * 1000),
        "__from": f"{window.start.timestamp() * 1000:.0f}",
        "__to": f"{window.end.timestamp() * 1000:.0f}",
    }


def _moment(milliseconds: str, style: str) -> str:
    """Write one end of the stretch as `${__from:date}` and `:date:seconds` ask for it; in PromQL no other way has a meaning."""
    if style == "date:seconds":
        return str(int(milliseconds) // 1000)
    return (
        datetime.fromtimestamp(int(milliseconds) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if style in ("date", "date:iso")
        else milliseconds
    )


def _length(seconds: float) -> str:
    return f"{seconds:.0f}s" if seconds == int(seconds) else f"{seconds * 1000:.0f}ms"


def _written(variable: Variable, values: tuple[str, ...], style: str) -> str:
    if values in ((ALL,), ("All",)) and variable.include_all:
        if variable.all_value:
            return variable.all_value
        values = tuple(each for each in variable.options if each != ALL)
        if not values:
            return ".*"
    if style == "text":
        return " + ".join(variable.texts.get(each, each) for each in values)
    if style == "glob" and len(values) == 1:
        return values[0]
    if style in _PLAIN_STYLES:
        before, between, after = _PLAIN_STYLES[style]
        return f"{before}{between.join(values)}{after}"
    if not (variable.multi or variable.include_all or style == "regex"):
        return _quoted(values[0]) if values else ""
    # Twice: once for the regular expression, once for the string of PromQL that it stands in.
    escaped = [_quoted(_REGEX_MARKS.sub(r"\\\g<0>", each)) for each in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
