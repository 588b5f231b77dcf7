"""What one ranking was worth, and what many were: AC@k, Avg@5, MRR, false alarms, the change that was blamed."""

from __future__ import annotations

import math
import random
import statistics
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bench.baselines import Scores
from bench.report import percentile
from bench.truths import NO_CHANGE, Truth
from bot.domain.evidence import LIKELY, POSSIBLE, Ranking

Figures = dict[str, float | dict[str, dict[str, float]]]

_TOP = 5
_SEED, _DRAWS = 20_261_128, 2000


@dataclass(frozen=True, slots=True)
class CaseScore:
    """One case, ranked once.

    `within` holds for k = 1..5 how likely the root is among the first k (ties are broken by chance), nothing if the case
    has no root; `place` is where it stands, 0 if it is not named at all. `sick` says that somebody was accused, `harmful` that an
    innocent change was blamed or what is sick was called fine.
    """

    case: str
    fault: str
    healthy: bool
    within: tuple[float, ...] = ()
    reciprocal: float = 0.0
    place: int = 0
    chance: float = 0.0
    sick: bool = False
    culprit_found: bool = False
    culprit_named: bool = False
    decoy_blamed: bool = False
    harmful: bool = False
    sure: float = 0.0
    seconds: float = 0.0
    rss_mb: float = 0.0
    lead: str = ""
    tokens_in: int = 0
    tokens_out: int = 0


def judged(
    case: str, ranking: Ranking, truth: Truth, known: Collection[str], seconds: float, rss_mb: float
) -> CaseScore:
    """Judge a ranking of ours."""
    names = [suspect.service for suspect in ranking.suspects]
    place = names.index(truth.root) + 1 if truth.root in names else 0
    named = ranking.culprit.id if ranking.culprit else None
    return CaseScore(
        case,
        truth.fault,
        truth.healthy,
        within=tuple(float(0 < place <= k) for k in range(1, _TOP + 1)) if truth.root else (),
        reciprocal=1 / place if place else 0.0,
        place=place,
        chance=_chance(truth, known),
        sick=not ranking.abstained,
        culprit_found=truth.culprit is not None and (named or NO_CHANGE) == truth.culprit,
        culprit_named=named is not None and named == truth.culprit,
        decoy_blamed=named in truth.decoys,
        harmful=(named is not None and truth.culprit is not None and named != truth.culprit)
        or (truth.root is not None and truth.root in ranking.harmless),
        sure=ranking.lead.score if ranking.lead else 0.0,
        seconds=seconds,
        rss_mb=rss_mb,
        lead=ranking.lead.service if ranking.lead else "",
    )


def judged_scores(
    case: str,
    scores: Scores,
    alarm: float,
    truth: Truth,
    known: Collection[str],
    seconds: float,
    rss_mb: float,
    named: str | None = None,
) -> CaseScore:
    """Judge the scores of a baseline: equal ones are a tie, and it accuses somebody if the best exceeds `alarm`."""
    above, tied = 0, 0
    if truth.root is not None and truth.root in scores:
        own = scores[truth.root]
        above, tied = sum(score > own for score in scores.values()), sum(score == own for score in scores.values())
    within = tuple(min(1.0, max(0, k - above) / tied) if tied else 0.0 for k in range(1, _TOP + 1))
    return CaseScore(
        case,
        truth.fault,
        truth.healthy,
        within=within if truth.root else (),
        reciprocal=statistics.mean(1 / (above + nth) for nth in range(1, tied + 1)) if tied else 0.0,
        place=above + 1 if tied else 0,
        chance=_chance(truth, known),
        sick=max(scores.values(), default=-math.inf) > alarm,
        culprit_found=truth.culprit is not None and (named or NO_CHANGE) == truth.culprit,
        culprit_named=named is not None and named == truth.culprit,
        decoy_blamed=named in truth.decoys,
        harmful=named is not None and truth.culprit is not None and named != truth.culprit,
        seconds=seconds,
        rss_mb=rss_mb,
    )


