"""Cases 90 to 98: dashboards as people have them; what is understood of them, and in which words the rest is refused.

Each is served by a server of ours in the shapes that Grafana has, and read by the client that reads Grafana's.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

import pytest

from bot.cameras.chart_numbers import why_not
from bot.cameras.charts import ChartCamera
from bot.core.directory import Directory
from bot.core.pictures.finder import DashboardFinder
from bot.domain.dashboards import DashboardModel, Panel, PanelQuery, Variable, check_value
from bot.domain.exhibits import Exhibit, Missed, Request
from bot.domain.pictures import PanelState, Picture, Shot
from bot.domain.telemetry import RangeSeries, Window
from bot.domain.views import DashboardLink
from bot.errors import InvalidTarget, NoPicture, SourceError
from bot.i18n import Language, catalogue, said, text
from bot.telemetry.dashboard_variables import picked
from bot.telemetry.grafana_models import GrafanaModels
from bot.telemetry.http import JsonClient
from bot.ui.pictures import caption
from tests.cameras.drawn_here import DrawnHere
from tests.cases.given import case
from tests.fakes import FakeAlertSource, FakeDashboards, FakeMetrics, HandClock

NOW = int(time.time())
HOUR = Window.between(NOW - 3600, NOW)
SOURCES = [
    {"uid": "prom", "name": "Prometheus", "type": "prometheus", "isDefault": True},
    {"uid": "prom-2", "name": "Long term", "type": "prometheus"},
    {"uid": "loki", "name": "Loki", "type": "loki"},
]
ANSWERS = {"up": [RangeSeries({"instance": "web-1:9100"}, [(NOW - 60.0, 1.0), (NOW - 30.0, 1.0)])]}


class Asked(FakeMetrics):
    """Remembers which data source was asked what."""

    def __init__(self) -> None:
        super().__init__()
        self.promql: list[tuple[str, str]] = []
        self.uid = ""

    async def query_range(
        self, promql: str, window: Window, step_s: float, limit: int, *, every: bool = False
    ) -> Sequence[RangeSeries]:
        self.promql.append((self.uid, promql))
        return ANSWERS["up"]


@pytest.fixture
def models(server, session) -> GrafanaModels:
    server.on("GET /api/datasources", SOURCES)
    return GrafanaModels(JsonClient(session, server.url, source="grafana", token="glsa_x", timeout_s=20.0))


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def camera(models, asked):
    def metrics_of(uid: str) -> Asked:
        asked.uid = uid
        return asked

    made = ChartCamera(models=models, metrics_of=metrics_of, zone="UTC", width=800, scale=1.0, clock=HandClock())
    made._process = DrawnHere()
    return made


async def opened(server, models: GrafanaModels, raw: dict[str, Any]) -> DashboardModel:
    """Serve a dashboard and read it."""
    server.on(f"GET /api/dashboards/uid/{raw['uid']}", {"dashboard": raw, "meta": {"slug": "x"}})
    return await models.model(raw["uid"])


def served_values(server, label: str, *values: str, uid: str = "prom") -> None:
    body = {"status": "success", "data": list(values)}
    server.on(f"GET /api/datasources/proxy/uid/{uid}/api/v1/label/{label}/values", body)


def panel(number: int = 1, expr: str = "up", **more: Any) -> dict[str, Any]:
    return {"id": number, "title": f"Panel {number}", "type": "timeseries", "targets": [{"expr": expr}], **more}


def board(*panels: dict[str, Any], variables: Sequence[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
    return {"uid": "board", "title": "Board", "panels": list(panels), "templating": {"list": list(variables)}, **more}


def words(picture: Picture, language: Language = "en") -> str:
    """Return the caption that a person reads."""
    return caption(Exhibit(Request("Board", "https://g.example/d/board", Shot("board", HOUR)), picture), language)


# 92: a variable with a regex.


@pytest.mark.row("92")
async def test_92_values_are_cut_by_the_variables_regex_and_asked_for_so(server, models, camera, asked):
    served_values(server, "instance", "web-1:9100", "web-2:9100", "no port")
    model = await opened(server, models, case("92")["dashboard"])
    node = model.variables[0]

    known = await models.values(model, node, {})
    assert known == {"web-1": "web-1", "web-2": "web-2"}
    chosen = check_value(node, ("web-2",), known)
    await camera.take(Shot("rex", HOUR, variables={"node": chosen}), 20)

    assert asked.promql == [("prom", 'up{instance=~"web-2:.*"}')]


@pytest.mark.row("92")
@pytest.mark.parametrize(
    ("regex", "answered", "known"),
    [
        ("", ["a", "b", "a"], {"a": "a", "b": "b"}),
        ("/^prod-/", ["prod-a", "dev-b"], {"prod-a": "prod-a"}),
        # Without slashes the whole value has to fit.
        ("prod", ["prod", "prod-a"], {"prod": "prod"}),
        ("/PROD-(.*)/i", ["prod-a", "x"], {"a": "a"}),
        # Several hits in one answer, as query_result() has them.
        ("/(\\w+)=/g", ["a=1 b=2"], {"a": "a", "b": "b"}),
        ("/name=(?<text>\\w+) id=(?<value>\\d+)/", ["name=api id=7"], {"7": "api"}),
        ('/(?<text>[^"]+)|(?<value>[^"]+)/', ['"x"'], {"x": "x"}),
        # Look-around is not RE2's: nobody can tell, and what is typed is believed.
        ("/^(?!dev).*/", ["prod"], None),
        ("/(a+)+$/", ["a" * 5000 + "!"], {}),
        ("/(/", ["a"], None),
    ],
)
def test_92_a_regex_does_what_grafana_does_with_it(regex, answered, known):
    assert picked(answered, regex) == known


# 97 and its kind: All, allValue, values with texts, variables that are set to nothing.


@pytest.mark.row("97")
async def test_97_all_is_its_all_value(server, models, camera, asked):
    await opened(server, models, case("97")["dashboard"])
    await camera.take(Shot("all", HOUR, panel=1), 20)

    assert asked.promql == [("prom", 'up{job=~".*"}')]


@pytest.mark.row("97")
async def test_97_all_without_a_value_of_its_own_is_every_value(server, models, camera, asked):
    served_values(server, "job", "api-1", "chat-1", "test-1")
    job = {
        "name": "job", "type": "query", "definition": "label_values(up, job)", "regex": "/(api|chat).*/",
        "multi": True, "includeAll": True, "refresh": 1, "current": {"text": "All", "value": ["$__all"]},
    }  # fmt: skip
    await opened(server, models, board(panel(expr='up{job=~"$job.*"}'), variables=[job]))
    await camera.take(Shot("board", HOUR), 20)

    assert asked.promql == [("prom", 'up{job=~"(api|chat).*"}')]


@pytest.mark.row("97")
async def test_97_a_variable_set_to_nothing_is_its_first_value(server, models, camera, asked):
    served_values(server, "instance", "a:1", "b:1", uid="prom-2")
    variables = [
        {"name": "ds", "type": "datasource", "query": "prometheus", "regex": "/^Long/", "current": {}},
        {
            "name": "inst", "type": "query", "definition": "label_values(up, instance)", "current": {},
            "datasource": {"type": "prometheus", "uid": "${ds}"}, "refresh": 1,
        },
    ]  # fmt: skip
    raw = board(panel(expr='up{i="$inst"}', datasource={"type": "prometheus", "uid": "${ds}"}), variables=variables)
    await opened(server, models, raw)
    await camera.take(Shot("board", HOUR), 20)

    assert asked.promql == [("prom-2", 'up{i="a:1"}')]


@pytest.mark.row("97")
@pytest.mark.parametrize(
    ("typed", "chosen"), [("Alpha", "a"), ("alpha", "a"), ("a", "a"), ("Beta", "b"), ("c,d", "c,d"), ("C,D", "c,d")]
)
async def test_97_a_value_may_be_typed_as_it_is_shown(server, models, typed, chosen):
    custom = {"name": "c", "type": "custom", "query": "Alpha : a,Beta : b,c\\,d", "current": {"value": "a"}}
    model = await opened(server, models, board(variables=[custom]))

    assert check_value(model.variables[0], (typed,), await models.values(model, model.variables[0], {})) == (chosen,)


@pytest.mark.row("97")
def test_97_a_text_that_two_values_have_is_asked_back():
    twins = Variable("host", options=("1", "2"), texts={"1": "web", "2": "web"})

    with pytest.raises(InvalidTarget, match="several_values") as refused:
        check_value(twins, ("web",), twins.known)

    assert refused.value.values["found"] == "1, 2"


# 93: data sources that are not there, and those that are named in other ways.


@pytest.mark.row("93")
async def test_93_a_data_source_never_filled_in_is_named(server, models, camera):
    await opened(server, models, case("93")["dashboard"])

    with pytest.raises(NoPicture) as refused:
        await camera.take(Shot("dsin", HOUR), 20)

    missed = Missed("chart", refused.value.key, refused.value.detail)
    shown = caption(Exhibit(Request("x", "", Shot("dsin", HOUR)), None, (missed,)), "en")
    assert "its data source ${DS_PROMETHEUS} does not exist" in shown.replace("\\", "")


@pytest.mark.row("93")
@pytest.mark.parametrize(
    ("datasource", "uid"),
    [
        (None, "prom"),
        ("default", "prom"),
        ("Long term", "prom-2"),
        ({"uid": "prom-2"}, "prom-2"),
        ({"type": "prometheus"}, "prom"),
        ({"type": "prometheus", "uid": "-- Default --"}, "prom"),
        ({"uid": "$ds"}, "prom-2"),
    ],
)
async def test_93_a_data_source_is_found_however_it_is_named(server, models, camera, asked, datasource, uid):
    ds = {
        "name": "ds",
        "type": "datasource",
        "query": "prometheus",
        "current": {"text": "Long term", "value": "prom-2"},
    }
    await opened(server, models, board(panel(datasource=datasource), variables=[ds]))
    await camera.take(Shot("board", HOUR), 20)

    assert asked.promql == [(uid, "up")]


@pytest.mark.row("93")
@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (panel(datasource={"uid": "loki"}), "asks loki, not Prometheus"),
        (panel(datasource={"type": "prometheus", "uid": "gone"}), "its data source gone does not exist"),
        (panel(datasource="Old name"), "its data source Old name does not exist"),
        (panel(expr=""), "it asks nothing"),
        ({"id": 1, "title": "t", "type": "news"}, "this kind of panel (news) is not drawn here"),
    ],
)
async def test_93_what_is_not_drawn_says_why_in_true_words(server, models, camera, raw, reason):
    await opened(server, models, board(raw, panel(2)))
    picture = await camera.take(Shot("board", HOUR), 20)

    assert [(each.state, str(each.message)) for each in picture.panels] == [
        (PanelState.ERROR, reason),
        (PanelState.READY, ""),
    ]
    assert "1 of 2 panels" in words(picture)


# 90: library panels.


@pytest.mark.row("90")
async def test_90_library_panels_are_filled_in(server, models, camera, asked):
    shared = {"type": "timeseries", "title": "Shared", "targets": [{"expr": "shared"}], "datasource": {"uid": "prom"}}
    server.on("GET /api/library-elements/lp1", {"result": {"uid": "lp1", "name": "Request rate", "model": shared}})
    await opened(server, models, case("90")["dashboard"])
    picture = await camera.take(Shot("lib", HOUR), 20)

    assert asked.promql == [("prom", "shared")]
    assert [(each.title, each.state) for each in picture.panels] == [
        ("Request rate", PanelState.READY),
        ("Error rate", PanelState.ERROR),
    ]
    assert "what is in its library panel Error rate could not be read" in words(picture)
    assert "라이브러리 패널 Error rate의 내용을 읽지 못했습니다" in words(picture, "ko")


# Old schemas keep panels in rows.


async def test_panels_of_old_schemas_stand_in_rows(server, models, camera, asked):
    graph = {
        "id": 1, "title": "CPU", "type": "graph", "targets": [{"expr": "cpu"}], "stack": True, "fill": 2, "bars": False,
        "yaxes": [{"format": "percent", "min": 0, "max": "100"}, {"format": "short"}],
        "thresholds": [{"value": 80, "colorMode": "critical", "op": "gt", "fill": True, "line": True}],
        "legend": {"show": True, "values": True, "current": True, "max": True},
    }  # fmt: skip
    raw = board(schemaVersion=14, rows=[
        {"title": "Host", "showTitle": True, "panels": [graph]},
        {"title": "Shut", "collapse": True, "panels": [{"id": 2, "type": "singlestat", "targets": [{"expr": "up"}]}]},
    ])  # fmt: skip
    raw.pop("panels")
    model = await opened(server, models, raw)

    assert [(each.id, each.row, each.kind, each.folded) for each in model.panels] == [
        (1, "Host", "timeseries", False),
        (2, "Shut", "stat", True),
    ]
    look = model.panels[0].look
    assert (look.unit, look.least, look.most, look.stacking, look.fill) == ("percent", 0.0, 100.0, "normal", 20)
    assert (look.style, look.calculations) == ("line+area", ("lastNotNull", "max"))
    await camera.take(Shot("board", HOUR), 20)
    assert asked.promql == [("prom", "cpu")]


# 95: two things of one title.


@pytest.mark.row("95")
async def test_95_two_panels_of_one_title_are_asked_back_with_their_rows(server, models):
    model = await opened(server, models, case("95")["dashboard"])

    with pytest.raises(InvalidTarget, match="several_panels") as refused:
        model.find_panel("latency")

    assert refused.value.values["found"] == "api / Latency (panel-1), chat / Latency (panel-2)"
    assert [model.find_panel(each).id for each in ("chat latency", "panel-2", "1")] == [2, 2, 1]


@pytest.mark.row("95")
async def test_95_two_dashboards_of_one_title_are_asked_back_with_their_folders():
    finder = DashboardFinder(Directory(FakeAlertSource(), FakeDashboards(), HandClock()))
    finder._directory.dashboards = [
        DashboardLink("p1", "Overview", "", "Production"), DashboardLink("s1", "overview", "", "Staging")
    ]  # fmt: skip

    with pytest.raises(InvalidTarget, match="several_dashboards") as refused:
        finder.find("Overview")

    assert refused.value.values["found"] == "Production / Overview (p1), Staging / overview (s1)"
    assert finder.find("s1").folder == "Staging"
    assert finder.find("staging overview").uid == "s1"


@pytest.mark.row("95")
def test_95_a_label_that_two_variables_have_names_neither():
    model = DashboardModel("x", "x", variables=(Variable("a", label="Host"), Variable("b", label="host")))

    assert model.variable("host") is None
    assert model.variable("b") == model.variables[1]


# Who may not, whose token has expired, and a Grafana that is away are three different things.


REFUSALS = [
    (401, {"message": "Expired API key"}, "grafana answers with an error: HTTP 401: our credentials are not accepted (Expired"),
    (403, {"message": "Permissions needed: dashboards:read"}, "HTTP 403: our credentials are accepted, but do not allow this"),
    (404, {"message": "Dashboard not found"}, "Grafana has no dashboard board"),
]  # fmt: skip


async def told(models: GrafanaModels, language: Language = "en") -> str:
    with pytest.raises((SourceError, InvalidTarget)) as refused:
        await models.model("board")
    return text(language, refused.value.key, **refused.value.values)


@pytest.mark.parametrize(("status", "body", "sentence"), REFUSALS)
async def test_each_refusal_has_a_sentence_of_its_own(server, models, camera, status, body, sentence):
    server.on("GET /api/dashboards/uid/board", body, status)

    assert sentence in await told(models)
    with pytest.raises(NoPicture) as refused:
        await camera.take(Shot("board", HOUR), 10)
    assert refused.value.reason == ("ladder.not-found" if status == 404 else "ladder.refused")


async def test_a_grafana_that_is_away_is_told_so(session):
    models = GrafanaModels(JsonClient(session, "http://127.0.0.1:9", source="grafana", timeout_s=2.0))

    assert await told(models) == "grafana did not answer: nobody listens there: is it running, and is the port right?"
    assert "did not answer" not in await told(models, "ko")


# 98: no internal word reaches a person.


INTERNAL = re.compile(
    r"\b(?:not-drawn|nothing-to-draw|ladder|picture\.|dashboard\.|errors\.|[a-z]+_[a-z_]+|None|Error\()"
)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_98_no_internal_word_reaches_a_person(language):
    reasons = [
        why_not(each, DashboardModel("x", "x"), {})
        for each in (
            Panel(1, "a", "text"),
            Panel(2, "b", library="Shared"),
            Panel(3, "c"),
            Panel(4, "d", queries=(PanelQuery("up", datasource="${DS}"),)),
            Panel(5, "e", queries=(PanelQuery("x", datasource="l", kind="loki"),)),
        )
    ]
    keys = [key for key in catalogue(language) if key.startswith("picture.")]
    missed = tuple(Missed("chart", key, reason or "") for key in keys for reason in reasons)
    lines = [caption(Exhibit(Request("x", "", Shot("x", HOUR)), None, (each,)), language) for each in missed]
    lines += [said(language, reason or "") for reason in reasons]

    assert len(lines) > 50
    assert [line for line in lines if INTERNAL.search(line)] == []
