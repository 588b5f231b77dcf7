"""The alert rules an operator would use, judged by Prometheus' own tool; and each fault raising its alert for real."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import aiohttp
import pytest
import yaml

from playground.demo import Demo
from playground.monitors import alertmanager_config, hasten, prometheus_config
from playground.process import MissingProgram, NotReady, find_binary, free_port, running

RULES = Path(__file__).parents[2] / "config/prometheus/rules.yml"


def promtool(*arguments) -> str:
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rules_are_valid_for_operators_and_for_the_demo(tmp_path):
    (tmp_path / "quick.yml").write_text(hasten(RULES.read_text("utf-8")), "utf-8")

    promtool("check", "rules", RULES)
    promtool("check", "rules", tmp_path / "quick.yml")

    assert "for: 2s" in (tmp_path / "quick.yml").read_text("utf-8")


def test_the_generated_configurations_are_valid(tmp_path):
    rules = tmp_path / "rules.yml"
    rules.write_text(RULES.read_text("utf-8"), "utf-8")
    written = prometheus_config({"api": "127.0.0.1:8080"}, "127.0.0.1:9093", rules, 9090, "127.0.0.1:8080")
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(written), "utf-8")
    (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(alertmanager_config("http://127.0.0.1/x", "t")), "utf-8")

    promtool("check", "config", tmp_path / "prometheus.yml")
    done = subprocess.run(
        ["amtool", "check-config", str(tmp_path / "alertmanager.yml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr


CASES = {
    "ServiceDown": ("up{service='api',instance='a'}", "0x20", "1x20"),
    "HikariPoolPending": ("hikaricp_connections_pending{service='api',pool='p',instance='a'}", "43x20", "0x20"),
    "HighCpu": ("process_cpu_usage{service='api',instance='a'}", "0.95x20", "0.2x20"),
    "LongGcPause": ("jvm_gc_pause_seconds_max{service='api',instance='a'}", "0.9x20", "0.01x20"),
}


@pytest.mark.parametrize("alert", CASES)
def test_a_rule_fires_when_it_should_and_not_otherwise(tmp_path, alert):
    series, bad, good = CASES[alert]

    def case(values, expected):
        return {
            "interval": "1m",
            "input_series": [{"series": series, "values": values}],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) or vector(0)',
                    "eval_time": "15m",
                    "exp_samples": [{"labels": "{}", "value": expected}],
                }
            ],
        }

    tests = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [case(bad, 1), case(good, 0)]}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(tests), "utf-8")

    promtool("test", "rules", tmp_path / "tests.yml")


EXPECTED = {
    "pool": "HikariPoolPending",
    "slow": "HighLatencyP99",
    "deploy": "HighErrorRate5xx",
    "leak": "HighMemory",
    "cpu": "HighCpu",
    "crash": "ServiceDown",
    "disk": "DiskAlmostFull",
}


@pytest.mark.timeout(120)
async def test_every_fault_raises_its_alert_and_noise_raises_none():
    async with Demo.open() as demo, aiohttp.ClientSession() as http:

        async def firing():
            async with http.get(f"{demo.monitors.alertmanager_url}/api/v2/alerts") as response:
                return {alert["labels"]["alertname"] for alert in await response.json()} - {"Watchdog"}

        await demo.shop.switch("noise", True)
        await asyncio.sleep(4)
        noisy = await firing()
        seen = set()
        # The crash loop comes last: who restarts every few seconds never fills its memory.
        for faults in (EXPECTED.keys() - {"crash"}, {"crash"}):
            for fault in faults:
                await demo.shop.switch(fault, True)
            async with asyncio.timeout(40):
                while not {EXPECTED[fault] for fault in faults} <= seen:
                    seen |= await firing()
                    await asyncio.sleep(0.2)

    assert noisy == set()


def test_a_missing_program_is_a_sentence():
    with pytest.raises(MissingProgram, match="apt-get install"):
        find_binary("no-such-program-anywhere")


async def test_a_program_that_ends_at_once_shows_its_last_words(tmp_path):
    async with running("false", ["sh", "-c", "echo last words; exit 3"], tmp_path / "log") as process:
        with pytest.raises(NotReady, match="last words"):
            await process.ready("http://127.0.0.1:1/", 5)
        assert await process.wait() == 3


async def test_a_program_that_will_not_end_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("playground.process._STOP_S", 0.2)
    async with running(
        "stubborn", ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"], tmp_path / "log"
    ) as process:
        assert await process.line() == "up"

    assert process.ended


def test_a_port_that_is_taken_is_replaced():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert free_port(port) != port
