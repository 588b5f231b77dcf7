"""The numbers to hold: small modules, small functions, broad excepts in two places, one language of texts."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("bot", "cogs", "playground", "bench", "deploy")
MODULES = sorted(
    path
    for name in OURS
    for path in (ROOT / name).rglob("*.py")
    if "migrations" not in path.parts and "node_modules" not in path.parts
)
PRODUCT = [path for path in MODULES if path.relative_to(ROOT).parts[0] in ("bot", "cogs")]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_300_lines(path):
    assert len(path.read_text("utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_is_longer_than_50_lines(path):
    assert {node.name: lines_of(node) for node in functions(path) if lines_of(node) > 50} == {}


def test_most_functions_are_small():
    sizes = sorted(lines_of(node) for path in PRODUCT for node in functions(path))

    assert statistics.median(sizes) <= 10
    assert sizes[int(len(sizes) * 0.9)] <= 25


def test_broad_excepts_stand_in_exactly_two_places():
    found = [
        str(path.relative_to(ROOT))
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
    ]

    assert sorted(found) == ["bot/app/workers.py", "bot/ui/buttons.py"]


def test_the_program_never_reads_what_only_tests_may():
    named = [str(path) for path in MODULES if re.search(r"\.\./shared", path.read_text("utf-8"))]

    assert named == []


def test_no_mock_of_what_we_do_not_own():
    tests = sorted((ROOT / "tests").rglob("*.py"))

    mocked = [
        str(path)
        for path in tests
        if path != Path(__file__) and re.search(r"\bMagicMock|AsyncMock|mock\.patch", path.read_text("utf-8"))
    ]

    assert mocked == []
