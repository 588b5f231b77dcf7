"""Draws docs/architecture.svg from the packages, their first lines and their imports.

Run it: `python -m tools.documents.architecture`. The layers are those that import-linter checks (pyproject.toml).
"""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

_ROOT = Path(__file__).parents[2]
PATH = _ROOT / "docs/architecture.svg"

_WIDTH, _ROW, _BOX, _GAP, _TOP = 1120, 92, 56, 16, 86
_OUTSIDE = {
    "bot.ui": "Discord",
    "bot.web": "webhooks",
    "bot.store": "SQLite, PostgreSQL",
    "bot.telemetry": "Grafana, Prometheus, Loki, Tempo",
    "bot.models": "language models",
    "bot.cameras": "Chromium",
}


@dataclass
class Package:
    """One package or module of a layer: its name, its first line, its modules, what it imports."""

    name: str
    line: str
    modules: int
    imports: set[str] = field(default_factory=set[str])
    x: float = 0
    y: float = 0
    width: float = 0


def layers() -> list[list[str]]:
    """Return the layers from top to bottom, as import-linter reads them."""
    settings = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    found = next(each["layers"] for each in contracts if each["type"] == "layers")
    return [[name.strip() for name in row.split("|")] for row in found]


def packages() -> list[list[Package]]:
    """Return all packages by layer, with what they import of one another."""
    rows = [[_package(name) for name in row] for row in layers()]
    names = sorted((each.name for row in rows for each in row), key=len, reverse=True)
    for row in rows:
        for each in row:
            for target in _imports(each.name):
                owner = next((name for name in names if target == name or target.startswith(f"{name}.")), "")
                if owner and owner != each.name:
                    each.imports.add(owner)
    return rows


def drawing() -> str:
    """Return the picture."""
    rows = packages()
    place(rows)
    known = {each.name: each for row in rows for each in row}
    height = _TOP + len(rows) * _ROW + 10
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            'font-family="system-ui, sans-serif" font-size="12">'
        ),
        "<title>Bongsu's packages by layer; imports point down</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        '<text x="20" y="34" font-size="20" font-weight="600" fill="#1b1f24">Bongsu: imports point down</text>',
        (
            '<text x="20" y="58" fill="#57606a">Drawn from the code. A number counts modules; '
            "in colour: what speaks to the world.</text>"
        ),
        *(_line(each, known[target]) for row in rows for each in row for target in sorted(each.imports)),
        *(_box(each) for row in rows for each in row),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def place(rows: list[list[Package]]) -> None:
    """Give every package its place."""
    for number, row in enumerate(rows):
        width = (_WIDTH - 40 - _GAP * (len(row) - 1)) / len(row)
        for column, each in enumerate(row):
            each.width = min(width, 520)
            offset = (_WIDTH - (each.width * len(row) + _GAP * (len(row) - 1))) / 2
            each.x, each.y = offset + column * (each.width + _GAP), _TOP + number * _ROW


def _package(name: str) -> Package:
    path = _ROOT / name.replace(".", "/")
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    files = [file for file in files if "versions" not in file.parts]
    head = path / "__init__.py" if path.is_dir() else files[0]
    words = ast.get_docstring(ast.parse(head.read_text("utf-8"))) or ""
    return Package(name, words.splitlines()[0].rstrip("."), len(files))


def _imports(name: str) -> set[str]:
    path = _ROOT / name.replace(".", "/")
    found: set[str] = set()
    for file in path.rglob("*.py") if path.is_dir() else [path.with_suffix(".py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
    return found


def _line(upper: Package, lower: Package) -> str:
    x1, x2 = upper.x + upper.width / 2, lower.x + lower.width / 2
    y1, y2 = upper.y + _BOX, lower.y
    middle = (y1 + y2) / 2
    curve = f"M{x1:.0f} {y1:.0f} C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"
    return f'<path d="{curve}" fill="none" stroke="#8c959f" stroke-opacity="0.35"/>'


def _box(each: Package) -> str:
    outside = _OUTSIDE.get(each.name, "")
    fill = "#ffe9d6" if outside else "#eef2f6"
    most = int(each.width / 6.3)
    line = f"{each.line} ({outside})" if outside and len(each.line) + len(outside) + 3 <= most else outside or each.line
    line = line if len(line) <= most else f"{line[: most - 1].rsplit(' ', 1)[0]} …"
    name = each.name.removeprefix("bot.")
    return (
        f'<rect x="{each.x:.0f}" y="{each.y}" width="{each.width:.0f}" height="{_BOX}" rx="6" fill="{fill}" '
        f'stroke="#afb8c1"/><text x="{each.x + 12:.0f}" y="{each.y + 23}" font-weight="600" font-size="14" '
        f'fill="#1b1f24">{escape(name)} <tspan font-weight="400" fill="#57606a">{each.modules}</tspan></text>'
        f'<text x="{each.x + 12:.0f}" y="{each.y + 43}" fill="#57606a">{escape(line)}</text>'
    )


if __name__ == "__main__":
    PATH.write_text(drawing(), "utf-8")
