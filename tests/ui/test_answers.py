"""Answers as they stand in the thread: short, with what they rest on, and harmless whatever is in them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.asking import Answered
from bot.domain.evidence import Channel, Claim, Finding
from bot.i18n import catalogue
from bot.ui.answers import ANSWER, answer_text
from tests.builders import NOW
from tests.ui.hostile import LIVE_MENTION, hostile_text

LINK = "https://grafana.example/explore?schemaVersion=1&panes=%7B%7D"
CHANGED = {"count": "1", "began": "11-24 11:00:00 KST", "ended": "11-24 12:00:00 KST", "minutes": "60"}
Q1 = Finding("Q1", Channel.CHANGE, "api", "asked-changes", CHANGED | {"result": "deploy 2.5.0 api"})
Q2 = Finding("Q2", Channel.METRIC, "chat", "asked-none", CHANGED | {"query": "up"}, query="up", link=LINK)
M1 = Finding("M1", Channel.METRIC, "api", "other")
FULL = Answered(
    claims=(Claim("Yes, api was deployed.", "api", ("Q1",)), Claim("Nothing else changed.", "", ("Q1", "M1"))),
    findings=(Q1, Q2),
    known=(M1,),
    model="claude-haiku-5-5",
    steps=2,
    usd=0.00123,
    seconds=4.24,
)


def test_an_answer_names_what_each_sentence_rests_on_and_what_it_cost():
    assert answer_text(FULL, "en", NOW).split("\n") == [
        "Yes, `api` was deployed. `Q1`",
        "Nothing else changed. `Q1` `M1`",
        "**Evidence**",
        "- `Q1` Changes from 11-24 11:00:00 KST to 11-24 12:00:00 KST (1): deploy 2.5.0 `api`",
        "- `M1` `api` is not as usual",
        "-# claude-haiku-5-5: 2×, $0.0012 · 4.2\u00a0s",
    ]


def test_without_an_answer_everything_that_was_looked_at_is_shown_with_its_link():
    said = answer_text(replace(FULL, claims=(), struck=2), "en", NOW)

    assert said.startswith("I found no answer that the evidence supports.\n**What I looked at**\n- `Q1`")
    assert f"- [Q2]({LINK}) Nothing found for up" in said
    assert "`M1`" in said
    assert "sentences without proof left out: 2" in said


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    "reason", [key.removeprefix("silent.") for key in catalogue("en") if key.startswith("silent.")]
)
def test_the_reason_is_a_sentence(language, reason):
    silent = replace(FULL, claims=(), silent=reason)

    for said in (answer_text(silent, language, NOW), answer_text(replace(silent, model="", usd=0.0), language, NOW)):
        assert catalogue(language)[f"silent.{reason}"] in said.split("\n")[0]
        assert "`Q1`" in said


def test_an_unknown_reason_is_one_too():
    assert "no usable answer" in answer_text(Answered(silent="sulking", model="m"), "en", NOW)


def test_a_source_that_did_not_answer_is_named():
    assert "no answer from loki, tempo" in answer_text(replace(FULL, missed=("loki", "tempo")), "en", NOW)


def test_times_are_those_of_who_reads_them():
    rose = {"since": "1795489200", "metric": "error_logs", "before": "0/s", "after": "31/s"}
    said = answer_text(
        replace(
            FULL,
            claims=(Claim("It began at 03:00 UTC.", "", ("M2",)),),
            known=(Finding("M2", Channel.METRIC, "api", "metric-rose", rose),),
        ),
        "ko",
        NOW,
    )

    assert "It began at <t:1795489200:t>. `M2`" in said
    assert "`api`: <t:1795489200:T>부터" in said
    assert "UTC" not in said


def test_korean_is_spoken():
    said = answer_text(replace(FULL, claims=(), missed=("loki",), struck=1), "ko", NOW)

    assert "근거로 뒷받침되는 답을 찾지 못했습니다." in said
    assert "응답 없음: loki" in said
    assert "근거 없는 문장 1개 제외" in said


def test_a_link_that_does_not_fit_gives_way_to_what_it_shows():
    long = replace(Q2, link=LINK + "x" * 430)
    many = tuple(replace(long, id=f"Q{n}") for n in range(1, 9))

    said = answer_text(replace(FULL, claims=(), findings=many, known=()), "en", NOW)

    assert len(said) <= ANSWER
    assert "[Q1](https" in said
    assert "- `Q" in said


@given(st.lists(hostile_text, min_size=9, max_size=9), st.integers(0, 6), st.integers(0, 12))
def test_hostile_words_stay_harmless_and_short(words, claims, findings):
    text, service, query, result, link, model, missed, silent, name = words
    made = tuple(
        Finding(
            f"Q{n}", Channel.LOG, service, "asked-lines", {"query": query, "result": result}, query=query, link=link
        )
        for n in range(findings)
    )
    answered = Answered(
        claims=tuple(Claim(text, service, ("Q1", name)) for _ in range(claims)),
        findings=made,
        known=made,
        silent=silent,
        missed=(missed, name),
        model=model,
        struck=3,
    )

    said = answer_text(answered, "en", NOW)

    assert len(said) <= ANSWER
    assert not LIVE_MENTION.search(said)
    # The address of a finding is of Bongsu's making; what others wrote must not become a link.
    assert "](https://evil" not in said.replace(f"]({link})", "]")
