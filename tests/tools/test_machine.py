"""What a system that is made on this machine is given: its ways to packages, and nothing that others may read."""

from __future__ import annotations

import configparser
import os
from pathlib import Path

import pytest

from tools import machine


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home whose pip is configured, and an environment without pip's variables."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    folder = tmp_path / ".config" / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text("[global]\ntimeout = 7\nfind-links =\n  /a\n  /b\n[install]\nno-deps = yes\n")
    return tmp_path


def test_pip_is_configured_by_its_files_and_variables(home, monkeypatch):
    monkeypatch.setenv("PIP_TIMEOUT", "9")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")

    settings = machine.pip_settings()

    assert settings["timeout"] == "9"
    assert settings["no-deps"] == "yes"
    assert settings["find-links"].split() == ["/a", "/b"]
    assert "config-file" not in settings


def test_what_is_written_is_read_the_same_and_by_its_owner_only(home, tmp_path):
    path = tmp_path / "pip.conf"
    settings = machine.pip_settings()

    machine.write_pip_settings(path, settings)

    read = configparser.RawConfigParser()
    read.read(path)
    assert dict(read["global"]) == settings
    assert path.stat().st_mode & 0o077 == 0


def test_another_debian_does_not_get_the_sources_of_this_one(tmp_path):
    machine.take_over_sources(tmp_path, "no-such-suite")

    assert list(tmp_path.iterdir()) == []


def test_the_sources_of_this_machine_are_those_of_a_system_of_its_own_suite(tmp_path):
    if not Path("/etc/debian_version").exists():
        pytest.skip("this is no Debian")
    for folder in ("etc/apt/sources.list.d", "etc/apt/apt.conf.d"):
        (tmp_path / folder).mkdir(parents=True)

    machine.take_over_sources(tmp_path, machine.codename())

    assert [path.name for path in (tmp_path / "etc/apt").glob("**/*") if path.suffix in (".list", ".sources")]


def test_dpkg_is_told_where_it_looks_to_wait_for_no_disk(tmp_path):
    said = machine.make_hasty(tmp_path)

    assert said.parent == tmp_path / "etc/dpkg/dpkg.cfg.d"
    assert said.read_text("utf-8") == "force-unsafe-io\n"
