"""Weights of the features, set on made incidents and never on a given case; not to be edited.

Written by `python -m bench.calibrate --seed 1 --count 300`. All are logarithms of odds for a feature of 1.
"""

from __future__ import annotations

from collections.abc import Mapping

WITHOUT_SPANS: Mapping[str, float] = {
    "alike": 2.313,
    "lost": 0.000,
    "own": 0.404,
    "failing": 0.985,
    "full": 5.482,
    "rose": 0.101,
    "fell": 3.049,
    "moved": 0.000,
    "down": 2.187,
    "ramp": 1.735,
    "loudest": 0.962,
    "follows": -2.060,
    "victims": 2.514,
    "line-bad": 0.478,
    "line-plain": 0.000,
    "complains": -0.148,
    "named": 0.231,
    "edge": 0.000,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 0.000,
    "waits": 0.000,
    "platform": 1.702,
    "recorded": 1.760,
    "most-recorded": 2.161,
    "alerting": 0.607,
    "below": 2.559,
    "apart": 0.199,
    "changed": 1.906,
}

WITH_SPANS: Mapping[str, float] = {
    "alike": 2.313,
    "lost": 0.000,
    "own": 0.404,
    "failing": 0.985,
    "full": 6.138,
    "rose": 0.101,
    "fell": 3.049,
    "moved": 0.000,
    "down": 6.675,
    "ramp": 0.899,
    "loudest": 0.962,
    "follows": -2.060,
    "victims": 2.514,
    "line-bad": 0.000,
    "line-plain": 0.232,
    "complains": -0.710,
    "named": 0.000,
    "edge": 2.162,
    "inside": 0.133,
    "failed": 0.000,
    "missing": 1.808,
    "waits": 0.000,
    "platform": 3.177,
    "recorded": 2.224,
    "most-recorded": 2.862,
    "alerting": 0.804,
    "below": 2.281,
    "apart": 0.598,
    "changed": 1.662,
}

# That nothing began here: the weights of `odds.about_nobody`; without spans and with.
NOBODY = (
    (4.382, -0.517, 0.201, -0.262, 0.576, -1.666),
    (2.388, -1.476, 0.000, 0.000, 0.582, 0.111),
)

# How sure a first place is: the weights of `odds.lead_of`; without spans and with.
SURE = (
    (-0.854, 1.131, -0.284, 0.059, 0.321),
    (0.184, 1.299, -0.148, -0.025, 0.071),
)
