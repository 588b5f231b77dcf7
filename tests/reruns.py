"""Runs a test once more that fails against real processes or waits too long, and lists that it did.

What it lists under RERUN, with how the first try failed, is a fault to be mended all the same: nothing is hidden by it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from pytest_rerunfailures import StatusDB

# Real browsers, monitors, bots and sockets, on machines that are busy; what computes for itself gets no second try
# unless a wait ended.
PROCESSES = (
    *("tests/bench", "tests/cameras", "tests/cases", "tests/chaos", "tests/deploy"),
    *("tests/e2e", "tests/models", "tests/playground", "tests/store", "tests/tools"),
)
SOCKETS = ("tests/app", "tests/cogs", "tests/doctor", "tests/oncall", "tests/telemetry", "tests/ui", "tests/web")
FOLDERS = (*PROCESSES, *SOCKETS)
# Fixtures that are a real server or store, wherever they are asked for.
SERVERS = ("postgres", "database")
LATE = ["TimeoutError", r"Timeout \(>"]


@cache
def may_run_again(path: Path, root: Path) -> bool:
    """Tell whether the tests of a file meet real processes or sockets."""
    return any(path.is_relative_to(root / folder) for folder in FOLDERS)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    # Before each test a worker would ask over a socket whether another has died over it, and wait for the answer of a thread
    # that reads letter by letter, beside who deals the tests out. Over what a worker dies fails, without a second try.
    if hasattr(config, "workerinput"):
        config.failures_db.sock.close()
        config.failures_db = StatusDB()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        asks = getattr(item, "fixturenames", ())
        real = may_run_again(item.path, config.rootpath) or any(server in asks for server in SERVERS)
        item.add_marker(pytest.mark.flaky(reruns=1) if real else pytest.mark.flaky(reruns=1, only_rerun=LATE))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    first_tries = terminalreporter.getreports("rerun")
    if first_tries:
        terminalreporter.section("why a test ran once more")
    for report in first_tries:
        terminalreporter.line(report.nodeid, bold=True)
        terminalreporter.line(report.longreprtext)
