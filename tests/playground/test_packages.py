"""The installer: finds what is there, and says in one sentence what is missing where it cannot install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from playground import packages

SCRIPT = Path(packages.__file__)


def run(*arguments, path=""):
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "package",
    ["prometheus", "prometheus-alertmanager", "chromium", "postgresql", "fonts-nanum", "fonts-noto-color-emoji"],
)
def test_what_the_tests_need_is_there(package):
    assert packages.present(package)


def test_what_is_there_is_not_installed_again():
    assert packages.main(["prometheus"]) == 0
    assert packages.main(["--venv"]) == 0


def test_without_apt_get_the_answer_is_one_sentence_and_an_exit_code(tmp_path):
    done = run("prometheus", path=str(tmp_path))

    assert done.returncode == 69
    assert "sudo apt-get install prometheus" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_it_needs_nothing_but_the_standard_library():
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), "--venv"], capture_output=True, timeout=60, check=False
    )

    assert done.returncode == 0
