"""Every row of the given cases has its test, on the real process where it is about time, people or silences.

`python -m tests.cases.test_coverage` prints which test shows which row, and where it runs.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.cases.given import GIVEN

HERE = Path(__file__).parent

# What `README.md` beside the given cases has as rows; kept here as well, because a checkout may be without it.
ROWS = [
    "01", "04", "05", "06", "07", "08", "09", "10", "11", "14", "16", "17", "19", "22", "24", "25", "26", "30",
    "31", "32", "41", "44", "45", "46", "47", "48", "49", "51", "52", "53", "54", "55", "56", "60", "61", "62",
    "64", "65", "66", "67", "68", "69", "70", "71", "73", "74", "78", "80", "81", "82", "90", "92", "93", "95",
    "97",
]  # fmt: skip

# About time, people or silences: these need the process as it is run, the others a parser and a card.
ON_THE_PROCESS = [
    "11", "14", "16", "17", "19", "22", "24", "25", "26", "32", "53", "54", "60", "61", "62", "64", "65", "66",
    "67", "68", "69", "70", "71", "73", "74", "78", "80", "81", "82",
]  # fmt: skip


def shown() -> dict[str, list[tuple[str, bool]]]:
    """Return for each row the tests that show it, and whether they run the real process."""
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(f"tests.cases.{path.stem}")
        for name, test in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_") and test.__module__ == module.__name__:
                for row in rows_of(module, test):
                    found[row].append((f"{path.name}::{name}", runs_the_process(test)))
    return found


def rows_of(module: Any, test: Any) -> list[str]:
    everywhere = getattr(module, "pytestmark", [])
    marks = [*getattr(test, "pytestmark", []), *(everywhere if isinstance(everywhere, list) else [everywhere])]
    return [row for mark in marks if mark.name == "row" for row in mark.args]


def runs_the_process(test: Any) -> bool:
    # Not the docstring or a comment: the parameters, or the scene that is opened.
    opened = {"scene", "process"} & set(inspect.signature(test).parameters)
    return bool(opened) or bool(re.search(r"async with (?:\(\s*)?(?:scene|bot_process)\(", inspect.getsource(test)))


def test_every_row_has_its_test():
    assert set(ROWS) - shown().keys() == set()
    assert shown().keys() - set(ROWS) == set()


def test_what_is_about_time_people_or_silences_runs_on_the_process():
    found = shown()

    assert [row for row in ON_THE_PROCESS if not any(on for _, on in found[row])] == []


def test_the_rows_are_those_of_the_readme():
    if not GIVEN.is_dir():
        pytest.skip("the given cases are not beside this checkout")
    lines = (GIVEN / "README.md").read_text("utf-8").splitlines()
    given = [row for line in lines if line.startswith("| ") for row in re.findall(r"\d\d", line.split("|")[1])]

    assert sorted(ROWS) == sorted(given)


def main() -> None:
    for row, tests in sorted(shown().items()):
        for name, on_the_process in tests:
            sys.stdout.write(f"{row}  {'process' if on_the_process else 'parser and card':15}  {name}\n")


if __name__ == "__main__":
    main()
