"""Sets the weights of the ranking on made incidents: `python -m bench.calibrate > bot/ranking/weights.py` (some minutes).

No given case is read. The seed is another than that of the incidents that `bench.rca` judges on, and three quarters of the
incidents set the weights while all set how sure a first place is.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.baselines import candidates
from bench.cases import load
from bench.generator.incident import made, written
from bench.perturb import no_traces, quiet
from bench.truths import truth
from bot.domain.telemetry import Observations
from bot.ranking.features import NAMES, SAID_BY_SPANS
from bot.ranking.odds import felt, lead_of
from bot.ranking.rank import vectors_of

Array = NDArray[np.float64]

SEED, COUNT = 1, 1600
_PROCESSES = 2
# Adam: steps, rate and the two decays as published; the penalty keeps weights of what hardly occurs small.
_STEPS, _RATE, _DECAY, _DECAY_SQUARE, _PENALTY = 1000, 0.05, 0.9, 0.99, 0.001
# More evidence must never lower a suspect: weights keep these signs, those of the free ones are found.
_NOBODY, _FELT = "nobody", "felt"
_NEGATIVE = frozenset({"follows", "complains", _FELT})
_FREE = frozenset({"alerting", "below", "apart", _NOBODY})
# Where each weight stands among those that are set together.
_PLACES = {name: place for place, name in enumerate((*NAMES, _NOBODY, _FELT))}


@dataclass(frozen=True, slots=True)
class Example:
    """The vectors of one incident, which of them is the root's (their number if it is nobody's), whether spans were read.

    `felt` is how clearly the alerting service shows what the alert says (0..1).
    """

    matrix: Array
    root: int
    spans: bool
    felt: float


def main() -> None:
    """Print the module of the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(_PROCESSES) as pool:
        found = pool.map(partial(examples, options.seed, Path(folder)), range(options.count), chunksize=4)
    chosen = [each for number, own in enumerate(found) if number % 4 for each in own]
    without = fitted([each for each in chosen if not each.spans], {})
    # Spans are not read far enough back to see a quiet moment in them, so what an alert that is felt says is told by series.
    frozen = {name: without[_PLACES[name]] for name in (*SAID_BY_SPANS, _FELT)}
    weights = {False: without, True: fitted([each for each in chosen if each.spans], frozen)}
    sure = calibrated([each for own in found for each in own], weights)
    print(_module(options.seed, options.count, weights, sure))


def examples(seed: int, folder: Path, number: int) -> list[Example]:
    """Make an incident; return it whole, without what could be missing, and the time before it."""
    case = written(made(seed, number), folder / f"{number}")
    seen, root = load(case), truth(case).root
    views = [seen]
    if seen.spans or seen.lines:
        views.append(replace(seen, spans=(), lines=(), log_windows=(), span_windows=()))
    if seen.lines and (alone := no_traces(seen)) is not None:
        views.append(alone)
    told = [_example(each, root) for each in views]
    before = quiet(seen)
    return [each for each in (*told, _example(before, None) if before else None) if each]


def _example(seen: Observations, root: str | None) -> Example | None:
    vectors = vectors_of(seen, sorted(candidates(seen)))
    names = sorted(vectors)
    if not names or (root is not None and root not in vectors):
        return None
    place = len(names) if root is None else names.index(root)
    return Example(np.array([vectors[name] for name in names]), place, bool(seen.spans), felt(vectors))


