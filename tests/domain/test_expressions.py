"""Which metrics a rule reads, by its words alone."""

from __future__ import annotations

import re

import pytest

from bot.domain.expressions import metrics_of
from deploy.grafana.rules_table import RULES


@pytest.mark.parametrize(
    ("expression", "metrics"),
    [
        ("up == 0", "up"),
        ("hikaricp_connections_pending > 0", "hikaricp_connections_pending"),
        ('sum by (service, uri) (rate(errors_total{uri!~"/a(b)",code="500"}[2m])) > 0.1', "errors_total"),
        ("sum(a:b:rate5m) without (pod) / on (service) group_left (team) c offset 5m > bool 1", "a:b:rate5m|c"),
        ("absent(up{job='x'}) or vector(1) > inf", "up"),
        ('max({__name__=~"bongsu_(inbox|outbox)_lag_seconds"}) > 120', "(?:bongsu_(inbox|outbox)_lag_seconds)"),
        ('{__name__="odd.name", job="x"} > 1', "odd.name"),
        ('label_replace(a, "service", "$1", "exported_service", "(.+)") > 1e3', "a"),
        ('ALERTS{alertstate="firing"} and x', "x"),
        ("time() - started > 300", "started"),
        ("", ""),
        ("a" * 5_000, ""),
        (" + ".join(f"m{n}" for n in range(40)), ""),
    ],
)
def test_the_metrics_of_an_expression_are_found(expression, metrics):
    assert metrics_of(expression) == metrics


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.alert != "Watchdog"], ids=lambda rule: rule.alert)
def test_every_rule_of_ours_names_metrics_that_one_can_ask_for(rule):
    names = metrics_of(rule.promql)

    assert re.compile(names)
    assert all(name in rule.query for name in re.findall(r"\w+", names))
    assert names
