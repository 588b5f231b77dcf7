"""Grafana's `/render`, answered by a server as Grafana does: pictures, placeholders, refusals, and nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cameras.pixels import is_blank
from bot.cameras.renderer import GrafanaRenderer
from bot.domain.dashboards import DashboardModel, Panel
from bot.domain.pictures import Shot, Step
from bot.domain.telemetry import Window
from bot.errors import NoPicture
from tests.builders import NOW
from tests.fakes import HandClock
from tests.picture_fakes import FakeModels, png

MODEL = DashboardModel("api", "API", "api-overview", panels=(Panel(4, "Latency"),))
SHOT = Shot("api", Window(NOW - timedelta(hours=1), NOW), "api-overview", variables={"env": ("prod", "a b&c")})
RENDER = "GET /render/d/api/api-overview"
WIDTH, LIMIT = 320, png(300, 120)


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def models() -> FakeModels:
    return FakeModels(MODEL)


@pytest.fixture
def renderer(server, session, models, now) -> GrafanaRenderer:
    server.on("GET /api/frontend/settings", {"rendererAvailable": True})
    server.on("GET /public/img/rendering_limit_dark.png", LIMIT, content_type="image/png")
    return GrafanaRenderer(
        session, server.url, "glsa_x", models=models, zone="Asia/Seoul", width=WIDTH, scale=1.0,
        clock=HandClock(), monotonic=lambda: now[0],
    )  # fmt: skip


def answers(server, body, **more):
    server.on(RENDER, body, **{"content_type": "image/png", **more})


async def reason(renderer, shot: Shot = SHOT, within_s: float = 5.0) -> str:
    with pytest.raises(NoPicture) as refused:
        await renderer.take(shot, within_s)
    return refused.value.reason


async def test_a_picture_that_shows_something_is_taken(server, renderer):
    image = png(WIDTH, 900)
    answers(server, image)

    picture = await renderer.take(SHOT, 5)

    assert (picture.images, picture.step, picture.taken_at, picture.panels) == ((image,), Step.RENDERER, NOW, ())
    line, headers, _ = server.asked[-1]
    assert line == RENDER
    assert headers["Authorization"] == "Bearer glsa_x"


async def test_grafana_is_told_range_variables_zone_and_size(session, models):
    from aiohttp import web

    seen = {}

    async def handle(request: web.Request) -> web.Response:
        if request.path.endswith("settings"):
            return web.json_response({"rendererAvailable": True})
        if "/render/" in request.path:
            seen["path"], seen["query"] = request.path, list(request.query.items())
        return web.Response(body=png(WIDTH, 200), content_type="image/png")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/grafana"
    try:
        camera = GrafanaRenderer(
            session, url, "t", models=models, zone="Asia/Seoul", width=WIDTH, scale=1.0, clock=HandClock()
        )
        camera._placeholders = {"none"}
        await camera.take(Shot(SHOT.uid, SHOT.window, "../x?y", panel=4, variables=SHOT.variables, theme="light"), 7.9)
    finally:
        await runner.cleanup()

    assert seen["path"] == "/grafana/render/d-solo/api/-x-y"
    assert seen["query"] == [
        ("from", "1795485600000"),
        ("to", "1795489200000"),
        ("var-env", "prod"),
        ("var-env", "a b&c"),
        ("theme", "light"),
        ("width", "320"),
        ("height", "800"),
        ("scale", "1"),
        ("tz", "Asia/Seoul"),
        ("timeout", "7"),
        ("kiosk", "true"),
        ("hideLogo", "1"),
        ("panelId", "panel-4"),
    ]


async def test_without_a_renderer_nothing_is_rendered(server, renderer, now):
    server.on("GET /api/frontend/settings", {"rendererAvailable": False})
    answers(server, png(WIDTH, 100))

    assert await reason(renderer) == "ladder.no-renderer"
    assert await reason(renderer) == "ladder.no-renderer"
    assert [line for line, _, _ in server.asked] == ["GET /api/frontend/settings"]

    # Somebody installs one.
    server.on("GET /api/frontend/settings", {"rendererAvailable": True})
    now[0] += 61
    assert (await renderer.take(SHOT, 5)).images


@pytest.mark.parametrize(
    ("body", "why"),
    [
        # Known by its content, though as wide as a picture might be.
        pytest.param(LIMIT, "ladder.render-limit", id="limit"),
        # Known by its size alone, as a placeholder of a Grafana to come would be.
        pytest.param(png(1000, 500), "ladder.render-limit", id="size"),
        pytest.param(png(WIDTH, 200, blank=True), "ladder.blank", id="blank"),
        pytest.param(b"<html>Sign in</html>", "ladder.no-image", id="login"),
        pytest.param(b"", "ladder.no-image", id="empty"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "ladder.render-limit", id="junk"),
        pytest.param(png(WIDTH, 200)[:400], "ladder.blank", id="cut"),
    ],
)
async def test_what_is_no_picture_is_never_posted(server, renderer, body, why):
    answers(server, body)

    assert await reason(renderer) == why


async def test_a_placeholder_as_wide_as_the_picture_is_known_by_its_content(server, renderer):
    same = png(WIDTH, 120)
    server.on("GET /public/img/rendering_limit_dark.png", same, content_type="image/png")
    answers(server, same)

    assert await reason(renderer) == "ladder.render-limit"


@pytest.mark.parametrize(
    ("status", "why"),
    [(500, "ladder.refused"), (429, "ladder.render-limit"), (302, "ladder.refused"), (403, "ladder.refused")],
)
async def test_a_refusal_is_told(server, renderer, status, why):
    answers(server, b"<html></html>", status=status, headers={"Location": "/login"} if status == 302 else {})

    assert await reason(renderer) == why


async def test_an_image_too_large_for_discord_is_not_read_to_the_end(server, renderer):
    answers(server, png(WIDTH, 100) + b"\0" * (10 * 1024 * 1024 + 1))

    assert await reason(renderer) == "ladder.too-large"


async def test_an_image_of_too_many_pixels_is_not_unpacked(server, renderer):
    image = bytearray(png(WIDTH, 100))
    image[20:24] = (400_000).to_bytes(4, "big")
    answers(server, bytes(image))

    assert await reason(renderer) == "ladder.too-large"


async def test_a_renderer_that_hangs_is_not_waited_for(server, renderer):
    answers(server, b"", hang=True)

    assert await reason(renderer, within_s=0.3) == "ladder.timeout"


async def test_a_dashboard_that_is_gone_is_not_rendered(server, renderer, models):
    models.models.clear()

    assert await reason(renderer) == "ladder.not-found"
    assert not any("render/" in line for line, _, _ in server.asked)


async def test_a_panel_that_is_gone_is_not_rendered(renderer):
    assert await reason(renderer, Shot("api", SHOT.window, panel=99)) == "ladder.not-found"


async def test_a_grafana_that_is_down_is_told(session, models):
    camera = GrafanaRenderer(
        session, "http://127.0.0.1:9", "t", models=models, zone="UTC", width=WIDTH, scale=1.0, clock=HandClock()
    )

    assert await reason(camera) == "ladder.unreachable"


@pytest.mark.parametrize(("image", "blank"), [(png(), False), (png(blank=True), True), (b"junk", True), (b"", True)])
def test_an_image_of_one_colour_shows_nothing(image, blank):
    assert is_blank(image) is blank
