"""The committed files of Grafana's alerting: in step with the table, field by field what Grafana reads, escaped as it needs."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from pydantic import ValidationError

from deploy.grafana.alerting import RUNBOOKS, files, main
from deploy.grafana.rules import Condition
from deploy.grafana.rules_table import RULES
from tests.deploy.alerting_files import GRAFANA, ROOT, evaluator, grafana_rules, load
from tests.deploy.alerting_schema import FILES

BY_TITLE = grafana_rules()


@pytest.mark.parametrize("path", files())
def test_the_committed_files_are_in_step_with_the_table(path):
    assert (ROOT / path).read_text("utf-8") == files(RUNBOOKS)[path]


def test_check_names_what_differs_and_writes_nothing(tmp_path, capsys):
    assert main([], {}, tmp_path) == 0
    capsys.readouterr()
    changed = tmp_path / "config/prometheus/rules.yml"
    changed.write_text("groups: []\n", "utf-8")
    (tmp_path / "config/grafana/provisioning/alerting/notification-policies.yml").unlink()

    assert main(["--check"], {}, tmp_path) == 1

    assert capsys.readouterr().out.split() == [
        "config/prometheus/rules.yml",
        "config/grafana/provisioning/alerting/notification-policies.yml",
    ]
    assert changed.read_text("utf-8") == "groups: []\n"


def test_written_files_pass_the_check_and_point_to_the_runbooks_of_the_environment(tmp_path):
    environ = {"BONGSU_RUNBOOKS_URL": "https://docs.example.org/{page}.md"}
    main([], environ, tmp_path)

    assert main(["--check"], environ, tmp_path) == 0

    written = (tmp_path / "config/grafana/provisioning/alerting/alert-rules.yml").read_text("utf-8")
    assert "runbook_url: https://docs.example.org/high-error-rate-5xx.md\n" in written
    assert "runbook: " not in written


@pytest.mark.parametrize("path", [path for path in files() if "rules" in path])
def test_without_a_base_a_rule_names_its_page_in_this_repository_and_no_address(path):
    named = re.findall(r"(?m)^ +runbook: (\S+)$", (ROOT / path).read_text("utf-8"))

    assert [ROOT / each for each in named if not (ROOT / each).is_file()] == []
    assert sorted(named) == sorted(f"docs/runbooks/{rule.slug}.md" for rule in RULES)
    assert "runbook_url" not in (ROOT / path).read_text("utf-8")


def test_it_is_a_command():
    done = subprocess.run(
        [sys.executable, "-m", "deploy.grafana.alerting", "--check"],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", FILES)
def test_grafana_knows_every_field(name):
    FILES[name].model_validate(load(GRAFANA / name))


@pytest.mark.parametrize("name", FILES)
def test_the_schema_notices_a_misspelt_field(name):
    document = load(GRAFANA / name)
    section = next(iter(document[key] for key in document if key != "apiVersion"))
    section[0]["orgID"] = 1

    with pytest.raises(ValidationError, match="orgID"):
        FILES[name].model_validate(document)


def test_every_file_in_the_folder_is_known():
    assert {path.name for path in GRAFANA.iterdir()} == set(FILES)


def test_uids_and_titles_are_there_once():
    assert len({rule["uid"] for rule in BY_TITLE.values()}) == len(BY_TITLE) == len(RULES)


def test_groups_are_evaluated_at_whole_ten_seconds_and_rules_wait_for_whole_evaluations():
    for group in load(GRAFANA / "alert-rules.yml")["groups"]:
        interval = int(group["interval"].removesuffix("s"))
        assert interval % 10 == 0
        for rule in group["rules"]:
            seconds = int(rule["for"][:-1]) * {"s": 1, "m": 60}[rule["for"][-1]]
            assert seconds % interval == 0


@pytest.mark.parametrize("title", BY_TITLE)
def test_nothing_in_a_rule_is_replaced_by_the_environment(title):
    rule = BY_TITLE[title]
    # Replaced in labels, titles and names, by Grafana 11.5 on; `$$` would be a dollar.
    assert not any("$" in text.replace("$$", "") for text in (*rule["labels"].values(), rule["title"], rule["uid"]))
    # Newer versions replace ${NAME}, and only that, in annotations; none replaces anything in queries.
    assert not any("${" in text or "$$" in text for text in rule["annotations"].values())


@pytest.mark.parametrize("title", BY_TITLE)
def test_a_rule_says_who_what_and_where_to_look(title):
    rule = BY_TITLE[title]
    annotations = rule["annotations"]

    assert {"summary", "description", "runbook"} <= annotations.keys()
    assert (annotations["__dashboardUid__"], annotations["__panelId__"]) == (rule["dashboardUid"], str(rule["panelId"]))
    assert rule["labels"]["severity"] in ("critical", "high", "warning", "info", "none")


def test_what_nobody_can_ask_is_told_once():
    # All rules but one keep their state while Prometheus does not answer; or each would post, and resolve what fires.
    assert {title for title, rule in BY_TITLE.items() if rule["execErrState"] != "KeepLast"} == {"Watchdog"}
    assert BY_TITLE["Watchdog"]["execErrState"] == "Error"


def test_no_data_is_trouble_where_it_hides_trouble():
    chosen = {title: rule["noDataState"] for title, rule in BY_TITLE.items() if rule["noDataState"] != "OK"}

    assert chosen == {
        "ServiceDown": "Alerting",
        "BongsuSilent": "Alerting",
        "Watchdog": "NoData",
        "DiskAlmostFull": "KeepLast",
        "DiskFilling": "KeepLast",
        "CertificateExpires": "KeepLast",
        "BongsuNoLeader": "KeepLast",
        "BongsuBehind": "KeepLast",
        "BongsuRefuses": "KeepLast",
        "BongsuSlow": "KeepLast",
        "BongsuCallsOften": "KeepLast",
    }


def test_every_choice_for_no_data_has_its_reason_above_it():
    tables = ("rules_table.py", "rules_itself.py")
    lines = [line for name in tables for line in (ROOT / "deploy/grafana" / name).read_text("utf-8").splitlines()]
    chosen = [number for number, line in enumerate(lines) if "no_data=" in line]

    assert len(chosen) == len(RULES)
    assert [lines[number] for number in chosen if not lines[number - 1].strip().startswith("#")] == []


@pytest.mark.parametrize(
    ("condition", "fires", "quiet"),
    [
        (Condition.above(0.5), 0.51, 0.5),
        (Condition.below(300), 299, 300),
        (Condition.zero(), 0, 1),
    ],
)
def test_a_threshold_means_what_its_comparison_means(condition, fires, quiet):
    compare = {
        "gt": lambda value: value > condition.params[0],
        "lt": lambda value: value < condition.params[0],
    }[condition.evaluator]

    assert compare(fires)
    assert not compare(quiet)


def test_no_rule_ends_because_it_got_worse():
    for severe, other in (("HighErrorRate5xx", "HighErrorRate"), ("DiskAlmostFull", "DiskFilling")):
        (worse, (high,)), (bad, (low,)) = evaluator(BY_TITLE[severe]), evaluator(BY_TITLE[other])

        assert (worse, bad) == ("gt", "gt")
        assert high > low

    assert {evaluator(rule)[0] for rule in BY_TITLE.values()} <= {"gt", "lt"}


def test_names_of_pages_are_as_people_write_them():
    assert [rule.slug for rule in RULES] == [
        "service-down", "probe-failed", "high-error-rate-5xx", "disk-almost-full", "service-restarted", "deploy-done",
        "high-latency-p99", "high-error-rate",
        "hikari-pool-pending", "high-memory", "high-cpu", "disk-filling", "long-gc-pause", "certificate-expires",
        "watchdog", "bongsu-silent", "bongsu-no-leader", "bongsu-behind", "bongsu-refuses", "bongsu-slow",
        "bongsu-calls-often",
    ]  # fmt: skip


def test_the_page_of_the_docs_lists_every_rule_with_its_level():
    rows = re.findall(r"^\| (P\d|–) \| `(\w+)` \|", (ROOT / "docs/alerting.md").read_text("utf-8"), re.MULTILINE)

    assert sorted(rows) == sorted((rule.severity.level or "–", rule.alert) for rule in RULES)
