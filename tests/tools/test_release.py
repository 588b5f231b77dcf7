"""A release of what is committed: built, checked and listed; the last lines say how it is published."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import bot
from tools import release
from tools.images import ProgramFailed

ROOT = Path(__file__).parents[2]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_wheel_sdist_and_list_are_made_and_what_to_type_is_told(tmp_path):
    into = tmp_path / "dist"

    done = subprocess.run(
        [sys.executable, "-m", "tools.release", str(into), "--no-image"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    name = f"bongsu-{bot.__version__}"
    assert {path.name for path in into.iterdir()} == {
        f"{name}-py3-none-any.whl",
        f"{name}.tar.gz",
        f"{name}.cdx.json",
        "SHA256SUMS",
    }
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=into, check=True)
    for words in (
        f"git push origin v{bot.__version__}",
        f"twine upload {into}/{name}-py3-none-any.whl {into}/{name}.tar.gz",
    ):
        assert words in done.stdout
    with zipfile.ZipFile(into / f"{name}-py3-none-any.whl") as wheel:
        assert {each.split("/")[0] for each in wheel.namelist() if ".d" not in each.split("/")[0]} == {"bot", "cogs"}
    with tarfile.open(into / f"{name}.tar.gz") as sdist:
        assert f"{name}/pyproject.toml" in sdist.getnames()
    listed = json.loads((into / f"{name}.cdx.json").read_text("utf-8"))
    pinned = dict(re.findall(r"(?m)^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8").lower()))
    for each in listed["components"]:
        known = each["name"].lower()
        assert known == "bongsu" or each["version"] == pinned.get(known, each["version"])
    assert {"bongsu", "aiohttp", "sqlalchemy", "playwright"} <= {each["name"].lower() for each in listed["components"]}


def test_a_version_that_the_changes_do_not_know_is_refused(tmp_path):
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/__init__.py").write_text('__version__ = "9.9.9"\n', "utf-8")
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n\n## Unreleased\n\n## 9.9 (2026-01-01)\n", "utf-8")

    with pytest.raises(ProgramFailed, match=r"9\.9\.9"):
        release.version_of(tmp_path)


def test_what_a_program_said_is_told_in_the_readers_language(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    monkeypatch.setattr(release, "ROOT", tmp_path)

    assert release.main([str(tmp_path / "dist"), "--no-image"]) == 69

    said = capsys.readouterr().err
    assert said.startswith("릴리스를 만들지 못했습니다. git")
    assert "Traceback" not in said


def test_both_languages_have_the_same_texts():
    assert release._TEXTS["en"].keys() == release._TEXTS["ko"].keys()


def test_the_image_is_published_by_the_name_under_which_it_is_loaded():
    said = release.commands("1.2.3", [Path("dist/bongsu-1.2.3-image.tar"), Path("dist/SHA256SUMS")])

    assert "podman load --input dist/bongsu-1.2.3-image.tar" in said
    assert "podman push localhost/bongsu:1.2.3 " in said
