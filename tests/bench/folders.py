"""Small case bundles on disk: a shop of five services in which one of them breaks."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

FIRED_AT = 1_700_010_000.0
# Beside the checkout where the team keeps it; users do not have it, and the test then says so instead of judging.
GIVEN = Path(__file__).parents[3] / "shared/rca"
SERVICES = ("web", "cart", "orders", "stock", "db")


def write_case(folder: Path, root: str | None = "stock", **files) -> Path:
    """Write a case; `files` replaces or adds (None leaves one out): alert, metrics, logs, spans, topology, changes, ..."""
    whole = {
        "alert": {"service": "web", "kind": "latency", "fired_at": FIRED_AT, "labels": {"n": 5.0}, "summary": "slow"},
        "metrics": metrics(root),
        "logs": logs(root),
        "topology": {"edges": [["web", "cart"], ["web", "orders"], ["orders", "stock"], ["stock", "db"]]},
        "truth": {"root_service": root, "fault_kind": "delay" if root else "healthy", "healthy": root is None},
        **files,
    }
    folder.mkdir(parents=True)
    for name, content in whole.items():
        if content is None:
            continue
        if name == "metrics":
            (folder / "metrics.csv.gz").write_bytes(gzip.compress(content.encode()))
        elif name in ("logs", "spans"):
            told = "".join(json.dumps(record) + "\n" for record in content)
            (folder / f"{name}.ndjson.gz").write_bytes(gzip.compress(told.encode()))
        else:
            (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
    return folder


def metrics(root):
    """Forty minutes at 30 s; the root becomes a hundred times slower two minutes before the alert."""
    rows = ["time," + ",".join(f"{name}|latency_p95_seconds" for name in SERVICES)]
    for step in range(86):
        at = FIRED_AT - 2400 + 30 * step
        broken = at > FIRED_AT - 120
        cells = [
            0.1 + 0.001 * ((step * (place + 3)) % 7) + (10 if broken and name == root else 0)
            for place, name in enumerate(SERVICES)
        ]
        rows.append(f"{at}," + ",".join(f"{cell:.4f}" for cell in cells))
    return "\n".join(rows) + "\n"


def logs(root):
    """A line of each service every ten seconds, in two stretches an hour apart; the root's errors in the second."""
    told = []
    for start, broken in ((FIRED_AT - 4000, False), (FIRED_AT - 240, True)):
        for step in range(24):
            for place, name in enumerate(SERVICES):
                at = start + 10 * step + place
                told.append({"ts": at, "service": name, "level": "INFO", "message": f"handled order {step} in 12 ms"})
                if broken and name == root and step > 12:
                    told.append(
                        {"ts": at + 0.5, "service": name, "level": "ERROR", "message": f"order {step} timed out"}
                    )
    return told
