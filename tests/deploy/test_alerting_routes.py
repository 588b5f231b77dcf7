"""Who posts an alert: Bongsu, or Grafana itself; exactly one of them, judged by our own reading and by Alertmanager's."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
import yaml

from bot.app.settings import Settings
from tests.deploy.alerting_files import GRAFANA, grafana_rules, load

RULES = grafana_rules()
MODES = {"bot": {}, "direct": {"GRAFANA_POSTS": ".+"}}
SECRETS = {
    "DISCORD_WEBHOOK_URGENT": "https://discord.example.com/api/webhooks/1/urgent",
    "DISCORD_WEBHOOK_NORMAL": "https://discord.example.com/api/webhooks/2/normal",
    "WEBHOOK_TOKEN": "t0ken",
}


def interpolated(value: Any, environ: dict[str, str]) -> Any:
    """Replace ${NAME} as Grafana does in contact points and policies: what is not set becomes nothing."""
    if isinstance(value, dict):
        return {name: interpolated(item, environ) for name, item in value.items()}
    if isinstance(value, list):
        return [interpolated(item, environ) for item in value]
    if isinstance(value, str):
        assert "$" not in re.sub(r"\$\{\w+\}", "", value), "Grafana would replace this as well"
        return re.sub(r"\$\{(\w+)\}", lambda found: environ.get(found[1], ""), value)
    return value


def tree(mode: str) -> dict[str, Any]:
    return interpolated(load(GRAFANA / "notification-policies.yml"), MODES[mode])["policies"][0]


def matches(route: dict[str, Any], labels: dict[str, str]) -> bool:
    for name, kind, value in route.get("object_matchers", []):
        found = labels.get(name, "")
        equal = re.fullmatch(value, found) is not None if kind.endswith("~") else found == value
        if equal is kind.startswith("!"):
            return False
    return True


def leaves(route: dict[str, Any], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Return the routes that take an alert, as Alertmanager walks its tree."""
    taken: list[dict[str, Any]] = []
    for child in route.get("routes", []):
        if matches(child, labels):
            taken += leaves(child, labels)
            if not child.get("continue"):
                break
    return taken or [route]


def posted_by(mode: str, labels: dict[str, str]) -> list[str]:
    """Return the contact points that post an alert; a muted route posts nothing."""
    return [route["receiver"] for route in leaves(tree(mode), labels) if not route.get("mute_time_intervals")]


def alert(title: str) -> dict[str, str]:
    return {"alertname": title, "grafana_folder": "Bongsu alerts", "service": "api"} | RULES[title]["labels"]


def twins(title: str) -> list[dict[str, str]]:
    """Return what Grafana sends in place of a rule's alert when there is no answer or no data."""
    states = {"DatasourceNoData": ("noDataState", "NoData"), "DatasourceError": ("execErrState", "Error")}
    rule = RULES[title]
    return [
        alert(title) | {"alertname": name, "rulename": title, "datasource_uid": "prometheus", "ref_id": "A"}
        for name, (key, state) in states.items()
        if rule[key] == state
    ]


# What Bongsu cannot tell of itself.
ITS_OWN = ("BongsuSilent", "BongsuNoLeader", "BongsuBehind", "BongsuRefuses")
BY_SEVERITY = {severity: f"discord-{severity}" for severity in ("critical", "high", "warning", "info")}
# Every alert that these rules can send, and who posts it in either mode.
EXPECTED = [
    *(
        (alert(title), {"bot": ["bongsu"], "direct": [BY_SEVERITY[rule["labels"]["severity"]]]})
        for title, rule in RULES.items()
        if title not in ("Watchdog", *ITS_OWN)
    ),
    (alert("Watchdog"), {"bot": ["bongsu"], "direct": ["bongsu"]}),
    *((alert(title), {"bot": ["discord-critical"], "direct": ["discord-critical"]}) for title in ITS_OWN),
    *(
        (twin, {"bot": ["discord-critical"], "direct": ["discord-critical"]})
        for title in RULES
        for twin in twins(title)
    ),
    # Rules of the operator's own.
    ({"alertname": "Own", "severity": "info"}, {"bot": ["bongsu"], "direct": ["discord-info"]}),
    ({"alertname": "Own"}, {"bot": ["bongsu"], "direct": ["discord-high"]}),
    (
        {"alertname": "DatasourceNoData", "rulename": "Own", "severity": "warning"},
        {"bot": ["bongsu"], "direct": ["discord-warning"]},
    ),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("labels", "expected"), EXPECTED)
def test_every_alert_is_posted_by_exactly_one(labels, expected, mode):
    assert posted_by(mode, labels) == expected[mode]
    assert len(expected[mode]) == 1


def test_only_the_watchdog_has_twins():
    assert {twin["rulename"] for title in RULES for twin in twins(title)} == {"Watchdog"}
    assert len(twins("Watchdog")) == 2


@pytest.mark.parametrize("mode", MODES)
def test_alertmanager_reads_the_tree_as_we_do(tmp_path, mode):
    config = tmp_path / "alertmanager.yml"
    config.write_text(yaml.safe_dump(as_alertmanager(mode)), "utf-8")
    amtool("check-config", str(config))

    for labels, _ in EXPECTED:
        pairs = [f"{name}={value}" for name, value in labels.items()]
        told = amtool("config", "routes", "test", f"--config.file={config}", *pairs)
        assert told.strip().split(",") == [route["receiver"] for route in leaves(tree(mode), labels)]


