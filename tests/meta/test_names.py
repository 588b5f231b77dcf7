"""One word, one thing: no two classes have the same name, so that a name in a review or a search is one of them."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("bot", "cogs", "playground", "tools", "bench")


def test_each_class_has_a_name_of_its_own():
    places = defaultdict(list)
    for path in [path for top in OURS for path in sorted((ROOT / top).rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            # What begins with a line is known in its own module only.
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")

    assert len(places) > 500
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
