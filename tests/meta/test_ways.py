"""The house and the four ways that CONTRIBUTING tells are there as they are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOLD = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## The four ways")[2].partition("\n## ")[0]
CALLS = re.findall(r"`((?:\w+/)+)(\w+)\.(\w+)`", TOLD)


def test_four_ways_are_told():
    assert len(re.findall(r"^- \*\*", TOLD, re.MULTILINE)) == 4
    assert len(CALLS) > 30


@pytest.mark.parametrize(("folder", "module", "function"), sorted(set(CALLS)))
def test_each_call_is_there(folder, module, function):
    top = ROOT if folder == "cogs/" else ROOT / "bot"
    found = [top / folder / f"{module}.py", *(top / folder / module).glob("*.py")]

    assert any(
        re.search(rf"^\s*(?:async )?def {function}\(", path.read_text("utf-8"), re.MULTILINE)
        for path in found
        if path.is_file()
    )


def test_the_house_shows_every_folder():
    shown = set(re.findall(r"^ *(\w+)/ ", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE))
    packages = {path.parent.name for path in (ROOT / "bot").rglob("__init__.py") if "migrations" not in path.parts}

    # The folder of the browser stands in the line of cameras.
    assert packages - {"bot", "browser"} <= shown
