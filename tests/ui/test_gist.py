"""The one line of an investigation that its card shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from bot.domain.evidence import ActionKind, Claim, ModelUse
from bot.ui.gist import GIST, gist, named, whole
from tests.ui.hostile import LIVE_MENTION, hostile_text
from tests.ui.reports import analyses, make_analysis, make_ranking


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "🔎 **Likely**: connection pool of `api` is exhausted, after deploy v42 → Roll back deploy v42 of `api`",
        ),
        ("ko", "🔎 **유력**: `api` 커넥션 풀 고갈, 배포 v42 이후 → `api` 배포 v42 롤백"),
    ],
)
def test_the_card_says_cause_confidence_and_first_action(language, said):
    assert gist(make_analysis(language), language) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "🔎 **Inconclusive**: nothing stands out clearly enough to name a cause → Check who holds the connections of api: slow queries, leaks, pool size",
        ),
        ("ko", "🔎 **판단 불가**: 원인으로 지목할 만큼 뚜렷한 이상이 없음 → api 커넥션"),
    ],
)
def test_an_inconclusive_one_has_its_own_sentence(language, said):
    unclear = make_analysis(language, ranking=make_ranking(abstained=True), runbook_steps=())

    assert gist(unclear, language).startswith(said)


@pytest.mark.parametrize(("language", "said"), [("en", "→ Runbook: Look at"), ("ko", "→ 런북: Look at")])
def test_what_people_wrote_down_comes_before_advice_to_look_somewhere(language, said):
    unclear = make_analysis(language, ranking=make_ranking(abstained=True))

    assert said in gist(unclear, language)


def test_what_mends_it_comes_before_what_people_wrote_down():
    assert "→ Roll back" in gist(make_analysis(), "en")
    assert "Runbook" not in gist(make_analysis(), "en")


def test_that_the_model_is_silent_is_said_once_in_the_thread_and_not_on_the_card():
    silent = make_analysis(use=ModelUse(silent="no-key"))

    assert gist(silent, "en") == gist(make_analysis(), "en")
    assert len(gist(silent, "en").splitlines()) == 1


def test_model_and_ranking_stand_side_by_side_when_they_differ():
    verdict = replace(make_analysis().verdict, cause=Claim("web ran out of threads", "web", ("T2",)))

    said = gist(make_analysis(verdict=verdict, differs="api"), "en")

    assert "`web` ran out of threads" in said
    assert said.splitlines()[1] == "-# The model names `web`; the numbers alone point to `api`."


def test_the_causes_own_step_comes_before_the_runbooks_first_line():
    unsure = make_analysis()
    step = replace(
        unsure.verdict.actions[0], kind=ActionKind.INVESTIGATE, text="Check who holds the connections of api"
    )
    verdict = replace(unsure.verdict, actions=(step,))

    assert "→ Check who holds the connections of `api`" in gist(replace(unsure, verdict=verdict), "en")


@pytest.mark.parametrize(
    ("words", "room", "kept"),
    [
        ("Look here. Then look there.", 40, "Look here. Then look there."),
        ("Look here. Then look there.", 20, "Look here."),
        ("Look here, and there", 12, ""),
        ("Do this; then that", 10, "Do this;"),
        ("Cut off by somebody else…", 80, ""),
    ],
)
def test_only_whole_sentences_are_said(words, room, kept):
    assert whole(words, room) == kept


@pytest.mark.parametrize("language", ["en", "ko"])
@given(analysis=analyses)
def test_nothing_makes_it_long_or_loud(language, analysis):
    said = gist(analysis, language)

    assert 0 < len(said) <= GIST
    assert not LIVE_MENTION.search(said)
    assert all(line.startswith(("🔎", "-# ")) for line in said.splitlines() if line != "…")


@pytest.mark.parametrize(
    ("words", "service", "said"),
    [
        ("api fails", "api", "`api` fails"),
        ("api에 오류", "api", "`api`에 오류"),
        ("rapid api-v2 and api", "api", "rapid api-v2 and `api`"),
        ("cart_service fails", "cart_service", "`cart_service` fails"),
        ("it fails", "", "it fails"),
        ("**api** fails", "**api**", r"\*\*api\*\* fails"),
    ],
)
def test_a_service_is_set_off_where_it_is_named(words, service, said):
    assert named(words, service, 100) == said


@given(words=hostile_text, service=hostile_text)
def test_naming_a_service_makes_nothing_longer_than_allowed(words, service):
    said = named(words, service, 60)

    assert len(said) <= 60
    assert not LIVE_MENTION.search(said)
