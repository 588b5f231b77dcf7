"""A report on a stretch of time as a message and as a file, in both languages, whatever names it holds."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import yaml

from bot.domain.memory import Remembered
from bot.reporting.overview import NotTuned, Overview
from bot.reporting.tuning import Knob
from bot.ui.limits import CONTENT
from bot.ui.markdown import block, written
from bot.ui.team_report import report_message
from bot.ui.team_report_file import report_file
from tests.reporting.overviews import END, SEOUL, full_overview

__all__ = ["Remembered"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_most_useful_comes_first_and_all_of_it_fits(language):
    words = report_message(full_overview(), language)

    assert len(words) <= CONTENT
    lines = words.split("\n")
    assert "2026-11-16 09:00" in lines[0]
    assert "HighLatency" in lines[3]
    assert "`1m` → `5m`" in lines[3]
    order = [words.index(part) for part in ("HighLatency", "**P1**", "<@1001>", "db-1:9100", "1.20")]
    assert order == sorted(order)


def test_hostile_names_format_nothing_and_end_nothing():
    words, file = report_message(full_overview(), "en"), report_file(full_overview(), "en").decode()

    assert "결제 \\| 지연 \\*\\*급증\\*\\*" in words
    (row,) = [line for line in file.split("\n") if line.startswith("| 결제")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 7


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_diff_can_be_pasted(language):
    file = report_file(full_overview(), language).decode()

    pasted = [yaml.safe_load(found) for found in re.findall(r"```yaml\n(.*?)```", file, re.DOTALL)]
    assert [rule["alert"] for (rule,) in pasted] == ["blips", "low", "flapping"]
    assert len(re.findall(r"```diff\n", file)) == 3
    # What is read elsewhere has no moments as Discord writes them.
    assert "<t:" not in file
    assert "minji" in file


@pytest.mark.parametrize("language", ["en", "ko"])
def test_nothing_to_tell_is_told_in_two_lines(language):
    overview = Overview(full_overview().window, SEOUL, "Asia/Seoul")

    assert len(report_message(overview, language).split("\n")) == 3
    assert report_file(overview, language).decode().count("\n") == 1


def test_why_nothing_was_proposed_is_said_and_much_is_cut():
    full = full_overview()
    rules = tuple(replace(full.rules[-1], tuned=reason) for reason in NotTuned)
    untidy = replace(full.untidy, no_owner=tuple(f"service-{n}" for n in range(30)))

    words = report_message(replace(full, rules=rules * 4, untidy=untidy, cut=7), "en")

    assert len(words) <= CONTENT
    assert "Without Prometheus nothing can be replayed." in words
    assert words.endswith("in the file.")
    few = report_message(replace(full, rules=(), untidy=untidy, cut=7), "en")
    assert "and 26 more" in few
    assert "7 older incidents are not counted" in few


def test_what_costs_no_time_says_nothing_of_time():
    found = [each.tuned for each in full_overview().rules]
    keep = next(each for each in found if not isinstance(each, NotTuned) and each.knob is Knob.KEEP)
    rules = (replace(full_overview().rules[0], tuned=replace(keep, real=0)),)

    words = report_message(replace(full_overview(), rules=rules), "en").split("**Answered**")[0]
    assert "later" not in words
    assert "no real one in that time" in words


def test_words_in_a_file_are_words():
    assert written("# a | b `c` <d> [e](f)\n- g") == r"\# a \| b \`c\` \<d\> \[e\](f) - g"
    assert written("1. x") == r"\1. x"
    assert written("x" * 50, 10) == "xxxxxxxxx…"
    assert block("diff", ["```"])[0] == "````diff"
    assert END.tzinfo
