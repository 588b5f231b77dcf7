"""What is added up against the host's memory."""

from __future__ import annotations

from pathlib import Path

import yaml

from bench import installed
from bench.footprint import limits_mb

SERVICES = yaml.safe_load((Path(__file__).parents[2] / "compose.yml").read_text("utf-8"))["services"]


def test_what_is_not_measured_counts_with_its_limit_and_the_demo_does_not_count():
    measured = {"bot", "prometheus", "blackbox"}

    assert limits_mb().keys() == {name for name, each in SERVICES.items() if "profiles" not in each} - measured
    assert limits_mb()["nginx-exporter"] == 24 * 1024**2 / 1e6


def test_what_the_demo_installs_counts_and_what_the_tests_need_does_not():
    names = {each.metadata["Name"].lower() for each in installed._closure("bongsu", frozenset({"ai", "pictures"}))}

    assert {"bongsu", "discord.py", "yarl", "anthropic", "playwright", "greenlet"} <= names
    assert not {"pytest", "ruff", "hypothesis"} & names


def test_an_extra_that_is_not_asked_for_does_not_count():
    names = {each.metadata["Name"].lower() for each in installed._closure("bongsu", frozenset())}

    assert "playwright" not in names
    assert "aiohttp" in names
