"""The dashboards as files: in step with Python, complete, without gaps, alike."""

from __future__ import annotations

import re
import shutil

import pytest

from bot.domain.alerts import Severity
from bot.ui.cards import COLOUR, GREEN
from deploy.grafana.boards import panels as looks
from deploy.grafana.boards.__main__ import FOLDER, files, main
from deploy.grafana.boards.panels import About, lines
from deploy.grafana.boards.queries import prom
from tests.deploy.boards import BOARDS, VARIABLE, panels, variables

# Alert rules, in a file of their own, link to these by number.
CONTRACT = {
    1: "Services up",
    2: "Probes",
    3: "Error ratio",
    4: "Latency, p99",
    5: "Waiting for a connection",
    6: "Memory",
    7: "CPU",
    8: "Disk",
    9: "Longest GC pause",
    10: "Uptime and restarts",
    11: "Certificates, days left",
    12: "Deploys",
}
# What Grafana replaces by itself.
OWN = ("__rate_interval", "__range", "__auto")
EVERY = [(uid, panel) for uid, board in BOARDS.items() for panel in panels(board)]
NAMES = [f"{uid}-{panel['id']}" for uid, panel in EVERY]


def test_the_files_are_what_python_writes():
    assert {path.name: path.read_text("utf-8") for path in FOLDER.glob("*")} == files()


def test_check_tells_what_differs_and_changes_nothing(tmp_path, capsys):
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "logs.json").write_text("{}", "utf-8")
    (tmp_path / "system.json").unlink()
    (tmp_path / "mine.json").write_text("{}", "utf-8")

    code = main(["--check"], tmp_path)

    assert code == 1
    assert capsys.readouterr().out.splitlines() == ["differs: logs.json", "differs: mine.json", "differs: system.json"]
    assert (tmp_path / "logs.json").read_text("utf-8") == "{}"


def test_writing_mends_what_differs_and_leaves_other_files_alone(tmp_path, capsys):
    folder = tmp_path / "new"
    main([], folder)
    (folder / "logs.json").write_text("{}", "utf-8")
    (folder / "mine.json").write_text("{}", "utf-8")
    capsys.readouterr()

    assert main([], folder) == 0

    assert capsys.readouterr().out.splitlines() == ["written: logs.json", "differs: mine.json"]
    assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == files() | {"mine.json": "{}"}


def test_there_are_eight_dashboards_under_their_own_names():
    assert BOARDS.keys() == {"overview", "jvm-api", "jvm-chat", "http-red", "logs", "nginx", "system", "bongsu"}
    assert {uid: board["uid"] for uid, board in BOARDS.items()} == {uid: uid for uid in BOARDS}
    assert all(board["title"].isascii() and board["description"] for board in BOARDS.values())
    assert {board["schemaVersion"] for board in BOARDS.values()} == {41}


def test_what_alert_rules_link_to_keeps_its_number():
    found = {panel["id"]: panel["title"] for panel in panels(BOARDS["overview"])}

    assert {number: found.get(number) for number in CONTRACT} == CONTRACT
    assert panels(BOARDS["bongsu"])[0]["id"] == 1
    assert panels(BOARDS["bongsu"])[0]["title"] == "Alive, and in time"


@pytest.mark.parametrize("uid", BOARDS)
def test_no_two_panels_share_a_number(uid):
    numbers = [panel["id"] for panel in BOARDS[uid]["panels"]]

    assert len(set(numbers)) == len(numbers)
    assert all(numbers)


