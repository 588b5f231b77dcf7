"""The ranking, on labelled cases: how often it names the right service, change, and nobody when nothing is wrong.

Each suite alone, beside baselines and on spoilt cases. No model is asked. A solver sees what `bench.cases` reads; what
is known besides (`bench.truths`) serves to judge it afterwards.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.baselines import BASELINES, candidates
from bench.beside import others
from bench.cases import QUICK, few, folders, load
from bench.generate import generate
from bench.generator.incident import FAMILIES
from bench.perturb import PERTURBATIONS, other_names, quiet, renamed
from bench.scoring import CaseScore, Figures, figures, judged, judged_scores, paired
from bench.secrets_planted import leaked
from bench.shown import shown
from bench.table import table
from bench.tokens import sized
from bench.truths import Truth, truth
from bot.domain.evidence import Ranking, Suspect
from bot.domain.telemetry import Change, ChangeKind, Observations
from bot.ranking.rank import rank

Rank = Callable[[Observations], Ranking]

_PROCESSES = 2
# Of so many suspects the places may not move when names or units do, and the scores not by so many digits.
_FIRST, _EXACT = 5, 2
# Made incidents that are enough to see that all figures can be made.
_QUICK_GENERATED = 100


@dataclass(frozen=True, slots=True)
class Spoilt:
    """One case in all ways but the given one."""

    baselines: dict[str, CaseScore]
    perturbed: dict[str, CaseScore]
    leaks: int = 0
    moved: frozenset[str] = frozenset()
    quiet_sick: bool | None = None


def as_given(folder: Path, ranking: Rank = rank) -> CaseScore:
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
    baselines: dict[str, CaseScore] = {}
    for name, baseline in BASELINES.items():
        started = time.perf_counter()
        scores = baseline.scores(seen)
        seconds = time.perf_counter() - started
        blamed = baseline.blames(seen)
        named = blamed.id if blamed else None
        baselines[name] = judged_scores(folder.name, scores, baseline.alarm, real, known, seconds, _rss_mb(), named)
    perturbed: dict[str, CaseScore] = {}
    leaks, moved = 0, set[str]()
    for name, perturb in PERTURBATIONS.items():
        harder = perturb(seen)
        if harder is None:
            continue
        perturbed[name], found = _measured(folder.name, harder, real, ranking)
        if name == "secrets":
            leaks = len(leaked(shown(found)))
        if name == "injection" and _concluded(found) != _concluded(plain):
            moved.add(name)
        if name == "milliseconds" and _places(found) != _places(plain):
            moved.add(name)
    other = other_names(seen)
    if _places(ranking(renamed(seen))) != sorted((score, other[name]) for score, name in _places(plain)):
        moved.add("renamed")
    before = quiet(seen, real.began)
    return Spoilt(
        baselines, perturbed, leaks, frozenset(moved), None if before is None else not ranking(before).abstained
    )


def _measured(case: str, seen: Observations, real: Truth, ranking: Rank) -> tuple[CaseScore, Ranking]:
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


def _places(ranking: Ranking) -> list[tuple[float, str]]:
    """Return the first few and their scores, in an order that equal scores do not upset."""
    least = ranking.suspects[_FIRST - 1].score if len(ranking.suspects) >= _FIRST else 0.0
    return sorted((round(each.score, _EXACT), each.service) for each in ranking.suspects if each.score > least)


def suite_figures(given: Sequence[CaseScore], harder: Sequence[Spoilt]) -> dict[str, object]:
    """Put the figures of a suite together."""
    quiets = [each.quiet_sick for each in harder if each.quiet_sick is not None]
    names = list(harder[0].baselines) if harder else []
    perturbed: dict[str, Figures] = {}
    for name in PERTURBATIONS:
        outcomes = [each.perturbed[name] for each in harder if name in each.perturbed]
        if outcomes:
            perturbed[name] = figures(outcomes)
    if "secrets" in perturbed:
        perturbed["secrets"]["leaked"] = sum(each.leaks for each in harder)
    if "injection" in perturbed:
        perturbed["injection"]["moved"] = sum("injection" in each.moved for each in harder)
    if "milliseconds" in perturbed:
        perturbed["milliseconds"]["moved"] = sum("milliseconds" in each.moved for each in harder)
    return {
        **figures(given),
        "quiet": len(quiets),
        "quiet_called_sick": sum(quiets) / len(quiets) if quiets else 0.0,
        "quiet_accused": sum(quiets) / len(quiets) if quiets else 0.0,
        "paired": {
            name: {f"ac{k}": list(paired(given, [each.baselines[name] for each in harder], k)) for k in (1, 3)}
            for name in names
        },
        "baselines": {name: figures([each.baselines[name] for each in harder]) for name in names},
        "perturbations": perturbed,
        "moved_by_names": sum("renamed" in each.moved for each in harder),
    }


def main() -> None:
    """Measure, print a table for each suite, and all figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, help="folder of <suite>/<case-id>/alert.json")
    parser.add_argument("--generated", type=int, default=0, help="so many made incidents as well")
    parser.add_argument("--seed", type=int, default=7, help="of the made incidents; weights were set on another one")
    parser.add_argument("--family", choices=sorted(FAMILIES), default="any", help="of the made incidents")
    parser.add_argument("--processes", type=int, default=_PROCESSES, help="cases that are ranked at a time")
    parser.add_argument("--beside", type=Path, help="a checkout of another build, to rank the same cases")
    parser.add_argument("--suite", help="only this one")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} cases of each suite, same figures")
    options = parser.parse_args()
    if not options.cases and not options.generated:
        parser.error("say --cases DIR or --generated N")
    found: dict[str, dict[str, object]] = {}
    if options.cases:
        suites = folders(options.cases, options.suite)
        if not suites:
            parser.error(f"no case in {options.cases}")
        for suite, cases in suites.items():
            chosen = few(cases) if options.quick else cases
            found[suite] = _shown(suite, *measure(chosen, options.beside, options.processes))
    told: dict[str, object] = {"suites": found}
    if options.generated:
        count = min(options.generated, _QUICK_GENERATED) if options.quick else options.generated
        with tempfile.TemporaryDirectory() as folder:
            made = generate(count, options.seed, Path(folder), options.family, options.processes)
            told["generated"] = _shown("generated", *measure(made, options.beside, options.processes))
    print(json.dumps({"bench": "rca", "figures": rounded(told)}))


