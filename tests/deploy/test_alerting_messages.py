"""What Grafana itself posts to Discord, rendered by Alertmanager's engine, which Grafana's is made from."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.deploy.alerting_files import GRAFANA, load

# Links that only Grafana's alerts have; amtool knows none, so they come as annotations here.
GRAFANAS_OWN = ("PanelURL", "SilenceURL")
LINKS = {
    "PanelURL": "https://grafana.example.com/d/overview?from=1&orgId=1&to=2&viewPanel=1",
    "SilenceURL": "https://grafana.example.com/alerting/silence/new?alertmanager=grafana&orgId=1",
    "runbook_url": "https://wiki.example.com/runbooks/service-down",
}
EMOJI = {"critical": "🔴 P1", "high": "🟠 P2", "warning": "🟡 P3", "info": "🔵 P4"}


def message(tmp_path, *alerts, status="firing", **common) -> tuple[str, str]:
    """Render title and message of a group."""
    text = "\n".join(each["template"] for each in load(GRAFANA / "templates.yml")["templates"])
    for name in GRAFANAS_OWN:
        text = text.replace(f".{name}", f".Annotations.{name}")
    (tmp_path / "bongsu.tmpl").write_text(text, "utf-8")
    data = {"status": status, "alerts": alerts, "commonLabels": common}
    (tmp_path / "data.json").write_text(json.dumps(data), "utf-8")
    asked = '{{ template "bongsu.title" . }}\x1e{{ template "bongsu.message" . }}'
    done = subprocess.run(
        [
            "amtool", "template", "render", f"--template.glob={tmp_path}/bongsu.tmpl",
            f"--template.text={asked}", f"--template.data={tmp_path}/data.json",
        ],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    title, body = done.stdout.split("\x1e")
    return title, body


def alert(status="firing", labels=None, **annotations):
    return {
        "status": status,
        "labels": {"alertname": "ServiceDown"} | (labels or {}),
        "annotations": LINKS | annotations,
    }


@pytest.mark.parametrize("severity", EMOJI)
def test_the_title_says_how_bad_what_and_where(tmp_path, severity):
    title, _ = message(tmp_path, alert(), alertname="ServiceDown", service="api", severity=severity)

    assert title == f"{EMOJI[severity]} · ServiceDown · api"


def test_a_resolved_group_is_green(tmp_path):
    title, body = message(
        tmp_path,
        alert("resolved", summary="api is down"),
        status="resolved",
        alertname="ServiceDown",
        severity="critical",
    )

    assert title == "🟢 · ServiceDown"
    assert body.startswith("🟢 **api is down**\n")


def test_a_message_says_what_how_much_and_where_to_look(tmp_path):
    _, body = message(
        tmp_path,
        alert(summary="api does not answer", value="down", description="For a minute."),
        alertname="ServiceDown",
        severity="critical",
    )

    assert body.splitlines() == [
        "**api does not answer** (down)",
        "For a minute.",
        f"[Runbook](<{LINKS['runbook_url']}>) [Panel](<{LINKS['PanelURL']}>) [Silence](<{LINKS['SilenceURL']}>)",
    ]


def test_the_absence_of_the_watchdog_is_told_as_what_it_is(tmp_path):
    twin = alert(
        labels={"alertname": "DatasourceError", "rulename": "Watchdog"},
        summary="The chain of alerts works",
        Error="connection refused",
    )

    title, body = message(
        tmp_path, twin, alertname="DatasourceError", rulename="Watchdog", service="monitoring", severity="none"
    )

    assert title == "🚨 · Watchdog cannot be evaluated · monitoring"
    assert body.startswith("No answer to the rule Watchdog: connection refused\n[Runbook]")
    assert "works" not in body


def test_a_storm_shows_its_first_three(tmp_path):
    _, body = message(tmp_path, *(alert(summary=f"number {n}") for n in range(7)), alertname="A", severity="high")

    assert [line for line in body.splitlines() if line.startswith("**")] == [f"**number {n}**" for n in range(3)]
    assert "… the first 3 of 7" in body


def test_a_rule_without_links_has_none(tmp_path):
    bare = {"status": "firing", "labels": {}, "annotations": {"summary": "s"}}

    _, body = message(tmp_path, bare, alertname="Own")

    assert body.strip() == "**s**"


HOSTILE = "@everyone <@&1> [click](https://evil.example.com)\n# head `code` " + "가" * 3000


@pytest.mark.parametrize("twin", [False, True])
def test_hostile_text_calls_nobody_links_nowhere_and_fits(tmp_path, twin):
    labels = {"rulename": HOSTILE} if twin else {}
    wicked = alert(labels=labels, summary=HOSTILE, value=HOSTILE, description=HOSTILE, Error=HOSTILE) | {}
    wicked["annotations"] |= {
        "runbook_url": "https://w/@everyone>x<" + "r" * 160,
        "PanelURL": "https://g/" + "p" * 230,
        "SilenceURL": "https://g/" + "s" * 380,
    }

    title, body = message(tmp_path, *[wicked] * 9, alertname=HOSTILE, service=HOSTILE, **labels)

    assert len(title) <= 256
    assert len(body) <= 2000
    assert "@" not in body
    assert re.findall(r"\]\(<?(\w+:/+[^/>]+)", body) == ["https://w", "https://g", "https://g"]
    assert "\n#" not in body


def test_a_link_that_is_too_long_is_left_out_whole(tmp_path):
    _, body = message(tmp_path, alert(summary="s", SilenceURL="https://g/" + "s" * 400), alertname="A")

    assert "Silence" not in body
    assert body.rstrip().endswith(")")
