"""What only an evaluator knows of a case. Nothing that solves a case may import this."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NO_CHANGE = "none"


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened; `culprit` is the id of a change, "none" if no change is to blame, None if nobody says."""

    root: str | None
    fault: str
    healthy: bool
    culprit: str | None = None
    decoys: tuple[str, ...] = ()


def truth(folder: Path) -> Truth:
    """Read the label of a case."""
    label: dict[str, Any] = json.loads((folder / "truth.json").read_text("utf-8"))
    return Truth(
        root=label.get("root_service"),
        fault=label.get("fault_kind") or "unknown",
        healthy=bool(label.get("healthy")),
        culprit=label.get("culprit_change"),
        decoys=tuple(label.get("decoy_changes") or ()),
    )
