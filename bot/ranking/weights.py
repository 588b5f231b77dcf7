"""Weights of the features, set on made incidents and never on a given case; not to be edited.

Written by `python -m bench.calibrate --seed 1 --count 600`. All are logarithms of odds for a feature of 1.
"""

from __future__ import annotations

from collections.abc import Mapping

WITHOUT_SPANS: Mapping[str, float] = {
    "alike": 1.499,
    "lost": 0.000,
    "own": 0.283,
    "failing": 0.983,
    "full": 5.733,
    "rose": 0.762,
    "fell": 3.040,
    "moved": 0.000,
    "down": 2.317,
    "ramp": 0.0,
    "loudest": 1.544,
    "follows": -2.146,
    "victims": 2.475,
    "line-bad": 0.524,
    "line-plain": 0.000,
    "complains": -1.196,
    "named": 0.037,
    "edge": 0.000,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 0.000,
    "waits": 0.000,
    "platform": 3.120,
    "recorded": 2.411,
    "most-recorded": 2.220,
    "alerting": 0.133,
    "below": 2.521,
    "apart": 0.0,
    "changed": 1.979,
}

WITH_SPANS: Mapping[str, float] = {
    "alike": 1.499,
    "lost": 0.000,
    "own": 0.283,
    "failing": 0.983,
    "full": 5.113,
    "rose": 0.762,
    "fell": 3.040,
    "moved": 0.000,
    "down": 3.348,
    "ramp": 0.0,
    "loudest": 1.544,
    "follows": -2.146,
    "victims": 2.475,
    "line-bad": 0.333,
    "line-plain": 0.874,
    "complains": -0.941,
    "named": 0.000,
    "edge": 3.301,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 1.601,
    "waits": 0.000,
    "platform": 3.918,
    "recorded": 2.334,
    "most-recorded": 2.534,
    "alerting": 0.390,
    "below": 2.568,
    "apart": 0.0,
    "changed": 1.614,
}

# That nothing began here at all, for each service that there is; without spans and with.
NOBODY = (2.960, 1.102)
# How sure a first place is: always, by its log odds, by its lead over nobody, by its lead over the second.
SURE = (-0.541, 0.718, 0.000, 0.383)
