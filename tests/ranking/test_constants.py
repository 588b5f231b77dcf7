"""What the ranking weighs by has a name and a line that says what it is; no threshold hides in a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

# weights.py is written by a script and says which in its head.
MODULES = sorted(path for path in (Path(__file__).parents[2] / "bot/ranking").glob("*.py") if path.name != "weights.py")
# Counting, halves, percentages, units of time, and what keeps a division from nothing.
NEUTRAL = frozenset({0, 1, 2, 3, 0.5, 60, 100, 1000, 3600, 1e-9, 1e9})
# Formulas of statistics, and how words and numbers are written: no weights.
FORMULAS = {
    "stats.py": {1.349, 0.25, 0.75, 0.375, 0.1, 4, 10},
    "reference.py": {0.25, 0.75, 0.84, 0.95, 0.98},
    "timeline.py": {12},
    "hits.py": {10, 1e-4},
    "changes.py": {4, 5},
    "findings.py": {12},
    "presumed.py": {4},
    "rank.py": {4},
}


def numbers(node: ast.AST) -> Iterator[ast.Constant]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, int | float) and not isinstance(each.value, bool):
            yield each


def explained(lines: list[str], number: int) -> bool:
    """Tell whether the block of lines that an assignment stands in begins with a comment, or one stands within it above."""
    for line in reversed(lines[: number - 1]):
        if line.startswith("#"):
            return True
        if not line or line.startswith(("def ", "class ", "@", "from ", "import ")):
            return False
    return False


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_constant_says_what_it_is(path):
    source = path.read_text("utf-8")
    lines = source.split("\n")
    bare = [
        ast.unparse(node)[:80]
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and any(numbers(node.value))
        if not explained(lines, node.lineno)
    ]

    assert bare == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_function_weighs_by_a_number_without_a_name(path):
    hidden = {
        f"{path.name}:{each.lineno} {each.value}"
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef)
        for statement in function.body
        for each in numbers(statement)
        if each.value not in NEUTRAL | FORMULAS.get(path.name, set())
    }

    assert hidden == set()
