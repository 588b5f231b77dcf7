"""Sets the weights of the ranking on made incidents: `python -m bench.calibrate > bot/ranking/weights.py` (some minutes).

No given case is read, and the seed is not the one that `bench.rca` judges on. Twice as many incidents are known by their
series alone, as most systems are. Three quarters of them set the weights; all set how sure a first place is.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.baselines import candidates
from bench.cases import load
from bench.generator.incident import made, written
from bench.perturb import no_traces, quiet
from bench.truths import truth
from bot.domain.telemetry import Observations
from bot.ranking.odds import about_nobody, lead_of
from bot.ranking.rank import vectors_of
from bot.ranking.vector import NAMES, SAID_BY_SPANS, Vector
from bot.ranking.weights import NOBODY, SURE, WITH_SPANS, WITHOUT_SPANS

Array = NDArray[np.float64]

SEED, COUNT = 1, 1600
_PROCESSES = 2
_SERIES = 2
# Parts of the incidents of which each is judged by what the others taught.
_PARTS = 4
# Adam: steps, rate and the two decays as published; the penalty keeps weights of what hardly occurs small.
_STEPS, _RATE, _DECAY, _DECAY_SQUARE, _PENALTY = 1000, 0.05, 0.9, 0.99, 0.001
# More evidence must never lower a suspect: weights keep these signs, those of the free ones are found.
_NEGATIVE = frozenset({"follows", "complains"})
_FREE = frozenset({"alerting", "below", "apart"})


@dataclass(frozen=True, slots=True)
class Example:
    """The vectors of one incident, which of them is the root's (their number if it is nobody's), whether spans were read.

    `now` and `earlier` are those that series alone show, at the alert and at earlier times.
    """

    told: Mapping[str, Vector]
    root: int
    spans: bool
    now: Sequence[Vector]
    earlier: Sequence[Sequence[Vector]]

    @property
    def matrix(self) -> Array:
        """Return the vectors in the order of the services' names."""
        return np.array([self.told[name] for name in sorted(self.told)])


@dataclass(frozen=True, slots=True)
class Fit:
    """All that is found: weights of the features, of what speaks for nobody, and how sure a first place is; each by `spans`."""

    weights: Mapping[bool, Array]
    nobody: Mapping[bool, Array]
    sure: Mapping[bool, Array]


