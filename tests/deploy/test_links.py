"""Where the alerts point to is there: runbooks in both languages, dashboards with their panels, the data source."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest

from tests.deploy.alerting_files import ROOT, grafana_rules, load, prometheus_rules

RULES = grafana_rules()
RUNBOOKS = ROOT / "docs/runbooks"
DASHBOARDS = ROOT / "config/grafana/dashboards"
SOURCES = ROOT / "config/grafana/provisioning/datasources"


def page(rule) -> str:
    return urlsplit(rule["annotations"]["runbook"]).path.rsplit("/", 1)[-1].removesuffix(".md")


@pytest.mark.parametrize("folder", [RUNBOOKS, RUNBOOKS / "ko"], ids=["en", "ko"])
@pytest.mark.parametrize("title", RULES)
def test_every_rule_has_its_runbook(title, folder):
    text = (folder / f"{page(RULES[title])}.md").read_text("utf-8")

    assert title in text


@pytest.mark.parametrize("title", RULES)
def test_every_rule_has_its_panel(title):
    known = {board["uid"]: board for board in map(json_of, DASHBOARDS.rglob("*.json"))}
    rule = RULES[title]

    panels = known[rule["dashboardUid"]]["panels"]

    ids = {panel["id"] for panel in panels} | {inner["id"] for panel in panels for inner in panel.get("panels", [])}
    assert rule["panelId"] in ids


def test_the_data_source_is_provisioned_under_its_uid():
    asked = {each["datasourceUid"] for rule in RULES.values() for each in rule["data"]} - {"__expr__"}

    provisioned = {source["uid"] for path in SOURCES.glob("*.y*ml") for source in load(path)["datasources"]}

    assert asked <= provisioned


def test_prometheus_points_to_the_same_runbooks():
    assert {name: page(rule) for name, rule in prometheus_rules().items()} == {
        name: page(rule) for name, rule in RULES.items()
    }


def test_the_page_about_alerting_points_to_what_is_there():
    text = (ROOT / "docs/alerting.md").read_text("utf-8")

    linked = re.findall(r"\]\(([^)#:]+)\)", text)

    assert linked
    assert [link for link in linked if not (ROOT / "docs" / link).exists()] == []


def json_of(path):
    return json.loads(path.read_text("utf-8"))
