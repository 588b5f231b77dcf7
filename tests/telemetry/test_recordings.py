"""Every exchange that was recorded with a real Grafana 12.4 goes through the client or parser that would meet it.

What a client of ours asks for goes through that client; what only people and other programs ask for, through the client
that all of them share: its outcome is what a person would be told if Bongsu asked it.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import yarl
from aiohttp import web

from bot.doctor.grafana_setup import GrafanaSource, contact_points, data_sources, healthy, routed
from bot.doctor.probes import grafana_rights
from bot.doctor.targets import GRAFANA_RULES, rule_health
from bot.domain.dashboards import DashboardModel
from bot.domain.notes import Note
from bot.domain.notifications import parse
from bot.domain.silences import Matcher
from bot.domain.telemetry import Window
from bot.errors import InvalidNotification, InvalidTarget, QueryRejected, SourceFailed, SourceUnavailable
from bot.telemetry.dashboard_json import read_model
from bot.telemetry.grafana import grafana_alerts
from bot.telemetry.grafana_annotations import GrafanaAnnotations
from bot.telemetry.grafana_dashboards import GrafanaDashboards
from bot.telemetry.grafana_models import GrafanaModels
from bot.telemetry.http import OUR_MISTAKE, JsonClient
from tests.cameras.browser.test_every_outline import SETTLED as OUTLINES
from tests.recordings import GRAFANA, Exchange, names, recorded

FOLDERS = (
    "alertmanager",
    "annotations",
    "apis",
    "contact-point-test",
    "dashboards",
    "datasources",
    "folders",
    "library",
    "misc",
    "prometheus",
    "provisioning",
    "roles",
    "ruler",
    "search",
    "serviceaccounts",
    "subpath",
)
# Pictures whose bytes were not kept: the placeholder is told by its size in tests/cameras.
PICTURES = frozenset(
    {
        "misc/public_img_placeholder",
        "misc/render_solo_without_renderer",
        "misc/render_unknown_dashboard",
        "misc/render_without_renderer_viewer",
    }
)
NOW = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(hours=2), NOW + timedelta(hours=2))


class Playing:
    """A Grafana that answers as the recorded one did, whatever it is asked; `also` answers by the end of a path."""

    def __init__(self) -> None:
        self.url = ""
        self.played: Exchange | None = None
        self.also: dict[str, Exchange] = {}

    async def handle(self, request: web.Request) -> web.Response:
        await request.read()
        asked = next((each for end, each in self.also.items() if request.path.endswith(end)), self.played)
        assert asked is not None
        body = asked.body if isinstance(asked.body, str) else json.dumps(asked.body)
        kind = asked.headers.get("content-type", "text/plain")
        location = {"Location": asked.headers["location"]} if "location" in asked.headers else {}
        return web.Response(body=body.encode(), status=asked.status, headers={"Content-Type": kind, **location})


@pytest.fixture
async def grafana() -> AsyncIterator[Playing]:
    playing = Playing()
    app = web.Application(client_max_size=10 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", playing.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    playing.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield playing
    await runner.cleanup()


async def ask(http: JsonClient, exchange: Exchange) -> Any:
    """Ask as it was asked, through the client that all others share."""
    path = exchange.path
    if exchange.headers.get("content-type", "").startswith("text/"):
        return await http.text(path)
    if exchange.method == "GET":
        return await http.get(path, {name: str(value) for name, value in exchange.query.items()})
    if exchange.method == "DELETE":
        return await http.delete(path)
    return await http.post(path, json_body=exchange.sent)


def lists(http: JsonClient, grafana: Playing) -> dict[tuple[str, str], Callable[[], Awaitable[Any]]]:
    """Return what our clients ask for, by method and path."""
    source, models = grafana_alerts(http), GrafanaModels(http)

    async def through_library(call: Callable[[GrafanaDashboards], Awaitable[Any]]) -> Any:
        async with GrafanaDashboards.open(grafana.url, "glsa_x", "", 5.0) as dashboards:
            return await call(dashboards)

    async def silence() -> str:
        matchers = [Matcher("alertname", 'a "quoted", one')]
        return await source.create_silence(matchers, NOW, NOW + timedelta(hours=1), "minji", "known")

    return {
        ("GET", r"/api/alertmanager/grafana/api/v2/alerts"): source.alerts,
        ("GET", r"/api/alertmanager/grafana/api/v2/silences"): source.silences,
        ("POST", r"/api/alertmanager/grafana/api/v2/silences"): silence,
        ("GET", r"/api/prometheus/grafana/api/v1/rules"): source.rules,
        ("GET", r"/api/search"): lambda: through_library(lambda each: each.search()),
        ("GET", r"/api/annotations"): lambda: through_library(lambda each: each.annotations(WINDOW)),
        ("POST", r"/api/annotations"): lambda: GrafanaAnnotations(http).create(Note(NOW, "x", ("bongsu",))),
        ("GET", r"/api/dashboards/uid/[^/]+"): lambda: models.model(grafana.played.path.rpartition("/")[2]),
        ("GET", r"/api/datasources"): lambda: data_sources(http),
        ("GET", r"/api/datasources/uid/[^/]+/health"): lambda: healthy(http, GrafanaSource("x", "X", "prometheus")),
        ("GET", r"/api/v1/provisioning/contact-points"): lambda: contact_points(http),
        ("GET", r"/api/v1/provisioning/policies"): lambda: routed(http),
        ("GET", r"/api/access-control/user/permissions"): lambda: grafana_rights(http),
    }


def outcome_of(exchange: Exchange) -> tuple[type[Exception], str] | None:
    """Say what a status means: the error and words of it, None for an answer."""
    status, kind = exchange.status, exchange.headers.get("content-type", "")
    message = exchange.body.get("message", "") if isinstance(exchange.body, dict) else ""
    if isinstance(exchange.body, str) and exchange.body and "json" in kind:
        # Written down as Python shows it.
        return SourceUnavailable, "not JSON"
    if status < 300:
        return (SourceUnavailable, "web page") if kind.startswith("text/html") else None
    if status < 400:
        elsewhere = exchange.path != "/" and exchange.headers.get("location", "").endswith(exchange.path)
        return SourceFailed, "write that address" if elsewhere else "login page"
    if status in OUR_MISTAKE:
        return QueryRejected, message[:100]
    words = {401: "credentials are not accepted", 403: "do not allow this"}.get(status, f"HTTP {status}")
    return SourceFailed, words


async def met(grafana: Playing, exchange: Exchange, session: aiohttp.ClientSession) -> Any:
    """Let the client meet it that would."""
    grafana.played, grafana.also = exchange, {}
    if exchange.path.endswith("/permissions") and GRAFANA.is_dir():
        grafana.also["/frontend/settings"] = recorded("roles/frontend_settings_as_admin")
    http = JsonClient(session, grafana.url, source="grafana", token="glsa_x", timeout_s=20.0)
    for (method, path), call in lists(http, grafana).items():
        if exchange.method == method and re.fullmatch(path, exchange.path):
            return await call()
    return await ask(http, exchange)


@pytest.mark.parametrize("name", [name for name in names(*FOLDERS) if name not in PICTURES])
async def test_a_recorded_exchange_is_an_answer_or_an_error_that_says_why(grafana, session, name):
    exchange = recorded(name)
    expected = outcome_of(exchange)

    if expected is None:
        answer = await met(grafana, exchange, session)
        check(exchange, answer)
        return
    kind, words = expected
    if (
        exchange.method == "GET"
        and re.fullmatch(r"/api/dashboards/uid/[^/]+", exchange.path)
        and exchange.status == 404
    ):
        kind, words = InvalidTarget, ""
    with pytest.raises(kind) as caught:
        await met(grafana, exchange, session)
    told = getattr(caught.value, "detail", "")
    assert words.casefold() in told.casefold()
    assert "glsa_" not in str(caught.value)


def check(exchange: Exchange, answer: Any) -> None:
    """An answer holds what Grafana said, in our words."""
    for (method, path), judge in JUDGES.items():
        if exchange.method == method and re.fullmatch(path, exchange.path):
            judge(exchange, answer)
            return
    assert answer == (exchange.body or None) or isinstance(answer, str)


def judge_alerts(exchange: Exchange, answer: Any) -> None:
    names_of = [each["labels"]["alertname"] for each in exchange.body if not is_over(each)]
    assert [each.labels["alertname"] for each in answer] == names_of


def judge_silences(exchange: Exchange, answer: Any) -> None:
    listed = [(each["id"], each["status"]["state"] == "expired") for each in exchange.body]
    assert [(each.source_id, each.ended_at is not None) for each in answer] == listed


def judge_rules(exchange: Exchange, answer: Any) -> None:
    groups = exchange.body["data"]["groups"]
    alerting = [rule for group in groups for rule in group["rules"] if rule.get("type", "alerting") == "alerting"]
    firing = ("Alerting", "NoData", "Error", "Recovering")
    counted = [sum(each["state"].startswith(firing) for each in rule.get("alerts") or []) for rule in alerting]
    assert [(each.name, each.firing) for each in answer] == [
        (rule["name"], count) for rule, count in zip(alerting, counted, strict=True)
    ]


def judge_search(exchange: Exchange, answer: Any) -> None:
    assert [each.uid for each in answer] == list(dict.fromkeys(each["uid"] for each in exchange.body))


def judge_annotations(exchange: Exchange, answer: Any) -> None:
    # What is tagged as a change is one, unless we wrote it ourselves.
    tags = {str(each["id"]): each.get("tags") or [] for each in exchange.body}
    assert {each.id for each in answer} == {
        name for name, own in tags.items() if "deploy" in own and "bongsu" not in own
    }


def judge_dashboard(exchange: Exchange, answer: Any) -> None:
    assert isinstance(answer, DashboardModel)
    assert (answer.uid, answer.title) == (exchange.path.rpartition("/")[2], exchange.body["dashboard"]["title"])


def judge_permissions(exchange: Exchange, answer: Any) -> None:
    # A Viewer may not silence; who has no role may not even read. (The lists were cut after the letter d.)
    may = exchange.name.rpartition("_as_")[2] not in ("viewer", "norole")
    assert ("alert.instances:create" not in answer.missing) is may
    assert ("alert.instances:read" in answer.missing) is exchange.name.endswith("norole")


JUDGES: dict[tuple[str, str], Callable[[Exchange, Any], None]] = {
    ("GET", r"/api/alertmanager/grafana/api/v2/alerts"): judge_alerts,
    ("GET", r"/api/alertmanager/grafana/api/v2/silences"): judge_silences,
    ("GET", r"/api/prometheus/grafana/api/v1/rules"): judge_rules,
    ("GET", r"/api/search"): judge_search,
    ("GET", r"/api/annotations"): judge_annotations,
    ("GET", r"/api/dashboards/uid/[^/]+"): judge_dashboard,
    ("GET", r"/api/access-control/user/permissions"): judge_permissions,
    ("POST", r"/api/alertmanager/grafana/api/v2/silences"): lambda asked, told: is_equal(told, asked.body["silenceID"]),
    ("POST", r"/api/annotations"): lambda asked, told: is_equal(told, asked.body["id"]),
    ("GET", r"/api/datasources/uid/[^/]+/health"): lambda _, told: is_equal(told, True),
    ("GET", r"/api/datasources"): lambda asked, told: is_equal(
        [each.uid for each in told], [each["uid"] for each in asked.body]
    ),
    ("GET", r"/api/v1/provisioning/contact-points"): lambda asked, told: is_equal(
        [(each.name, each.kind) for each in told], [(each["name"], each["type"]) for each in asked.body]
    ),
    ("GET", r"/api/v1/provisioning/policies"): lambda asked, told: is_equal(asked.body["receiver"] in told, True),
}


def is_equal(one: Any, other: Any) -> None:
    assert one == other


def is_over(alert: dict[str, Any]) -> bool:
    ends, updated = (datetime.fromisoformat(alert[name]) for name in ("endsAt", "updatedAt"))
    return ends.year > 1 and ends <= updated


@pytest.mark.parametrize("name", names("roles"))
async def test_every_role_is_told_apart(grafana, session, name):
    """Who may not, whose token has expired, and who asks in another organisation: three different things."""
    exchange = recorded(name)
    caller = name.rpartition("_as_")[2]
    try:
        await met(grafana, exchange, session)
        said = ""
    except (SourceUnavailable, QueryRejected, InvalidTarget) as error:
        said = getattr(error, "detail", "")

    if caller in ("deleted_token", "expired_token", "wrong_token", "anonymous", "wrong_password"):
        assert said.startswith("HTTP 401")
    if caller == "expired_token" and exchange.body:
        assert "Expired API key" in said
    if exchange.status == 403:
        assert "Permissions needed" in said


@pytest.mark.parametrize("name", names("webhooks"))
def test_a_recorded_webhook_is_read_as_the_bot_answered_it(name):
    told = json.loads((GRAFANA / f"{name}.json").read_text("utf-8"))
    body = told["body"]
    raw = json.dumps(body, ensure_ascii=False).encode()

    if not (isinstance(body, dict) and "alerts" in body):
        with pytest.raises(InvalidNotification):
            parse("grafana", raw, NOW)
        return
    read = parse("grafana", raw, NOW)

    assert [each.status.value for each in read.alerts] == [each["status"] for each in body["alerts"]]
    assert [each.fingerprint for each in read.alerts] == [each["fingerprint"] for each in body["alerts"]]
    assert [each.labels.get("alertname") for each in read.alerts] == [
        each["labels"].get("alertname") for each in body["alerts"]
    ]
    assert all(each.starts_at.tzinfo for each in read.alerts)
    assert read.truncated == body.get("truncatedAlerts", 0)
    assert read.group_key


# Its alerts are read by nobody from there.
@pytest.mark.parametrize("name", [each for each in names("prometheus") if recorded(each).path.endswith("/rules")])
async def test_rules_are_also_read_by_who_verifies_them(grafana, session, name):
    exchange = recorded(name)
    grafana.played, grafana.also = exchange, {}

    found = await rule_health(JsonClient(session, grafana.url, source="grafana"), GRAFANA_RULES)

    groups = exchange.body["data"]["groups"]
    states = {f"{group['name']} / {rule['name']}": rule["health"] for group in groups for rule in group["rules"]}
    assert {each.name: each.health for each in found} == states


def test_no_recording_is_left_out():
    """The list of files that no test touches is empty, but for pictures whose bytes were not kept."""
    if not GRAFANA.is_dir():
        pytest.skip(f"no recordings at {GRAFANA}")
    there = {str(path.relative_to(GRAFANA).with_suffix("")) for path in GRAFANA.rglob("*.json")}
    looked_at = {f"dom/{page}{state}" for page in OUTLINES for state in ("", "-loading")}
    touched = {*names(*FOLDERS, "webhooks"), *looked_at} - PICTURES

    assert there - touched == PICTURES
    listed = {json.loads(line)["name"] for line in (GRAFANA / "index.jsonl").read_text("utf-8").splitlines()}
    assert listed <= there


def test_addresses_below_a_sub_path_stay_there():
    page = recorded("subpath/page_sub_path_anonymous")

    assert yarl.URL(page.headers["location"]).path.startswith("/grafana/")


@pytest.mark.parametrize(
    ("new", "old", "arranged"),
    [
        ("v2beta1_get_v2-tabs", "dashboard_uid_v2_stored_by_legacy_api", ["First", "Second tab"]),
        ("v2alpha1_get_v2-tabs", "dashboard_get_v2-tabs", ["First", "Second tab"]),
        ("v2_create_v2-rows", "dashboard_get_v2-rows", ["Open row", "Shut row", "Conditional"]),
    ],
)
def test_a_dashboard_of_the_new_schema_is_read_as_its_own_api_tells_it(new, old, arranged):
    """By the older address it comes converted: its tabs are rows, and nothing of it is lost."""
    spec = recorded(f"apis/apis_{new}").body["spec"]
    model = read_model("v2", recorded(f"dashboards/{old}").body["dashboard"], {})

    # What no part of the layout refers to is kept, but shown nowhere.
    placed = re.findall(r'"ElementReference", "name": "([^"]+)"', json.dumps(spec["layout"]))
    panels = [spec["elements"][name]["spec"] for name in placed]
    exprs = {
        each["title"]: [query["spec"]["query"]["spec"]["expr"] for query in each["data"]["spec"]["queries"]]
        for each in panels
    }
    assert {panel.title: [query.expr for query in panel.queries] for panel in model.panels} == exprs
    assert list(dict.fromkeys(panel.row for panel in model.panels)) == arranged
    kind = spec["layout"]["kind"].removesuffix("sLayout").lower()
    assert [each["spec"]["title"] for each in spec["layout"]["spec"][f"{kind}s"]] == arranged
