"""The one line of an investigation that its card shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from bot.domain.evidence import ActionKind, Claim, ModelUse, Ranking, Unknown
from bot.domain.telemetry import Gap
from bot.i18n import text
from bot.ui.cards import incident_card
from bot.ui.gist import GIST, gist, named, unknown_past, whole
from tests.builders import make_view
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
    assert gist(make_analysis(language, gaps=()), language) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "-# Not seen: loki, tempo (no answer in time), prometheus (not reachable)"),
        ("ko", "-# 확인하지 못한 것: loki, tempo (제때 응답 없음), prometheus (연결 불가)"),
    ],
)
def test_what_could_not_be_read_stands_on_the_card(language, said):
    gaps = (Gap("loki", "timeout"), Gap("prometheus", "unavailable"), Gap("tempo", "timeout"))

    assert gist(make_analysis(language, gaps=gaps), language).splitlines()[1].startswith(said)


def test_what_nobody_has_set_up_or_was_read_in_part_is_told_only_where_it_may_be_why_nothing_is_named():
    gaps = (Gap("tempo", "not_configured"), Gap("loki", "truncated"))
    unclear = make_analysis(ranking=make_ranking(abstained=True), runbook_steps=(), gaps=gaps)

    assert "Not seen" not in gist(make_analysis(gaps=gaps), "en")
    assert "-# Not seen: tempo (not configured), loki (too much" in gist(unclear, "en")


def test_where_nothing_is_connected_the_card_is_not_filled_with_that():
    gaps = tuple(Gap(name, "not_configured") for name in ("prometheus", "loki", "tempo"))
    nothing = make_analysis(ranking=Ranking(0.0, (), (), abstained=True), runbook_steps=(), gaps=gaps)

    assert gist(nothing, "en") == ""
    # What people have written down, and a deploy that the pipeline told of, stand there all the same.
    assert gist(replace(nothing, runbook_steps=("Restart it.",)), "en").endswith("→ Runbook: Restart it.")
    assert "Likely" in gist(make_analysis(gaps=gaps), "en")
    assert "Not seen" in gist(replace(nothing, gaps=gaps[:2]), "en")
    for past in (False, True):
        view = make_view(analysis=nothing, analysis_is_past=past)
        assert "🔎" not in "\n".join(incident_card(view, "en").body)
        assert text("en", "card.verdict_before") not in "\n".join(incident_card(view, "en").body)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "too little could be read to name a cause"), ("ko", "원인을 지목하기에는 읽은 것이 너무 적음")],
)
def test_that_nothing_stands_out_is_not_said_of_what_was_not_read(language, said):
    gaps = (Gap("prometheus", "timeout"), Gap("loki", "not_configured"), Gap("tempo", "unavailable"))
    nothing = make_analysis(language, ranking=Ranking(0.0, (), (), abstained=True), runbook_steps=(), gaps=gaps)
    read = replace(nothing, gaps=(*gaps[1:], Gap("prometheus", "truncated")))

    assert said in gist(nothing, language)
    assert said not in gist(read, language)


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
    assert "model" not in gist(silent, "en")


def test_model_and_ranking_stand_side_by_side_when_they_differ():
    verdict = replace(make_analysis().verdict, cause=Claim("web ran out of threads", "web", ("T2",)))

    said = gist(make_analysis(verdict=verdict, differs="api"), "en")

    assert "`web` ran out of threads" in said
    assert said.splitlines()[1] == "-# The model names `web`; the numbers alone point to `api`."


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "-# Does not explain what fires of `chat`, not known to call `api`: look there too."),
        ("ko", "-# `chat` 알림은 이 원인으로 설명되지 않습니다(`api` 호출이 확인되지 않음). 함께 확인하세요."),
    ],
)
def test_what_fires_and_the_cause_does_not_explain_stands_below_it(language, line):
    verdict = replace(make_analysis().verdict, cause=Claim("api ran out of threads", "api", ("T2",)))

    said = gist(make_analysis(verdict=verdict, unexplained=("chat",)), language)

    assert said.splitlines()[1] == line


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


@given(analysis=analyses)
def test_nothing_makes_it_long_or_loud(analysis):
    for language in ("en", "ko"):
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


@pytest.mark.parametrize(
    ("watched_s", "language", "inconclusive", "examined"),
    [
        (20.0, "en", "watched for only 20 s before it fired", "watched for only 20 s, so"),
        (0.0, "en", "nothing was recorded before it fired", "its recording has only just begun"),
        (0.0, "ko", "알림 이전의 기록이 없어서", "기록이 방금 시작되어서"),
    ],
)
def test_what_was_recorded_since_it_fired_was_watched_for_no_length_of_time(
    watched_s, language, inconclusive, examined
):
    ranking = replace(make_ranking(abstained=True), unknown=Unknown.SHORT, watched_s=watched_s)
    unclear = make_analysis(language, ranking=ranking, runbook_steps=())

    assert inconclusive in gist(unclear, language)
    assert unknown_past(unclear, language, "examined").startswith(examined)
    said = [unknown_past(unclear, language, key) for key in ("inconclusive", "began", "examined")]
    assert ["20" in each for each in said] == [watched_s == 20] * 3
    assert not any(" 0" in each for each in said)
