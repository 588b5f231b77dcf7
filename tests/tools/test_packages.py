"""The installer: finds what is there, and says in one sentence what is missing where it cannot install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import packages

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
    [
        "prometheus",
        "prometheus-alertmanager",
        "prometheus-blackbox-exporter",
        "chromium",
        "chromium-headless-shell",
        "postgresql",
        "nginx",
        "buildah",
        "podman",
        "runc",
        "debootstrap",
        "systemd",
        "fonts-nanum",
        "fonts-noto-color-emoji",
    ],
)
def test_what_the_tests_need_is_there(package):
    assert packages.present(package)


@pytest.mark.parametrize(
    "package",
    ["prometheus-node-exporter", "prometheus-nginx-exporter", "prometheus-blackbox-exporter", "nginx", "openssl"],
)
def test_what_the_dashboards_show_is_there(package):
    assert packages.present(package)


def test_what_is_there_is_not_installed_again():
    assert packages.main(["prometheus"]) == 0
    assert packages.main(["--venv"]) == 0


def test_without_apt_get_the_answer_is_one_sentence_and_an_exit_code(tmp_path):
    done = run("prometheus", path=str(tmp_path))

    assert done.returncode == 69
    assert "sudo apt-get install prometheus" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_sentence_is_korean_for_who_speaks_korean(tmp_path):
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "prometheus", "chromium"],
        env={"PATH": str(tmp_path), "LANG": "ko_KR.UTF-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert done.returncode == 69
    assert "설치되지 않은 패키지: prometheus, chromium (이 컴퓨터에는 apt-get이 없습니다)" in done.stderr
    assert "sudo apt-get install prometheus chromium" in done.stderr


APT = """#!/bin/sh
echo "$DEBIAN_FRONTEND $* policy=$(test -e {policy} && echo yes)" >> {folder}/said
[ "$1" = update ] && exit 100
{then}
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine whose apt-get is ours: `machine(script)` says what installing does there."""
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(packages, "_POLICY", policy)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("LANG", "C.UTF-8")

    def make(then: str) -> Path:
        program(tmp_path / "apt-get", APT.format(policy=policy, folder=tmp_path, then=then))
        return tmp_path

    return make


def program(path: Path, script: str) -> None:
    path.write_text(script, "utf-8")
    path.chmod(0o755)


def test_what_is_missing_is_installed_without_a_question_and_without_starting_services(machine):
    folder = machine("exit 0")

    assert packages.main(["bongsu-no-such-program", "prometheus"]) == 0

    (install,) = (folder / "said").read_text("utf-8").splitlines()
    assert install == "noninteractive install -y -qq --no-install-recommends bongsu-no-such-program policy=yes"
    assert not (folder / "policy-rc.d").exists()


def test_old_lists_are_fetched_anew_and_what_was_said_of_them_is_not_shown(machine, capsys):
    folder = machine('test -e "$0.old" || { touch "$0.old"; echo "404 Not Found" >&2; exit 100; }')

    assert packages.main(["bongsu-no-such-program"]) == 0

    said = [line.split()[1] for line in (folder / "said").read_text("utf-8").splitlines()]
    assert said == ["install", "update", "install"]
    assert capsys.readouterr().err == ""


def test_a_policy_of_the_machines_own_is_left_alone(machine):
    folder = machine("exit 0")
    (folder / "policy-rc.d").write_text("mine", "utf-8")

    assert packages.main(["bongsu-no-such-program"]) == 0

    assert (folder / "policy-rc.d").read_text("utf-8") == "mine"


def test_a_failed_installation_is_told_with_what_apt_said_and_leaves_no_policy(machine, capsys):
    folder = machine("echo E: No space left >&2; exit 100")

    assert packages.main(["bongsu-no-such-program"]) == 69

    said, sentence = capsys.readouterr().err.splitlines()
    assert said == "E: No space left"
    assert sentence == (
        "Missing: bongsu-no-such-program (apt-get install failed). "
        "Get it with: sudo apt-get install bongsu-no-such-program"
    )
    assert not (folder / "policy-rc.d").exists()


def test_who_is_not_root_asks_sudo_and_waits_for_no_password_where_nobody_can_type(machine, monkeypatch):
    folder = machine("exit 0")
    program(folder / "sudo", f'#!/bin/sh\necho "sudo $*" >> {folder}/asked\n[ "$1" = -n ] && shift\nexec "$@"\n')
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    assert packages.main(["bongsu-no-such-program"]) == 0

    asked = (folder / "asked").read_text("utf-8").splitlines()
    assert any(line.endswith("bongsu-no-such-program") for line in asked)
    assert all(line.startswith("sudo -n ") for line in asked)


def test_without_root_and_sudo_the_answer_says_so(machine, monkeypatch, capsys):
    folder = machine("exit 0")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    assert packages.main(["bongsu-no-such-program"]) == 69

    assert "neither root nor sudo" in capsys.readouterr().err
    assert not (folder / "said").exists()


def test_it_needs_nothing_but_the_standard_library():
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), "--venv"], capture_output=True, timeout=60, check=False
    )

    assert done.returncode == 0
