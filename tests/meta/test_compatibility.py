"""What is written of other people's programs is held by tests that are there."""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/compatibility.md").read_text("utf-8")
KOREAN = (ROOT / "docs/compatibility.ko.md").read_text("utf-8")


def rows_of(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith(("| version ", "| 버전 "))
    ]


ROWS = rows_of(TEXT)


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


def test_the_korean_page_has_every_row_with_its_version_its_code_and_its_test():
    def told(row: list[str]) -> tuple[object, ...]:
        return re.findall(r"\d+(?:\.\d+)*", row[0]), set(re.findall(r"`[^`]+`", " ".join(row[1:4]))), row[4]

    korean = rows_of(KOREAN)

    assert all(len(row) == 5 and all(row) for row in korean)
    assert [told(row) for row in korean] == [told(row) for row in ROWS]


def is_there(name: str) -> bool:
    path, _, function = name.partition("::")
    file = ROOT / path
    return file.is_file() and bool(re.search(rf"^(?:async )?def {function}\(", file.read_text("utf-8"), re.MULTILINE))


def test_each_finding_is_a_script_that_says_what_was_expected_and_seen():
    index = (ROOT / "findings/README.md").read_text("utf-8")
    scripts = {path.stem: path.read_text("utf-8") for path in (ROOT / "findings").glob("*.sh") if path.stem != "lib"}

    assert [name for name in scripts if not os.access(ROOT / f"findings/{name}.sh", os.X_OK)] == []
    heads = {name: re.match(r"#!.+\n((?:# .+\n)+)", text) for name, text in scripts.items()}
    assert [
        name for name, head in heads.items() if not head or not re.search(r"# Expected: (?s:.+)# Seen: ", head[1])
    ] == []
    assert [name for name, text in scripts.items() if not re.search(r"^(seen|unseen) ", text, re.MULTILINE)] == []
    assert set(scripts) == set(re.findall(r"^- \[`(\w+)`\]\(\1\.sh\): .+$", index, re.MULTILINE))
    assert {path.name for path in (ROOT / "findings").iterdir()} == {
        *(f"{name}.sh" for name in scripts),
        "README.md",
        "lib.sh",
    }
