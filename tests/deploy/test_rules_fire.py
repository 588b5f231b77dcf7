"""Every rule, as it stands in Grafana's file and in Prometheus': it fires, it does not, it resolves, it has no data."""

from __future__ import annotations

import pytest
import yaml

from tests.deploy.alerting_files import (
    PROMETHEUS_RULES,
    as_prometheus_rules,
    grafana_rules,
    load,
    prometheus_rules,
    promtool,
    query,
    run_unit_tests,
)
from tests.deploy.rule_stories import STORIES, Labels, Story

GRAFANA = grafana_rules()
FLAVOURS = {"grafana": as_prometheus_rules(GRAFANA), "prometheus": load(PROMETHEUS_RULES)}


def firing(alert: str, at: str, expected: tuple[Labels, ...]) -> dict[str, object]:
    """Ask which instances of an alert fire."""
    severity = GRAFANA[alert]["labels"]["severity"]
    samples = []
    for labels in expected:
        named = {"alertname": alert, "alertstate": "firing", "severity": severity} | labels
        pairs = ", ".join(f'{name}="{value}"' for name, value in named.items())
        samples.append({"labels": f"ALERTS{{{pairs}}}", "value": 1})
    return {"expr": f'ALERTS{{alertname="{alert}",alertstate="firing"}}', "eval_time": at, "exp_samples": samples}


def unit_test(series: dict[str, str], questions: list[dict[str, object]]) -> dict[str, object]:
    given = [{"series": name, "values": values} for name, values in series.items()]
    return {"interval": "1m", "input_series": given, "promql_expr_test": questions}


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.alert}: {story.name}")
def test_a_rule_fires_in_trouble_only(tmp_path, story: Story, flavour):
    calm = story.fires if story.alert == "Watchdog" else ()
    questions = [
        firing(story.alert, "9m30s", calm),
        firing(story.alert, story.at, story.fires),
        firing(story.alert, "29m", calm),
        *(firing(other, story.at, ()) for other in story.nothing_else),
    ]

    run_unit_tests(tmp_path, FLAVOURS[flavour], [unit_test(story.series, questions)])


@pytest.mark.parametrize("alert", GRAFANA)
def test_every_rule_has_a_story_in_which_it_fires(alert):
    assert [story for story in STORIES if story.alert == alert and story.fires]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_without_data_only_the_watchdog_fires(tmp_path, flavour):
    questions = [firing(alert, "19m", ({"service": "monitoring"},) if alert == "Watchdog" else ()) for alert in GRAFANA]

    run_unit_tests(tmp_path, FLAVOURS[flavour], [unit_test({}, questions)])


@pytest.mark.parametrize("alert", [alert for alert in GRAFANA if alert != "Watchdog"])
def test_grafana_sees_no_data_where_there_is_none(tmp_path, alert):
    question = {"expr": query(GRAFANA[alert]), "eval_time": "19m", "exp_samples": []}

    run_unit_tests(tmp_path, FLAVOURS["grafana"], [unit_test({"unrelated": "1x29"}, [question])])


@pytest.mark.parametrize(
    "story", [story for story in STORIES if story.well], ids=lambda story: f"{story.alert}: {story.name}"
)
def test_grafana_sees_a_value_also_when_all_is_well(tmp_path, story: Story):
    # Or it would take "well" for "no data", and every recovery for a series that went missing.
    question = {
        "expr": f"count({query(GRAFANA[story.alert])}) > bool 0",
        "eval_time": "9m",
        "exp_samples": [{"labels": "{}", "value": 1}],
    }

    run_unit_tests(tmp_path, FLAVOURS["grafana"], [unit_test(story.series, [question])])


@pytest.mark.parametrize("alert", [alert for alert, rule in GRAFANA.items() if rule["for"] != "0s"])
def test_a_rule_waits_as_long_as_it_says_before_it_fires(tmp_path, alert):
    story = next(each for each in STORIES if each.alert == alert and each.fires)
    # Trouble begins in the tenth minute.
    minute = 9 + int(GRAFANA[alert]["for"].removesuffix("m"))

    run_unit_tests(tmp_path, FLAVOURS["grafana"], [unit_test(story.series, [firing(alert, f"{minute}m30s", ())])])


def test_both_files_hold_the_same_rules():
    written = {alert: (rule.get("for", "0s"), rule["labels"]) for alert, rule in prometheus_rules().items()}

    assert written == {alert: (rule["for"], rule["labels"]) for alert, rule in GRAFANA.items()}


@pytest.mark.parametrize("alert", GRAFANA)
def test_both_files_ask_the_same(alert):
    def bare(text: str) -> str:
        return "".join(text.split())

    assert bare(query(GRAFANA[alert])) in bare(prometheus_rules()[alert]["expr"])


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_prometheus_accepts_the_rules(tmp_path, flavour):
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(FLAVOURS[flavour]), "utf-8")

    promtool("check", "rules", tmp_path / "rules.yml")
