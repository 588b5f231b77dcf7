"""What is documented, once: a port says what its methods do, and an adapter only what is peculiar to it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path
    for name in ("bot", "cogs", "playground", "bench", "deploy", "tools")
    for path in (ROOT / name).rglob("*.py")
    if "migrations" not in path.parts
)
# What a module may begin with: what it does. A noun that ends like a verb must not slip through; add a verb when one lacks.
VERBS = frozenset(
    [
        "Answers",
        "Asks",
        "Bounds",
        "Brings",
        "Calculates",
        "Bundles",
        "Calls",
        "Captures",
        "Checks",
        "Chooses",
        "Collects",
        "Compares",
        "Computes",
        "Concludes",
        "Connects",
        "Counts",
        "Cuts",
        "Decides",
        "Describes",
        "Does",
        "Doubts",
        "Draws",
        "Elects",
        "Finds",
        "Gathers",
        "Guesses",
        "Hides",
        "Holds",
        "Investigates",
        "Joins",
        "Judges",
        "Keeps",
        "Knows",
        "Lays",
        "Limits",
        "Lists",
        "Looks",
        "Makes",
        "Matches",
        "Mends",
        "Names",
        "Offers",
        "Opens",
        "Permits",
        "Pictures",
        "Places",
        "Posts",
        "Proposes",
        "Puts",
        "Reads",
        "Registers",
        "Remembers",
        "Renders",
        "Replaces",
        "Replays",
        "Reports",
        "Runs",
        "Says",
        "Sends",
        "Serves",
        "Sets",
        "Shares",
        "Shows",
        "Silences",
        "Speaks",
        "Stands",
        "Stores",
        "Takes",
        "Tells",
        "Tries",
        "Turns",
        "Waits",
        "Watches",
        "Words",
        "Works",
        "Writes",
    ]
)
Method = ast.FunctionDef | ast.AsyncFunctionDef


def classes(path: Path) -> list[ast.ClassDef]:
    return [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.ClassDef)]


def methods(node: ast.ClassDef) -> Iterator[Method]:
    for each in node.body:
        if isinstance(each, Method) and not each.name.startswith("_"):
            yield each


def said(node: ast.ClassDef | Method) -> str:
    return " ".join((ast.get_docstring(node) or "").split())


PORTS = {
    node.name: {method.name: said(method) for method in methods(node)}
    for path in sorted((ROOT / "bot/ports").glob("*.py"))
    for node in classes(path)
    if any("Protocol" in ast.unparse(base) for base in node.bases)
}


def ports_of(node: ast.ClassDef) -> list[str]:
    """The ports that a class says it implements."""
    return re.findall(r"`bot\.ports(?:\.\w+)*\.([A-Z]\w+)`", said(node))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_public_method_is_documented_here_or_at_the_port_that_its_class_names(path):
    missing = [
        f"{node.name}.{method.name}"
        for node in classes(path)
        if not node.name.startswith("_")
        for method in methods(node)
        if not said(method)
        and not any(PORTS.get(port, {}).get(method.name) for port in ports_of(node))
        and not any(ast.unparse(each).endswith((".setter", "overload")) for each in method.decorator_list)
    ]

    assert missing == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_adapter_repeats_nothing_that_its_port_says(path):
    repeated = [
        f"{node.name}.{method.name} says what {port} does"
        for node in classes(path)
        for port, known in PORTS.items()
        if path.parent.name != "ports"
        and (port in ports_of(node) or set(known) <= {each.name for each in methods(node)})
        for method in methods(node)
        if said(method) and said(method) == known.get(method.name)
    ]

    assert repeated == []


def test_a_class_names_only_ports_that_there_are():
    wrong = [
        f"{path.relative_to(ROOT)}: {node.name} is no {port}"
        for path in MODULES
        for node in classes(path)
        for port in ports_of(node)
        if port not in PORTS
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.parts[len(ROOT.parts)] in ("bot", "cogs") and path.parent.name != "ranking"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_module_says_first_what_it_does(path):
    head = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""

    assert path == ROOT / "bot/__init__.py" or re.split(r"[ ,:]", head)[0] in VERBS
