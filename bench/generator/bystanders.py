"""What components do by themselves without anybody's harm: bursts, memory that is kept, polls and copies."""

from __future__ import annotations

import math
import random

# The share of components that are busy at some time without anybody's harm, and of those that wait for something in the
# background (a long poll, a lease) for which nobody waits.
BURSTS, _POLLS = 0.3, 0.4


def held(dice: random.Random, count: int) -> list[float]:
    """Return by which factor a component holds more memory at each step: what it keeps for a while, or from then on."""
    found = [1.0] * count
    if dice.random() < BURSTS:
        start, factor = dice.randrange(count), dice.uniform(1.05, 1.8)
        for index in range(start, min(count, start + dice.choice((2, 5, 12, count)))):
            found[index] = factor
    return found


def polls(dice: random.Random, count: int) -> list[float]:
    """Return how long the longest call in the background took at each step (seconds), mostly 0: nobody waited for it."""
    if dice.random() >= _POLLS:
        return [0.0] * count
    often, usual = dice.choice((0.03, 0.1, 0.5)), 10 ** dice.uniform(-1, 2)
    return [round(usual * math.exp(dice.gauss(0, 1.0)), 4) if dice.random() < often else 0.0 for _ in range(count)]


def transfers(dice: random.Random, count: int) -> list[float]:
    """Return by which factor a component sends or reads more at each step: a copy or a backup that nobody waits for."""
    found = [1.0] * count
    if dice.random() < BURSTS:
        start = dice.randrange(count)
        for index in range(start, min(count, start + dice.randint(1, 4))):
            found[index] = dice.choice((0.6, 2.0, 5.0, 20.0))
    return found
