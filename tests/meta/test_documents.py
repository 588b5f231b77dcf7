"""Documents that are written from the code are what the code says; links lead somewhere."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bot.app.settings import Settings
from tools.documents import architecture, configuration

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("language", configuration.PATHS)
def test_the_settings_are_those_of_the_code(language):
    assert configuration.PATHS[language].read_text("utf-8") == configuration.document(language), (
        "run: python -m tools.documents.configuration"
    )


def test_the_korean_page_knows_each_setting_and_no_other():
    korean = configuration.wording("ko")

    assert list(korean.settings or ()) != []
    assert set(korean.settings or ()) == set(configuration.paths())
    assert set(korean.services) == set(configuration.wording("en").services)


def test_what_a_description_quotes_is_quoted_in_korean_too():
    english, korean = configuration.document("en"), configuration.document("ko")

    def quoted(page: str) -> dict[str, set[str]]:
        rows = [[*re.split(r" \| ", line.strip("| "))] for line in page.splitlines() if re.match(r"\| (`|–)", line)]
        return {row[1]: set(re.findall(r"`[^`]+`", row[3])) for row in rows if len(row) == 4}

    theirs = quoted(korean)
    assert {name: words - theirs[name] for name, words in quoted(english).items() if not words <= theirs[name]} == {}


@pytest.mark.parametrize("language", configuration.PATHS)
def test_every_setting_has_a_description(language):
    rows = [line for line in configuration.document(language).splitlines() if line.startswith(("| `", "| –"))]

    assert len(rows) > len(Settings.model_fields)
    assert [row for row in rows if row.rstrip(" |").endswith(("–", "`"))] == []


def test_the_picture_of_the_layers_is_drawn_from_the_code():
    drawn = architecture.drawing()

    assert architecture.PATH.read_text("utf-8") == drawn, "run: python -m tools.documents.architecture"
    ET.fromstring(drawn)


def test_imports_of_the_picture_point_down():
    rows = architecture.packages()
    level = {each.name: number for number, row in enumerate(rows) for each in row}

    edges = [(each.name, target) for row in rows for each in row for target in each.imports]

    assert len(edges) > 20
    assert [(one, other) for one, other in edges if level[one] >= level[other]] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    words = page.read_text("utf-8")

    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", words)

    assert [target for target in targets if not (page.parent / target).exists()] == []


# A runbook of an alert counts its lines instead (tests/deploy/test_runbooks.py).
ITS_LAST = ("## When to wake whom", "## 누구를 언제 깨우나")
PAGES_OF_SHORT_LINES = [
    path
    for path in [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]
    if not any(each in path.read_text("utf-8") for each in ITS_LAST)
]


def prose(page: Path) -> list[str]:
    """Lines that are neither code, which is copied as it stands, nor rows of tables."""
    outside = re.sub(r"(?ms)^ *```.*?^ *```$", "", page.read_text("utf-8"))
    return [line for line in outside.splitlines() if not line.startswith("|")]


@pytest.mark.parametrize("page", PAGES_OF_SHORT_LINES, ids=lambda page: str(page.relative_to(ROOT)))
def test_lines_are_short_but_for_code_and_rows_of_tables(page):
    assert [line for line in prose(page) if len(line) > 120] == []


def test_the_korean_life_of_an_incident_has_every_paragraph_and_every_row():
    pages = [(ROOT / "docs" / name).read_text("utf-8") for name in ("incidents.md", "incidents.ko.md")]
    paragraphs = [len(re.findall(r"(?m)^- ", page)) for page in pages]
    english, korean = (
        [line.strip("| ").split(" | ") for line in page.splitlines() if line[:2] == "| "] for page in pages
    )

    said: dict[tuple[int, str], set[str]] = {}
    for one, other in zip(english, korean, strict=True):
        for column, (word, its) in enumerate(zip(one, other, strict=True)):
            # The states before and after are the same words.
            said.setdefault((0 if column == 2 else column, word), set()).add(its)

    assert paragraphs[0] == paragraphs[1]
    assert {word: its for (_, word), its in said.items() if len(its) > 1 and word not in english[0]} == {}


def test_both_languages_answer_the_same_number_of_questions():
    asked = [
        len(re.findall(r"\*\*[^*]+\?\*\*", (ROOT / "docs" / name).read_text("utf-8")))
        for name in ("faq.md", "faq.ko.md")
    ]

    assert asked[0] == asked[1] > 10
