"""What people and CI write into Grafana, as changes: plain, short, and only what can be a cause."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.telemetry import Change, ChangeKind, Window
from bot.errors import QueryRejected, SourceUnavailable
from bot.telemetry.grafana_dashboards import GrafanaDashboards

ANNOTATIONS = "GET /grafana/api/annotations"
WINDOW = Window.between(1795443680, 1795444040.5)
AT_MS = 1795443900_250


@pytest.fixture
async def dashboards(server):
    async with GrafanaDashboards.open(f"{server.url}/grafana", "glsa_x", "", 20.0) as opened:
        yield opened


def note(*tags, text="api v1.2.3", time=AT_MS, **more):
    return {"id": 41, "time": time, "timeEnd": time, "tags": list(tags), "text": text, **more}


async def only(server, dashboards, *tags, **more):
    server.on(ANNOTATIONS, [note(*tags, **more)])
    (change,) = await dashboards.annotations(WINDOW)
    return change


async def test_a_deploy_that_ci_wrote_down_is_a_change(server, dashboards):
    found = await only(server, dashboards, "deploy", "service:api")

    assert found == Change(AT_MS / 1000, ChangeKind.DEPLOY, "41", "api v1.2.3", "api")


async def test_the_window_is_asked_for_and_alerts_are_not():
    asked = []

    async def listen(request):
        asked.append(dict(request.query))
        return web.json_response([])

    app = web.Application()
    app.router.add_get("/api/annotations", listen)
    async with (
        TestServer(app) as listening,
        GrafanaDashboards.open(str(listening.make_url("/")), "t", "", 20.0) as dashboards,
    ):
        assert await dashboards.annotations(WINDOW) == []

    assert asked == [{"from": "1795443680000", "to": "1795444040500", "type": "annotation", "limit": "1000"}]


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("deploy", ChangeKind.DEPLOY),
        ("Deployment", ChangeKind.DEPLOY),
        (" release ", ChangeKind.DEPLOY),
        ("config", ChangeKind.CONFIG),
        ("flag", ChangeKind.FLAG),
        ("feature-flag", ChangeKind.FLAG),
        ("restart", ChangeKind.RESTART),
    ],
)
async def test_the_kind_is_a_tag(server, dashboards, tag, kind):
    assert (await only(server, dashboards, "prod", tag)).kind is kind


@pytest.mark.parametrize(
    ("tag", "service"),
    [
        ("service:api", "api"),
        ("Service = api", None),
        ("service=Chat API", "Chat API"),
        ("service: api ", "api"),
        ("service:", None),
        ("microservice:api", None),
        ("api", None),
    ],
)
async def test_the_service_is_a_tag_that_says_so(server, dashboards, tag, service):
    assert (await only(server, dashboards, "deploy", tag)).service == service


async def test_what_is_no_change_is_left_out(server, dashboards):
    server.on(
        ANNOTATIONS,
        [
            note("bongsu", "silence"),
            note("bongsu", "deploy"),
            note("lunch"),
            note(),
            {"id": 1, "time": AT_MS, "text": "no tags"},
            note("deploy", time="soon"),
            note("deploy", time=True),
            note("deploy", time=10**30),
            "not an annotation",
        ],
    )

    assert await dashboards.annotations(WINDOW) == []


async def test_changes_come_oldest_first(server, dashboards):
    server.on(
        ANNOTATIONS, [note("deploy", time=AT_MS), note("config", time=AT_MS - 5000), note("flag", time=AT_MS - 1)]
    )

    kinds = [change.kind for change in await dashboards.annotations(WINDOW)]

    assert kinds == [ChangeKind.CONFIG, ChangeKind.FLAG, ChangeKind.DEPLOY]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('<b>api</b>-1<br/>by <a href="https://ci.example/1">CI</a>', "api-1 by CI"),
        ("one\r\n\ttwo\u2028three\u202efour", "one two threefour"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("배포 <p>결제", "배포 결제"),
        ("x\0y \ud800", "xy ?"),
        (None, ""),
        ("z" * 5000, "z" * 299 + "…"),
        ("<" * 2_000_000, "<" * 299 + "…"),
    ],
)
async def test_the_text_is_one_short_line_without_marks(server, dashboards, text, shown):
    assert (await only(server, dashboards, "deploy", text=text)).text == shown


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": {"message": "no"}, "status": 401}, "not accepted"),
        ({"body": {"message": "no"}, "status": 403}, "do not allow this"),
        ({"body": "<html>sign in</html>", "content_type": "text/html"}, "unknown shape"),
        ({"body": "", "status": 302, "headers": {"Location": "/login"}}, "login page"),
        ({"body": b""}, "not JSON"),
        ({"body": b"[" * 50_000}, "RecursionError|not JSON"),
        ({"body": {"message": "x"}}, "unknown shape"),
        ({"body": b"[" + b" " * 6_000_000 + b"]"}, "larger"),
        ({"body": {}, "status": 500}, "HTTP 500"),
        ({"body": [], "hang": True}, "no answer"),
    ],
)
async def test_a_grafana_that_does_not_answer_is_unavailable(server, dashboards, answer, words):
    server.on(ANNOTATIONS, **answer)

    with pytest.raises(SourceUnavailable, match=words):
        await dashboards.annotations(WINDOW)

    assert {line for line, *_ in server.asked} == {ANNOTATIONS}


async def test_a_refusal_comes_in_grafanas_own_words(server, dashboards):
    server.on(ANNOTATIONS, "invalid from", 400, content_type="text/plain")
    with pytest.raises(QueryRejected):
        await dashboards.annotations(WINDOW)

    server.on(ANNOTATIONS, {"message": "from is not a time"}, 400)
    with pytest.raises(QueryRejected, match="from is not a time"):
        await dashboards.annotations(WINDOW)
