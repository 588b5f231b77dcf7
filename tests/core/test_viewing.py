"""Where a card's links lead."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.core.viewing import links
from bot.domain.owners import Service
from tests.builders import make_alert, make_incident

BARE = Service("api", "API")


def incident_of(**changes):
    from dataclasses import replace

    return replace(make_incident(), alerts=(make_alert(**changes),))


def test_the_alerts_own_addresses_go_before_the_services():
    service = Service("api", "API", dashboard="https://g.example/d/service", runbook="https://wiki.example/service")
    own = {"runbook_url": "https://wiki.example/alert", "dashboard_url": "https://g.example/d/alert"}

    ours = links(incident_of(annotations=own), service, "")
    theirs = links(incident_of(), service, "")

    assert (ours.runbook, ours.dashboard) == ("https://wiki.example/alert", "https://g.example/d/alert")
    assert (theirs.runbook, theirs.dashboard) == ("https://wiki.example/service", "https://g.example/d/service")


def test_grafanas_own_fields_go_before_annotations():
    found = links(
        incident_of(dashboard_url="https://g.example/d/x", panel_url="https://g.example/d/x?viewPanel=4"), BARE, ""
    )

    assert found.dashboard == "https://g.example/d/x"
    assert found.panel.endswith("viewPanel=4")


def test_a_rule_uid_leads_to_the_rule_in_grafana_as_people_reach_it():
    found = links(incident_of(rule_uid="a/b"), BARE, "https://g.example")

    assert found.rule == "https://g.example/alerting/grafana/a%2Fb/view"


def test_prometheus_own_expression_is_opened_in_explore():
    url = "http://127.0.0.1:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1"

    found = links(incident_of(generator_url=url), BARE, "https://g.example")

    pane = json.loads(parse_qs(urlsplit(found.explore).query)["panes"][0])["a"]
    assert pane["queries"][0]["expr"] == "up == 0"


@pytest.mark.parametrize("url", ["", "http://[", "https://example.com", "javascript:alert(1)"])
def test_without_an_expression_there_is_no_explore_link(url):
    assert links(incident_of(generator_url=url), BARE, "https://g.example").explore == ""
