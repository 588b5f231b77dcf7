"""The committed dashboards as Grafana reads them, with its variables replaced as for somebody who chose nothing."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.grafana.boards.__main__ import FOLDER

BOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))
}
# A window of a test's Prometheus, which scrapes every other second.
PROMQL_TIMES = {"__rate_interval": "12s", "__range": "20s"}
LOGQL_TIMES = {"__auto": "1m", "__range": "1h"}
# `$1` is a group of a regular expression.
VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")


@dataclass(frozen=True)
class Asked:
    """One question of one panel."""

    board: str
    panel: int
    title: str
    letter: str
    raw: str
    expression: str
    instant: bool
    target: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.board} {self.panel}{self.letter} ({self.title})"


def panels(board: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the panels without the headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def variables(board: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in board["templating"]["list"]}


def questions(kind: str) -> list[Asked]:
    """Return what all dashboards ask of `prometheus` or of `loki`."""
    times = PROMQL_TIMES if kind == "prometheus" else LOGQL_TIMES
    return [asked for uid, board in BOARDS.items() for asked in _of(uid, board, kind, times)]


def chosen(board: Mapping[str, Any]) -> dict[str, str]:
    """Return what each variable stands for while all is chosen, and nothing is searched."""
    return {name: str(each.get("allValue", "")) for name, each in variables(board).items()}


def filled(expression: str, values: Mapping[str, str]) -> str:
    """Replace variables. Raises KeyError for one that the dashboard does not have."""
    return VARIABLE.sub(lambda match: values[match[1]], expression)


def refused(tmp_path: Path, expressions: list[str]) -> str:
    """Return what promtool says against expressions, nothing if they are right."""
    rules = [{"record": f"asked:{number}", "expr": text} for number, text in enumerate(expressions)]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "boards", "rules": rules}]}), "utf-8")
    done = subprocess.run(
        ["promtool", "check", "rules", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _of(uid: str, board: dict[str, Any], kind: str, times: Mapping[str, str]) -> Iterator[Asked]:
    values = chosen(board) | times
    for panel in panels(board):
        for target in panel["targets"]:
            if target["datasource"]["type"] != kind:
                continue
            instant = bool(target.get("instant")) or target.get("queryType") == "instant"
            raw = target["expr"]
            named = (uid, panel["id"], panel["title"], target["refId"])
            yield Asked(*named, raw, filled(raw, values), instant, target)
