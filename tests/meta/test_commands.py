"""What the documents tell people to type exists: targets of make, commands of bongsu, modules, files."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from bot.app.command_line import parsed

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])
CODE = re.compile(r"(?ms)^ *```\w*\n(.*?)^ *```$|`([^`\n]+)`|^    (\S.*)$")
OURS = ("bot", "bench", "cogs", "deploy", "playground", "tests", "tools")
TARGETS = set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
# Written by whoever runs it; only an example of it can be here.
THEIRS = {"config/oncall.yml", "data/bongsu.db"}


def code_of(page: Path) -> list[str]:
    """Return what stands in a page as code: blocks, indented lines, and words between backquotes."""
    return ["".join(found) for found in CODE.findall(page.read_text("utf-8"))]


def typed(page: Path, pattern: str) -> list[str]:
    return [found for code in code_of(page) for found in re.findall(pattern, code)]


def exists(path: str) -> bool:
    """Whether it is a file, or a function as `cogs/ack.ack` names it."""
    return (ROOT / path).exists() or (ROOT / f"{path.rpartition('.')[0]}.py").is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_is_told_to_be_typed_is_there(page):
    assert [name for name in typed(page, r"(?<![\w-])make ([a-z][a-z-]+)") if name not in TARGETS] == []
    modules = [name for name in typed(page, r"python3? -m ([\w.]+\w)") if name.split(".")[0] in OURS]
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []
    paths = typed(page, rf"(?:^|[\s\"'(])((?:{'|'.join(OURS)}|config|docs)/[\w./-]*\w)(?=$|[\s\"'),:;])")
    assert [path for path in paths if path not in THEIRS and not exists(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_command_of_bongsu_takes_what_is_written(page):
    lines = typed(
        page, r"(?m)(?:^|[ /])(?:bongsu|python3? -m bot) ((?:[a-z][a-z-]+)(?: --[a-z-]+(?: [\d.]+)?)*)(?=$|[ `;&|)#])"
    )

    for line in lines:
        parsed(shlex.split(line))


def test_the_patterns_find_what_is_there():
    pages = {name: ROOT / name for name in ("README.md", "CONTRIBUTING.md", "docs/alerting.md")}

    assert {"demo", "test"} <= set(typed(pages["README.md"], r"(?<![\w-])make ([a-z][a-z-]+)"))
    assert "deploy.grafana.alerting" in typed(pages["docs/alerting.md"], r"python3? -m ([\w.]+\w)")
    assert len(code_of(pages["CONTRIBUTING.md"])) > 50
