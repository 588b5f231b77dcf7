"""The numbers that are known of each service: their names, their order, and how far a deviation counts."""

from __future__ import annotations

import math

from bot.ranking.reference import QUIET

Vector = list[float]

NAMES = (
    "alike",  # series of the alert's kind stand out
    "lost",  # its part of the largest excess in the alert's currency
    "own",  # what of that no callee accounts for
    "failing",  # latency or failures that the alert does not speak of stand out
    "full",  # a resource is near its limit and was not
    "busy",  # a resource is used more than ever, whatever its limit
    "sank",  # all that it uses fell to next to nothing
    "rose",  # traffic rose
    "fell",  # traffic fell
    "moved",  # a series of unknown meaning stands out
    "down",  # it, or one of it, is not there any more
    "unmeasured",  # nothing of it is measured, while others are
    "ramp",  # such a series, or how full a resource is, has been getting worse all the time
    "loudest",  # its farthest series beside the farthest of all
    "follows",  # a callee stands out as much, in the alert's kind
    "victims",  # a caller stands out that nobody else accounts for
    "starved",  # it is asked less than who asks it, and than all else that those ask
    "asks",  # what it asks of others is answered late or badly, and nobody whom it asks stands out
    "asked",  # that is so of those who ask it
    "line-bad",  # error lines that are new or grew
    "line-plain",  # other lines that are new, grew or are missing
    "complains",  # lines that say of somebody else's failure
    "named",  # others' lines name it
    "edge",  # time lost between it and its neighbours
    "inside",  # time lost inside it
    "failed",  # spans that failed, nothing below them did
    "missing",  # calls that no longer arrive
    "waits",  # spans that wait for somebody who writes none
    "platform",  # its platform says so
    "recorded",  # all that lines and spans say against it, joined as independent doubts
    "most-recorded",  # the same beside the most that is said against anybody
    "alerting",  # it is the one that alerts
    "below",  # the alerting service calls it, directly or through others
    "apart",  # it calls nobody and nobody calls it, where others do
    "changed",  # something was shipped to it within the last half hour
)
AT = {name: place for place, name in enumerate(NAMES)}
# What spans say as well, where a service writes them.
SAID_BY_SPANS = (
    "alike", "lost", "own", "failing", "rose", "fell", "moved", "loudest", "follows", "victims", "starved", "asks",
    "asked",
)  # fmt: skip
# Standard deviations that count in full (the logarithm of what lies between these and `QUIET`).
_FULL = 60.0


def weight_of(z: float) -> float:
    """Return how far standard deviations count, 0..1: tenfold is a step, not ten steps."""
    return min(1.0, math.log1p(max(0.0, z - QUIET)) / math.log1p(_FULL - QUIET))


def standing_for(weight: float) -> float:
    """Return the standard deviations that count as far: the reverse of `weight_of`."""
    return QUIET + math.expm1(weight * math.log1p(_FULL - QUIET))
