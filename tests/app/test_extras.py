"""Without an extra the program starts, does without, and says how to get it."""

from __future__ import annotations

import io
import sys
from contextlib import AsyncExitStack

import aiohttp
import pytest

from bot.app.cameras import open_picture_sources
from bot.app.extras import installed
from bot.app.settings import Settings
from bot.app.sources import open_sources
from bot.doctor.check import check
from tests.fakes import HandClock


@pytest.fixture
def bare(monkeypatch):
    """Python as it is where neither extra is installed."""
    for name in ("anthropic", "openai", "matplotlib", "PIL", "playwright"):
        monkeypatch.setitem(sys.modules, name, None)


def test_here_both_are_installed():
    assert [installed("ai"), installed("pictures")] == [True, True]


async def test_without_libraries_for_pictures_dashboards_are_links(bare, caplog):
    settings = Settings(grafana_url="http://127.0.0.1:9", grafana_token="t")
    async with aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        pictures = await open_picture_sources(settings, session, stack, None, HandClock())

    assert pictures.cameras == ()
    assert "dashboards will be links. In the clone: pipx install --force" in caplog.text


async def test_without_libraries_of_models_the_ranking_speaks_alone(bare, caplog):
    settings = Settings(anthropic_api_key="k")
    async with aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        sources = await open_sources(settings, session, stack, HandClock())

    assert sources.model is None
    assert "the ranking speaks alone. In the clone: pipx install --force" in caplog.text


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_check_says_how_to_get_them(bare, tmp_path, language):
    out = io.StringIO()

    await check(
        Settings(anthropic_api_key="k", database_url=f"sqlite:///{tmp_path}/x.db", bongsu_language=language), out
    )

    assert out.getvalue().count("pipx install --force '.[ai,oncall,pictures]'") == 2


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        ({}, ""),
        ({"grafana_url": "http://g"}, ""),
        ({"grafana_url": "http://g", "grafana_token": "t"}, "grafana"),
        ({"alertmanager_url": "http://a"}, "alertmanager"),
        ({"grafana_url": "http://g", "grafana_token": "t", "alertmanager_url": "http://a"}, "grafana"),
        (
            {"grafana_url": "http://g", "grafana_token": "t", "alertmanager_url": "http://a"}
            | {"alert_source": "alertmanager"},
            "alertmanager",
        ),
        ({"alertmanager_url": "http://a", "alert_source": "grafana"}, ""),
    ],
)
def test_alerts_come_from_where_it_is_said(changes, source):
    assert Settings(**changes).alerts_from == source
