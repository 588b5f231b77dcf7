"""Weights of the features, set on made incidents and never on a given case; not to be edited.

Written by `python -m bench.calibrate --seed 1 --count 700`. All are logarithms of odds for a feature of 1.
"""

from __future__ import annotations

from collections.abc import Mapping

WITHOUT_SPANS: Mapping[str, float] = {
    "alike": 1.474,
    "lost": 0.000,
    "own": 0.307,
    "failing": 1.081,
    "full": 5.858,
    "rose": 0.555,
    "fell": 2.870,
    "moved": 0.000,
    "down": 1.930,
    "ramp": 1.947,
    "loudest": 1.483,
    "follows": -2.451,
    "victims": 2.509,
    "line-bad": 0.563,
    "line-plain": 0.000,
    "complains": -1.035,
    "named": 0.071,
    "edge": 0.000,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 0.000,
    "waits": 0.000,
    "platform": 2.731,
    "recorded": 2.333,
    "most-recorded": 2.224,
    "alerting": 0.259,
    "below": 2.617,
    "apart": 0.412,
    "changed": 1.782,
}

WITH_SPANS: Mapping[str, float] = {
    "alike": 1.474,
    "lost": 0.000,
    "own": 0.307,
    "failing": 1.081,
    "full": 5.143,
    "rose": 0.555,
    "fell": 2.870,
    "moved": 0.000,
    "down": 3.038,
    "ramp": 1.481,
    "loudest": 1.483,
    "follows": -2.451,
    "victims": 2.509,
    "line-bad": 0.837,
    "line-plain": 1.332,
    "complains": -0.899,
    "named": 0.000,
    "edge": 3.304,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 1.399,
    "waits": 0.000,
    "platform": 3.297,
    "recorded": 2.371,
    "most-recorded": 2.452,
    "alerting": 0.567,
    "below": 2.905,
    "apart": 0.747,
    "changed": 1.446,
}

# That nothing began here at all, for each service that there is; without spans and with.
NOBODY = (3.133, 1.504)
FELT = (0.0, 0.0)
# How sure a first place is: always, by its log odds, by its lead over nobody, by its lead over the second.
SURE = (-0.658, 0.611, 0.031, 0.417)
