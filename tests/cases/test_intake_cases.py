"""The kinds behind the given cases: other labels, other templates, other links than those that were handed in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.links import shortened, usable
from bot.domain import lifecycle, wording
from bot.domain.alerts import Alert, AlertStatus, Severity
from bot.domain.apart import shared, telling
from bot.domain.incidents import Incident
from bot.domain.labels import Vocabulary, place_of, service_of
from bot.domain.notifications import parse
from bot.ui.cards import incident_card
from tests.builders import make_notification
from tests.cases.cards import GRAFANA, cards_of, view_of, words

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)


def alert(labels: dict[str, str], annotations: dict[str, str] | None = None, **more: object) -> Alert:
    made = Alert(
        fingerprint=repr(sorted(labels.items())) + str(more.get("rule_uid", "")),
        status=AlertStatus.FIRING,
        starts_at=NOW - timedelta(minutes=5),
        labels={"alertname": "Full", "severity": "high", **labels},
        annotations=annotations or {"summary": "something is full"},
    )
    return replace(made, **more)


def incident(*alerts: Alert) -> Incident:
    opened = lifecycle.apply(None, lifecycle.Notified(make_notification(alerts=alerts), NOW)).incident
    assert opened
    return replace(opened, number=1)


def said(*alerts: Alert) -> str:
    return words(incident_card(view_of(incident(*alerts)), "en"))


# Case 04, 05, 56 and their siblings: whatever label differs is on the lines, what is shared stands once.


@pytest.mark.parametrize(
    "name",
    [
        "mountpoint",
        "device",
        "pod",
        "queue",
        "topic",
        "region",
        "interface",
        "persistentvolumeclaim",
        "datname",
        "colour",
    ],
)
def test_the_label_in_which_instances_differ_is_shown(name):
    whole = said(*(alert({"instance": "web-1:9100", name: value}) for value in ("one", "two")))

    assert f"{name}=one" in whole
    assert f"{name}=two" in whole
    assert whole.count("web-1:9100") == 1


def test_two_labels_are_shown_where_one_does_not_tell_all_apart():
    labels = [{"queue": queue, "region": region} for queue in "ab" for region in ("eu", "us")]

    assert telling(labels) == ["queue=a, region=eu", "queue=a, region=us", "queue=b, region=eu", "queue=b, region=us"]


def test_what_long_names_have_in_common_is_cut_before_what_differs():
    common = "checkout-payments-worker-production-eu-central-"
    first, second = telling([{"pod": f"{common}7d9c5f-abcde-x"}, {"pod": f"{common}66b4d8-fghij-y"}])

    assert first == "pod=…7d9c5f-abcde-x"
    assert second == "pod=…66b4d8-fghij-y"


def test_private_labels_and_what_measured_it_tell_nothing():
    labels = [{"__alert_rule_uid__": uid, "prometheus": uid, "pod": pod} for uid, pod in (("a", "x"), ("b", "y"))]

    assert telling(labels) == ["pod=x", "pod=y"]
    assert shared([{"__name__": "up", "job": "node", "host": "web-1"}] * 2) == "host=web-1"


def test_two_rules_of_one_name_and_one_label_set_are_told_apart():
    whole = said(alert({"instance": "a:1"}, rule_uid="rule-1"), alert({"instance": "a:1"}, rule_uid="rule-2"))

    assert "rule=rule-1" in whole
    assert "rule=rule-2" in whole


def test_rules_without_data_in_one_message_are_named():
    twins = [alert({"alertname": "DatasourceNoData", "rulename": name}, rule_uid=name) for name in ("Lag", "Heap")]
    whole = said(*twins, alert({"alertname": "Errors", "instance": "a:1"}))

    assert all(f"**{name}**" in whole for name in ("Lag", "Heap", "Errors"))
    assert whole.count("no data") >= 2


def test_one_alert_is_named_by_its_instance_and_what_of_it_this_is_about():
    whole = said(alert({"instance": "web-1:9100", "host": "web-1", "mountpoint": "/data", "job": "node"}))

    assert "- web-1:9100, mountpoint=/data" in whole
    assert "Firing: 1" not in whole


# Case 06: where it runs.


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        ({"Env": "prod"}, "prod"),
        ({"stage": "qa", "k8s_cluster": "eu-1"}, "qa/eu-1"),
        ({"deployment.environment.name": "prod", "k8s.cluster.name": "prod-eu"}, "prod-eu"),
        ({"datacenter": "fra1"}, "fra1"),
        ({"environment": " "}, ""),
    ],
)
def test_environment_and_cluster_are_in_the_title(labels, place):
    assert place_of(labels) == place
    assert f" · {place} · #1" in said(alert(labels)).splitlines()[0] or not place


# Case 14: the service; case 05: an exporter is none.


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"Service": "api"}, "api"),
        ({"app_kubernetes_io_name": "api", "job": "kube-state-metrics"}, "api"),
        ({"service": "kube-prometheus-stack-kube-state-metrics", "deployment": "api"}, "api"),
        ({"job": "prometheus-node-exporter"}, None),
        ({"job": "blackbox-http"}, None),
        ({"job": "integrations/unix"}, None),
        ({"service": "", "app": "api"}, "api"),
        ({"job": "api"}, "api"),
        ({"service": "probe-manager"}, None),
        ({"service": "improbed"}, "improbed"),
        # Prometheus renames what the target says where its own label has the name; the mission runs Compose.
        ({"service": "blackbox-exporter", "exported_service": "api"}, "api"),
        ({"job": "pushgateway", "exported_job": "backup"}, "backup"),
        ({"container_label_com_docker_compose_service": "api", "job": "cadvisor"}, "api"),
    ],
)
def test_the_service_is_found_under_any_usual_name(labels, service):
    assert service_of(labels) == service


KSM = {"job": "kube-state-metrics", "service": "kps-kube-state-metrics", "severity": "critical"}


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        # As the rules of kube-prometheus-stack have them: they name the object, and no service.
        (KSM | {"namespace": "payments", "pod": "api-7d9c5f-abcde", "container": "main"}, "payments"),
        (KSM | {"namespace": "shop", "container": "Payments"}, "Payments"),
        ({"namespace": "payments", "persistentvolumeclaim": "data-0", "job": "kubelet"}, "payments"),
        ({"exported_namespace": "payments"}, "payments"),
        # What a label says of the service goes before, and what nobody has listed is a place.
        (KSM | {"namespace": "payments", "deployment": "ledger"}, "ledger"),
        (KSM | {"namespace": "shop"}, None),
        # An exporter's own namespace is not that of the host it measures.
        ({"namespace": "monitoring", "job": "node-exporter", "instance": "10.0.3.17:9100"}, None),
        ({"namespace": "monitoring", "container": "blackbox-exporter", "instance": "https://shop"}, None),
    ],
)
def test_a_namespace_or_a_container_that_is_listed_is_the_service(labels, service):
    vocabulary = Vocabulary.of(services=["payments", "monitoring"])
    alerts = [{"status": "firing", "labels": {**labels, "alertname": name}} for name in ("A", "B")]
    read = parse("alertmanager", json.dumps({"alerts": alerts}).encode(), NOW, vocabulary)

    assert [each.service for each in read.alerts] == [service] * 2
    assert service_of(KSM | {"namespace": "payments"}) is None


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        # The address is the exporter's, or the pod's own.
        ({"pod": "checkout-a", "instance": "10.42.0.17:8080"}, "pod=checkout-a"),
        ({"pod": "checkout-a", "instance": "[fd00::1]:8080"}, "pod=checkout-a"),
        ({"pod": "checkout-a", "instance": "node-1"}, "node-1, pod=checkout-a"),
        ({"mountpoint": "/", "instance": "10.42.0.17:9100"}, "10.42.0.17:9100, mountpoint=/"),
    ],
)
def test_an_address_beside_an_object_of_kubernetes_is_not_shown(labels, shown):
    assert telling([labels]) == [shown]


def test_an_address_that_pods_share_is_not_shown_and_one_that_tells_them_apart_is():
    pod = {"pod": "checkout-a", "instance": "10.42.0.17:8080"}

    assert shared([pod, {**pod, "pod": "checkout-b"}]) == ""
    assert "9090" in telling([pod, {**pod, "instance": "10.42.0.17:9090"}])[1]


def test_the_operators_order_goes_before_the_usual_one():
    vocabulary = Vocabulary.of(["product", "app"], services=["blackbox", "orders"])

    assert vocabulary.service_of({"service": "x", "app": "a", "Product": "p"}) == "p"
    assert vocabulary.service_of({"service": "x"}) is None
    assert vocabulary.service_of({"app": "Blackbox"}) == "Blackbox"
    assert vocabulary.service_of({"app": "shop/Orders"}) == "Orders"


# Case 11: severities.


@pytest.mark.parametrize(
    ("labels", "severity"),
    [
        ({"severity": "page"}, Severity.P1),
        ({"Severity": "DISASTER"}, Severity.P1),
        ({"severity": "emergency"}, Severity.P1),
        ({"severity": "error"}, Severity.P2),
        ({"severity": " Warn "}, Severity.P3),
        ({"severity": "notice"}, Severity.P4),
        ({"severity": "none"}, Severity.P4),
        ({"priority": "P1"}, Severity.P1),
        ({"severity": "SEV 1"}, Severity.P1),
        ({"severity": "sev_2"}, Severity.P2),
        ({"severity": "P-3"}, Severity.P3),
        ({"severity": "non-critical"}, Severity.P3),
        ({"severity": "Not classified"}, Severity.P4),
        ({"severity": "심각"}, Severity.P1),
        ({"severity": "경고"}, Severity.P3),
        ({"severity": "purple"}, None),
        ({}, None),
        # SLOs of Sloth and of Grafana have a label of their own, and people write others beside it.
        ({"sloth_severity": "page"}, Severity.P1),
        ({"sloth_severity": "ticket"}, Severity.P3),
        ({"grafana_slo_severity": "critical"}, Severity.P1),
        ({"severity": "pageteam", "sloth_severity": "page"}, Severity.P1),
        ({"severity": "warning", "sloth_severity": "page"}, Severity.P3),
        ({"severity": "slack", "sloth_severity": "ticket"}, Severity.P3),
        ({"level": "team-7", "priority": "p0"}, Severity.P1),
        # Nothing that may mean something else makes it quieter than an unknown word is.
        ({"severity": "purple", "level": "info"}, None),
        ({"severity": "purple", "priority": "low", "sev": "sev2"}, Severity.P2),
    ],
)
def test_severities_are_read_by_the_words_people_use(labels, severity):
    assert Vocabulary().severity_of(labels) is severity


def test_words_of_bot_yml_are_read_as_loosely():
    words = Vocabulary.of(words={Severity.P1: ["Tier-0", "긴급 장애"]})

    assert words.severity_of({"severity": "TIER 0"}) is Severity.P1
    assert words.severity_of({"severity": "긴급장애"}) is Severity.P1


def test_the_operators_own_words_go_first_and_leave_the_others():
    vocabulary = Vocabulary.of(words={Severity.P1: ["Purple"], Severity.P3: ["critical"]})

    assert vocabulary.severity_of({"severity": "PURPLE"}) is Severity.P1
    assert vocabulary.severity_of({"severity": "critical"}) is Severity.P3
    assert vocabulary.severity_of({"severity": "warning"}) is Severity.P3


def test_an_unknown_severity_is_named_on_the_card():
    assert "“purple” is not known" in said(alert({"severity": "purple"}))
    assert "No label says how bad it is" in said(alert({"severity": ""}))


# Case 07, 44: the author's words.


@pytest.mark.parametrize(
    "name", ["summary", "Summary", "DESCRIPTION", "message", "Message", "msg", "details", "subject", "what_happened"]
)
def test_words_are_found_in_any_annotation(name):
    assert "The queue stands still." in said(alert({}, {name: "The queue stands still.", "runbook_url": "https://x/y"}))


def test_lines_stay_lines_and_are_not_endless():
    description = "| a | b |\n|---|---|\n" + "\n".join(f"line {number}" for number in range(9))
    what = said(alert({}, {"summary": "s", "description": description})).splitlines()

    assert "line 0" in what
    assert "line 8" not in what
    assert not any(line.startswith("|-") for line in what)


# Case 08, 09, 10: values, and holes of templates.


@pytest.mark.parametrize(
    "hole",
    [
        "[no value]",
        "<no value>",
        "%!f(<nil>)",
        "%!d(string=x)",
        "%!(EXTRA int=1)",
        "%!v(MISSING)",
        "{{ $value }}",
        "{{ $labels.instance }}",
        "<nil>",
        "<error expanding template: error executing template __alert_X>",
        "${value}",
        "{HOST.NAME}",
        "*UNKNOWN*",
        "NaN",
        "null",
    ],
)
def test_a_hole_counts_as_absent(hole):
    whole = said(
        alert({}, {"summary": hole, "description": "All is full.", "value": hole}, values={"A": 1834.0, "C": 1.0})
    )

    assert hole not in whole
    assert "All is full." in whole
    assert "**1834**" in whole


def test_a_text_with_a_hole_is_better_than_none():
    assert wording.texts({"summary": "Lag of <no value> is [no value]"}) == ("Lag of ? is ?",)
    assert wording.texts({"summary": "<no value>"}) == ()


@pytest.mark.parametrize(
    ("annotations", "values", "reading"),
    [
        ({"value": "14 %"}, {"A": 3}, "14 %"),
        ({"value": "0.30000000000000004"}, {}, "0.3"),
        ({"value": "96.123456789%"}, {}, "96.12%"),
        ({"value": "1.23456789e+06"}, {}, "1.235 M"),
        ({"value": "2026-11-28 03:00"}, {}, "2026-11-28 03:00"),
        ({"value": "[ var='B' labels={instance=a:1} value=81.512345 ]"}, {}, "81.51"),
        ({"current_value": "7"}, {}, "7"),
        ({}, {"A": 12, "B": 40, "C": 0.3, "D": 1}, "A 12, B 40, C 0.3"),
        ({}, {"A": 0, "B": 0, "C": 1}, "0"),
        ({}, {"A": 81.5, "B": 81.5, "C": 1}, "81.5"),
        ({}, {"B0": 81.5, "B1": 3}, "81.5"),
        ({"unit": "ms"}, {"A": 30012.4, "C": 1}, "30,012 ms"),
        ({}, {"A": 85899345920, "C": 1}, "85.9 G"),
        ({}, {}, None),
    ],
)
def test_the_value_is_the_one_that_was_measured(annotations, values, reading):
    assert wording.reading(annotations, values) == reading


def test_grafanas_dump_of_values_is_read_where_there_is_nothing_else():
    dump = "[ var='A' labels={instance=a} value=7.5 ], [ var='B' labels={} type='math' value=NaN ]"

    assert wording.dumped_values(dump) == {"A": 7.5}


# Case 46, 47, 48: links.


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://wiki.example/Run Books/Disk full", "https://wiki.example/Run%20Books/Disk%20full"),
        ("see https://wiki.example/a.", "https://wiki.example/a"),
        ("[Runbook](https://wiki.example/a)", "https://wiki.example/a"),
        ("<https://wiki.example/a>", "https://wiki.example/a"),
        ("wiki.example/run/books", "https://wiki.example/run/books"),
        ("TBD", ""),
        ("javascript:alert(1)", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_an_address_is_read_out_of_what_people_write(written, address):
    assert usable(written) == address


@pytest.mark.parametrize("name", ["runbook", "Runbook_URL", "runbookUrl", "playbook", "documentation", "wiki_url"])
def test_a_runbook_is_found_under_any_usual_name(name):
    assert "https://wiki.example/a" in said(alert({}, {"summary": "s", name: "https://wiki.example/a"}))
    assert "https://wiki.example/a" in said(alert({name: "https://wiki.example/a"}))


@pytest.mark.parametrize(
    ("long", "short"),
    [
        (f"http://prom:9090/graph?g0.expr={'x' * 600}", "http://prom:9090/alerts"),
        (f"http://prom:9090/sub/query?g0.expr={'x' * 600}", "http://prom:9090/sub/alerts"),
        (f"https://g.example/d/abc?orgId=1&var-a={'x' * 600}", "https://g.example/d/abc?orgId=1"),
        (f"https://g.example/{'x' * 600}", "https://g.example/"),
    ],
)
def test_a_long_address_leads_near_by(long, short):
    assert shortened(long) == short


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("http://localhost:3000/d/abc?orgId=1", f"{GRAFANA}/d/abc?orgId=1"),
        ("http://grafana:3000/d/abc", f"{GRAFANA}/d/abc"),
        ("http://grafana.monitoring.svc.cluster.local/grafana/d/abc", f"{GRAFANA}/d/abc"),
        ("http://127.0.0.1/grafana/d-solo/abc", f"{GRAFANA}/d-solo/abc"),
        ("https://grafana.example/d/abc", "https://grafana.example/d/abc"),
        ("http://localhost:9090/targets", "http://localhost:9090/targets"),
    ],
)
def test_links_lead_to_grafana_as_people_reach_it(told, shown):
    assert view_of(incident(alert({}, dashboard_url=told))).links.dashboard == shown


def test_a_dashboard_is_found_by_its_uid_alone():
    found = view_of(incident(alert({}, {"__dashboardUid__": "abc", "__panelId__": "4"}))).links

    assert (found.dashboard, found.panel) == (f"{GRAFANA}/d/abc", f"{GRAFANA}/d/abc?viewPanel=4")


# Case 01, 74, 52, 55, 49 as they were given.


def test_the_worst_leads_and_every_line_names_its_rule():
    lines = words(cards_of("01", NOW)[0]).splitlines()

    assert [line.split("**")[1] for line in lines if line.startswith("- ")] == [
        "HighErrorRate",
        "PoolExhausted",
        "HeapAlmostFull",
    ]


def test_a_storm_is_one_card():
    (card,) = cards_of("52", NOW)

    assert "and 295 more" in words(card)


def test_odd_names_read_as_they_are():
    assert "Prod / api: p99 > 5s" in words(cards_of("55", NOW)[0])
    assert "disk__usage_*high*" in words(cards_of("49", NOW)[0])
    assert "@everyone" not in words(cards_of("49", NOW)[0])