def main() -> None:
    """Print the module of the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", action="store_true", help="set anew only what `refit` finds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(_PROCESSES) as pool:
        found = learnt(pool, Path(folder), options.seed, options.count, plain=options.keep)
    said = f"`python -m bench.calibrate --seed {options.seed} --count {options.count}{' --keep' * options.keep}`"
    print(_module(said, refit(found, used()) if options.keep else fit(found)))


def fit(found: Sequence[Sequence[Example]]) -> Fit:
    """Find all weights: three quarters of the incidents set them while all set how sure a first place is."""
    chosen = [each for number, own in enumerate(found) if number % 4 for each in own]
    every = [each for own in found for each in own]
    weights = _features(chosen)
    nobody = {spans: unlikely([each for each in chosen if each.spans == spans], weights) for spans in weights}
    sure = {
        spans: calibrated([each for each in every if each.spans == spans], weights, nobody[spans]) for spans in weights
    }
    return Fit(weights, nobody, sure)


def refit(found: Sequence[Sequence[Example]], kept: Fit) -> Fit:
    """Find anew what weighs where no spans are known; all else is kept."""
    plain = [[each for each in own if not each.spans] for own in found]
    weights, nobody = _refitted([each for own in plain for each in own], kept)
    # How sure a first place is, is told by incidents that had no part in what weighs them.
    leads = list[tuple[tuple[float, ...], bool]]()
    for part in range(_PARTS):
        parted = _refitted([each for place, own in enumerate(plain) if place % _PARTS != part for each in own], kept)
        leads += [_led(each, *parted) for own in plain[part::_PARTS] for each in own]
    return Fit(weights, {**kept.nobody, False: nobody}, {**kept.sure, False: _sure(leads)})


def _refitted(examples: Sequence[Example], kept: Fit) -> tuple[dict[bool, Array], Array]:
    weights = {**kept.weights, False: fitted(examples, {})}
    return weights, unlikely(examples, weights)


def _features(chosen: Sequence[Example]) -> dict[bool, Array]:
    without = fitted([each for each in chosen if not each.spans], {})
    # Spans are not read far enough back to see a quiet moment in them.
    frozen = {name: without[NAMES.index(name)] for name in SAID_BY_SPANS}
    return {False: without, True: fitted([each for each in chosen if each.spans], frozen)}


def used() -> Fit:
    """Return the weights that are in use."""
    return Fit(
        {spans: np.array([own[name] for name in NAMES]) for spans, own in ((False, WITHOUT_SPANS), (True, WITH_SPANS))},
        {spans: np.array(NOBODY[spans]) for spans in (False, True)},
        {spans: np.array(SURE[spans]) for spans in (False, True)},
    )


def learnt(pool: Pool, folder: Path, seed: int, count: int, *, plain: bool = False) -> list[list[Example]]:
    """Return what so many incidents of any kind teach (only without spans if `plain`), and twice as many of series alone."""
    return [
        own
        for family, many in (("any", count), ("series", _SERIES * count))
        for own in pool.map(partial(examples, seed, folder / family, family, plain), range(many), chunksize=4)
    ]


def examples(seed: int, folder: Path, family: str, plain: bool, number: int) -> list[Example]:
    """Make an incident and return what it teaches."""
    return taught(written(made(seed, number, family), folder / f"{number}"), plain=plain)


def taught(case: Path, *, plain: bool = False) -> list[Example]:
    """Return a case whole (unless it is to be `plain` and has spans), without what could be missing, and the time before it."""
    seen, real = load(case), truth(case)
    views = [] if plain and seen.spans else [seen]
    if seen.spans or seen.lines:
        views.append(replace(seen, spans=(), lines=(), log_windows=(), span_windows=()))
    if seen.lines and (alone := no_traces(seen)) is not None:
        views.append(alone)
    told = [example(each, real.root) for each in views]
    before = quiet(seen, real.began)
    return [each for each in (*told, example(before, None) if before else None) if each]


def example(seen: Observations, root: str | None) -> Example | None:
    """Return what an incident teaches; None if its root is not among the services that are known."""
    told, now, earlier, spans = vectors_of(seen, sorted(candidates(seen)))
    if not told or (root is not None and root not in told):
        return None
    return Example(told, len(told) if root is None else sorted(told).index(root), spans, now, earlier)


def fitted(examples: Sequence[Example], frozen: Mapping[str, float]) -> Array:
    """Find the weights of a conditional logit, beside a nobody that weighs the same for each service; `frozen` stay."""
    matrix = np.concatenate([each.matrix for each in examples])
    sizes = np.array([len(each.told) for each in examples])
    starts, owner = np.r_[0, np.cumsum(sizes)[:-1]], np.repeat(np.arange(len(examples)), sizes)
    ours, nobody = np.zeros(len(matrix)), np.zeros(len(examples))
    for place, each in enumerate(examples):
        if each.root == len(each.told):
            nobody[place] = 1
        else:
            ours[starts[place] + each.root] = 1

    def slope(values: Array) -> Array:
        sums, none = matrix @ values[:-1], values[-1] + np.log(sizes)
        most = np.maximum(np.maximum.reduceat(sums, starts), none)
        parts, nothing = np.exp(sums - most[owner]), np.exp(none - most)
        total = np.add.reduceat(parts, starts) + nothing
        own = matrix.T @ (parts / total[owner] - ours) / len(examples) + _PENALTY * values[:-1]
        return np.r_[own, (nothing / total - nobody).mean()]

    def signed(values: Array) -> None:
        for place, name in enumerate(NAMES):
            if name in frozen:
                values[place] = frozen[name]
            elif name in _NEGATIVE:
                values[place] = min(0.0, values[place])
            elif name not in _FREE:
                values[place] = max(0.0, values[place])

    return _descended(slope, len(NAMES) + 1, signed)[:-1]


def unlikely(examples: Sequence[Example], weights: Mapping[bool, Array]) -> Array:
    """Find what speaks for nobody, beside services whose weights are known (a logistic regression)."""
    signs = np.array([_signs(each, weights) for each in examples])
    sums = np.array([float(np.log(np.exp(each.matrix @ weights[each.spans]).sum())) for each in examples])
    nobody = np.array([float(each.root == len(each.told)) for each in examples])

    def slope(values: Array) -> Array:
        return signs.T @ (_logistic(signs @ values - sums) - nobody) / len(examples) + _PENALTY * values

    return _descended(slope, signs.shape[1])


def calibrated(examples: Sequence[Example], weights: Mapping[bool, Array], nobody: Array) -> Array:
    """Find how sure a first place is from its lead (a logistic regression)."""
    return _sure([_led(each, weights, nobody) for each in examples])


def _led(each: Example, weights: Mapping[bool, Array], nobody: Array) -> tuple[tuple[float, ...], bool]:
    told = shares(each, weights, nobody)
    return _lead(told), int(np.argmax(told[:-1])) == each.root


def _sure(leads: Sequence[tuple[tuple[float, ...], bool]]) -> Array:
    # The farther it leads the surer it is (the three leads); how many there are may count either way.
    leading = np.array([-np.inf, 0.0, 0.0, 0.0, -np.inf])
    matrix, truths = np.array([lead for lead, _ in leads]), np.array([float(right) for _, right in leads])

    def slope(values: Array) -> Array:
        return matrix.T @ (_logistic(matrix @ values) - truths) / len(truths) + _PENALTY * values

    def signed(values: Array) -> None:
        np.maximum(values, leading, out=values)

    return _descended(slope, matrix.shape[1], signed)


def shares(each: Example, weights: Mapping[bool, Array], nobody: Array) -> Array:
    """Return the probability of each service, and last that of nobody."""
    sums = np.r_[each.matrix @ weights[each.spans], _signs(each, weights) @ nobody]
    parts = np.exp(sums - sums.max())
    return parts / parts.sum()


def sureness(each: Example, found: Fit) -> float:
    """Return how often a first place like the one of this incident is right."""
    told = shares(each, found.weights, found.nobody[each.spans])
    return float(_logistic(np.array(_lead(told)) @ found.sure[each.spans]))


def _lead(told: Array) -> tuple[float, ...]:
    return lead_of(sorted(map(float, told[:-1]), reverse=True), float(told[-1]))


def _signs(each: Example, weights: Mapping[bool, Array]) -> Array:
    return np.array(about_nobody(each.told, each.now, each.earlier, weights[False].tolist()))


def _logistic(values: Array) -> Array:
    return 1 / (1 + np.exp(-values))


def _descended(slope: Callable[[Array], Array], size: int, signed: Callable[[Array], None] = lambda _: None) -> Array:
    """Descend from zero (Adam); `signed` puts the values back where they may be."""
    values, mean, square = (np.zeros(size) for _ in range(3))
    for step in range(1, _STEPS + 1):
        own = slope(values)
        mean = _DECAY * mean + (1 - _DECAY) * own
        square = _DECAY_SQUARE * square + (1 - _DECAY_SQUARE) * own**2
        values = values - _RATE * (mean / (1 - _DECAY**step)) / (np.sqrt(square / (1 - _DECAY_SQUARE**step)) + 1e-8)
        signed(values)
    return values


def _module(said: str, found: Fit) -> str:
    lines = [
        '"""Weights of the features, set on made incidents and never on a given case; not to be edited.',
        "",
        f"Written by {said}. All are logarithms of odds for a feature of 1.",
        "With `--keep` those with spans are those of `--seed 1 --count 300`, set before series were judged by what lasts.",
        "What is made has changed since: it prints other numbers today, no better ones (docs/investigation.md).",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Mapping",
    ]
    for title, spans in (("WITHOUT_SPANS", False), ("WITH_SPANS", True)):
        lines += ["", f"{title}: Mapping[str, float] = {{"]
        lines += [f'    "{name}": {value:.3f},' for name, value in zip(NAMES, found.weights[spans] + 0.0, strict=True)]
        lines += ["}"]
    for title, of, words in (
        ("NOBODY", found.nobody, "That nothing began here: the weights of `odds.about_nobody`"),
        ("SURE", found.sure, "How sure a first place is: the weights of `odds.lead_of`"),
    ):
        rows = [f"    ({', '.join(f'{value:.3f}' for value in of[spans])})," for spans in (False, True)]
        lines += ["", f"# {words}; without spans and with.", f"{title} = (", *rows, ")"]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
