"""Weights of the features, set on made incidents and never on a given case; not to be edited.

Written by `python -m bench.calibrate --seed 1 --count 100 --keep`. All are logarithms of odds for a feature of 1.
With `--keep` those with spans are those of `--seed 1 --count 300`, set before series were judged by what lasts.
What is made has changed since: it prints other numbers today, no better ones (docs/investigation.md).
"""

from __future__ import annotations

from collections.abc import Mapping

WITHOUT_SPANS: Mapping[str, float] = {
    "alike": 2.786,
    "lost": 0.000,
    "own": 0.191,
    "failing": 1.887,
    "full": 4.017,
    "busy": 1.485,
    "sank": 1.700,
    "rose": 0.398,
    "fell": 2.298,
    "moved": 0.000,
    "down": 3.534,
    "unmeasured": 2.997,
    "ramp": 3.641,
    "loudest": 0.877,
    "follows": -2.586,
    "victims": 3.003,
    "starved": 2.690,
    "asks": 0.501,
    "asked": 2.509,
    "line-bad": 0.089,
    "line-plain": 0.000,
    "complains": -0.516,
    "named": 0.000,
    "edge": 0.000,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 0.000,
    "waits": 0.000,
    "platform": 2.316,
    "recorded": 1.594,
    "most-recorded": 1.595,
    "alerting": 0.339,
    "below": 2.676,
    "apart": 1.229,
    "changed": 2.540,
}

WITH_SPANS: Mapping[str, float] = {
    "alike": 1.985,
    "lost": 0.000,
    "own": 0.591,
    "failing": 1.290,
    "full": 4.325,
    "busy": 1.940,
    "sank": 1.853,
    "rose": 0.826,
    "fell": 2.212,
    "moved": 0.000,
    "down": 6.128,
    "unmeasured": 2.202,
    "ramp": 2.717,
    "loudest": 1.204,
    "follows": -2.028,
    "victims": 2.305,
    "starved": 3.123,
    "asks": 0.000,
    "asked": 0.412,
    "line-bad": 0.000,
    "line-plain": 1.869,
    "complains": -0.142,
    "named": 0.000,
    "edge": 2.629,
    "inside": 0.000,
    "failed": 0.000,
    "missing": 1.329,
    "waits": 0.000,
    "platform": 3.826,
    "recorded": 2.204,
    "most-recorded": 2.545,
    "alerting": -0.304,
    "below": 2.578,
    "apart": 1.173,
    "changed": 1.675,
}

# That nothing began here: the weights of `odds.about_nobody`; without spans and with.
NOBODY = (
    (3.625, -1.784, 0.166, -0.359, 0.923, -2.000),
    (1.547, -2.360, 0.000, 0.000, 1.058, -2.000),
)

# How sure a first place is: the weights of `odds.lead_of`; without spans and with.
SURE = (
    (-0.404, 0.841, 0.000, 0.000, 0.078),
    (-0.084, 0.789, 0.000, 0.419, -0.066),
)
