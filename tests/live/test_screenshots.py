"""The same against a real Grafana: `GRAFANA_URL=… GRAFANA_TOKEN=… make test-live`.

GRAFANA_DASHBOARDS (uids, separated by commas) says which to picture; without it, the first ten that a search finds.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.cameras.browser.camera import BrowserCamera
from bot.cameras.browser.images import LIMIT_BYTES
from bot.domain.pictures import PanelState, Shot
from bot.domain.telemetry import Window
from bot.errors import NoPicture
from bot.telemetry.http import JsonClient
from tests.cameras.browser.taking import image

URL = os.environ.get("GRAFANA_URL", "")
TOKEN = os.environ.get("GRAFANA_TOKEN", "")
pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]


@pytest.fixture
async def http():
    assert URL, "GRAFANA_URL and GRAFANA_TOKEN say which Grafana to try; see make test-live"
    assert TOKEN, "GRAFANA_URL and GRAFANA_TOKEN say which Grafana to try; see make test-live"
    async with aiohttp.ClientSession() as session:
        yield JsonClient(session, URL, source="grafana", token=TOKEN)


def shot(uid: str, panel: int | None = None) -> Shot:
    now = datetime.now(UTC)
    return Shot(uid, Window(now - timedelta(hours=1), now), panel=panel)


async def dashboards(http: JsonClient) -> list[str]:
    named = [uid for uid in os.environ.get("GRAFANA_DASHBOARDS", "").split(",") if uid]
    return named or [hit["uid"] for hit in await http.get("api/search", {"type": "dash-db", "limit": "10"})]


def expected(dashboard: dict) -> int:
    """Count the panels that stand on the page; repeated ones are more at run time."""
    return sum(panel.get("type") != "row" for panel in dashboard.get("panels", []))


async def test_every_dashboard_is_pictured_with_all_its_panels(http):
    uids = await dashboards(http)
    assert uids, "this Grafana has no dashboards that the token may see"
    async with BrowserCamera.open(grafana_url=URL, token=TOKEN) as camera:
        for uid in uids:
            dashboard = (await http.get(f"api/dashboards/uid/{uid}"))["dashboard"]
            count = expected(dashboard)
            if not count:
                continue
            picture = await camera.take(shot(uid), 60)

            assert len(picture.panels) >= count, uid
            assert picture.count(PanelState.LOADING) == 0, uid
            assert all(0 < len(png) <= LIMIT_BYTES and image(png).width == 1600 for png in picture.images), uid


async def test_one_panel_is_pictured_alone(http):
    [uid, *_] = await dashboards(http)
    dashboard = (await http.get(f"api/dashboards/uid/{uid}"))["dashboard"]
    panel = next(each for each in dashboard["panels"] if each.get("type") != "row")
    async with BrowserCamera.open(grafana_url=URL, token=TOKEN) as camera:
        picture = await camera.take(shot(uid, panel["id"]), 60)

        assert len(picture.panels) == 1


@pytest.mark.parametrize(
    ("uid", "token", "reason"), [("no-such-board", TOKEN, "not-found"), ("any", "glsa_wrong", "login")]
)
async def test_what_is_no_dashboard_is_no_picture(http, uid, token, reason):
    async with BrowserCamera.open(grafana_url=URL, token=token) as camera:
        with pytest.raises(NoPicture) as caught:
            await camera.take(shot(uid), 60)

        assert caught.value.reason == reason


async def test_an_unknown_panel_is_not_answered_with_the_whole_dashboard(http):
    [uid, *_] = await dashboards(http)
    async with BrowserCamera.open(grafana_url=URL, token=TOKEN) as camera:
        with pytest.raises(NoPicture) as caught:
            await camera.take(shot(uid, 999_999), 60)

        assert caught.value.reason in ("not-found", "empty")
