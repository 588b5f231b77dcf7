"""Alerts by the conventions of other people's rules and programs: parser, life of the incident and card, in both languages.

Each row is a kind that people have beside those of the given cases; what a card must say, and what it must not.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain import lifecycle
from bot.domain.incidents import Incident
from bot.domain.notifications import ALERTMANAGER, GRAFANA, parse
from bot.ui.cards import incident_card
from tests.cases.cards import view_of, words

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
NEVER = "0001-01-01T00:00:00Z"
API = {"alertname": "ApiDown", "severity": "critical", "service": "api"}

Json = dict[str, Any]


def ago(seconds: int) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat()


def alert(labels: Any, annotations: Any = None, **others: Any) -> Json:
    usual = {"status": "firing", "startsAt": ago(300), "endsAt": NEVER}
    return {**usual, "labels": labels, "annotations": annotations or {}, **others}


def ended(labels: Any, reason: str = "", **others: Any) -> Json:
    annotations = {"grafana_state_reason": reason} if reason else {}
    return alert(labels, annotations, **{"status": "resolved", "endsAt": ago(10), **others})


def body(*alerts: Any, **top: Any) -> bytes:
    usual = {"status": "firing", "externalURL": "http://am.example:9093", "groupKey": "{}:{}", "version": "4"}
    return json.dumps({**usual, "alerts": list(alerts), **top}).encode()


def played(*bodies: bytes, source: str = ALERTMANAGER) -> Incident:
    incident = None
    for number, each in enumerate(bodies):
        at = NOW + timedelta(seconds=90 * number)
        outcome = lifecycle.apply(incident, lifecycle.Notified(parse(source, each, at), at))
        incident = replace(outcome.incident, number=1) if outcome.incident else None
    assert incident
    return incident


def said(*bodies: bytes, source: str = ALERTMANAGER) -> str:
    incident = played(*bodies, source=source)
    # What differs between the languages is our own; what alerts say is in both.
    korean = words(incident_card(view_of(incident), "ko"))
    english = words(incident_card(view_of(incident), "en"))
    assert korean.count("\n") == english.count("\n")
    return english


def kubernetes(**labels: str) -> dict[str, str]:
    scraped = {
        "endpoint": "http",
        "instance": "10.1.2.3:8080",
        "job": "kube-state-metrics",
        "prometheus": "monitoring/k8s",
    }
    return {**scraped, "service": "kps-kube-state-metrics", "severity": "warning", "uid": "1b2c", **labels}


def node(mountpoint: str) -> Json:
    exporter = {
        "container": "node-exporter",
        "namespace": "monitoring",
        "pod": "kps-node-exporter-x7x2p",
        "job": "node-exporter",
    }
    disk = {"alertname": "DiskFull", "device": "/dev/sda1", "instance": "192.168.1.10:9100", "mountpoint": mountpoint}
    return alert(
        {**exporter, **disk, "severity": "critical", "service": "kps-node-exporter"}, {"summary": "Disk is full"}
    )


@pytest.mark.parametrize(
    ("alerts", "parts", "never"),
    [
        # The exporter's own pod tells nothing of the host that it measures.
        ([node("/"), node("/var")], ["192.168.1.10:9100", "mountpoint=/var"], ["kps-node-exporter", "monitoring"]),
        # kube-state-metrics tells of the pods of others, also of an exporter's.
        (
            [alert(kubernetes(alertname="KubePodCrashLooping", pod="api-7d9c5f-abcde", namespace="shop"))],
            ["pod=api-7d9c5f-abcde", "namespace=shop"],
            ["10.1.2.3:8080"],
        ),
        (
            [alert(kubernetes(alertname="KubePodNotReady", pod="node-exporter-9kq2x", container="node-exporter"))],
            ["pod=node-exporter-9kq2x"],
            [],
        ),
        # Of an object that is no pod it tells with its own.
        (
            [
                alert(
                    kubernetes(alertname="KubeDeploymentReplicasMismatch", deployment="payment", namespace="shop")
                    | {"pod": "kps-kube-state-metrics-5d8f", "container": "kube-state-metrics"}
                )
            ],
            ["KubeDeploymentReplicasMismatch · payment", "namespace=shop"],
            ["kps-kube-state-metrics-5d8f", "container="],
        ),
        (
            [
                alert(
                    kubernetes(alertname="KubeNodeNotReady", node=f"worker-{number}")
                    | {"pod": "kps-kube-state-metrics-5d8f"}
                )
                for number in (1, 2)
            ],
            ["node=worker-1", "node=worker-2"],
            ["kps-kube-state-metrics-5d8f"],
        ),
        # Unless it is that pod that is in trouble.
        (
            [alert(kubernetes(alertname="Oom", pod="kps-kube-state-metrics-5d8f"))],
            ["pod=kps-kube-state-metrics-5d8f"],
            [],
        ),
        # Pyrra's rules say which objective it is, and how far they look back.
        (
            [
                alert(
                    {"alertname": "ErrorBudgetBurn", "exhaustion": "4h48m0s", "handler": "/api/pay", "job": "payment"}
                    | {"long": "1h", "short": "5m", "slo": "payment-availability", "severity": "critical"}
                )
            ],
            ["handler=/api/pay", "slo=payment-availability"],
            ["4h48m0s", "long="],
        ),
        # Labels of a cloud that nobody has heard of still say which database it is.
        (
            [
                alert(
                    {
                        "alertname": "DbCpu",
                        "dbinstance_identifier": "orders-prod",
                        "region": "eu-west-1",
                        "account_id": "1",
                    }
                    | {
                        "instance": "cw:9106",
                        "job": "cloudwatch-exporter",
                        "exported_job": "aws_rds",
                        "severity": "high",
                    },
                    {"value": "93.123456 %"},
                )
            ],
            ["dbinstance_identifier=orders-prod", "93.12 %", "aws_rds"],
            [],
        ),
        # A container's id is no name for people.
        (
            [
                alert(
                    {
                        "alertname": "Oom",
                        "container": "api",
                        "name": "9f86d081884c7d65",
                        "pod": "shop-1",
                        "severity": "warn",
                    }
                )
            ],
            ["pod=shop-1", "container=api"],
            ["9f86d081884c7d65"],
        ),
        # Names of rules in other people's case, and under other labels.
        (
            [alert({"AlertName": "HighLatency", "Severity": "Critical", "Service": "checkout"})],
            ["P1 · HighLatency"],
            [],
        ),
        ([alert({"alert_name": "Lag", "app": "mails", "severity": "page"})], ["P1 · Lag · mails"], []),
        # Zabbix, OpenTelemetry, SNMP, blackbox, queues.
        (
            [
                alert(
                    {"alertname": "Trigger", "hostname": "db-1", "severity": "Disaster"},
                    {"subject": "Problem: MySQL is down"},
                )
            ],
            ["P1", "Problem: MySQL is down", "db-1"],
            [],
        ),
        (
            [
                alert(
                    {"alertname": "Slow", "service.name": "checkout", "deployment.environment.name": "production"}
                    | {"k8s.pod.name": pod, "severity": "P2"}
                )
                for pod in ("checkout-1", "checkout-2")
            ],
            ["checkout · production", "k8s.pod.name=checkout-1", "k8s.pod.name=checkout-2"],
            [],
        ),
        (
            [
                alert({"alertname": "IfDown", "instance": "sw-1", "ifName": f"Gi1/0/{port}", "ifIndex": f"1010{port}"})
                for port in (1, 2)
            ],
            ["sw-1", "ifName=Gi1/0/1", "ifName=Gi1/0/2"],
            ["ifIndex"],
        ),
        (
            [
                alert(
                    {
                        "alertname": "ProbeFailed",
                        "instance": "https://shop.example/health",
                        "job": "blackbox",
                        "severity": "s1",
                    }
                )
            ],
            ["P1 · ProbeFailed · #1", "https://shop.example/health"],
            [],
        ),
        (
            [
                alert({"alertname": "Long", "queue": queue, "vhost": "/", "severity": "minor"}, {"value": value})
                for queue, value in (("orders", "12034.0000001"), ("mails", "9.0e+06"))
            ],
            ["P3", "queue=orders — **12,034**", "queue=mails — **9 M**"],
            [],
        ),
        # The worst leads, whatever came first, and so does its service's runbook.
        (
            [
                alert({"alertname": "CpuHigh", "service": "nginx", "severity": "warning"}, {"summary": "CPU"}),
                alert({"alertname": "Down", "service": "chat", "severity": "critical"}, {"summary": "Chat is down"}),
            ],
            ["P1 · Down +1 · Chat, Nginx", "Chat is down", "runbooks.example/chat"],
            ["runbooks.example/nginx"],
        ),
        # Words that a program wrote for "nothing" are no text.
        ([alert(API, {"summary": "null", "description": " ", "message": "<no value>"})], [], ["null", "?"]),
        # Loki's ruler writes Prometheus' link; its query cannot be opened as one of Prometheus.
        (
            [
                alert(
                    API,
                    generatorURL="http://loki/graph?g0.expr=sum(rate(%7Bapp%3D%22a%22%7D%20%7C%3D%20%22error%22%5B5m%5D))",
                )
            ],
            ["http://loki/graph"],
            ["Explore"],
        ),
        ([alert(API, generatorURL="http://p/graph?g0.expr=rate(x%7Ba%3D%22b%7Cc%22%7D%5B5m%5D)")], ["Explore"], []),
        # Where a runbook's host is in Korean, as Discord takes it.
        (
            [alert(API, {"runbook": "https://위키.example/런북 1"})],
            ["https://xn--9q5b29o.example/%EB%9F%B0%EB%B6%81%201"],
            [],
        ),
        # A clock that nobody has set.
        ([alert(API, startsAt="1970-01-01T00:03:12Z")], [f"<t:{int(NOW.timestamp())}:R>"], ["<t:192"]),
        # Tables of other shapes.
        ([alert([{"name": name, "value": value} for name, value in API.items()])], ["P1 · ApiDown · Api"], []),
    ],
)
def test_what_other_people_write_is_understood(alerts, parts, never):
    whole = said(body(*alerts))

    assert [part for part in parts if part not in whole] == []
    assert [part for part in never if part in whole] == []


@pytest.mark.parametrize("alerts", [{"0": alert(API)}, alert(API)])
def test_alerts_that_are_written_as_a_table_are_read(alerts):
    assert "P1 · ApiDown · Api" in said(json.dumps({"status": "firing", "alerts": alerts}).encode())


@pytest.mark.parametrize(
    ("reason", "words_of_it"),
    [
        ("NoData", "No data any more"),
        ("MissingSeries", "Series disappeared"),
        ("Normal (MissingSeries)", "Series disappeared"),
        ("NoData, MissingSeries", "Series disappeared"),
        ("Paused", "Rule paused"),
        ("Updated", "Rule changed"),
        ("RuleDeleted", "Rule deleted"),
        ("Error, KeepLast", "Rule could not be evaluated"),
    ],
)
def test_of_instances_that_ended_in_different_ways_each_says_its_own(reason, words_of_it):
    first, second = {**API, "instance": "a"}, {**API, "instance": "b"}
    gone = ended(first, reason, startsAt=ago(300), endsAt=ago(300), values={"A": -1, "C": -1})

    whole = said(body(alert(first), alert(second)), body(gone, ended(second)), source=GRAFANA)

    assert f"- a — {words_of_it}" in whole
    assert "- b — Recovered" in whole
    assert "-1" not in whole


def test_two_rules_of_one_name_and_one_set_of_labels_are_told_apart_by_their_words():
    alerts = [
        alert(API, {"summary": summary}, ruleUID=uid, fingerprint=uid) for uid, summary in (("r1", "EU"), ("r2", "US"))
    ]

    whole = said(body(*alerts), source=GRAFANA)

    assert "- api, EU" in whole
    assert "- api, US" in whole


def test_what_a_source_failed_at_is_said_once():
    labels = {"alertname": "DatasourceError", "rulename": "Latency", "ref_id": "A", "severity": "warning"}

    whole = said(body(alert(labels, {"Error": "no such host", "summary": "slow"})), source=GRAFANA)

    assert whole.count("no such host") == 1


def test_a_service_of_the_worst_alert_names_the_incident():
    alerts = [
        alert({"alertname": "A", "service": name, "severity": level}) for name, level in (("x", "info"), ("y", "crit"))
    ]

    assert played(body(*alerts)).service == "y"
