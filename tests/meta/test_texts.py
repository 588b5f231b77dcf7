"""Both languages say the same things, and every key that the code uses exists."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from bot.domain.alerts import NOT_MEASURED
from bot.domain.incidents import EntryKind, PageReason
from bot.domain.people import Right
from bot.i18n import catalogue, language_of, text

ROOT = Path(__file__).parents[2]
KEY = re.compile(r'"((?:[a-z_]+\.)+[a-z_0-9]+)"')


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_both_languages_have_the_same_keys():
    assert catalogue("en").keys() == catalogue("ko").keys()


@pytest.mark.parametrize("key", sorted(catalogue("en")))
def test_both_languages_fill_in_the_same_placeholders(key):
    assert placeholders(catalogue("en")[key]) == placeholders(catalogue("ko")[key])


def test_every_key_the_code_names_exists():
    sections = {key.split(".")[0] for key in catalogue("en")}
    used = {
        key
        for name in ("bot", "cogs")
        for path in (ROOT / name).rglob("*.py")
        for key in KEY.findall(path.read_text("utf-8"))
        if key.split(".")[0] in sections
    }
    modules = {f"{path.parent.name}.{path.stem}" for path in (ROOT / "bot").rglob("*.py")}

    assert {key for key in used if key not in catalogue("en")} - modules == set()


@pytest.mark.parametrize(
    "key",
    [
        *(f"timeline.{kind.value}" for kind in EntryKind),
        *(f"page.{reason.value}" for reason in PageReason),
        *(f"errors.not_allowed_{right.value}" for right in Right),
        *(f"verify.drill_{state}" for state in ("rejected", "received", "applied", "shown")),
        *(
            f"card.{said}.{how}"
            for said in ("trouble", "trouble_was", "troubled", "troubled_was")
            for how in sorted(NOT_MEASURED)
        ),
        *(f"report.{said}_unwatched" for said in ("inconclusive", "began", "examined")),
        *(f"verify.subject.{kind}" for kind in ("metrics", "logs", "traces", "rules", "drill", "stack")),
    ],
)
def test_every_computed_key_exists(key):
    assert key in catalogue("en")


def test_no_korean_text_is_left_in_english():
    hangul = re.compile(r"[가-힣]")

    untranslated = [
        key for key, value in catalogue("ko").items() if len(value.split()) > 3 and not hangul.search(value)
    ]

    assert untranslated == []


@pytest.mark.parametrize(("locale", "language"), [("ko", "ko"), ("en-US", "en"), ("de", "en"), ("", "en")])
def test_a_locale_chooses_a_language(locale, language):
    assert language_of(locale) == language


def test_a_text_is_filled_in():
    assert "prometheus" in text("ko", "errors.source_unavailable", source="prometheus", detail="x")


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 more fires"), ("1", "1 more fires"), (3, "3 more fire"), ("3", "3 more fire")]
)
def test_one_is_said_as_one_whether_it_is_a_number_or_was_kept_as_a_text(count, said):
    assert text("en", "timeline.joined", count=count) == said
