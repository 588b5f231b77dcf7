"""Silences are watched: asked about before they end, offered for removal, listed when they are forgotten or wide."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.silence_watch import forgotten, wide
from bot.domain.silences import Matcher, Silence, is_wide
from bot.telemetry.patterns import full_match
from tests.builders import NOW

DAY = timedelta(days=1)


def silence(source_id: str = "s1", *matchers: Matcher, lasts: timedelta = 3 * DAY) -> Silence:
    chosen = matchers or (Matcher("alertname", "HighLatency"),)
    return Silence(source_id, chosen, NOW, NOW + lasts, "discord: minji (1001)", "deploy")


async def test_what_mutes_nothing_for_a_day_is_forgotten(database):
    book = database.silences
    await book.sync([silence("used"), silence("idle"), silence("short", lasts=DAY)], NOW)
    rows = {row.silence.source_id: row for row in await book.active(NOW)}
    await book.muted([rows["used"].id], NOW + timedelta(hours=12))

    def names(found):
        return [row.silence.source_id for row in found]

    assert names(await forgotten(book, NOW + timedelta(hours=23))) == []
    assert names(await forgotten(book, NOW + DAY)) == ["idle"]
    assert sorted(names(await forgotten(book, NOW + 1.5 * DAY))) == ["idle", "used"]


@pytest.mark.parametrize(
    ("matchers", "expected"),
    [
        ([Matcher("alertname", "HighLatency")], False),
        ([Matcher("severity", "critical"), Matcher("instance", "db-1")], False),
        ([Matcher("service", "api")], False),
        ([Matcher("alertname", "High.*", is_regex=True)], False),
        ([Matcher("severity", "critical")], True),
        ([Matcher("env", "prod"), Matcher("cluster", "seoul-1")], True),
        ([Matcher("alertname", ".+", is_regex=True)], True),
        ([Matcher("alertname", "[^ ]*", is_regex=True), Matcher("severity", "low")], True),
        ([Matcher("alertname", "Watchdog", is_equal=False)], True),
        ([Matcher("service", "")], True),
        ([Matcher("alertname", "(", is_regex=True)], True),
    ],
)
def test_a_silence_that_names_nothing_is_wide(matchers, expected):
    assert is_wide(silence("s", *matchers), full_match) is expected


async def test_wide_ones_are_found_among_those_in_force(database):
    await database.silences.sync([silence("narrow"), silence("wide", Matcher("severity", "low"))], NOW)

    assert [row.silence.source_id for row in await wide(database.silences, full_match, NOW)] == ["wide"]
