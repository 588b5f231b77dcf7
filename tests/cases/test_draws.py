"""What a seed leads to is the same whatever is loaded besides."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import draws

ROOT = Path(__file__).parents[2]
DRAW = """
import sys
{more}
from hypothesis import given, seed, settings, strategies as st
from tests import draws

@seed(7)
@settings(database=None, max_examples=100, backend=sys.argv[1])
@given(st.integers(0, 10_000), st.sampled_from(range(100)))
def draw(number, chosen):
    print(number, chosen)

draw()
"""


def drawn(backend: str, more: str = "") -> str:
    command = [sys.executable, "-c", DRAW.format(more=more), backend]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize(("backend", "same"), [(draws.NAME, True), ("hypothesis", False)])
def test_what_is_drawn_does_not_depend_on_what_is_loaded(backend, same):
    assert (drawn(backend) == drawn(backend, "import bot.app.settings")) is same
