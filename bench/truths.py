"""What only an evaluator knows of a case. Nothing that solves a case may import this."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NO_CHANGE = "none"


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened, and when it broke, if that is known: at the latest when what broke it was changed.

    `culprit` is the id of a change, "none" if no change is to blame, None if nobody says.
    """

    root: str | None
    fault: str
    healthy: bool
    culprit: str | None = None
    decoys: tuple[str, ...] = ()
    began: float | None = None


def truth(folder: Path) -> Truth:
    """Read the label of a case."""
    label: dict[str, Any] = json.loads((folder / "truth.json").read_text("utf-8"))
    return Truth(
        root=label.get("root_service"),
        fault=label.get("fault_kind") or "unknown",
        healthy=bool(label.get("healthy")),
        culprit=label.get("culprit_change"),
        decoys=tuple(label.get("decoy_changes") or ()),
        began=label.get("inject_at") or _changed(folder / "changes.json", label.get("culprit_change")),
    )


def _changed(path: Path, culprit: str | None) -> float | None:
    """Return when a change first reached a service; a slow one is felt long before anybody is called."""
    changes: list[dict[str, Any]] = json.loads(path.read_text("utf-8")) if culprit and path.exists() else []
    return min((float(each["at"]) for each in changes if each["id"] == culprit and each.get("service")), default=None)
