"""The ranking, on labelled cases: how often it names the right service, change, and nobody when nothing is wrong.

Each suite alone, beside baselines and on spoilt cases. No model is asked. A solver sees what `bench.cases` reads; what
is known besides (`bench.truths`) serves to judge it afterwards.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.baselines import BASELINES, candidates
from bench.cases import QUICK, few, folders, load
from bench.perturb import PERTURBATIONS, quiet
from bench.scoring import Figures, Outcome, figures, judged, judged_scores
from bench.secrets_planted import leaked
from bench.shown import shown
from bench.table import table
from bench.tokens import sized
from bench.truths import Truth, truth
from bot.domain.evidence import Ranking
from bot.domain.telemetry import Observations
from bot.ranking.rank import rank

Rank = Callable[[Observations], Ranking]

_PROCESSES = 2
# Enough of each suite to see that all figures can be made.


@dataclass(frozen=True, slots=True)
class Spoilt:
    """One case in all ways but the given one."""

    baselines: dict[str, Outcome]
    perturbed: dict[str, Outcome]
    leaks: int = 0
    moved: bool = False
    quiet_sick: bool | None = None


def as_given(folder: Path, ranking: Rank = rank) -> Outcome:
    """Rank a case as it is, and judge that."""
    seen = load(folder)
    outcome, found = _measured(folder.name, seen, truth(folder), ranking)
    asked = sized(seen, found)
    return replace(outcome, tokens_in=asked.tokens_in, tokens_out=asked.tokens_out)


def spoilt(folder: Path, ranking: Rank = rank) -> Spoilt:
    """Rank a case by the baselines, and in every way in which it can be spoilt."""
    seen, real = load(folder), truth(folder)
    plain = ranking(seen)
    known = candidates(seen)
    baselines: dict[str, Outcome] = {}
    for name, baseline in BASELINES.items():
        started = time.perf_counter()
        scores = baseline.scores(seen)
        seconds = time.perf_counter() - started
        baselines[name] = judged_scores(folder.name, scores, baseline.alarm, real, known, seconds, _rss_mb())
    perturbed: dict[str, Outcome] = {}
    leaks, moved = 0, False
    for name, perturb in PERTURBATIONS.items():
        harder = perturb(seen)
        if harder is None:
            continue
        perturbed[name], found = _measured(folder.name, harder, real, ranking)
        if name == "secrets":
            leaks = len(leaked(shown(found)))
        if name == "injection":
            moved = _concluded(found) != _concluded(plain)
    before = quiet(seen)
    return Spoilt(baselines, perturbed, leaks, moved, None if before is None else not ranking(before).abstained)


def _measured(case: str, seen: Observations, real: Truth, ranking: Rank) -> tuple[Outcome, Ranking]:
    started = time.perf_counter()
    found = ranking(seen)
    seconds = time.perf_counter() - started
    return judged(case, found, real, candidates(seen), seconds, _rss_mb()), found


def _rss_mb() -> float:
    """Return the most memory that this process ever had; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _concluded(ranking: Ranking) -> tuple[list[str], bool, str | None]:
    """Return what must not move: the order, whether anybody is accused, and the change that is blamed."""
    culprit = ranking.culprit.id if ranking.culprit else None
    return [suspect.service for suspect in ranking.suspects], ranking.abstained, culprit


def suite_figures(given: Sequence[Outcome], harder: Sequence[Spoilt]) -> dict[str, object]:
    """Put the figures of a suite together."""
    quiets = [each.quiet_sick for each in harder if each.quiet_sick is not None]
    perturbed: dict[str, Figures] = {}
    for name in PERTURBATIONS:
        outcomes = [each.perturbed[name] for each in harder if name in each.perturbed]
        if outcomes:
            perturbed[name] = figures(outcomes)
    if "secrets" in perturbed:
        perturbed["secrets"]["leaked"] = sum(each.leaks for each in harder)
    if "injection" in perturbed:
        perturbed["injection"]["moved"] = sum(each.moved for each in harder)
    return {
        **figures(given),
        "quiet": len(quiets),
        "quiet_called_sick": sum(quiets) / len(quiets) if quiets else 0.0,
        "baselines": {name: figures([each.baselines[name] for each in harder]) for name in BASELINES},
        "perturbations": perturbed,
    }


def main() -> None:
    """Measure, print a table for each suite, and all figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="folder of <suite>/<case-id>/alert.json")
    parser.add_argument("--suite", help="only this one")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} cases of each suite, same figures")
    options = parser.parse_args()
    suites = folders(options.cases, options.suite)
    if not suites:
        parser.error(f"no case in {options.cases}")
    found: dict[str, dict[str, object]] = {}
    for suite, cases in suites.items():
        chosen = few(cases) if options.quick else cases
        found[suite], given = measure(chosen)
        print(table(suite, found[suite], given), flush=True)
    print(json.dumps({"bench": "rca", "figures": {"suites": rounded(found)}}))


def measure(cases: Sequence[Path]) -> tuple[dict[str, object], list[Outcome]]:
    """Rank the cases of a suite, two at a time; the plain ones first, so that their memory is their own."""
    with multiprocessing.get_context("spawn").Pool(_PROCESSES) as pool:
        given = pool.map(as_given, cases, chunksize=1)
        harder = pool.map(spoilt, cases, chunksize=1)
    return suite_figures(given, harder), given


def rounded(value: object) -> object:
    """Round every number in it to what can be meant."""
    if isinstance(value, dict):
        return {str(name): rounded(each) for name, each in value.items()}
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
