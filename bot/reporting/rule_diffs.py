"""Writes a changed rule as a diff of YAML: Prometheus' rule file, or the fields of Grafana's provisioning."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Final

from bot.reporting.alert_rules import AlertRule

# As Grafana names what compares.
_EVALUATORS: Final = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}


def rule_diff(rule: AlertRule, changed: AlertRule) -> list[str]:
    """Return the lines of the rule, those that go marked with `-` and those that come with `+`."""
    old, new = _lines(rule), _lines(changed)
    lines: list[str] = []
    for before, after in zip(old, new, strict=True):
        if before == after:
            lines += [f"  {line}" for line in before]
        else:
            lines += [*(f"- {line}" for line in before), *(f"+ {line}" for line in after)]
    return lines


def rule_yaml(rule: AlertRule) -> list[str]:
    """Return the lines of a rule as they are pasted."""
    return [line for lines in _lines(rule) for line in lines]


def _lines(rule: AlertRule) -> list[list[str]]:
    keep = rule.keep or timedelta()
    # What is not there in one of the two has no line there.
    times = [[f"  for: {length(rule.wait)}"], [f"  keep_firing_for: {length(keep)}"] if keep else []]
    if not rule.grafana:
        return [[f"- alert: {_written(rule.name)}"], [f"  expr: {json.dumps(rule.expression)}"], *times]
    return [[f"- uid: {_written(rule.uid)}"], [f"  title: {_written(rule.name)}"], *times, _node(rule)]


def _node(rule: AlertRule) -> list[str]:
    if rule.compared is None:
        return []
    kind = _EVALUATORS[rule.compared.sign]
    return [
        "  data:",
        f"    - refId: {_written(rule.node)}",
        f"      model: {{conditions: [{{evaluator: {{type: {kind}, params: [{rule.compared.bound}]}}}}]}}",
    ]


def length(span: timedelta) -> str:
    """Write a length of time as Prometheus and Grafana read it: `1h30m`, `90s`."""
    left = round(span.total_seconds())
    parts: list[str] = []
    for unit, size in (("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _written(word: str) -> str:
    """Write a name; JSON's strings are YAML's, too, whatever stands in them."""
    plain = word.replace("_", "").replace("-", "").isalnum() and word.isascii() and not word[:1].isdigit()
    return word if plain else json.dumps(word)
