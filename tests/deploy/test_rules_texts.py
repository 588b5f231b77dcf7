"""What the alerts say, rendered by Prometheus' template engine, which Grafana's annotations use too."""

from __future__ import annotations

import re
from typing import Any

import pytest

from deploy.grafana.rules_korean import KOREAN
from deploy.grafana.rules_table import RULES
from tests.deploy.alerting_files import as_promql, grafana_rules, prometheus_rules, run_unit_tests
from tests.deploy.rule_stories import STORIES

GRAFANA, PROMETHEUS = grafana_rules(), prometheus_rules()

# Name of the story: what summary, value and description say (without "": the text as it stands in the file).
SAID = {
    "a target is down": (
        "api does not answer Prometheus",
        "down",
        (
            "The target api:8080 is down, or is no longer scraped at all."
            " Taken away for good? Silence it for a day, then it is forgotten."
        ),
    ),
    "a host is gone with its agent, so that nobody scrapes": (
        "api does not answer Prometheus",
        "down",
        (
            "The target is down, or is no longer scraped at all."
            " Taken away for good? Silence it for a day, then it is forgotten."
        ),
    ),
    "a probe fails": ("https://api.example.com does not answer as it should", "failed", ""),
    "most requests fail": ("More than half of the requests of api fail", "62.5%", ""),
    "a third of the requests fails": ("More than a tenth of the requests of api fail", "33.33%", ""),
    "requests take ten seconds": ("p99 of api is above 5 s", "9.95s", ""),
    "threads wait for a connection": ("Threads of api wait for a connection of DoktoriHikariPool", "7 waiting", ""),
    "a heap fills up": (
        "api: memory is almost full",
        "96%",
        (
            "The heap of a JVM, or the memory of the host itself on app-1. Long garbage collections come next,"
            " then OutOfMemoryError; on a host, the kernel ends a process."
        ),
    ),
    "a JVM burns CPU": (
        "api: more than 80 % of the CPU is used",
        "95%",
        "Answers become slow before they fail on app-1. A thread dump tells who burns it.",
    ),
    "a host burns CPU": (
        "host: more than 80 % of the CPU is used",
        "90%",
        "Answers become slow before they fail on app-1. A thread dump tells who burns it.",
    ),
    "Spring's disk is almost full": (
        "api: the disk is almost full",
        "98%",
        "Less than 5 % of /app/. on app-1 is free; writes are about to fail.",
    ),
    "a host's disk is almost full": (
        "host: the disk is almost full",
        "98%",
        "Less than 5 % of / on app-1 is free; writes are about to fail.",
    ),
    "a host's disk fills up": ("host: the disk fills up", "90%", "More than 80 % of / on app-1 is used."),
    "garbage collection pauses": ("Garbage collection of api pauses it", "1.2s", ""),
    "a service was restarted": ("api has been restarted", "2m 0s ago", ""),
    "a certificate was not renewed in time": (
        "The certificate of https://api.example.com expires soon",
        "20 days left",
        "",
    ),
    "CI told of a deploy": ("api has been deployed", "2m 0s ago", ""),
    "the chain works": ("The chain of alerts works", "", ""),
    "cards wait to be posted": ("Bongsu is silent: alerts are not shown", "5m 0s", ""),
    "nobody leads": ("No Bongsu leads: alerts are kept and not shown", "none", ""),
    "a card does not come": ("An alert that Bongsu took is not on Discord", "6m 40s", ""),
    "a token is wrong": ("Bongsu turns webhooks away (refused)", "10 in 5 min", ""),
    "nothing is shown at all, which is no improvement": ("Alerts reach Discord late", "6m 40s", ""),
    "people are called all the time": ("Bongsu has called people more than ten times in ten minutes", "20 calls", ""),
}
TOLD = [story for story in STORIES if story.name in SAID]


def for_promtool(text: str) -> str:
    # Grafana puts the value of query A where Prometheus has no such thing; a query of the same number has its shape.
    return text.replace("$values.A", '(query (printf "vector(%g)" $value) | first)')