@pytest.mark.parametrize("value", ["", "true", "0", "1e5"])
def test_a_switch_that_names_no_alert_leaves_everything_to_bongsu(value):
    policies = interpolated(load(GRAFANA / "notification-policies.yml"), {"GRAFANA_POSTS": value})["policies"][0]

    assert leaves(policies, alert("ServiceDown"))[0]["receiver"] == "bongsu"
    # Grafana turns a whole value that looks like a number or truth into one, which is no matcher any more.
    written = [matcher for route in policies["routes"] for matcher in route["object_matchers"]]
    assert not any(re.fullmatch(r"true|false|[\d.e]+", text) for matcher in written for text in matcher)


def test_the_switch_may_name_single_alerts():
    policies = interpolated(
        load(GRAFANA / "notification-policies.yml"), {"GRAFANA_POSTS": "DeployDone|ServiceRestarted"}
    )["policies"][0]

    posts = {title: leaves(policies, alert(title))[0]["receiver"] for title in ("DeployDone", "ServiceDown")}

    assert posts == {"DeployDone": "discord-info", "ServiceDown": "bongsu"}


def test_every_receiver_and_mute_timing_is_there():
    points = {point["name"] for point in load(GRAFANA / "contact-points.yml")["contactPoints"]}
    policies = load(GRAFANA / "notification-policies.yml")

    def walk(route):
        yield route
        for child in route.get("routes", []):
            yield from walk(child)

    routes = list(walk(policies["policies"][0]))
    assert {route["receiver"] for route in routes} <= points
    assert {name for route in routes for name in route.get("mute_time_intervals", [])} == {
        timing["name"] for timing in policies.get("muteTimes", [])
    }


def test_bongsu_looks_for_lost_webhooks_under_the_name_of_its_contact_point():
    assert Settings.model_fields["receiver"].default == tree("bot")["receiver"]


@pytest.mark.parametrize(
    ("severity", "address"),
    [("critical", "urgent"), ("high", "urgent"), ("warning", "normal"), ("info", "normal")],
)
def test_four_contact_points_share_two_webhooks(tmp_path, severity, address):
    settings = receiver(f"discord-{severity}", SECRETS)["settings"]

    url = rendered(tmp_path, settings["url"], {})

    assert url == SECRETS[f"DISCORD_WEBHOOK_{address.upper()}"]


def test_bongsu_is_reached_with_its_token(tmp_path):
    settings = receiver("bongsu", SECRETS)["settings"]
    elsewhere = receiver("bongsu", SECRETS | {"BONGSU_WEBHOOK_URL": "http://10.0.0.9:8085/webhooks/grafana"})[
        "settings"
    ]

    assert (settings["authorization_scheme"], settings["authorization_credentials"]) == ("Bearer", "t0ken")
    assert rendered(tmp_path, settings["url"], {}) == "http://bot:8085/webhooks/grafana"
    assert rendered(tmp_path, elsewhere["url"], {}) == "http://10.0.0.9:8085/webhooks/grafana"


def test_a_missing_webhook_stops_nobody_and_says_what_is_missing(tmp_path):
    # An empty address would keep Grafana from starting, and with it all alerting.
    settings = receiver("discord-info", {})["settings"]

    assert rendered(tmp_path, settings["url"], {}) == "http://DISCORD_WEBHOOK_NORMAL-is-not-set.invalid/"


def receiver(name: str, environ: dict[str, str]) -> dict[str, Any]:
    points = interpolated(load(GRAFANA / "contact-points.yml"), environ)["contactPoints"]
    (point,) = [each for each in points if each["name"] == name]
    (only,) = point["receivers"]
    return only


def as_alertmanager(mode: str) -> dict[str, Any]:
    """Write Grafana's tree as a configuration of Alertmanager."""

    def route(given: dict[str, Any]) -> dict[str, Any]:
        written = {name: value for name, value in given.items() if name not in ("orgId", "object_matchers", "routes")}
        if "object_matchers" in given:
            written["matchers"] = [f"{name}{kind}{json.dumps(value)}" for name, kind, value in given["object_matchers"]]
        return written | {"routes": [route(child) for child in given.get("routes", [])]}

    document = load(GRAFANA / "notification-policies.yml")
    timings = [
        {name: value for name, value in each.items() if name != "orgId"} for each in document.get("muteTimes", [])
    ]
    points = load(GRAFANA / "contact-points.yml")["contactPoints"]
    return {
        "route": route(tree(mode)),
        "receivers": [{"name": point["name"]} for point in points],
        "time_intervals": timings,
    }


def amtool(*arguments: str) -> str:
    done = subprocess.run(["amtool", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rendered(folder, text: str, data: dict[str, Any]) -> str:
    """Execute a template with Alertmanager's own engine, which Grafana's is made from."""
    (folder / "none.tmpl").write_text("", "utf-8")
    (folder / "data.json").write_text(json.dumps({"alerts": []} | data), "utf-8")
    return amtool(
        "template",
        "render",
        f"--template.glob={folder}/none.tmpl",
        f"--template.text={text}",
        f"--template.data={folder}/data.json",
    )
