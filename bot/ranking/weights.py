"""Weights of the features, set on made incidents and never on a given case; not to be edited.

Written by `python -m bench.calibrate --seed 1 --count 900`. All are logarithms of odds for a feature of 1.
"""

from __future__ import annotations

from collections.abc import Mapping

WITHOUT_SPANS: Mapping[str, float] = {
    "alike": 1.365,
    "lost": 0.000,
    "own": 0.450,
    "failing": 1.145,
    "full": 5.919,
    "rose": 0.833,
    "fell": 2.599,
    "moved": 0.000,
    "down": 1.967,
    "ramp": 1.986,
    "loudest": 1.403,
    "follows": -2.232,
    "victims": 2.404,
    "line-bad": 0.851,
    "line-plain": 0.000,
    "complains": -0.895,
    "named": 0.000,
    "edge": 0.000,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 0.000,
    "waits": 0.000,
    "platform": 2.811,
    "recorded": 2.154,
    "most-recorded": 2.226,
    "alerting": 0.244,
    "below": 2.690,
    "apart": 0.456,
    "changed": 1.680,
}

WITH_SPANS: Mapping[str, float] = {
    "alike": 1.365,
    "lost": 0.000,
    "own": 0.450,
    "failing": 1.145,
    "full": 5.988,
    "rose": 0.833,
    "fell": 2.599,
    "moved": 0.000,
    "down": 3.504,
    "ramp": 2.051,
    "loudest": 1.403,
    "follows": -2.232,
    "victims": 2.404,
    "line-bad": 0.806,
    "line-plain": 1.085,
    "complains": -0.774,
    "named": 0.000,
    "edge": 3.105,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 0.954,
    "waits": 0.000,
    "platform": 3.216,
    "recorded": 1.969,
    "most-recorded": 2.999,
    "alerting": 0.485,
    "below": 3.111,
    "apart": 0.895,
    "changed": 1.444,
}

# That nothing began here at all, for each service that there is; without spans and with.
NOBODY = (3.275, 1.628)
# The same where the alerting service shows what the alert says.
FELT = (-1.496, -1.496)
# How sure a first place is: always, by its log odds, by its lead over nobody, by its lead over the second.
SURE = (-0.720, 0.619, 0.000, 0.484)
