"""What the alert rules say to an operator, and what they must not say twice or without reason."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from playground import monitors
from playground.monitors import Monitors, alertmanager_config, hasten

RULES = Path(__file__).parents[2] / "config/prometheus/rules.yml"
EVERY = [rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]
SEVERITIES = {
    "ServiceDown": "critical",
    "ProbeFailed": "critical",
    "HighErrorRate5xx": "critical",
    "DiskAlmostFull": "critical",
    "HighLatencyP99": "high",
    "HighErrorRate": "high",
    "HighMemory": "high",
    "HikariPoolPending": "high",
    "HighCpu": "warning",
    "DiskFilling": "warning",
    "LongGcPause": "warning",
    "ServiceRestarted": "info",
    "CertificateExpires": "info",
    "DeployDone": "info",
    "BongsuSilent": "critical",
    "BongsuNoLeader": "critical",
    "BongsuBehind": "high",
    "BongsuRefuses": "high",
    "BongsuSlow": "warning",
    "BongsuCallsOften": "warning",
    "Watchdog": "none",
}


def firing(tmp_path: Path, expected: str, *series: str) -> None:
    """Let promtool say which alerts fire after 15 minutes of these series (`metric values`, one a minute)."""
    given = [dict(zip(("series", "values"), one.rsplit(" ", 1), strict=True)) for one in series]
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in expected.split()]
    test = {
        "interval": "1m",
        "input_series": given,
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing",alertname!="Watchdog"})',
                "eval_time": "15m",
                "exp_samples": samples,
            }
        ],
    }
    path = tmp_path / "tests.yml"
    path.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}), "utf-8")
    done = subprocess.run(["promtool", "test", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def requests(outcome: str, per_minute: int) -> str:
    name = f"http_server_requests_seconds_count{{service='api',outcome='{outcome}'}}"
    return f"{name} 0+{per_minute}x30"


def test_every_rule_has_the_severity_that_was_agreed():
    assert {rule["alert"]: rule["labels"]["severity"] for rule in EVERY} == SEVERITIES


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule["alert"])
def test_a_card_can_say_what_and_how_much(rule):
    annotations = rule["annotations"]

    assert annotations["summary"]
    if rule["labels"]["severity"] not in ("none", "info"):
        assert annotations["value"]
        assert annotations["threshold"]


def test_the_first_error_of_a_service_that_never_failed_needs_no_series(tmp_path):
    firing(tmp_path, "", requests("SUCCESS", 600))


def test_a_few_errors_are_no_alert(tmp_path):
    firing(tmp_path, "", requests("SUCCESS", 950), requests("SERVER_ERROR", 50))


def test_a_card_does_not_turn_green_because_it_got_worse(tmp_path):
    firing(tmp_path, "HighErrorRate", requests("SUCCESS", 700), requests("SERVER_ERROR", 300))
    firing(tmp_path, "HighErrorRate HighErrorRate5xx", requests("SUCCESS", 300), requests("SERVER_ERROR", 700))


def test_an_almost_full_disk_still_fills_up(tmp_path):
    total = "disk_total_bytes{service='api',path='/'} 100x30"
    firing(tmp_path, "", "disk_free_bytes{service='api',path='/'} 40x30", total)
    firing(tmp_path, "DiskFilling", "disk_free_bytes{service='api',path='/'} 10x30", total)
    firing(tmp_path, "DiskAlmostFull DiskFilling", "disk_free_bytes{service='api',path='/'} 2x30", total)


def test_a_heap_is_measured_against_the_pools_that_have_a_limit(tmp_path):
    # Micrometer says -1 where a pool has none.
    limits = (
        "jvm_memory_max_bytes{service='chat',instance='a',area='heap',id='old'} 1000000x30",
        "jvm_memory_max_bytes{service='chat',instance='a',area='heap',id='eden'} -1x30",
    )
    used = "jvm_memory_used_bytes{service='chat',instance='a',area='heap',id='old'}"
    firing(tmp_path, "HighMemory", f"{used} 950000x30", *limits)
    firing(tmp_path, "", f"{used} 500000x30", *limits)


def test_the_demo_waits_for_seconds_only():
    quick = [rule for group in yaml.safe_load(hasten(RULES.read_text("utf-8")))["groups"] for rule in group["rules"]]

    assert {rule.get("for", "2s") for rule in quick} == {"2s"}
    assert not any("m]" in rule["expr"] for rule in quick)
    assert [rule["annotations"] for rule in quick] == [rule["annotations"] for rule in EVERY]


def test_the_watchdog_calls_nobody():
    (route,) = alertmanager_config("http://127.0.0.1:1/x", "t")["route"]["routes"]

    assert route == {"matchers": ['alertname="Watchdog"'], "receiver": "nobody"}


async def test_a_port_that_was_taken_meanwhile_is_replaced(monkeypatch):
    async with Monitors.open(targets={}, webhook_url="http://127.0.0.1:1/x", token="t") as first:
        taken = int(first.alertmanager_url.rsplit(":", 1)[1])
        ports = iter([taken])
        found = monitors.free_port
        monkeypatch.setattr(monitors, "free_port", lambda: next(ports, None) or found())

        async with Monitors.open(targets={}, webhook_url="http://127.0.0.1:1/x", token="t") as second:
            assert second.alertmanager_url != first.alertmanager_url
            assert not second.alertmanager.ended
