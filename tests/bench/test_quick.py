"""Every bench takes --quick, and the last that it prints is its figures."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cases import QUICK, few
from tests.bench.folders import write_case

ROOT = Path(__file__).parents[2]
# What has no `main` is a program that a bench starts; two make cases and weights and measure nothing.
TOOLS = ("calibrate", "generate")
MAINS = sorted(path.stem for path in (ROOT / "bench").glob("*.py") if "def main(" in path.read_text("utf-8"))
BENCHES = [name for name in MAINS if name not in TOOLS]
# What starts no process and takes a few seconds; the others are measured where somebody waits for them.
SMALL = ("autocomplete", "rca", "tokens")


def run(bench: str, *words: str) -> str:
    command = [sys.executable, "-m", f"bench.{bench}", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=280).stdout


@pytest.mark.parametrize("bench", BENCHES)
def test_it_can_be_quick(bench):
    assert "--quick" in run(bench, "--help")


@pytest.mark.parametrize("bench", BENCHES)
def test_its_figures_are_the_last_that_it_prints(bench):
    tree = ast.parse((ROOT / "bench" / f"{bench}.py").read_text("utf-8"))
    (main,) = [each for each in tree.body if getattr(each, "name", "") == "main"]

    last = ast.unparse(main.body[-1])

    assert last.startswith((f"finish('{bench}', ", f"print(json.dumps({{'bench': '{bench}', 'figures': "))


@pytest.mark.parametrize("bench", SMALL)
def test_a_quick_one_prints_json_last(tmp_path, bench):
    write_case(tmp_path / "suite/one")
    cases = () if bench == "autocomplete" else ("--cases", str(tmp_path))

    said = json.loads(run(bench, *cases, "--quick").splitlines()[-1])

    assert said["bench"] == bench
    assert said["figures"]


@pytest.mark.parametrize("count", [1, 3, 4, 5, 8, 100])
def test_a_quick_one_looks_at_few_cases_from_all_over(count):
    cases = [Path(str(number)) for number in range(count)]

    chosen = few(cases)

    assert 1 <= len(chosen) <= QUICK
    assert chosen[0] == cases[0]
    assert len(chosen) == count or count > QUICK