def figures(outcomes: Sequence[CaseScore]) -> Figures:
    """Return the figures of a suite; a share of nothing is 0."""
    ranked = [each for each in outcomes if each.within]
    ac1, chance = _ac(ranked, 1), _mean([each.chance for each in ranked])
    healthy = [each for each in outcomes if each.healthy]
    seconds = [each.seconds for each in outcomes] or [0.0]
    return {
        "n": len(outcomes),
        "ranked": len(ranked),
        "ac1": ac1,
        "ac3": _ac(ranked, 3),
        "avg5": _mean([statistics.mean(each.within) for each in ranked]),
        "mrr": _mean([each.reciprocal for each in ranked]),
        "chance_ac1": chance,
        "lift": ac1 / chance if chance else 0.0,
        "said_ac1": _mean([each.within[0] * each.sick for each in ranked]),
        "said_wrong": _mean([(1 - each.within[0]) * each.sick for each in ranked]),
        "harmful": _mean([float(each.harmful) for each in outcomes]),
        "abstained": _mean([float(not each.sick) for each in outcomes if not each.healthy]),
        "healthy": len(healthy),
        "healthy_called_sick": _mean([float(each.sick) for each in healthy]),
        "culprit_found": sum(each.culprit_found for each in outcomes),
        "culprit_named": sum(each.culprit_named for each in outcomes),
        "decoys_blamed": sum(each.decoy_blamed for each in outcomes),
        "seconds_p50": percentile(seconds, 0.5),
        "seconds_p95": percentile(seconds, 0.95),
        **{
            f"tokens_{way}_{at}": float(percentile(taken, share))
            for way, taken in (
                ("in", [each.tokens_in for each in outcomes] or [0]),
                ("out", [each.tokens_out for each in outcomes] or [0]),
            )
            for at, share in (("p50", 0.5), ("p95", 0.95))
        },
        "peak_rss_mb": max((each.rss_mb for each in outcomes), default=0.0),
        "by_fault": _by_fault(ranked),
        "words": {
            word: _right([each for each in outcomes if low <= each.sure < high])
            for word, low, high in (("likely", LIKELY, 1.01), ("possible", POSSIBLE, LIKELY))
        },
    }


def _right(said: Sequence[CaseScore]) -> dict[str, float]:
    """Return how often what was said so was right; to accuse anybody where all is well is wrong."""
    return {"n": float(len(said)), "right": _mean([each.within[0] if each.within else 0.0 for each in said])}


def paired(ours: Sequence[CaseScore], theirs: Sequence[CaseScore], k: int) -> tuple[float, float, float]:
    """Return how much more often the root is among our first k than among theirs, and the ends of its 95 % interval.

    The cases are drawn again, as often as there are, with a fixed seed (bootstrap of paired differences).
    """
    other = {each.case: each for each in theirs}
    flips = [each.within[k - 1] - other[each.case].within[k - 1] for each in ours if each.within]
    if not flips:
        return 0.0, 0.0, 0.0
    dice = random.Random(_SEED)
    drawn = sorted(_mean(dice.choices(flips, k=len(flips))) for _ in range(_DRAWS))
    return _mean(flips), drawn[int(0.025 * _DRAWS)], drawn[int(0.975 * _DRAWS) - 1]


def _by_fault(ranked: Sequence[CaseScore]) -> dict[str, dict[str, float]]:
    groups: Mapping[str, list[CaseScore]] = defaultdict(list)
    for each in ranked:
        groups[each.fault].append(each)
    return {
        fault: {"n": len(group), "ac1": _ac(group, 1), "ac3": _ac(group, 3)} for fault, group in sorted(groups.items())
    }


def _ac(ranked: Sequence[CaseScore], k: int) -> float:
    return _mean([each.within[k - 1] for each in ranked])


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else 0.0


def _chance(truth: Truth, known: Collection[str]) -> float:
    return 1 / len(known) if truth.root in known else 0.0
