"""A second try is for real processes and for waits that ended, is listed, and forgives nothing that fails twice."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reruns import FOLDERS

ROOT = Path(__file__).parents[2]
BODY = """
import pathlib
import time

import pytest

def first_time():
    mark = pathlib.Path(__file__).with_suffix(".seen")
    seen = mark.exists()
    mark.touch()
    return not seen

def test_fails_once():
    assert not first_time()

@pytest.mark.timeout(1)
def test_hangs_once():
    if not pathlib.Path(__file__).with_suffix(".hung").exists():
        pathlib.Path(__file__).with_suffix(".hung").touch()
        time.sleep(60)

def test_waits_too_long_once():
    mark = pathlib.Path(__file__).with_suffix(".late")
    seen = mark.exists()
    mark.touch()
    if not seen:
        raise TimeoutError("no answer")

def test_fails_always():
    assert False
"""
SERVED = """
import pathlib

import pytest

@pytest.fixture
def postgres():
    return "a server"

@pytest.fixture
def address(postgres):
    return postgres

def test_fails_once(address):
    mark = pathlib.Path(__file__).with_suffix(".seen")
    seen = mark.exists()
    mark.touch()
    assert seen
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What a run over a suite of the same folders says in the end."""
    root = tmp_path_factory.mktemp("suite")
    for folder in (*FOLDERS, "tests/core"):
        (root / folder).mkdir(parents=True)
        (root / folder / "test_once.py").write_text(BODY, "utf-8")
    (root / "tests/domain").mkdir()
    (root / "tests/domain/test_once.py").write_text(SERVED, "utf-8")
    options = [
        "-c",
        ROOT / "pyproject.toml",
        "--rootdir",
        root,
        "-p",
        "tests.reruns",
        "-p",
        "no:cacheprovider",
        "-n",
        "2",
    ]
    command = [sys.executable, "-m", "pytest", *map(str, options), str(root / "tests")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def listed(said: str, outcome: str) -> set[tuple[str, str]]:
    return set(re.findall(rf"(?m)^{outcome} \S*?(tests/\S+)/test_once\.py::(\w+)", said))


def test_what_starts_processes_is_tried_twice_and_each_second_try_is_listed(said):
    late = {"test_hangs_once", "test_waits_too_long_once"}
    expected = {(folder, test) for folder in FOLDERS for test in late | {"test_fails_once", "test_fails_always"}}
    expected |= {("tests/core", test) for test in late}

    assert listed(said, "RERUN") == expected | {("tests/domain", "test_fails_once")}


def test_what_fails_twice_or_computes_for_itself_fails(said):
    expected = {(folder, "test_fails_always") for folder in FOLDERS}
    expected |= {("tests/core", test) for test in ("test_fails_once", "test_fails_always")}

    assert listed(said, "FAILED") == expected


def test_each_second_try_says_how_the_first_failed(said):
    told = said.partition("why a test ran once more")[2].partition("short test summary")[0]

    assert told.count("assert not first_time()") == len(FOLDERS)
    assert told.count("assert seen") == 1
    assert "Timeout (>1.0s)" in told


def test_the_folders_exist():
    assert [folder for folder in FOLDERS if not (ROOT / folder).is_dir()] == []
