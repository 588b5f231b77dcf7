"""What a question costs, measured on the prompt as it is built, and priced by the operator's own table."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.tokens import Size, money, size
from bot.advice.prompt import MOST_TOKENS_IN, MOST_TOKENS_OUT
from bot.app.sections import LanguageModel
from tests.bench.folders import write_case

OURS = Path(__file__).parents[2]
CHOSEN = LanguageModel.model_validate(
    {
        "p1": "strong",
        "other": "cheap",
        "prices": {"cheap": {"usd_in": 1, "usd_out": 5}, "strong": {"usd_in": 10, "usd_out": 50}},
    }
)


def test_a_question_with_evidence_is_longer_than_one_without_and_both_keep_to_the_limit(tmp_path):
    sick, well = size(write_case(tmp_path / "sick")), size(write_case(tmp_path / "well", root=None))

    assert 1_500 < well.tokens_in < sick.tokens_in <= MOST_TOKENS_IN
    assert 20 < well.tokens_out < sick.tokens_out <= MOST_TOKENS_OUT


def test_money_is_tokens_times_the_price():
    found = money([Size(1_000_000, 0), Size(2_000_000, 100_000)], CHOSEN)

    assert (found["tokens_in_p50"], found["tokens_in_p95"]) == (1_000_000, 2_000_000)
    assert (found["usd_p50"], found["usd_p95"]) == (1.0, pytest.approx(2.5))
    assert found["usd_p1_p95"] == pytest.approx(25.0)
    assert found["usd_escalated_p95"] == pytest.approx(27.5)


def test_the_command_prints_the_figures_last(tmp_path):
    write_case(tmp_path / "suite/one")
    command = [sys.executable, "-m", "bench.tokens", "--cases", str(tmp_path)]

    done = subprocess.run(command, cwd=OURS, capture_output=True, text=True, check=True, timeout=100)

    last = json.loads(done.stdout.splitlines()[-1])
    assert last["bench"] == "tokens"
    assert {"tokens_in_p95", "tokens_out_p95", "usd_p95"} <= set(last["figures"])
    # A tenth of a cent, as the mission says.
    assert 0 < last["figures"]["usd_p95"] <= 0.001


def test_without_cases_it_says_so(tmp_path):
    command = [sys.executable, "-m", "bench.tokens", "--cases", str(tmp_path)]

    done = subprocess.run(command, cwd=OURS, capture_output=True, text=True, check=False, timeout=100)

    assert done.returncode == 2
    assert "no case in" in done.stderr
