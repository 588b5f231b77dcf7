"""What is promised is held by tests that are there, in both languages the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.meta.test_compatibility import is_there

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["guarantees.md", "guarantees.ko.md"]


def promises(page: str) -> list[tuple[str, str]]:
    """Return each sentence with its test; headings within the table have none and are left out."""
    rows = re.findall(r"(?m)^\| (.+) \| (.*)\|$", (DOCS / page).read_text("utf-8"))
    told = [(words.strip(), test.strip().strip("`")) for words, test in rows if words not in ("promise", "보장")]
    return [(words, test) for words, test in told if not words.startswith("**")]


@pytest.mark.parametrize("page", PAGES)
def test_each_promise_names_a_test_that_is_there(page):
    told = promises(page)

    assert len(told) >= 25
    assert [words for words, test in told if not is_there(test)] == []


def test_both_languages_promise_the_same():
    english, korean = ([test for _, test in promises(page)] for page in PAGES)

    assert english == korean


AVAILABILITY = ["high-availability.md", "high-availability.ko.md"]


@pytest.mark.parametrize("page", AVAILABILITY)
def test_what_each_failure_does_is_held_by_a_test_that_is_there(page):
    rows = re.findall(r"(?m)^\| (.+) \| .+ \| `(.+)` \|$", (DOCS / page).read_text("utf-8"))

    assert len(rows) >= 10
    assert [words for words, test in rows if not is_there(test)] == []
