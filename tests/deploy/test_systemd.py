"""The unit of systemd: read by systemd itself, and with no more rights than it needs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "deploy/systemd/bongsu.service"
# Tenths of systemd's exposure, from 0 (none) to 100.
MOST_EXPOSURE = 25


def analyze(tmp_path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    # The program is not installed where this is tried; another one stands in its place.
    path = tmp_path / "bongsu.service"
    path.write_text(text.replace("/usr/local/bin/bongsu", sys.executable), "utf-8")
    return subprocess.run(
        ["systemd-analyze", *words, str(path)], capture_output=True, text=True, timeout=60, check=False
    )


def test_systemd_understands_every_line(tmp_path):
    done = analyze(tmp_path, UNIT.read_text("utf-8"), "verify", "--man=no")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_line_that_systemd_does_not_know_is_told(tmp_path):
    done = analyze(tmp_path, UNIT.read_text("utf-8").replace("NoNewPrivileges", "NoNewPrivilege"), "verify", "--man=no")

    assert "NoNewPrivilege" in done.stderr


def test_it_is_hardly_exposed(tmp_path):
    words = ("security", "--offline=yes", f"--threshold={MOST_EXPOSURE}", "--no-pager")

    assert analyze(tmp_path, UNIT.read_text("utf-8"), *words).returncode == 0
    # Without what hardens it, it would be.
    bare = re.sub(r"(?m)^(Protect|Private|Restrict|System|No|Capability|Dynamic).*\n", "", UNIT.read_text("utf-8"))
    assert analyze(tmp_path, bare, *words).returncode != 0


@pytest.mark.parametrize(
    "line",
    [
        "DynamicUser=yes",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "RestartPreventExitStatus=78",
    ],
)
def test_what_the_documents_promise_stands_there(line):
    assert line in UNIT.read_text("utf-8").splitlines()
