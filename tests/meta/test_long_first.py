"""The longest tests are begun first, by half of the workers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BODY = """
import pytest

@pytest.mark.parametrize("number", range(20))
def test_short(number):
    pass

@pytest.mark.long
@pytest.mark.parametrize("number", range(4))
def test_long(number):
    pass
"""


def test_half_of_the_workers_begin_with_their_share_of_them_and_none_is_lost(tmp_path):
    (tmp_path / "test_some.py").write_text(BODY, "utf-8")
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "-p", "tests.long_first", "-vv"]
    workers = ["-p", "no:cacheprovider", "-n", "4", "--dist", "worksteal"]
    command = [sys.executable, "-m", "pytest", *options, *workers, str(tmp_path)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)

    ran = re.findall(r"(?m)^\[(gw\d)\].* PASSED \S+::(\w+)\[", done.stdout)
    assert len(ran) == 24, done.stdout + done.stderr
    began = [[test for its, test in ran if its == worker][:2] for worker in ("gw0", "gw1", "gw2", "gw3")]
    # Whoever is ready first gets the first stretch.
    assert sorted(began) == [["test_long"] * 2] * 2 + [["test_short"] * 2] * 2
