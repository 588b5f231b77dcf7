"""Sources that forget: a Grafana that restarts, a token of another organisation, an Alertmanager without its data."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.core.watching import SourceWatch
from bot.domain.incidents import State
from bot.domain.people import Person
from bot.domain.silences import Matcher
from bot.store.database import Database
from bot.telemetry.alertmanager import Alertmanager
from bot.telemetry.grafana import grafana_alerts
from bot.telemetry.http import JsonClient
from playground.monitors import alertmanager_config
from playground.process import free_port
from tests.cases.sources import alertmanager, burning, hook, send
from tests.cases.trial import Trial
from tests.telemetry.local import LocalServer, local_server

RECORDED = Path(__file__).parents[3] / "shared/fixtures/grafana"
MINJI = Person(1001, "minji", manages_guild=True)
ALERTS = "GET /api/alertmanager/grafana/api/v2/alerts"
RULES = "GET /api/prometheus/grafana/api/v1/rules"

recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not beside this checkout")


def said(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text("utf-8"))["response"]["body"]


def never_evaluated(rules: Any) -> Any:
    """Return the rules as Grafana tells them after a start, before it has evaluated any of them."""
    return json.loads(json.dumps(rules), object_hook=_forgotten)


def _forgotten(raw: dict[str, Any]) -> dict[str, Any]:
    if "lastEvaluation" in raw:
        raw["lastEvaluation"] = "0001-01-01T00:00:00Z"
    if raw.get("type") == "alerting":
        raw |= {"state": "inactive", "alerts": [], "health": "unknown"}
    return raw


def evaluated(rules: Any, at: datetime) -> Any:
    def evaluate(raw: dict[str, Any]) -> dict[str, Any]:
        return raw | {"lastEvaluation": at.isoformat()} if "lastEvaluation" in raw else raw

    return json.loads(json.dumps(rules), object_hook=evaluate)


class Scene:
    """A Grafana as it was recorded, and a bot that has its webhooks and asks it."""

    def __init__(self, trial: Trial, server: LocalServer, session: aiohttp.ClientSession) -> None:
        self.trial, self.server = trial, server
        self.watch = SourceWatch(
            respond=trial.respond,
            source=grafana_alerts(JsonClient(session, server.url, source="grafana", timeout_s=10)),
            metrics=None,
            incidents=trial.database.incidents,
            clock=trial.clock,
            receiver="bongsu",
            group_interval=timedelta(minutes=5),
        )
        self.listed = said("alertmanager/alerts_all")
        self.rules = said("prometheus/prom_rules")

    def answer(self, alerts: Any, rules: Any, organisation: str = "viewer") -> None:
        self.server.on(ALERTS, alerts)
        self.server.on(RULES, rules)
        self.server.on("GET /api/org", said(f"roles/org_as_{organisation}"))
        self.server.on("GET /api/frontend/settings", said(f"roles/frontend_settings_as_{organisation}"))
        self.server.on("GET /api/alertmanager/grafana/api/v2/status", said("roles/am_status_as_viewer"))

    async def hear(self) -> int:
        """Take in what the recorded Grafana sent of the alerts that it lists; return how many incidents are open."""
        listed = {alert["fingerprint"] for alert in self.listed}
        for path in sorted((RECORDED / "webhooks").glob("*_firing_*.json")):
            body = json.loads(path.read_text("utf-8"))["body"]
            body = json.loads(body) if isinstance(body, str) else body
            if {alert["fingerprint"] for alert in body.get("alerts", [])} <= listed:
                await self.trial.post(body, "grafana")
        return len(await self.trial.database.incidents.open())

    async def look(self, minutes: float) -> None:
        for _ in range(int(minutes * 2)):
            self.trial.clock.forward(seconds=30)
            await self.watch.look()
            await self.trial.respond.take_in(50)
            await self.trial.show()


@pytest.fixture
async def scene(database: Database):
    trial = Trial(database)
    trial.clock.now = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
    async with local_server() as server, aiohttp.ClientSession() as session:
        yield Scene(trial, server, session)


@recorded
async def test_a_grafana_that_restarts_turns_nothing_green(scene):
    opened = await scene.hear()
    await scene.trial.respond.acknowledge(1, MINJI)
    scene.answer(scene.listed, scene.rules)
    await scene.look(6)
    before = [incident.number for incident in await scene.trial.database.incidents.open()]

    scene.answer([], never_evaluated(scene.rules))
    # Longer than any restart, with looks as often as they can be.
    await scene.look(15)
    during = [incident.number for incident in await scene.trial.database.incidents.open()]
    notices = [notice.key for notice in scene.watch.notices]
    scene.answer(scene.listed, evaluated(scene.rules, scene.trial.clock()))
    await scene.look(6)

    assert opened >= 4
    assert before == during == [incident.number for incident in await scene.trial.database.incidents.open()]
    assert notices == ["source_emptied"]
    assert (await scene.trial.database.incidents.load(1)).state is State.ACKNOWLEDGED


@recorded
async def test_a_token_of_another_organisation_turns_nothing_green(scene):
    opened = await scene.hear()

    scene.answer(said("roles/alerts_as_other_org"), said("roles/rules_as_other_org"), "other_org")
    await scene.look(60)

    assert len(await scene.trial.database.incidents.open()) == opened
    assert [notice.key for notice in scene.watch.notices] == ["other_organisation"]


@recorded
async def test_what_a_mute_timing_keeps_from_us_is_not_shown(scene):
    scene.answer(said("alertmanager/alerts_muted_by_time_interval"), scene.rules)

    await scene.look(30)

    assert await scene.trial.incidents() == []


@recorded
async def test_what_really_ended_ends_when_its_rule_was_evaluated_without_it(scene):
    await scene.hear()
    gone = scene.listed[0]["fingerprint"]
    rest = [alert for alert in scene.listed if alert["fingerprint"] != gone]
    for _ in range(20):
        rules = evaluated(never_evaluated(scene.rules), scene.trial.clock() + timedelta(seconds=20))
        scene.answer(rest, json.loads(json.dumps(rules).replace('"unknown"', '"ok"')))
        await scene.look(0.5)

    firing = {alert.fingerprint for each in await scene.trial.database.incidents.open() for alert in each.firing}
    assert gone not in firing
    assert firing


def watch_of(trial: Trial, source: Alertmanager) -> SourceWatch:
    return SourceWatch(
        respond=trial.respond,
        source=source,
        metrics=None,
        incidents=trial.database.incidents,
        clock=trial.clock,
        receiver="bongsu",
        group_interval=timedelta(seconds=1),
    )


ALWAYS = [{"name": "always", "time_intervals": [{"times": [{"start_time": "00:00", "end_time": "24:00"}]}]}]


def routes(**of_night: Any) -> dict[str, Any]:
    night = {"matchers": ['alertname="Night"'], **of_night}
    return alertmanager_config("http://127.0.0.1:1", "token")["route"] | {"routes": [night]}


@pytest.mark.timeout(180)
async def test_what_an_alertmanager_mutes_stays_muted(database, tmp_path):
    """On a real Alertmanager: by another alert or by the time, for longer than any message needs."""
    trial = Trial(database)
    target = {"source_matchers": ['alertname="HostDown"'], "target_matchers": ['alertname="Follows"']}
    more = {
        "inhibit_rules": [target | {"equal": ["service"]}],
        "time_intervals": ALWAYS,
        "route": routes(mute_time_intervals=["always"]),
    }
    async with (
        hook() as (webhook, bodies),
        aiohttp.ClientSession() as session,
        alertmanager(tmp_path / "data", free_port(), webhook, **more) as address,
    ):
        source = Alertmanager(JsonClient(session, address, source="alertmanager"), _no_rules)
        watch = watch_of(trial, source)
        await send(session, address, burning("HostDown"), burning("Follows"), burning("Night"))
        heard = await asyncio.wait_for(bodies.get(), 60)
        trial.clock.now = datetime.now(UTC)
        await trial.post(heard)
        listed = {alert.name: alert for alert in await source.alerts()}
        for _ in range(60):
            trial.clock.forward(seconds=30)
            await watch.look()
            await trial.respond.take_in(50)
            await trial.show()
        until = datetime.now(UTC) + timedelta(hours=1)
        await source.create_silence([Matcher("alertname", "HostDown")], datetime.now(UTC), until, "minji", "known")
        silenced = {alert.name: alert for alert in await source.alerts()}

    assert set(listed) == {"HostDown", "Follows", "Night"}
    # Nor does a silence on what inhibits it make it loud.
    assert (bool(silenced["HostDown"].silenced_by), silenced["Follows"].muted) == (True, True)
    assert silenced["Follows"].inhibited_by == (silenced["HostDown"].fingerprint,)
    assert [alert["labels"]["alertname"] for alert in heard["alerts"]] == ["HostDown"]
    assert [alert.name for each in await trial.incidents() for alert in each.alerts] == ["HostDown"]
    assert len(trial.cards) == 1


@pytest.mark.timeout(180)
async def test_what_no_time_mutes_is_shown_although_its_message_was_lost(database, tmp_path):
    """The other side: the same Alertmanager, whose messages go nowhere."""
    trial = Trial(database)
    more = {"time_intervals": ALWAYS, "route": routes(active_time_intervals=["always"])}
    async with (
        aiohttp.ClientSession() as session,
        alertmanager(tmp_path / "data", free_port(), "http://127.0.0.1:1/", **more) as address,
    ):
        source = Alertmanager(JsonClient(session, address, source="alertmanager"), _no_rules)
        watch = watch_of(trial, source)
        await send(session, address, burning("HostDown"), burning("Night"))
        trial.clock.now = datetime.now(UTC) + timedelta(minutes=20)
        await watch.look()
        await trial.respond.take_in(50)
        await trial.show()

    shown = {alert.name for each in await trial.incidents() for alert in each.alerts}
    assert shown == {"HostDown", "Night"}


async def _no_rules():
    return []
