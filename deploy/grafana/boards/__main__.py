"""`python -m deploy.grafana.boards`: write the dashboards; `--check` only tells which files differ."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.boards.http_red import http_red
from deploy.grafana.boards.itself import itself
from deploy.grafana.boards.jvm import API, CHAT, jvm
from deploy.grafana.boards.logs import logs
from deploy.grafana.boards.nginx import nginx
from deploy.grafana.boards.overview import overview
from deploy.grafana.boards.system import system

FOLDER = Path(__file__).parents[3] / "config" / "grafana" / "dashboards"


def every() -> list[Dashboard]:
    """Make all dashboards."""
    begun = [overview(), jvm(API), jvm(CHAT), http_red(), logs(), nginx(), system(), itself()]
    return [each.build() for each in begun]


def files() -> dict[str, str]:
    """Return what stands in each file, by the file's name."""
    written = {f"{each.uid}.json": json.dumps(each, cls=JSONEncoder, indent=2, sort_keys=True) for each in every()}
    return {name: f"{text}\n" for name, text in written.items()}


def differing(folder: Path, wanted: dict[str, str]) -> list[str]:
    """Return the names of the files that are missing, different, or not of ours."""
    found = {path.name: path.read_text("utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Write or check; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.grafana.boards", description="Grafana's dashboards.")
    parser.add_argument("--check", action="store_true", help="write nothing; tell which files differ")
    check = parser.parse_args(arguments).check
    wanted = files()
    changed = differing(folder, wanted)
    for name in changed:
        # Somebody may miss a file that we delete unasked.
        print(f"{'written' if name in wanted and not check else 'differs'}: {name}")
    if check:
        return 1 if changed else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name in wanted.keys() & set(changed):
        (folder / name).write_text(wanted[name], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