def _shown(suite: str, found: dict[str, object], given: Sequence[CaseScore]) -> dict[str, object]:
    print(table(suite, found, given), flush=True)
    return found


def measure(
    cases: Sequence[Path], beside: Path | None = None, processes: int = _PROCESSES
) -> tuple[dict[str, object], list[CaseScore]]:
    """Rank the cases of a suite, some at a time; the plain ones first, so that their memory is their own."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        given = pool.map(as_given, cases, chunksize=1)
        harder = pool.map(spoilt, cases, chunksize=1)
    if beside is None:
        return suite_figures(given, harder), given
    told = others(beside, cases)
    for each, case, found in zip(harder, cases, told, strict=True):
        real = truth(case)
        each.baselines["beside"] = judged(case.name, _ranking(found), real, candidates(load(case)), found["seconds"], 0)
    quiets = [found["quiet"] for found in told if found["quiet"] is not None]
    figures = suite_figures(given, harder)
    return {**figures, "beside_quiet_accused": sum(quiets) / len(quiets) if quiets else 0.0}, given


def _ranking(told: Mapping[str, Any]) -> Ranking:
    """Put what another build concluded into our form."""
    suspects = tuple(Suspect(name, score, "") for name, score in zip(told["names"], told["scores"], strict=True))
    culprit = Change(0.0, ChangeKind.DEPLOY, told["culprit"], "") if told["culprit"] else None
    return Ranking(0.0, suspects, (), told["abstained"], culprit=culprit, harmless=tuple(told["harmless"]))


def rounded(value: object) -> object:
    """Round every number in it to what can be meant."""
    if isinstance(value, dict):
        return {str(name): rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
