"""Weights of the features, set on made incidents and never on a given case; not to be edited.

Written by `python -m bench.calibrate --seed 1 --count 500`. All are logarithms of odds for a feature of 1.
"""

from __future__ import annotations

from collections.abc import Mapping

WITHOUT_SPANS: Mapping[str, float] = {
    "alike": 2.175,
    "lost": 0.000,
    "own": 0.239,
    "failing": 1.405,
    "full": 5.476,
    "rose": 0.688,
    "fell": 3.205,
    "moved": 0.000,
    "down": 1.227,
    "ramp": 1.323,
    "loudest": 0.893,
    "follows": -2.555,
    "victims": 2.669,
    "line-bad": 0.346,
    "line-plain": 0.000,
    "complains": -0.422,
    "named": 0.481,
    "edge": 0.000,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 0.000,
    "waits": 0.000,
    "platform": 2.535,
    "recorded": 2.548,
    "most-recorded": 2.807,
    "alerting": 0.202,
    "below": 2.675,
    "apart": 0.243,
    "changed": 1.969,
}

WITH_SPANS: Mapping[str, float] = {
    "alike": 2.175,
    "lost": 0.000,
    "own": 0.239,
    "failing": 1.405,
    "full": 4.059,
    "rose": 0.688,
    "fell": 3.205,
    "moved": 0.000,
    "down": 2.366,
    "ramp": 0.855,
    "loudest": 0.893,
    "follows": -2.555,
    "victims": 2.669,
    "line-bad": 0.000,
    "line-plain": 0.378,
    "complains": -1.406,
    "named": 1.613,
    "edge": 1.663,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 1.952,
    "waits": 0.000,
    "platform": 2.940,
    "recorded": 3.199,
    "most-recorded": 1.872,
    "alerting": 0.555,
    "below": 2.723,
    "apart": 0.496,
    "changed": 1.674,
}

# That nothing began here: the weights of `odds.about_nobody`; without spans and with.
NOBODY = (
    (4.227, -0.295, 0.179, -0.441, 0.616),
    (2.830, -1.881, 0.000, 0.000, 0.532),
)

# How sure a first place is: the weights of `odds.lead_of`; without spans and with.
SURE = (
    (-1.307, 1.001, -0.176, 0.252, 0.389),
    (0.103, 2.012, -0.451, -0.428, 0.541),
)
