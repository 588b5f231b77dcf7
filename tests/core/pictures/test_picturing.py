"""What a person typed, or a card points at, into what is to be pictured."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.access import Access
from bot.core.directory import Directory
from bot.core.pictures.finder import DashboardFinder
from bot.core.pictures.picturing import Picturing, pointed
from bot.core.pictures.queue import PictureQueue
from bot.domain.dashboards import DashboardModel, Panel, Variable
from bot.domain.exhibits import Order
from bot.domain.people import Policy, Right
from bot.domain.views import DashboardLink, Links
from bot.errors import InvalidDuration, InvalidTarget, NotAllowed, SourceUnavailable
from tests.builders import MALLORY, MINJI, NOW, make_alert, make_incident, make_view
from tests.fakes import FakeAlertSource, FakeDashboards, HandClock
from tests.picture_fakes import FakeCamera, FakeModels

LINK = DashboardLink("api", "API overview", "https://g.example/d/api", "Services")
MODEL = DashboardModel(
    "api",
    "API overview",
    "api-overview",
    panels=(Panel(4, "Latency", row="Web"), Panel(5, "Errors")),
    variables=(
        Variable("service", options=("api", "chat"), current=("api",)),
        Variable("instance", label="Host"),
        Variable("env", options=("prod", "dev"), multi=True, include_all=True),
        Variable("fixed", kind="constant"),
    ),
)


class Audit:
    """Keeps what was refused."""

    def __init__(self) -> None:
        self.rows = []

    async def write(self, row) -> None:
        self.rows.append(row)


class OneView:
    """Shows one incident."""

    def __init__(self, view) -> None:
        self.shown = view

    async def view(self, number):
        return self.shown


@pytest.fixture
def models() -> FakeModels:
    made = FakeModels(MODEL)
    made.offered = {"instance": ("api-1:8080", "api-2:8080")}
    return made


@pytest.fixture
def view():
    return make_view(links=Links())


@pytest.fixture
def viewer(view) -> OneView:
    return OneView(view)


@pytest.fixture
async def picturing(models, viewer) -> Picturing:
    directory = Directory(
        FakeAlertSource(),
        FakeDashboards([LINK, DashboardLink("chat", "Chat", "https://g.example/d/chat")]),
        HandClock(),
    )
    await directory.refresh()
    policy = Policy({Right.READ: frozenset({501})})
    return Picturing(
        finder=DashboardFinder(directory),
        models=models,
        queue=PictureQueue([FakeCamera()], 1),
        viewer=viewer,
        access=Access(policy, Audit(), HandClock()),
        clock=HandClock(),
        zone=ZoneInfo("Asia/Seoul"),
    )


async def test_a_name_alone_is_the_last_hour_of_the_whole_dashboard(picturing):
    made = await picturing.request(Order("api"), MINJI)

    assert (made.title, made.panel, made.moving) == ("API overview", "", True)
    assert (made.shot.uid, made.shot.slug, made.shot.panel, made.shot.theme) == ("api", "api-overview", None, "dark")
    assert (made.shot.window.start, made.shot.window.end) == (NOW - timedelta(hours=1), NOW)
    assert made.url == "https://g.example/d/api?from=1795485600000&to=1795489200000"


async def test_everything_that_can_be_typed_is_understood(picturing):
    order = Order(
        "API overview", "latency", "2026-11-20 14:00..15:00", "service=CHAT env=dev,prod Host=api-2:8080", "light", True
    )

    made = await picturing.request(order, MINJI)

    assert made.panel == "Latency"
    assert (made.shot.panel, made.shot.theme, made.shot.rows_open, made.moving) == (4, "light", True, False)
    assert made.shot.variables == {"service": ("chat",), "env": ("dev", "prod"), "instance": ("api-2:8080",)}
    # Two in the afternoon in Seoul.
    assert made.shot.window.start == datetime(2026, 11, 20, 5, tzinfo=UTC)
    assert "var-service=chat&var-env=dev&var-env=prod" in made.url


@pytest.mark.parametrize(
    ("order", "error", "named"),
    [
        (Order("nope"), InvalidTarget, "unknown_dashboard"),
        (Order("api", panel="nope"), InvalidTarget, "Latency, Errors"),
        (Order("api", stretch="nope"), InvalidDuration, "range_unreadable"),
        (Order("api", variables="svc=api"), InvalidTarget, "service, instance, env"),
        (Order("api", variables="service=apo"), InvalidTarget, "api, chat"),
        (Order("api", variables="instance=nope"), InvalidTarget, "api-1:8080, api-2:8080"),
        (Order("api", variables="fixed=1"), InvalidTarget, "unknown_variable"),
        (Order("chat"), InvalidTarget, "dashboard_gone"),
    ],
)
async def test_what_is_wrong_is_named_with_what_would_be_right(picturing, order, error, named):
    with pytest.raises(error) as refused:
        await picturing.request(order, MINJI)

    assert named in str(refused.value)


async def test_without_the_right_to_read_there_is_no_picture(picturing):
    with pytest.raises(NotAllowed):
        await picturing.request(Order("api"), MALLORY)
    with pytest.raises(NotAllowed):
        await picturing.of_incident(42, MALLORY)


async def test_while_grafana_is_down_the_dashboard_alone_may_be_tried(picturing, models):
    models.down = "HTTP 502"

    made = await picturing.request(Order("api"), MINJI)

    assert (made.title, made.shot.uid) == ("API overview", "api")
    # What cannot be checked might show something else.
    with pytest.raises(SourceUnavailable):
        await picturing.request(Order("api", variables="service=api"), MINJI)
    with pytest.raises(SourceUnavailable):
        await picturing.request(Order("api", panel="Latency"), MINJI)


async def test_a_grafana_that_hangs_takes_only_a_part_of_the_time(picturing, models, monkeypatch):
    monkeypatch.setattr("bot.core.pictures.picturing._UNDERSTOOD_S", 0.05)
    models.hangs = True

    made = await picturing.request(Order("api"), MINJI)

    assert (made.shot.uid, made.shot.variables) == ("api", {})
    assert made.asked_at <= asyncio.get_running_loop().time() - 0.05
    with pytest.raises(SourceUnavailable, match=r"within 0\.05 s"):
        await picturing.request(Order("api", variables="service=api"), MINJI)


async def test_panels_are_offered_of_the_dashboard_named(picturing):
    assert [panel.title for panel in await picturing.panels("api", "")] == ["Latency", "Errors"]
    assert [panel.title for panel in await picturing.panels("API overview", "web lat")] == ["Latency"]
    assert await picturing.panels("nope", "") == []


async def test_panels_are_not_offered_while_grafana_does_not_answer(picturing, models, monkeypatch):
    monkeypatch.setattr("bot.core.pictures.picturing._OFFER_S", 0.05)
    models.hangs = True

    assert await picturing.panels("api", "") == []


def with_alert(viewer, links: Links | None = None, **changes) -> None:
    incident = replace(make_incident(), alerts=(make_alert(**changes),))
    viewer.shown = make_view(incident, links=links or Links())


async def test_a_card_shows_the_panel_of_its_alert_from_before_the_onset(picturing, viewer):
    with_alert(
        viewer,
        dashboard_url="https://g.example/d/api?from=1&orgId=1&to=2",
        panel_url="https://g.example/d/api?from=1&orgId=1&to=2&viewPanel=4",
        starts_at=NOW - timedelta(hours=2),
    )

    made = await picturing.of_incident(42, MINJI)

    assert (made.title, made.panel, made.shot.panel) == ("API overview", "Latency", 4)
    assert (made.shot.window.start, made.shot.window.end) == (NOW - timedelta(hours=2, minutes=30), NOW)
    # Labels that the dashboard knows, with values that it may have; `severity` and `alertname` are none of it.
    assert made.shot.variables == {"service": ("api",), "instance": ("api-1:8080",)}


async def test_a_label_that_the_dashboard_cannot_show_leaves_it_as_it_was_saved(picturing, viewer):
    with_alert(viewer, dashboard_url="https://g.example/d/api", labels={"service": "billing", "instance": "gone:1"})

    assert (await picturing.of_incident(42, MINJI)).shot.variables == {}


async def test_the_address_of_the_alert_goes_before_its_labels(picturing, viewer):
    with_alert(viewer, dashboard_url="https://g.example/d/api?var-service=chat&var-env=dev&var-nope=1")

    variables = (await picturing.of_incident(42, MINJI)).shot.variables

    assert variables == {"service": ("chat",), "instance": ("api-1:8080",), "env": ("dev",)}


async def test_an_incident_that_is_over_is_shown_until_a_little_after_its_end(picturing, viewer):
    with_alert(viewer, dashboard_url="https://g.example/d/api", starts_at=NOW - timedelta(hours=5))
    ended = replace(viewer.shown.incident, resolved_at=NOW - timedelta(hours=3))
    viewer.shown = replace(viewer.shown, incident=ended)

    window = (await picturing.of_incident(42, MINJI)).shot.window

    assert (window.start, window.end) == (NOW - timedelta(hours=5, minutes=30), NOW - timedelta(hours=2, minutes=45))


async def test_an_alert_without_a_dashboard_says_how_to_link_one(picturing):
    with pytest.raises(InvalidTarget, match="no_dashboard_linked"):
        await picturing.of_incident(42, MINJI)


async def test_an_alert_is_pictured_though_grafana_tells_nothing(picturing, viewer, models):
    with_alert(viewer, panel_url="https://g.example/d/api?viewPanel=4")
    models.down = "HTTP 502"

    made = await picturing.of_incident(42, MINJI)

    assert (made.shot.uid, made.shot.panel, made.shot.variables) == ("api", 4, {})


@pytest.mark.parametrize(
    ("alert", "links", "found"),
    [
        ({"panel_url": "https://g.example/d/a?viewPanel=1"}, Links(dashboard="https://g.example/d/b"), ("a", 1)),
        ({"annotations": {"__dashboardUid__": "a", "__panelId__": "7"}}, Links(), ("a", 7)),
        ({"annotations": {"__dashboardUid__": "a"}}, Links(), ("a", None)),
        ({"annotations": {"__dashboardUid__": "../x"}}, Links(), None),
        ({}, Links(dashboard="https://g.example/d/b/slug"), ("b", None)),
        (
            {"dashboard_url": "https://g.example/d/a", "annotations": {"__dashboardUid__": "a", "__panelId__": "3"}},
            Links(),
            ("a", 3),
        ),
        ({"dashboard_url": "javascript:alert(1)"}, Links(dashboard="not a link"), None),
    ],
)
def test_the_alert_itself_goes_before_what_is_configured(alert, links, found):
    view = make_view(replace(make_incident(), alerts=(make_alert(**alert),)), links=links)

    there = pointed(view)

    assert (there and (there.uid, there.panel)) == found
