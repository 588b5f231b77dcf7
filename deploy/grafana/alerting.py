"""Write the alerting files of Grafana and Prometheus from the table of rules.

`python -m deploy.grafana.alerting` writes them; `--check` writes nothing, names those that differ and ends with 1.
BONGSU_RUNBOOKS_URL in the environment says where the runbooks are read; `{page}` in it stands for the page's name. Without
it an alert names its page in this repository, which is no address, so nothing is a link that leads nowhere.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.grafana.alerting_routes import contact_points, policies, templates
from deploy.grafana.rules import Group, Reading, Rule
from deploy.grafana.rules_korean import KOREAN
from deploy.grafana.rules_table import GROUPS

ROOT: Final = Path(__file__).parents[2]
RUNBOOKS: Final = "docs/runbooks/{page}.md"
PROMETHEUS: Final = "prometheus"
FOLDER: Final = "Bongsu alerts"
_NOTE: Final = (
    "# Written by `python -m deploy.grafana.alerting`; change deploy/grafana/*.py instead. See docs/alerting.md.\n"
)


# A line of a template is easier to compare than its pieces.
_NEVER_FOLDED: Final = 10_000


class Lines(str):
    """A text that stands in YAML as it is, line by line."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes Lines as a block."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Repeat instead of pointing back: nobody reads anchors."""
        return True


def _lines(dumper: yaml.SafeDumper, data: Lines) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(data), style="|")


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    # Other readers of YAML take 00:00 for a number.
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style='"' if re.fullmatch(r"[\d:]+", data) else None)


_Dumper.add_representer(Lines, _lines)
_Dumper.add_representer(str, _text)


def files(runbooks: str = RUNBOOKS) -> dict[str, str]:
    """Return the files by their path below the repository's root."""
    grafana = "config/grafana/provisioning/alerting"
    documents: dict[str, dict[str, Any]] = {
        "config/prometheus/rules.yml": prometheus_rules(runbooks),
        f"{grafana}/alert-rules.yml": grafana_rules(runbooks),
        f"{grafana}/contact-points.yml": contact_points(),
        f"{grafana}/templates.yml": _blocks(templates()),
        f"{grafana}/notification-policies.yml": policies(),
    }
    return {path: _NOTE + _dump(document) for path, document in documents.items()}


def prometheus_rules(runbooks: str = RUNBOOKS) -> dict[str, Any]:
    """Write the rules for a Prometheus with its Alertmanager; it evaluates them as often as it is told elsewhere."""
    return {
        "groups": [
            {"name": group.name, "rules": [_prometheus_rule(rule, runbooks) for rule in group.rules]}
            for group in GROUPS
        ]
    }


def grafana_rules(runbooks: str = RUNBOOKS) -> dict[str, Any]:
    """Write the rules for Grafana's own alerting."""
    return {"apiVersion": 1, "groups": [_grafana_group(group, runbooks) for group in GROUPS]}


def _grafana_group(group: Group, runbooks: str) -> dict[str, Any]:
    rules = [_grafana_rule(rule, runbooks) for rule in group.rules]
    return {"orgId": 1, "name": group.name, "folder": FOLDER, "interval": group.interval, "rules": rules}


def _prometheus_rule(rule: Rule, runbooks: str) -> dict[str, Any]:
    value = rule.reading.prometheus if isinstance(rule.reading, Reading) else rule.reading
    written: dict[str, Any] = {"alert": rule.alert, "expr": Lines(rule.promql)}
    if rule.wait:
        written["for"] = rule.wait
    return written | {"labels": rule.labels, "annotations": _annotations(rule, value, runbooks)}


def _grafana_rule(rule: Rule, runbooks: str) -> dict[str, Any]:
    value = rule.reading.grafana if isinstance(rule.reading, Reading) else rule.reading
    annotations = _annotations(rule, value, runbooks)
    # The links of an alert come from these; the two keys of the rule are what Grafana's pages show.
    annotations |= {"__dashboardUid__": rule.dashboard, "__panelId__": str(rule.panel)}
    return {
        "uid": f"bongsu-{rule.slug}",
        "title": rule.alert,
        "condition": "C",
        "for": rule.wait or "0s",
        "noDataState": rule.no_data.value,
        "execErrState": rule.on_error.value,
        "dashboardUid": rule.dashboard,
        "panelId": rule.panel,
        # Grafana replaces $NAME in labels but not in annotations and queries; `$$` is how a label writes `$`.
        "labels": {name: value.replace("$", "$$") for name, value in rule.labels.items()},
        "annotations": annotations,
        "isPaused": False,
        "data": [_query(rule), _threshold(rule)],
    }


def _annotations(rule: Rule, value: str, runbooks: str) -> dict[str, str]:
    written = {
        "summary": rule.summary,
        "description": rule.description,
        "value": value,
        "threshold": rule.threshold,
        # Grafana makes a link of what is called an address.
        "runbook_url" if "://" in runbooks else "runbook": runbooks.replace("{page}", rule.slug),
    }
    return {name: text for name, text in (written | _korean(rule, value)).items() if text}


def _korean(rule: Rule, value: str) -> dict[str, str]:
    """Return the annotations in Korean; a value is the same number with another unit."""
    told = KOREAN[rule.alert]
    unit = rule.reading.unit if isinstance(rule.reading, Reading) else ""
    if unit and "unit" in told:
        told = {**told, "value": value.replace(f"}}}}{unit}", f"}}}}{told['unit']}").replace("no data", "데이터 없음")}
    return {f"{name}_ko": text for name, text in told.items() if name != "unit"}


def _query(rule: Rule) -> dict[str, Any]:
    model = {
        "refId": "A",
        "datasource": {"type": "prometheus", "uid": PROMETHEUS},
        "expr": Lines(rule.query),
        "instant": True,
        "range": False,
        "intervalMs": 1000,
        "maxDataPoints": 43200,
    }
    return {
        "refId": "A",
        "relativeTimeRange": {"from": 600, "to": 0},
        "datasourceUid": PROMETHEUS,
        "model": model,
    }


def _threshold(rule: Rule) -> dict[str, Any]:
    evaluator = {"type": rule.condition.evaluator, "params": list(rule.condition.params)}
    model = {
        "refId": "C",
        "datasource": {"type": "__expr__", "uid": "__expr__"},
        "type": "threshold",
        "expression": "A",
        "conditions": [{"evaluator": evaluator}],
    }
    return {"refId": "C", "relativeTimeRange": {"from": 600, "to": 0}, "datasourceUid": "__expr__", "model": model}


def _blocks(document: dict[str, Any]) -> dict[str, Any]:
    for template in document["templates"]:
        template["template"] = Lines(template["template"])
    return document


def _dump(document: dict[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_NEVER_FOLDED)


def main(arguments: list[str] | None = None, environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> int:
    """Write or check the files; return 1 if a checked one differs."""
    parser = argparse.ArgumentParser(prog="python -m deploy.grafana.alerting", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name the files that differ")
    check: bool = parser.parse_args(arguments).check
    written = files(environ.get("BONGSU_RUNBOOKS_URL") or RUNBOOKS)
    differing = [path for path, text in written.items() if _read(root / path) != text]
    for path in differing:
        print(path)
        if not check:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(written[path], "utf-8")
    return 1 if check and differing else 0


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None


if __name__ == "__main__":
    raise SystemExit(main())
