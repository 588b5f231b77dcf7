"""Runs a test that starts real processes once more when it fails, and lists that it did.

What it lists under RERUN, with how the first try failed, is a fault to be mended all the same: nothing is hidden by it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

# Real browsers, monitors and bots, on machines that are busy; what computes for itself gets no second try.
FOLDERS = ("tests/e2e", "tests/cameras/browser", "tests/playground", "tests/cases", "tests/chaos", "tests/models/weak")


def may_run_again(path: Path, root: Path) -> bool:
    """Tell whether the tests of a file start real processes."""
    return any(path.is_relative_to(root / folder) for folder in FOLDERS)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if may_run_again(item.path, config.rootpath):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    first_tries = terminalreporter.getreports("rerun")
    if first_tries:
        terminalreporter.section("why a test ran once more")
    for report in first_tries:
        terminalreporter.line(report.nodeid, bold=True)
        terminalreporter.line(report.longreprtext)
