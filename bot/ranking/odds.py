"""Vectors into probabilities: that it began at this service, or at none; and how often an answer like this one is right.

The services and "nobody" share one probability by their weighted sums (a conditional logit), so that a service is suspect
beside the others and not by itself. What stood out at earlier times, when nothing had happened, speaks for nobody. How sure the
first place is, is told by itself, by its lead over nobody and over the second, and by how many there are; that is calibrated,
and the words on the card are read from it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.ranking.moment import MOST_EARLIER
from bot.ranking.vector import NAMES, Vector
from bot.ranking.weights import NOBODY, SURE, WITH_SPANS, WITHOUT_SPANS

# Probabilities are kept off 0 and 1 by this (ratio), and a lead over the second does not count beyond this (logarithm: 20 times).
_LEAST, _MOST_LEAD = 1e-6, 3.0
# The farthest that now stands below and above earlier times (logarithm of odds); and of so many of these the most unusual one
# is left out, which may have been an incident itself.
_BELOW, _ABOVE, _MANY = -3.0, 4.0, 4
# Systems of fewer services than this were not made, and count as that many.
_FEWEST = 3
_ALIKE, _RECORDED, _ALERTING = (NAMES.index(name) for name in ("alike", "recorded", "alerting"))
_WITHOUT = tuple(WITHOUT_SPANS[name] for name in NAMES)
_WITH = tuple(WITH_SPANS[name] for name in NAMES)

Now = Sequence[Vector]
Earlier = Sequence[Sequence[Vector]]


@dataclass(frozen=True, slots=True)
class Odds:
    """The probability of each service, that of nobody, and how often a first place like this is right."""

    services: Mapping[str, float]
    nobody: float
    sure: float


def odds(told: Mapping[str, Vector], now: Now = (), earlier: Earlier = (), *, spans: bool) -> Odds:
    """Weigh the vectors; `now` and `earlier` are what series alone show at the alert and before, `spans` whether any were read."""
    if not told:
        return Odds({}, 1.0, 0.0)
    weights = _WITH if spans else _WITHOUT
    sums = {name: _weighed(weights, vector) for name, vector in told.items()}
    none = _weighed(NOBODY[spans], about_nobody(told, now, earlier, _WITHOUT))
    most = max(none, *sums.values())
    parts = {name: math.exp(value - most) for name, value in sums.items()}
    nothing = math.exp(none - most)
    total = math.fsum(sorted(parts.values())) + nothing
    found = {name: part / total for name, part in parts.items()}
    lead = lead_of(sorted(found.values(), reverse=True), nothing / total)
    return Odds(found, nothing / total, 1 / (1 + math.exp(-_weighed(SURE[spans], lead))))


def _weighed(weights: Sequence[float], vector: Sequence[float]) -> float:
    return math.fsum([weight * value for weight, value in zip(weights, vector, strict=True)])


def about_nobody(
    told: Mapping[str, Vector], now: Now, earlier: Earlier, weights: Sequence[float]
) -> tuple[float, float, float, float, float, float]:
    """Return what nobody's weights are weights of, all but the first being signs of what is normal.

    They are 1; how clearly the alerting service shows what the alert says (0..1), because one that does is no false alarm; how
    many earlier times were looked at (0..1); how far the first of now stands above the first of then; the logarithm of how many there are;
    and the most that lines and spans say against anybody (0..1), of which earlier times know nothing.
    """
    own = [max(vector[_ALIKE], vector[_RECORDED]) for vector in told.values() if vector[_ALERTING]]
    many = math.log(max(_FEWEST, len(told)))
    most = max((vector[_RECORDED] for vector in told.values()), default=0.0)
    if not earlier or not now:
        return 1.0, max(own, default=0.0), 0.0, 0.0, many, most
    then = sorted((_most(weights, each) for each in earlier), reverse=True)
    unusual = _most(weights, now) - then[len(then) >= _MANY]
    return 1.0, max(own, default=0.0), len(earlier) / MOST_EARLIER, min(_ABOVE, max(_BELOW, unusual)), many, most


def _most(weights: Sequence[float], vectors: Sequence[Vector]) -> float:
    return max((_weighed(weights, vector) for vector in vectors), default=0.0)


def lead_of(ordered: Sequence[float], nobody: float) -> tuple[float, float, float, float, float]:
    """Return what the calibration rests on, of sorted probabilities.

    That is 1, the log odds of the first, its logarithmic lead over nobody and the second, and the logarithm of how many there are.
    """
    first = min(max(ordered[0], _LEAST), 1 - _LEAST)
    second = ordered[1] if len(ordered) > 1 else 0.0
    over_second = min(_MOST_LEAD, math.log(first / max(second, _LEAST)))
    odds_of_first = math.log(first / (1 - first))
    return 1.0, odds_of_first, math.log(first / max(nobody, _LEAST)), over_second, math.log(max(_FEWEST, len(ordered)))
