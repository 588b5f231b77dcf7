"""What is written of other people's programs is held by tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/compatibility.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith("| version ")
]


def test_at_least_forty_behaviours_are_told_by_product_and_version():
    products = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)

    assert len(ROWS) >= 40
    assert {"Grafana", "Tempo", "Loki", "Alloy", "discord.py"} <= set(products)
    assert all(len(row) == 5 and all(row) for row in ROWS)
    assert all(re.search(r"\d", row[0]) for row in ROWS)


def test_each_names_a_test_that_is_there_or_says_that_there_is_none():
    named = [row[4].strip("`") for row in ROWS]

    missing = [name for name in named if name != "–" and not is_there(name)]

    assert missing == []
    assert named.count("–") <= len(named) // 8


def is_there(name: str) -> bool:
    path, _, function = name.partition("::")
    file = ROOT / path
    return file.is_file() and bool(re.search(rf"^(?:async )?def {function}\(", file.read_text("utf-8"), re.MULTILINE))


def test_each_finding_could_be_reported_as_it_stands():
    parts = ("Product", "What happens", "How to see it", "Cause", "What would mend it", "What Bongsu does")

    found = {
        path.name: path.read_text("utf-8") for path in (ROOT / "findings").glob("*.md") if path.name != "README.md"
    }

    assert found
    assert [name for name, text in found.items() if not all(f"**{part}" in text for part in parts)] == []
