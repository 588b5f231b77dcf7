"""The installer of Python packages: what it says while pip works, and what it says when pip fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environment

SCRIPT = Path(environment.__file__)


class Hand:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_counts_what_is_read_and_tells_of_it_every_few_seconds():
    clock, said = Hand(), []
    progress = environment.Progress(environment._TEXTS["en"], said.append, clock)

    progress.hear("Collecting yarl<2.0,>=1.17.0")
    progress.hear("  Downloading yarl-1.25.1-cp311-cp311-manylinux.whl (350 kB)")
    progress.tick()
    clock.now = 3.0
    progress.hear("  Using cached playwright-1.65.2-py3-none-any.whl (47.0 MB)")
    progress.tick()
    clock.now = 6.0
    progress.hear("Installing collected packages: yarl, playwright")
    progress.tick()

    assert said == [
        "  2 packages, 47 MB read; last: playwright",
        "  2 packages, 47 MB read; unpacking …",
    ]


@pytest.mark.parametrize(("language", "words"), [("en", "could not be installed"), ("ko", "설치하지 못했습니다")])
def test_what_would_have_to_be_compiled_is_an_error_with_its_name(tmp_path, language, words):
    source = tmp_path / "wheels"
    source.mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n', "utf-8")
    (tmp_path / "constraints.txt").write_text("", "utf-8")
    (tmp_path / "x.py").write_text("", "utf-8")
    subprocess.run(["tar", "czf", source / "onlysource-1.0.tar.gz", "x.py"], cwd=tmp_path, check=True)
    nowhere = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(source), "LANG": f"{language}_{language.upper()}.UTF-8"}

    done = subprocess.run(
        [sys.executable, str(SCRIPT), ".", "onlysource"],
        cwd=tmp_path,
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert done.returncode == 69
    assert words in done.stderr
    assert "Traceback" not in done.stderr
