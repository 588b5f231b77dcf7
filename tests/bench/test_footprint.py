"""What is added up against the host's memory."""

from __future__ import annotations

from pathlib import Path

import yaml

from bench.footprint import limits_mb

SERVICES = yaml.safe_load((Path(__file__).parents[2] / "compose.yml").read_text("utf-8"))["services"]


def test_what_is_not_measured_counts_with_its_limit_and_the_demo_does_not_count():
    measured = {"bot", "prometheus", "blackbox"}

    assert limits_mb().keys() == {name for name, each in SERVICES.items() if "profiles" not in each} - measured
    assert limits_mb()["nginx-exporter"] == 24 * 1024**2 / 1e6
