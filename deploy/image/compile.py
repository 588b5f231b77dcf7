"""Compiles what the bot imports, and nothing else: what lies beside it is 25 MB that nobody reads.

PYTHONPATH=/app python -B deploy/image/compile.py      # while the image is built

What is compiled holds whatever time its source has (PEP 552): buildah rounds times to the second, Python cuts them
off, and half of the files would be compiled anew at each start. What libraries explain to who reads them is left out of
what stays in memory: 6 MB. A library that is compiled needs its source no more (30 MB): a traceback names its file and line
all the same. Ours stay as they are.
"""

from __future__ import annotations

import ast
import importlib
import marshal
import subprocess
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path
from types import CodeType

# The program as it waits for an alert.
_PROGRAM = ("bot.__main__", "bot.app.loading", "bot.app.run", "sqlalchemy.dialects.sqlite")
# What it imports only when it is asked for: models, pictures, calendars, PostgreSQL, migrations, and Grafana where there
# is one. numpy wants its docstrings.
_LATER = (
    "bot.app.init",
    "bot.doctor.check",
    "bot.doctor.verify",
    "bot.cameras.chart_drawing",
    "bot.ranking.rank",
    "bot.telemetry.grafana_dashboards",
    "alembic.command",
    "anthropic.resources.messages",
    "holidays",
    "icalendar",
    "matplotlib.backends.backend_agg",
    "openai.resources.chat.completions",
    "playwright.async_api",
    "recurring_ical_events",
    "sqlalchemy.dialects.postgresql.asyncpg",
)
# Of these, much is imported only when a connection is opened: what Grafana is asked through.
_WHOLE = ("charset_normalizer", "h11", "jh2", "niquests", "urllib3", "wassima")
# Also what gave up half-way, because it wants a library that is not here, and will be tried at each start.
_EXECUTED: set[Path] = set()
_UNCHECKED = (0b01).to_bytes(4, "little")


def main() -> None:
    """Import everything, write down what Python makes of it, and import it once more from that."""
    libraries = Path(sys.prefix)
    sys.addaudithook(_executed)
    kept: set[Path] = set()
    for names, explained in ((_PROGRAM, False), (_LATER, True)):
        for name in names:
            importlib.import_module(name)
        for path in _sources(libraries) - kept:
            kept.add(path)
            write(path, explained=explained)
    for name in _WHOLE:
        for path in set(Path(str(importlib.import_module(name).__file__)).parent.rglob("*.py")) - kept:
            kept.add(path)
            write(path, explained=True)
    for path in kept:
        without_source(path)
    everything = f"import {', '.join((*_PROGRAM, *_LATER))}"
    subprocess.run([sys.executable, "-B", "-c", everything], check=True)  # noqa: S603 - the names above


def write(path: Path, *, explained: bool) -> None:
    """Compile a file into what Python looks for beside it, with its docstrings or without."""
    source = path.read_bytes()
    made = Path(cache_from_source(str(path)))
    made.parent.mkdir(exist_ok=True)
    made.write_bytes(MAGIC_NUMBER + _UNCHECKED + source_hash(source) + marshal.dumps(compiled(source, path, explained)))


def without_source(path: Path) -> None:
    """Leave what was compiled where Python looks if there is no source."""
    Path(cache_from_source(str(path))).rename(path.with_suffix(".pyc"))
    path.unlink()


def compiled(source: bytes, path: Path, explained: bool) -> CodeType:
    """Compile, with docstrings or without; assertions stay."""
    tree = ast.parse(source, str(path))
    for node in () if explained else ast.walk(tree):
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if ast.get_docstring(node, clean=False) is None:
            continue
        # Nothing may stand before a module's imports from __future__, and a block without a statement is none.
        node.body[:1] = [] if isinstance(node, ast.Module) else [ast.copy_location(ast.Pass(), node.body[0])]
    return compile(tree, str(path), "exec", dont_inherit=True)


def _executed(event: str, arguments: tuple[object, ...]) -> None:
    code = arguments[0] if event == "exec" and arguments else None
    if isinstance(code, CodeType) and code.co_name == "<module>":
        _EXECUTED.add(Path(code.co_filename))


def _sources(folder: Path) -> set[Path]:
    return {path for path in tuple(_EXECUTED) if path.suffix == ".py" and folder in path.parents and path.is_file()}


if __name__ == "__main__":
    main()
