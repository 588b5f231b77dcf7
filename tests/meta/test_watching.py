"""Coverage watches what a property calls, and not how its examples are made up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.watching import UNWATCHED

ROOT = Path(__file__).parents[2]
BODY = """
import sys

from hypothesis import given, settings, strategies as st

seen = set()

def made(number):
    seen.add(("made", sys.gettrace() is not None))
    return number

@settings(max_examples=3, database=None)
@given(st.integers().map(made))
def test_property(number):
    seen.add(("called", sys.gettrace() is not None))

def test_seen():
    assert sys.gettrace() is not None
    assert seen == {("made", False), ("called", True)}
"""


def test_a_property_is_watched_where_it_calls_the_program(tmp_path):
    (tmp_path / "test_some.py").write_text(BODY, "utf-8")
    plugins = ["-p", "tests.watching", "-p", "no:cacheprovider", "-n", "0", "--cov=bot", "--cov-report="]
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), *plugins]
    environment = {**os.environ, "COVERAGE_FILE": str(tmp_path / "coverage"), "COVERAGE_CORE": "ctrace"}
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_not_watched_is_there():
    assert [place for place in UNWATCHED if not (ROOT / place).exists()] == []
