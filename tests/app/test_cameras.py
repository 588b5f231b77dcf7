"""What is opened to take pictures with, and whom a chart asks."""

from __future__ import annotations

from contextlib import AsyncExitStack

import aiohttp
import pytest

from bot.app.cameras import asked, open_picture_sources
from bot.app.settings import Settings
from bot.errors import SourceUnavailable
from bot.telemetry.prometheus import Prometheus
from tests.fakes import FakeMetrics, HandClock

URL = "http://127.0.0.1:9/grafana/"


def settings(**changes) -> Settings:
    return Settings(**{"grafana_url": URL, "grafana_token": "glsa_x", **changes})


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as opened:
        yield opened


async def cameras(session, chosen: Settings) -> list[str]:
    async with AsyncExitStack() as stack:
        pictures = await open_picture_sources(chosen, session, stack, None, HandClock())
        return [camera.name for camera in pictures.cameras]


async def test_with_grafana_there_are_a_browser_its_renderer_and_charts(session):
    assert await cameras(session, settings()) == ["browser", "renderer", "chart"]


@pytest.mark.parametrize("changes", [{"grafana_url": ""}, {"grafana_token": ""}])
async def test_without_grafana_there_is_nothing(session, changes):
    assert await cameras(session, settings(**changes)) == []


async def test_without_grafana_nothing_is_known_of_any_dashboard(session):
    async with AsyncExitStack() as stack:
        pictures = await open_picture_sources(settings(grafana_url=""), session, stack, None, HandClock())

    assert pictures.models.known("api") is None
    with pytest.raises(SourceUnavailable):
        await pictures.models.model("api")


async def test_a_chart_asks_the_data_source_of_the_panel_and_nobody_by_guess(session):
    ours = FakeMetrics()
    whom = asked(settings(), session, ours)
    told = asked(settings(investigation={"explore": {"prometheus": "prom"}}), session, ours)

    # The default data source, and the one that is known to be ours.
    assert whom("") is ours
    assert told("prom") is ours
    # All others, through Grafana.
    assert isinstance(whom("prom"), Prometheus)
    assert isinstance(told("other"), Prometheus)
    assert asked(settings(), session, None)("") is None


@pytest.mark.parametrize("uid", ["..", "../../admin", "a/b", "${ds}", "x" * 101])
async def test_a_uid_that_is_none_leads_nowhere(session, uid):
    assert asked(settings(), session, FakeMetrics())(uid) is None
