"""The rows of the given cases about what a card says: what must be on it, and what must not, as their column "should" says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain import lifecycle
from bot.domain.bodies import KEPT_BYTES, cut_body
from bot.domain.events import Notified
from bot.domain.notifications import ALERTMANAGER, parse
from bot.ui.cards import incident_card
from tests.cases.cards import GRAFANA, cards_of, incidents_of, view_of, words
from tests.cases.given import at, case

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)

ROWS = [
    ("01", 0, ["P2 · HighErrorRate +2", "**HighErrorRate** — **14 %**", "**HeapAlmostFull** — **93 %**"], []),
    ("04", 0, ["mountpoint=/ — **96 %**", "mountpoint=/var/lib/postgresql — **98 %**"], []),
    ("05", 0, ["pod=checkout-7d9c5f-abcde", "pod=search-66b4d8-fghij"], ["kube-state-metrics"]),
    ("06", 0, ["ApiDown · gateway · staging-eu"], ["prod-eu"]),
    ("06", 1, ["ApiDown · gateway · prod-eu"], ["staging"]),
    ("07", 0, ["Certificate expires soon", "expires in 2 days", "restart it, then reload nginx"], []),
    ("08", 0, ["A 12, B 40, C 0.3", "threshold 5 %"], ["**40**", "D 1"]),
    ("09", 0, ["**1834**"], ["[no value]", "<no value>"]),
    ("10", 0, ["**81.5**"], []),
    ("11", 0, ["P4 · InfoInhibitor"], ["<@", "@here", "treated as P2"]),
    ("14", 0, ["LogErrors · Api", "<@&21>", "https://runbooks.example/api"], ["<@&1>"]),
    ("14", 1, ["OtelErrors · Api", "<@&21>", "https://runbooks.example/api"], ["<@&1>"]),
    ("30", 0, ["- i"], ["**Firing"]),
    ("44", 0, ["etcd cluster members are down (2)."], []),
    ("44", 1, ["Memory too high"], []),
    ("45", 0, ["api is down", "**Firing: 2**", "replica=2", "<@&21>"], []),
    ("46", 0, ["[Rule](http://prometheus.example:9090/alerts)"], []),
    ("47", 0, ["[Runbook](https://wiki.example/rb/one)"], []),
    ("47", 1, ["[Runbook](https://wiki.example/Run%20Books/Disk%20full)"], []),
    ("47", 2, ["[Runbook](https://wiki.example/runbooks/rb3)"], []),
    ("47", 3, ["[Runbook](https://runbooks.example/api)"], ["TBD"]),
    ("48", 0, [f"[{name}]({GRAFANA}/" for name in ("Dashboard", "Panel", "Rule")], ["localhost"]),
    ("49", 0, ["disk__usage_*high*", "https://wiki.example/y"], ["@everyone", "<@&1200000000000000021>"]),
    ("51", 0, [f"[Dashboard]({GRAFANA}/d/dash9)", "viewPanel=78"], ["__"]),
    ("52", 0, ["**Firing: 300**", "and 295 more"], []),
    ("55", 0, ["Prod / api: p99 > 5s"], []),
    ("56", 0, ["mountpoint=/ — **96.1%**", "mountpoint=/var/lib/docker — **97.9%**"], []),
    ("74", 0, ["Chat, Api, Nginx", "<@&22>", "<@&21>", "<@&23>", "@here"], []),
]


@pytest.mark.row(*{number for number, *_ in ROWS})
@pytest.mark.parametrize(
    ("number", "index", "wanted", "unwanted"), ROWS, ids=[f"{number}-{index}" for number, index, *_ in ROWS]
)
def test_a_row_does_what_it_should(number, index, wanted, unwanted):
    said = words(cards_of(number, NOW)[index])

    assert [part for part in wanted if part not in said] == []
    assert [part for part in unwanted if part in said] == []


@pytest.mark.parametrize("number", ["01", "04", "05", "11", "30", "52", "55", "56", "74"])
def test_one_group_is_one_card(number):
    assert len(cards_of(number, NOW)) == 1


# Row 45: each of these refused the whole body once, and the P1 with it.
ODD = [
    ({"groupLabels": ""}, {}),
    ({"groupLabels": None, "commonLabels": [], "commonAnnotations": "x"}, {}),
    ({"truncatedAlerts": 0.0}, {}),
    ({"truncatedAlerts": "many"}, {}),
    ({"version": 4, "receiver": None}, {}),
    ({}, {"startsAt": 1795834440}),
    ({}, {"startsAt": "soon", "endsAt": []}),
    ({}, {"status": "Firing"}),
    ({}, {"status": " FIRING "}),
    ({}, {"labels": {"alertname": "ApiDown", "severity": "critical", "replica": 2}}),
    ({}, {"labels": {"alertname": "ApiDown", "severity": "critical", "ok": True, "none": None, "list": [1]}}),
    ({}, {"annotations": {"summary": ["a", "b"], "description": {"a": 1}}}),
    ({}, {"annotations": None, "values": "x", "fingerprint": 7, "generatorURL": 5}),
]


@pytest.mark.row("45")
@pytest.mark.parametrize(("around", "within"), ODD, ids=range(len(ODD)))
def test_row_45_an_odd_value_takes_nothing_with_it(around, within):
    body = at(next(step["post"] for step in case("45")["steps"]), NOW)
    good, odd = body["alerts"][0], body["alerts"][1] | within

    notification = parse(ALERTMANAGER, json.dumps({**body, **around, "alerts": [odd, good]}).encode(), NOW)

    assert [alert.firing for alert in notification.alerts] == [True, True]
    assert [alert.name for alert in notification.alerts] == ["ApiDown", "ApiDown"]
    assert notification.unreadable == 0


def test_row_45_what_cannot_be_read_is_counted_on_the_card():
    body = at(next(step["post"] for step in case("45")["steps"]), NOW)
    body["alerts"] += ["?", {"status": "maybe"}, None]
    opened = lifecycle.apply(None, Notified(parse(ALERTMANAGER, json.dumps(body).encode(), NOW), NOW)).incident

    said = words(incident_card(view_of(replace(opened, number=1)), "en"))

    assert opened.truncated == 3
    assert "3 alerts are not shown" in said


@pytest.mark.row("41")
@pytest.mark.parametrize("count", [300, 1_500, 5_000])
def test_row_41_a_large_outage_is_one_card_that_says_how_many(count):
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "Storm", "severity": "critical", "instance": f"node-{number:04}"},
            "annotations": {"description": "x" * 4000},
            "startsAt": "2026-11-28T02:55:00Z",
        }
        for number in range(count)
    ]
    body = json.dumps({"alerts": alerts, "groupKey": "storm", "externalURL": "http://a", "truncatedAlerts": 0}).encode()
    kept = body if len(body) <= KEPT_BYTES else cut_body(body)
    opened = lifecycle.apply(None, Notified(parse(ALERTMANAGER, kept, NOW), NOW)).incident

    said = words(incident_card(view_of(replace(opened, number=1)), "en"))

    assert len(opened.firing) + opened.truncated == count
    assert f"**Firing: {len(opened.firing)}**" in said
    assert not opened.truncated or str(opened.truncated) in said


@pytest.mark.row("31")
def test_row_31_without_a_fingerprint_the_end_is_found_by_the_labels():
    [incident] = incidents_of("31", NOW)

    assert not incident.is_open
