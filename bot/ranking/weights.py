"""Weights of the features, set on made incidents and never on a given case; not to be edited.

Written by `python -m bench.calibrate --seed 1 --count 1000`. All are logarithms of odds for a feature of 1.
"""

from __future__ import annotations

from collections.abc import Mapping

WITHOUT_SPANS: Mapping[str, float] = {
    "alike": 1.942,
    "lost": 0.000,
    "own": 0.195,
    "failing": 1.572,
    "full": 7.325,
    "rose": 0.796,
    "fell": 3.324,
    "moved": 0.000,
    "down": 3.007,
    "loudest": 1.108,
    "follows": -1.875,
    "victims": 2.740,
    "line-bad": 1.200,
    "line-plain": 0.000,
    "complains": -1.026,
    "named": 0.215,
    "edge": 0.000,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 0.000,
    "waits": 0.000,
    "platform": 0.000,
    "recorded": 1.536,
    "most-recorded": 1.103,
    "alerting": 0.165,
    "below": 2.487,
    "changed": 1.996,
}

WITH_SPANS: Mapping[str, float] = {
    "alike": 1.942,
    "lost": 0.000,
    "own": 0.195,
    "failing": 1.572,
    "full": 7.871,
    "rose": 0.796,
    "fell": 3.324,
    "moved": 0.000,
    "down": 3.836,
    "loudest": 1.108,
    "follows": -1.875,
    "victims": 2.740,
    "line-bad": 0.000,
    "line-plain": 1.262,
    "complains": -2.104,
    "named": 0.000,
    "edge": 3.042,
    "inside": 0.837,
    "failed": 0.000,
    "missing": 2.225,
    "waits": 0.000,
    "platform": 0.000,
    "recorded": 2.568,
    "most-recorded": 2.097,
    "alerting": 0.471,
    "below": 2.866,
    "changed": 1.411,
}

# That nothing began here at all, for each service that there is; without spans and with.
NOBODY = (2.963, 1.268)
# How sure a first place is: always, by its log odds, by its lead over nobody, by its lead over the second.
SURE = (-0.732, 0.617, 0.000, 0.481)
