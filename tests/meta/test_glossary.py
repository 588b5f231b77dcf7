"""One word for one thing: what the glossary rules out stands in no text that a Korean reader meets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.i18n import catalogue
from deploy.grafana.rules_korean import KOREAN

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs/glossary.md").read_text("utf-8")
PAGES = [
    ROOT / "README.ko.md",
    ROOT / "playground/web/texts.js",
    ROOT / "playground/demo.py",
    *sorted(ROOT.glob("docs/**/*.ko.md")),
    *sorted(ROOT.glob("docs/runbooks/ko/*.md")),
    *sorted(ROOT.glob("playground/config/runbooks/ko/*.md")),
]
# A sentence of prose in the plain style: it ends in 다 and not in 니다.
PLAIN_STYLE = re.compile(r"(?<!니)(?<!둘 )(?<!마)(?<!보)다(?=[.(:]|$)", re.MULTILINE)


def rows() -> list[list[str]]:
    lines = [line for line in GLOSSARY.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def ruled_out() -> list[str]:
    return [word.strip() for row in rows() for word in row[3].split(",") if word.strip()]


def found(text: str) -> list[str]:
    return [word for word in ruled_out() if re.search(rf"(?<![가-힣]){re.escape(word)}", text)]


def prose(text: str) -> str:
    return re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)


def test_the_glossary_names_each_thing_once():
    words = [row[1] for row in rows()]

    assert len(words) > 20
    assert len(set(words)) == len(words)
    assert not set(words) & set(ruled_out())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_uses_the_words_of_the_glossary(path):
    text = path.read_text("utf-8")

    assert found(text) == []
    assert PLAIN_STYLE.findall(prose(text)) == []


@pytest.mark.parametrize("key", sorted(catalogue("ko")))
def test_a_text_uses_the_words_of_the_glossary(key):
    text = catalogue("ko")[key]

    assert found(text) == []
    assert not PLAIN_STYLE.search(text)


@pytest.mark.parametrize("alert", sorted(KOREAN))
def test_a_rule_uses_the_words_of_the_glossary(alert):
    assert found(" ".join(KOREAN[alert].values())) == []


def test_what_is_ruled_out_is_found():
    assert found("확인(ack)한 사람이 온콜입니다") == ["확인(ack)", "온콜"]
    assert PLAIN_STYLE.search("로그를 본다.")