@pytest.mark.parametrize("uid", BOARDS)
def test_panels_fill_the_page_without_gap_or_overlap(uid):
    places = [panel["gridPos"] for panel in BOARDS[uid]["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    bottom = max(place["y"] + place["h"] for place in places)
    assert sorted(cells) == [(x, y) for x in range(24) for y in range(bottom)]


@pytest.mark.parametrize(("uid", "panel"), EVERY, ids=NAMES)
def test_a_panel_says_what_it_shows(uid, panel):
    assert panel["title"].isascii()
    assert re.search(r"[.;]$", panel["description"])
    assert panel["targets"]
    assert panel["datasource"] in (
        {"type": "prometheus", "uid": "prometheus"},
        {"type": "loki", "uid": "loki"},
    )
    assert {target["datasource"]["uid"] for target in panel["targets"]} == {panel["datasource"]["uid"]}
    if panel["type"] in ("timeseries", "stat", "bargauge"):
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert all(target.get("legendFormat") for target in panel["targets"])


@pytest.mark.parametrize(("uid", "panel"), EVERY, ids=NAMES)
def test_a_question_uses_only_variables_that_the_dashboard_has(uid, panel):
    used = {name for target in panel["targets"] for name in VARIABLE.findall(target["expr"])}

    assert used <= variables(BOARDS[uid]).keys() | set(OWN)


@pytest.mark.parametrize("uid", BOARDS)
def test_every_variable_changes_something(uid):
    used = {
        name
        for panel in panels(BOARDS[uid])
        for target in panel["targets"]
        for name in VARIABLE.findall(target["expr"])
    }

    assert variables(BOARDS[uid]).keys() <= used


def test_severities_have_the_colours_of_the_cards():
    colours = {
        Severity.P1: looks.CRITICAL,
        Severity.P2: looks.HIGH,
        Severity.P3: looks.WARNING,
        Severity.P4: looks.INFO,
    }

    assert colours == {severity: f"#{number:06X}" for severity, number in COLOUR.items()}
    assert f"#{GREEN:06X}" == looks.FINE


@pytest.mark.parametrize("uid", BOARDS)
def test_no_other_colour_is_used(uid):
    used = set(re.findall(r'"(?:color|fixedColor|iconColor)": "([^"]+)"', (FOLDER / f"{uid}.json").read_text("utf-8")))

    allowed = {looks.CRITICAL, looks.HIGH, looks.WARNING, looks.INFO, looks.FINE, looks.QUIET}
    assert used <= allowed


def test_api_and_chat_differ_in_their_names_and_tomcats_limit_only():
    chat = (FOLDER / "jvm-chat.json").read_text("utf-8")
    renamed = chat.replace("ChatHikariPool", "DoktoriHikariPool").replace("chat", "api").replace("Chat", "API")

    limited = renamed.replace('"axisSoftMax": 100', '"axisSoftMax": 200').replace("Busy at 100,", "Busy at 200,")

    assert limited == (FOLDER / "jvm-api.json").read_text("utf-8")
    assert chat != limited


def addresses(node):
    if isinstance(node, dict):
        if isinstance(node.get("url"), str) and node["url"]:
            yield node["url"]
        for value in node.values():
            yield from addresses(value)
    elif isinstance(node, list):
        for value in node:
            yield from addresses(value)


def test_links_lead_to_dashboards_and_variables_that_exist():
    found = {address for board in BOARDS.values() for address in addresses(board)}

    assert len(found) >= 4
    for address in found:
        uid, _, query = address.removeprefix("/d/").partition("?")
        # A click on a series of a JVM leads to the dashboard of its service.
        named = [uid.replace("${__field.labels.service}", service) for service in ("api", "chat")]
        names = re.findall(r"var-(\w+)=", query)
        assert address.startswith("/d/")
        assert query.endswith("${__url_time_range}")
        for each in named:
            assert set(names) <= variables(BOARDS[each]).keys()


def test_every_dashboard_marks_deploys_and_silences_as_they_are_written():
    for board in BOARDS.values():
        marks = {mark["name"]: mark for mark in board["annotations"]["list"]}
        assert marks["Deploys"]["target"]["tags"] == ["deploy"]
        # bot/core/silencing.py writes both tags.
        assert marks["Silences"]["target"]["tags"] == ["bongsu", "silence"]
        assert marks["Annotations & Alerts"]["builtIn"] == 1


def test_percentiles_show_single_requests():
    dotted = {
        (uid, panel["id"])
        for uid, panel in EVERY
        if panel["type"] == "timeseries" and any(target.get("exemplar") for target in panel["targets"])
    }

    assert dotted == {("overview", 4), ("http-red", 10), ("http-red", 11), ("jvm-api", 12), ("jvm-chat", 12)}


def test_panels_that_do_not_share_the_width_are_refused():
    from deploy.grafana.boards.board import board, shelve

    panel = lines(About(1, "One", "One."), prom("up"))

    with pytest.raises(ValueError, match="5 panels"):
        shelve(board("x", "X", "X.", []), (8, [panel] * 5))
