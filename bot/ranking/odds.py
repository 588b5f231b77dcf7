"""Vectors into probabilities: that it began at this service, or at none; and how often an answer like this one is right.

The services and "nobody" share one probability by their weighted sums (a conditional logit), so that a service is suspect
beside the others and not by itself. How sure the first place is, is told by itself, by its lead over nobody and over the
second; that is calibrated, and the words on the card are read from it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bot.ranking.features import NAMES, Vector
from bot.ranking.weights import FELT, NOBODY, SURE, WITH_SPANS, WITHOUT_SPANS

# Probabilities are kept off 0 and 1 by this, and a lead over the second does not count beyond this logarithm (20 times).
_LEAST, _MOST_LEAD = 1e-6, 3.0
_ALIKE, _RECORDED, _ALERTING = (NAMES.index(name) for name in ("alike", "recorded", "alerting"))
_WITHOUT = tuple(WITHOUT_SPANS[name] for name in NAMES)
_WITH = tuple(WITH_SPANS[name] for name in NAMES)


@dataclass(frozen=True, slots=True)
class Odds:
    """The probability of each service, that of nobody, and how often a first place like this is right."""

    services: Mapping[str, float]
    nobody: float
    sure: float


def odds(told: Mapping[str, Vector], *, spans: bool) -> Odds:
    """Weigh the vectors; `spans` tells whether any were read."""
    if not told:
        return Odds({}, 1.0, 0.0)
    weights = _WITH if spans else _WITHOUT
    sums = {name: math.fsum(w * x for w, x in zip(weights, vector, strict=True)) for name, vector in told.items()}
    none = NOBODY[spans] + FELT[spans] * felt(told) + math.log(len(sums))
    most = max(none, *sums.values())
    parts = {name: math.exp(value - most) for name, value in sums.items()}
    nothing = math.exp(none - most)
    total = math.fsum(sorted(parts.values())) + nothing
    found = {name: part / total for name, part in parts.items()}
    return Odds(found, nothing / total, _sure(sorted(found.values(), reverse=True), nothing / total))


def felt(told: Mapping[str, Vector]) -> float:
    """Return how clearly the alerting service shows what the alert says (0..1): one that does is no false alarm."""
    own = [max(vector[_ALIKE], vector[_RECORDED]) for vector in told.values() if vector[_ALERTING]]
    return max(own, default=0.0)


def lead_of(ordered: list[float], nobody: float) -> tuple[float, float, float, float]:
    """Return what the calibration rests on: 1, the log odds of the first, and its logarithmic lead over nobody and the second."""
    first = min(max(ordered[0], _LEAST), 1 - _LEAST)
    second = ordered[1] if len(ordered) > 1 else 0.0
    over_second = min(_MOST_LEAD, math.log(first / max(second, _LEAST)))
    return 1.0, math.log(first / (1 - first)), math.log(first / max(nobody, _LEAST)), over_second


def _sure(ordered: list[float], nobody: float) -> float:
    value = math.fsum(w * x for w, x in zip(SURE, lead_of(ordered, nobody), strict=True))
    return 1 / (1 + math.exp(-value))
