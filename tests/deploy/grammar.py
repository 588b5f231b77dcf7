"""LogQL read by `@grafana/lezer-logql`, the grammar of Grafana's own query editor; there is no Loki here.

It knows LogQL's syntax, not its meaning: it takes regular expressions, templates and durations as mere strings, does not
ask whether a matcher may be empty, nor whether `unwrap` stands where a range aggregation can use it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.npm import ensure_npm, node

# Git ignores it, and `make clean` deletes it.
_FOLDER = Path(sys.prefix) / "npm"
_VERSION = "0.4.2"
# The nodes of each query in order: name, what stands there, whether it is an error, how deep, and where.
_SCRIPT = """
const { parser } = require("@grafana/lezer-logql");
const told = JSON.parse(process.argv[1]).map((query) => {
  const nodes = [];
  let depth = 0;
  parser.parse(query).iterate({
    enter(node) {
      nodes.push([node.name, query.slice(node.from, node.to), node.type.isError, depth++, node.from, node.to]);
    },
    leave() { depth--; },
  });
  return nodes;
});
console.log(JSON.stringify(told));
"""


@dataclass(frozen=True)
class Node:
    """A part of a query."""

    name: str
    text: str
    wrong: bool
    depth: int
    start: int
    end: int


def read(queries: Sequence[str]) -> list[list[Node]]:
    """Return the nodes of each query, parents before children."""
    ensure_npm("@grafana/lezer-logql", _VERSION, _FOLDER)
    command = node("-e", _SCRIPT, json.dumps(list(queries)))
    done = subprocess.run(command, cwd=_FOLDER, capture_output=True, text=True, timeout=60, check=True)
    return [[Node(*each) for each in nodes] for nodes in json.loads(done.stdout)]


def wrong(nodes: Sequence[Node]) -> list[str]:
    """Return what of a query the grammar does not know, each with its place."""
    return [f"column {each.start + 1}: {each.text or 'something is missing'}" for each in nodes if each.wrong]


def lookups(query: str, nodes: Sequence[Node]) -> list[str]:
    """Return the log queries inside a query, each up to its first stage that is no line filter."""
    found: list[str] = []
    stages = ("LineFilters", "LabelParser", "LabelFilter", "LabelFormatExpr", "UnwrapExpr", "Range")
    for place, each in enumerate(nodes):
        if each.name != "Selector":
            continue
        end = each.end
        for later in nodes[place + 1 :]:
            if later.name == "Selector" or later.name in stages[1:]:
                break
            if later.name == "LineFilters":
                end = later.end
        found.append(query[each.start : end])
    return found


def strings_after(nodes: Sequence[Node], name: str) -> list[str]:
    """Return the strings that follow each node of this name, without their quotes."""
    return [
        nodes[place + 1].text[1:-1]
        for place, each in enumerate(nodes[:-1])
        if each.name == name and nodes[place + 1].name == "String"
    ]
