"""Has coverage watch what tells it something: what a property calls, and not how Hypothesis makes up its examples.

Without sys.monitoring (which knows branches from Python 3.14 on) each call and each line of Python pays for being watched,
in the tests' own code and in libraries, too. What runs the same lines thousands of times, or none of `bot/` and `cogs/`
that other tests do not run, is not watched; nor are the processes that it starts.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

UNWATCHED = (
    "tests/bench",
    "tests/cases/test_model.py",
    "tests/chaos",
    "tests/deploy",
    "tests/e2e/test_crash.py",
    "tests/e2e/test_fresh.py",
    "tests/meta",
    "tests/models/weak",
    "tests/tools",
)


@cache
def is_unwatched(path: Path, root: Path) -> bool:
    """Tell whether the tests of a file tell coverage nothing that others do not."""
    return any(path.is_relative_to(root / place) for place in UNWATCHED)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if not is_unwatched(item.path, item.config.rootpath):
        return (yield)
    # Without these a process that is started does not begin to measure.
    told = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COVERAGE_PROCESS_")}
    watch = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(watch)
        os.environ.update(told)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    handle = getattr(getattr(item, "obj", None), "hypothesis", None)
    watch = sys.gettrace()
    if watch is None or handle is None or inspect.iscoroutinefunction(handle.inner_test):
        return (yield)
    inner = handle.inner_test

    # Its name and source are those of the property: Hypothesis chooses the examples by them.
    @functools.wraps(inner)
    def watched(*values: Any, **named: Any) -> Any:
        sys.settrace(watch)
        try:
            return inner(*values, **named)
        finally:
            sys.settrace(None)

    handle.inner_test = watched
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(watch)
        handle.inner_test = inner