def rule_of(flavour: str, alert: str) -> dict[str, Any]:
    written = GRAFANA[alert] if flavour == "grafana" else PROMETHEUS[alert]
    said = {name: for_promtool(written["annotations"].get(name, "")) for name in ("summary", "value", "description")}
    return {
        "alert": alert,
        "expr": as_promql(written) if flavour == "grafana" else written["expr"],
        "for": written.get("for", "0s"),
        "labels": written["labels"],
        "annotations": said,
    }


@pytest.mark.parametrize("flavour", ["grafana", "prometheus"])
@pytest.mark.parametrize("story", TOLD, ids=lambda story: f"{story.alert}: {story.name}")
def test_an_alert_says_what_happened_to_whom(tmp_path, story, flavour):
    rule = rule_of(flavour, story.alert)
    summary, value, description = SAID[story.name]
    annotations = {"summary": summary, "value": value, "description": description or rule["annotations"]["description"]}
    alerts = [{"exp_labels": rule["labels"] | labels, "exp_annotations": annotations} for labels in story.fires]
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in story.series.items()],
        "alert_rule_test": [{"eval_time": story.at, "alertname": story.alert, "exp_alerts": alerts}],
    }

    run_unit_tests(tmp_path, {"groups": [{"name": "texts", "rules": [rule]}]}, [test])


def test_every_rule_is_heard():
    assert {story.alert for story in TOLD} == set(GRAFANA)
    assert len(TOLD) == len(SAID)


@pytest.mark.parametrize("alert", [alert for alert, rule in GRAFANA.items() if rule["noDataState"] == "Alerting"])
def test_an_alert_about_missing_data_has_no_holes(tmp_path, alert):
    # Grafana then has neither labels nor a value.
    rule = rule_of("grafana", alert) | {"expr": "vector(1)", "for": "0s"}
    said = {
        name: text.replace('(query (printf "vector(%g)" $value) | first)', '(query "missing")')
        for name, text in rule["annotations"].items()
    }
    expected = {
        "ServiceDown": {"summary": "a service does not answer Prometheus", "value": "down"},
        "BongsuSilent": {"summary": "Bongsu is silent: alerts are not shown", "value": "no data"},
    }[alert]
    rule["annotations"] = {name: said[name] for name in expected}
    test = {
        "interval": "1m",
        "input_series": [],
        "alert_rule_test": [
            {
                "eval_time": "2m",
                "alertname": alert,
                "exp_alerts": [{"exp_labels": rule["labels"], "exp_annotations": expected}],
            }
        ],
    }

    run_unit_tests(tmp_path, {"groups": [{"name": "texts", "rules": [rule]}]}, [test])


@pytest.mark.parametrize("alert", GRAFANA)
def test_both_files_say_the_same(alert):
    different = {"value", "value_ko", "__dashboardUid__", "__panelId__"}

    def shared(annotations: dict[str, str]) -> dict[str, str]:
        return {name: text for name, text in annotations.items() if name not in different}

    assert shared(GRAFANA[alert]["annotations"]) == shared(PROMETHEUS[alert]["annotations"])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alert)
def test_every_rule_speaks_korean_as_well(rule):
    hangul = re.compile(r"[가-힣]")

    for written in (GRAFANA[rule.alert]["annotations"], PROMETHEUS[rule.alert]["annotations"]):
        assert hangul.search(written["summary_ko"])
        assert written["description_ko"].rstrip().endswith(("니다.", "세요."))
        # Templates of labels and values are the same in both: a name that is left out would be missed at three.
        assert set(re.findall(r"\$labels\.\w+", written["summary_ko"])) == set(
            re.findall(r"\$labels\.\w+", written["summary"])
        )


def test_no_text_says_for_how_long_it_has_been_so():
    # It stands on the card for hours, and says itself since when.
    said = [each for rule in RULES for each in (rule.summary, rule.description, *KOREAN.get(rule.alert, {}).values())]

    assert [each for each in said if re.search(r"\bfor an? (?:minute|hour)|\d(?:시간|분|초)째", each)] == []
