"""The ranking of another checkout on the same cases, side by side: `python -m bench.rca --beside DIR`.

That checkout runs in processes of its own, with its own reader of cases; only what it concludes comes back, and is judged here.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Where the ranking was and is.
_MODULES = ("bot.ranking.rank", "bot.analysis.rank")
_TIMEOUT_S = 3600


def others(checkout: Path, cases: Sequence[Path]) -> list[dict[str, Any]]:
    """Return what the ranking of a checkout concludes of each case (`case`, `names`, `scores`, `culprit`, `quiet` and others)."""
    told = subprocess.run(
        [sys.executable, "-P", str(Path(__file__).resolve()), *map(str, (case.resolve() for case in cases))],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout.resolve())},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=True,
    )
    return [json.loads(line) for line in told.stdout.splitlines()]


def _concluded(folder: Path) -> dict[str, Any]:
    """Rank a case, and the time before it, by the ranking that is installed here."""
    module = next(name for name in _MODULES if Path(f"{name.replace('.', '/')}.py").exists())
    rank = importlib.import_module(module).rank
    seen = importlib.import_module("bench.cases").load(folder)
    started = time.perf_counter()
    found = rank(seen)
    seconds = time.perf_counter() - started
    before = importlib.import_module("bench.perturb").quiet(seen)
    return {
        "case": folder.name,
        "names": [suspect.service for suspect in found.suspects],
        "scores": [suspect.score for suspect in found.suspects],
        "abstained": found.abstained,
        "culprit": found.culprit.id if found.culprit else None,
        "harmless": list(found.harmless),
        "quiet": None if before is None else not rank(before).abstained,
        "seconds": seconds,
    }


if __name__ == "__main__":
    for each in sys.argv[1:]:
        print(json.dumps(_concluded(Path(each))), flush=True)
