"""The committed alerting files, and Grafana's rules as promtool can run them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PROMETHEUS_RULES = ROOT / "config/prometheus/rules.yml"
GRAFANA = ROOT / "config/grafana/provisioning/alerting"


def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text("utf-8"))


def grafana_rules() -> dict[str, dict[str, Any]]:
    return {rule["title"]: rule for group in load(GRAFANA / "alert-rules.yml")["groups"] for rule in group["rules"]}


def prometheus_rules() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for group in load(PROMETHEUS_RULES)["groups"] for rule in group["rules"]}


def query(rule: dict[str, Any]) -> str:
    """Return what a rule of Grafana's file asks Prometheus."""
    (asked,) = [each["model"]["expr"] for each in rule["data"] if each["refId"] == "A"]
    return asked


def evaluator(rule: dict[str, Any]) -> tuple[str, list[float]]:
    """Return what a rule of Grafana's file compares the answer with."""
    (condition,) = [each for each in rule["data"] if each["refId"] == rule["condition"]]
    assert condition["model"]["expression"] == "A"
    (only,) = condition["model"]["conditions"]
    return only["evaluator"]["type"], only["evaluator"]["params"]


def as_promql(rule: dict[str, Any]) -> str:
    """Write a rule of Grafana's file, query and threshold, as one expression of Prometheus."""
    kind, params = evaluator(rule)
    # Grafana's range is open at both ends.
    comparison = {"gt": "> {0!r}", "lt": "< {0!r}"}[kind].format(*params)
    return f"({query(rule)}) {comparison}"


def as_prometheus_rules(rules: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Turn rules of Grafana's file into a file of Prometheus; annotations stay behind."""
    written = [
        {"alert": name, "expr": as_promql(rule), "for": rule["for"], "labels": rule["labels"]}
        for name, rule in rules.items()
    ]
    return {"groups": [{"name": "grafana", "rules": written}]}


def promtool(*arguments: str | Path) -> None:
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def run_unit_tests(folder: Path, rules: dict[str, Any], tests: list[dict[str, Any]]) -> None:
    """Let promtool run unit tests of rules, evaluated every 30 s."""
    (folder / "rules.yml").write_text(yaml.safe_dump(rules), "utf-8")
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "30s", "tests": tests}
    (folder / "tests.yml").write_text(yaml.safe_dump(document, width=10_000), "utf-8")
    promtool("test", "rules", folder / "tests.yml")
