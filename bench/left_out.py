"""Whether the ranking holds on a system that taught it nothing: every given suite judged by weights set with it and without it.

`python -m bench.left_out --cases DIR` sets the weights on made incidents and all suites, and once more without each; the last
line is JSON. What is used (`bot/ranking/weights.py`) is set on made incidents alone, and judged as well.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.baselines import BASELINES, candidates
from bench.calibrate import COUNT, SEED, Example, Fit, fit, learnt, shares, sureness, taught
from bench.cases import few, folders, load
from bench.scoring import CaseScore, judged_scores, paired
from bench.truths import truth
from bot.domain.evidence import POSSIBLE

Taught = list[Example]
Row = dict[str, float]
Gain = tuple[float, float, float]

_PROCESSES = 2
# One incident of a suite weighs as much as so many made ones, or a dozen would teach nothing beside hundreds.
_WEIGH = 4
# The published baselines that what was left out is compared with.
_BESIDE = ("n-sigma", "baro")
# Made incidents of a quick run.
_QUICK = 20


def judged(cases: Sequence[Taught], found: Fit) -> Row:
    """Return how often the root of a case, seen whole, is first and among the first three, and what the card says of it."""
    whole = [own[0] for own in cases if own and own[0].root < len(own[0].told)]
    places = [_place(each, found) for each in whole]
    said = [sureness(each, found) >= POSSIBLE for each in whole]
    return {
        "n": len(whole),
        "ac1": _mean([place == 1 for place in places]),
        "ac3": _mean([place <= 3 for place in places]),
        "said_ac1": _mean([spoken and place == 1 for spoken, place in zip(said, places, strict=True)]),
        "said_wrong": _mean([spoken and place != 1 for spoken, place in zip(said, places, strict=True)]),
    }


def left_out(made: Sequence[Taught], suites: Mapping[str, Sequence[Taught]]) -> dict[str, Fit]:
    """Return for each suite the weights of made incidents and of all other suites."""
    return {
        name: fit([*made, *_weighed({other: own for other, own in suites.items() if other != name})]) for name in suites
    }


def over(cases: Sequence[Taught], theirs: Sequence[Mapping[str, CaseScore]], found: Fit) -> dict[str, Gain]:
    """Return how much more often the root is first than with each baseline, with the 95 % interval of the paired difference."""
    both = [(own[0], each) for own, each in zip(cases, theirs, strict=True) if own and own[0].root < len(own[0].told)]
    ours = [replace(next(iter(each.values())), within=(float(_place(told, found) == 1),)) for told, each in both]
    names = dict.fromkeys(name for _, each in both for name in each)
    return {name: paired(ours, [each[name] for _, each in both], 1) for name in names}


def by_baselines(case: Path) -> dict[str, CaseScore]:
    """Judge what the baselines that score services make of a case."""
    seen, real = load(case), truth(case)
    return {
        name: judged_scores(
            case.name, BASELINES[name].scores(seen), BASELINES[name].alarm, real, candidates(seen), 0, 0
        )
        for name in _BESIDE
    }


def compared(
    made: Sequence[Taught], suites: Mapping[str, Sequence[Taught]], left: Mapping[str, Fit] | None = None
) -> dict[str, dict[str, Row]]:
    """Judge each suite by the weights of made incidents alone, of all suites as well, and of all but this one."""
    left = left or left_out(made, suites)
    alone = fit(made)
    every = fit([*made, *_weighed(suites)])
    told: dict[str, dict[str, Row]] = {}
    for name, cases in suites.items():
        told[name] = {
            "made": judged(cases, alone),
            "given": judged(cases, every),
            "left_out": judged(cases, left[name]),
        }
    return told


def _weighed(suites: Mapping[str, Sequence[Taught]]) -> list[Taught]:
    return [own for cases in suites.values() for own in cases for _ in range(_WEIGH)]


def _place(each: Example, found: Fit) -> int:
    told = shares(each, found.weights, found.nobody[each.spans])[:-1]
    return int(np.sum(told > told[each.root])) + 1


def _mean(values: Sequence[bool]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


def main() -> None:
    """Print the table, and all figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="folder of <suite>/<case-id>/alert.json")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--quick", action="store_true", help="few cases a suite and few made incidents, same figures")
    options = parser.parse_args()
    suites = folders(options.cases)
    if options.quick:
        options.count = min(options.count, _QUICK)
        suites = {name: few(cases) for name, cases in suites.items()}
    if not suites:
        parser.error(f"no case in {options.cases}")
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(_PROCESSES) as pool:
        made = learnt(pool, Path(folder), options.seed, options.count)
        given = {name: pool.map(taught, cases, chunksize=1) for name, cases in suites.items()}
        theirs = {name: pool.map(by_baselines, cases, chunksize=1) for name, cases in suites.items()}
    left = left_out(made, given)
    told = compared(made, given, left)
    gains = {name: over(given[name], theirs[name], left[name]) for name in suites}
    print(
        f"{'suite':16}{'n':>4}  {'AC@1 made':>9} {'given':>6} {'left out':>9} {'difference':>11}   said / wrong, left out"
    )
    for name, rows in told.items():
        given_row, left = rows["given"], rows["left_out"]
        print(
            f"{name:16}{left['n']:4.0f}  {rows['made']['ac1']:9.3f} {given_row['ac1']:6.3f} {left['ac1']:9.3f}"
            f" {given_row['ac1'] - left['ac1']:+11.3f}   {left['said_ac1']:.2f} / {left['said_wrong']:.2f}"
        )
        for baseline, (gain, low, high) in gains[name].items():
            print(f"{'':16}left out, over {baseline}: {gain:+.3f} [{low:+.3f}, {high:+.3f}]")
    print(json.dumps({"bench": "left_out", "figures": told, "over": gains}))


if __name__ == "__main__":
    main()
