"""Draws for Hypothesis what the seed says, and nothing else.

Its own way of drawing also takes numbers that it finds in the source of whatever modules are loaded: what a seed leads
to would depend on which tests ran before.
"""

from __future__ import annotations

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

NAME = "by-the-seed"


class BySeed(HypothesisProvider):
    """Draws bounded integers evenly; of those are made choices, sets and the steps of state machines."""

    def draw_integer(self, min_value=None, max_value=None, *, weights=None, shrink_towards=0):
        assert self._random is not None
        assert min_value is not None
        assert max_value is not None
        # Those would make the ends of a wide range likelier.
        del weights, shrink_towards
        return self._random.randint(min_value, max_value)


AVAILABLE_PROVIDERS[NAME] = BySeed
