"""The last line of every bench."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence


def quick(description: str) -> bool:
    """Read the one option that all benches have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="fewer repeats, same figures, at most 50 s")
    return parser.parse_args().quick


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0..1) of the values lie; the nearest rank, so p99 of 50 is the largest."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 100) * len(ordered) // 100) - 1))]


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def finish(bench: str, figures: dict[str, float], digits: int = 3) -> None:
    """Print the figures as the last line."""
    print(json.dumps({"bench": bench, "figures": {name: round(value, digits) for name, value in figures.items()}}))