def fitted(examples: Sequence[Example], frozen: Mapping[str, float]) -> Array:
    """Find the weights of a conditional logit, then that of nobody and what an alert that is felt adds to it; `frozen` stay."""
    matrix = np.concatenate([each.matrix for each in examples])
    sizes = np.array([len(each.matrix) for each in examples])
    starts, owner = np.r_[0, np.cumsum(sizes)[:-1]], np.repeat(np.arange(len(examples)), sizes)
    ours, nobody = np.zeros(len(matrix)), np.zeros(len(examples))
    for place, each in enumerate(examples):
        if each.root == len(each.matrix):
            nobody[place] = 1
        else:
            ours[starts[place] + each.root] = 1
    seen = np.array([each.felt for each in examples])
    values = np.zeros(len(NAMES) + 2)
    mean, square = np.zeros_like(values), np.zeros_like(values)
    for step in range(1, _STEPS + 1):
        sums, none = matrix @ values[:-2], values[-2] + values[-1] * seen + np.log(sizes)
        most = np.maximum(np.maximum.reduceat(sums, starts), none)
        parts, nothing = np.exp(sums - most[owner]), np.exp(none - most)
        total = np.add.reduceat(parts, starts) + nothing
        missed = nothing / total - nobody
        slope = np.r_[
            matrix.T @ (parts / total[owner] - ours) / len(examples) + _PENALTY * values[:-2],
            missed.mean(),
            (missed * seen).mean(),
        ]
        mean = _DECAY * mean + (1 - _DECAY) * slope
        square = _DECAY_SQUARE * square + (1 - _DECAY_SQUARE) * slope**2
        values -= _RATE * (mean / (1 - _DECAY**step)) / (np.sqrt(square / (1 - _DECAY_SQUARE**step)) + 1e-8)
        _signed(values, frozen)
    return values


def _signed(values: Array, frozen: Mapping[str, float]) -> None:
    for name, place in _PLACES.items():
        if name in frozen:
            values[place] = frozen[name]
        elif name in _NEGATIVE:
            values[place] = min(0.0, values[place])
        elif name not in _FREE:
            values[place] = max(0.0, values[place])


def calibrated(examples: Sequence[Example], weights: Mapping[bool, Array]) -> Array:
    """Find how sure a first place is from its lead (a logistic regression whose slopes are not negative)."""
    leads: list[tuple[float, ...]] = []
    right: list[float] = []
    for each in examples:
        own = weights[each.spans]
        none = own[-2] + own[-1] * each.felt + np.log(len(each.matrix))
        sums = np.r_[each.matrix @ own[:-2], none]
        parts = np.exp(sums - sums.max())
        shares = parts / parts.sum()
        leads.append(lead_of(sorted(map(float, shares[:-1]), reverse=True), float(shares[-1])))
        right.append(float(int(np.argmax(shares[:-1])) == each.root))
    matrix, truths = np.array(leads), np.array(right)
    values = np.zeros(matrix.shape[1])
    for _ in range(5 * _STEPS):
        slope = matrix.T @ (1 / (1 + np.exp(-matrix @ values)) - truths) / len(truths)
        values -= 2 * _RATE * slope
        values[1:] = np.maximum(values[1:], 0)
    return values


def _module(seed: int, count: int, weights: Mapping[bool, Array], sure: Array) -> str:
    lines = [
        '"""Weights of the features, set on made incidents and never on a given case; not to be edited.',
        "",
        f"Written by `python -m bench.calibrate --seed {seed} --count {count}`. All are logarithms of odds for a feature of 1.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Mapping",
    ]
    for title, spans in (("WITHOUT_SPANS", False), ("WITH_SPANS", True)):
        lines += ["", f"{title}: Mapping[str, float] = {{"]
        lines += [f'    "{name}": {value:.3f},' for name, value in zip(NAMES, weights[spans][:-2] + 0.0, strict=True)]
        lines += ["}"]
    lines += ["", "# That nothing began here at all, for each service that there is; without spans and with."]
    lines += [f"NOBODY = ({weights[False][-2]:.3f}, {weights[True][-2]:.3f})"]
    lines += ["# The same where the alerting service shows what the alert says."]
    lines += [f"FELT = ({weights[False][-1]:.3f}, {weights[True][-1]:.3f})"]
    lines += [
        "# How sure a first place is: always, by its log odds, by its lead over nobody, by its lead over the second."
    ]
    lines += [f"SURE = ({', '.join(f'{value:.3f}' for value in sure)})"]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
