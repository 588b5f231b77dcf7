"""Judges from how sure on a service may be named: `python -m bench.operating --count 120 --seed 2`, on made incidents, never on given ones.

For each threshold and family of systems it prints how often the card would name the right one, a wrong one, and anybody at a quiet
moment; and says which is the lowest at which all families stay within the bounds. Beside this the card wants something strong that
speaks against the service, so it names fewer. `bot/domain/evidence.py` holds what is used.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np

from bench.calibrate import example, shares, sureness, used
from bench.cases import load
from bench.generator.incident import made, written
from bench.perturb import quiet
from bench.truths import truth
from bot.domain.evidence import LIKELY

# Another seed than those of `bench.calibrate` (1) and `bench.rca` (7).
SEED, COUNT, QUICK_COUNT = 2, 120, 4
FAMILIES = ("series", "boutique", "shop", "cloud")
THRESHOLDS = tuple(round(0.2 + 0.05 * step, 2) for step in range(7))
# At most so often a wrong service may be named, and anybody at a quiet moment; and at least so often what is called Possible is right.
MOST_WRONG, MOST_QUIET, LEAST_RIGHT = 0.15, 0.08, 0.45
_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure a first place is, and whether it is right; nobody's is wrong. `quiet` tells of a moment before anything broke."""

    sure: float
    right: bool
    quiet: bool


Row = dict[str, float]


def first_places(case: Path) -> list[Sureness]:
    """Return how sure the ranking is of a case and of the time before it."""
    seen, real, found = load(case), truth(case), used()
    told: list[Sureness] = []
    before = quiet(seen, real.began)
    if real.root is not None and (each := example(seen, real.root)):
        told.append(
            Sureness(
                sureness(each, found),
                int(np.argmax(shares(each, found.weights, found.nobody[each.spans])[:-1])) == each.root,
                False,
            )
        )
    if before is not None and (each := example(before, None)):
        told.append(Sureness(sureness(each, found), False, True))
    return told


def judged(told: Sequence[Sureness], least: float) -> Row:
    """Return what naming everybody from this sureness on would be worth."""
    sick, calm = [each for each in told if not each.quiet], [each for each in told if each.quiet]
    said = [each for each in sick if each.sure >= least]
    possible = [each.right for each in said if each.sure < LIKELY]
    return {
        "said_ac1": sum(each.right for each in said) / max(1, len(sick)),
        "said_wrong": sum(not each.right for each in said) / max(1, len(sick)),
        "quiet_accused": sum(each.sure >= least for each in calm) / max(1, len(calm)),
        "possible": len(possible),
        "possible_right": sum(possible) / max(1, len(possible)),
    }


def chosen(told: Mapping[str, Sequence[Sureness]]) -> float | None:
    """Return the lowest threshold at which every family stays within the bounds, and all that is called Possible together."""
    every = [each for own in told.values() for each in own]
    for least in THRESHOLDS:
        rows = [judged(own, least) for own in told.values()]
        within = all(row["said_wrong"] <= MOST_WRONG and row["quiet_accused"] <= MOST_QUIET for row in rows)
        if within and judged(every, least)["possible_right"] >= LEAST_RIGHT:
            return least
    return None


def _one(seed: int, folder: Path, family: str, number: int) -> list[Sureness]:
    return first_places(written(made(seed, number, family), folder / family / f"{number}"))


def measured(pool: Pool, folder: Path, seed: int, count: int, families: Sequence[str]) -> dict[str, list[Sureness]]:
    """Make the incidents of each family and say how sure each first place is."""
    return {
        family: [
            each for own in pool.map(partial(_one, seed, folder, family), range(count), chunksize=4) for each in own
        ]
        for family in families
    }


def main() -> None:
    """Print the table and the choice, and all figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="incidents of each family")
    parser.add_argument("--quick", action="store_true", help="few incidents of each family")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--families", nargs="+", default=FAMILIES)
    parser.add_argument("--processes", type=int, default=_PROCESSES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        count = QUICK_COUNT if options.quick else options.count
        told = measured(pool, Path(folder), options.seed, count, options.families)
    for family, own in told.items():
        print(
            f"\n{family}: {sum(not each.quiet for each in own)} sick, {sum(each.quiet for each in own)} quiet moments"
        )
        for least in THRESHOLDS:
            row = judged(own, least)
            print(
                f"  from {least:.2f}  said {row['said_ac1']:.2f}  wrong {row['said_wrong']:.2f}  quiet {row['quiet_accused']:.3f}"
                f"  Possible {row['possible']:.0f} times, right {row['possible_right']:.2f}"
            )
    print(f"\nchosen: {chosen(told)}")
    rows = {family: {f"{least}": judged(own, least) for least in THRESHOLDS} for family, own in told.items()}
    print(json.dumps({"bench": "operating", "figures": {"chosen": chosen(told), "families": rows}}))


if __name__ == "__main__":
    main()
