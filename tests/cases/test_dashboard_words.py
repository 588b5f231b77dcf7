"""What is asked back where two things have one title, and that every refusal of a picture is a sentence of its own.

Variables, data sources, library panels and rows of old schemas: tests/cases/test_dashboards.py; dashboards of schema v2 as the
older address tells them: tests/telemetry/test_recordings.py.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest

from bot.cameras.charts import ChartCamera
from bot.domain.dashboards import DashboardModel, Panel, PanelQuery
from bot.domain.exhibits import Exhibit, Missed, Request
from bot.domain.pictures import Shot
from bot.errors import NoPicture
from bot.i18n import Language, text
from bot.telemetry.grafana_models import GrafanaModels
from bot.telemetry.http import JsonClient
from bot.telemetry.prometheus import Prometheus
from bot.ui.pictures import caption
from tests.cameras.drawn_here import DrawnHere
from tests.cases.test_dashboards import HOUR
from tests.fakes import FakeMetrics, HandClock
from tests.picture_fakes import FakeModels

BOT = Path(__file__).parents[2] / "bot"
QUEUE = BOT / "core/pictures/queue.py"
LANGUAGES: Sequence[Language] = get_args(Language)
# Words of our own code: keys of texts, names of fields and classes.
INTERNAL = re.compile(
    r"\b(?:not-drawn|nothing-to-draw|ladder|picture\.|dashboard\.|errors\.|[a-z]+_[a-z_]+|None|Error\()"
)


def told(missed: Missed, language: Language) -> str:
    """Return the line of a caption that says why a step gave no picture."""
    lines = caption(Exhibit(Request("Board", "", Shot("board", HOUR)), None, (missed,)), language).splitlines()
    return next(line for line in lines if line.startswith("- "))


def charts(models: GrafanaModels | FakeModels) -> ChartCamera:
    made = ChartCamera(
        models=models, metrics_of=lambda _: FakeMetrics(), zone="UTC", width=800, scale=1.0, clock=HandClock()
    )
    made._process = DrawnHere()
    return made


async def refused(models: GrafanaModels | FakeModels, shot: Shot) -> NoPicture:
    with pytest.raises(NoPicture) as caught:
        await charts(models).take(shot, 5)
    return caught.value


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_viewers_403_an_expired_token_and_a_grafana_that_is_away_are_three_sentences(server, session, language):
    sentences: list[str] = []
    for status, message in ((403, "Permissions needed: dashboards:read"), (401, "Expired API key")):
        server.on("GET /api/dashboards/uid/board", {"message": message}, status)
        models = GrafanaModels(JsonClient(session, server.url, source="grafana", token="glsa_x", timeout_s=5.0))
        none = await refused(models, Shot("board", HOUR))
        sentences.append(told(Missed("chart", none.key, none.detail), language))
    away = GrafanaModels(JsonClient(session, "http://127.0.0.1:9", source="grafana", timeout_s=2.0))
    none = await refused(away, Shot("board", HOUR))
    sentences.append(told(Missed("chart", none.key, none.detail), language))

    shared = [set(re.findall(r"\w+", each)) for each in sentences]
    assert len(set(sentences)) == 3
    assert not any(one < other for one in shared for other in shared)
    assert [line for line in sentences if INTERNAL.search(line)] == []


@pytest.mark.parametrize("body", ["<html>nginx</html>", "404 page not found\n"])
@pytest.mark.parametrize(("language", "why"), [("en", "is the address right"), ("ko", "주소가 맞는지")])
async def test_a_path_that_is_not_grafanas_is_no_dashboard_that_is_gone(server, session, language, why, body):
    """As where Grafana stands below /grafana, and its address in our settings does not say so."""
    server.on("GET /api/dashboards/uid/board", body, 404, content_type="text/html" if "<" in body else "text/plain")
    models = GrafanaModels(JsonClient(session, server.url, source="grafana", token="glsa_x", timeout_s=20.0))
    none = await refused(models, Shot("board", HOUR))

    assert why in told(Missed("chart", none.key, none.detail), language)
    server.on("GET /api/dashboards/uid/board", {"message": "Dashboard not found"}, 404)
    assert (await refused(models, Shot("board", HOUR))).reason == "ladder.not-found"


@pytest.mark.parametrize(
    ("language", "why"), [("en", "the path in the address is wrong"), ("ko", "주소의 경로가 잘못")]
)
async def test_a_page_in_the_place_of_an_answer_is_told(server, session, language, why):
    server.on("GET /api/dashboards/uid/board", "<!doctype html><form>", content_type="text/html")
    models = GrafanaModels(JsonClient(session, server.url, source="grafana", token="glsa_x", timeout_s=20.0))
    none = await refused(models, Shot("board", HOUR))

    assert why in told(Missed("chart", none.key, none.detail), language)


async def test_a_question_that_prometheus_does_not_take_is_an_answer(server, session):
    server.on("POST /api/v1/query_range", {"status": "error", "error": "parse error"}, 400)
    panel = Panel(1, "A", queries=(PanelQuery("sum(("),))
    metrics = Prometheus(JsonClient(session, server.url, source="prometheus", timeout_s=20.0))
    made = charts(FakeModels(DashboardModel("board", "Board", panels=(panel,))))
    made._numbers._metrics_of = lambda _: metrics
    with pytest.raises(NoPicture) as caught:
        await made.take(Shot("board", HOUR), 20)

    assert (caught.value.reason, caught.value.detail) == ("ladder.refused", "parse error")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_browsers_403_401_and_silence_are_three_sentences_too(language):
    said = {told(Missed("browser", f"picture.{each}", ""), language) for each in ("forbidden", "login", "unreachable")}

    assert len(said) == 3


async def test_a_chart_of_a_tab_that_is_not_there_is_no_chart_of_nothing():
    panels = (Panel(1, "A", queries=(PanelQuery("up"),), row="First"), Panel(2, "B", row="Second tab"))
    with_tabs = FakeModels(DashboardModel("board", "Board", panels=panels))
    without = FakeModels(DashboardModel("board", "Board", panels=(Panel(1, "A", queries=(PanelQuery("up"),)),)))

    one = await refused(with_tabs, Shot("board", HOUR, tab="Third"))
    other = await refused(without, Shot("board", HOUR, tab="Third"))

    assert told(Missed("chart", one.key, one.detail), "en").endswith("no such tab; it has: First, Second tab")
    assert told(Missed("chart", other.key, other.detail), "en").endswith("the dashboard has no tabs")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_that_a_camera_gives_is_a_sentence_without_a_word_of_our_code(language):
    written = "\n".join(each.read_text("utf-8") for each in (*(BOT / "cameras").rglob("*.py"), QUEUE))
    reasons = set(re.findall(r'NoPicture\(\s*"([\w.-]+)"', written))
    reasons |= set(re.findall(r'\["([a-z-]+)", ', (BOT / "cameras/browser/watch.js").read_text("utf-8")))
    known = tomllib.loads((BOT / f"i18n/{language}.toml").read_text("utf-8"))["picture"]
    states = {"loading", "ready", "error", "no-data"}

    lines = {each: told(Missed("browser", f"picture.{each}", "x"), language) for each in reasons - states}

    assert len(lines) > 25
    assert {each for each in lines if not each.startswith("ladder.")} <= set(known)
    assert {each.removeprefix("ladder.") for each in lines if each.startswith("ladder.")} <= set(known["ladder"])
    assert {each: line for each, line in lines.items() if INTERNAL.search(line)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_of_one_title_are_asked_back_with_how_to_tell_them_apart(language):
    keys = ("errors.several_dashboards", "errors.several_panels", "errors.several_values")
    said = {key: text(language, key, typed="X", found="a / X (1), b / X (2)", name="v") for key in keys}
    said["tabs"] = told(Missed("browser", "picture.several-tabs", "1 X, 2 X"), language)

    assert len(set(said.values())) == 4
    assert [key for key, line in said.items() if "1" not in line or "2" not in line or INTERNAL.search(line)] == []
