"""The impact in one sentence, and times of day as each reader's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.impact import Impact, Trend
from bot.domain.incidents import State
from bot.ui.cards import incident_card
from bot.ui.impact import impact_line
from bot.ui.moments import clocked
from tests.builders import NOW, make_incident, make_view
from tests.ui.reports import make_analysis

AT = NOW.timestamp()
SINCE = f"<t:{int(AT)}:t>"


@pytest.mark.parametrize(
    ("language", "impact", "said"),
    [
        (
            "en",
            Impact("api", AT, Trend.RISING, failing=0.695, rate=29.4),
            f"👥 About 7 of 10 requests of `api` fail (20 of 29 a second), since {SINCE}, rising.",
        ),
        (
            "ko",
            Impact("api", AT, Trend.RISING, failing=0.695, rate=29.4),
            f"👥 {SINCE}부터 `api` 요청 10건 중 약 7건이 실패합니다(초당 29건 중 20건). 증가하고 있습니다.",
        ),
        (
            "en",
            Impact("api", AT, Trend.STEADY, failing=0.03),
            f"👥 About 3 of 100 requests of `api` fail, since {SINCE}, steady.",
        ),
        (
            "en",
            Impact("api", AT, Trend.FALLING, failing=0.99),
            f"👥 Nearly all requests of `api` fail, since {SINCE}, falling.",
        ),
        (
            "en",
            Impact("api", AT, Trend.STEADY, slow_s=9.61, rate=30),
            f"👥 The slowest of a hundred requests of `api` take 9.6 s or more, since {SINCE}, steady.",
        ),
    ],
)
def test_the_impact_is_one_sentence(language, impact, said):
    assert impact_line(impact, language) == said


def test_a_card_says_the_impact_of_now_and_of_nothing_that_is_over_or_was_before():
    view = make_view(make_incident())
    told = replace(view, analysis=make_analysis(impact=Impact("api", AT, Trend.RISING, failing=0.7)))

    def blocks(each):
        return "\n".join(incident_card(each, "en").body)

    assert "About 7 of 10 requests" in blocks(told)
    assert "About 7 of 10" not in blocks(replace(told, analysis_is_past=True))
    over = replace(told, incident=replace(told.incident, state=State.RESOLVED, resolved_at=NOW))
    assert "About 7 of 10" not in blocks(over)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("since 23:59:58 UTC", datetime(2026, 11, 23, 23, 59, 58, tzinfo=UTC)),
        ("00:00:10 UTC부터", datetime(2026, 11, 24, 0, 0, 10, tzinfo=UTC)),
    ],
)
def test_a_time_of_day_is_that_nearest_to_the_incident(said, at):
    near = datetime(2026, 11, 24, 0, 5, tzinfo=UTC)

    assert f"<t:{int(at.timestamp())}:T>" in clocked(said, near)
    assert "UTC" not in clocked(said, near)


def test_what_is_no_time_of_day_in_utc_stays():
    for words in ("at 07:38:09", "`07:38:09 UTC`", "25:00 UTC", "1:07:38:09 UTC", "07:38 UTCX"):
        assert clocked(words, NOW + timedelta(hours=1)) == words
