"""Test alerts: into a real Alertmanager, and through a Grafana's contact point, old way and new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.doctor.drills import AlertmanagerGround, Drill, GrafanaGround
from bot.domain.alerts import DRILL_LABEL
from bot.errors import QueryRejected, SourceUnavailable
from bot.telemetry.http import JsonClient
from playground.monitors import Monitors
from tests.doctor.bongsu import TOKEN, door_of
from tests.doctor.grafana import TOKEN as GRAFANA_TOKEN
from tests.doctor.grafana import grafana_on_loopback

MARKER = "0123456789abcdef"


def a_drill() -> Drill:
    now = datetime.now(UTC)
    return Drill(MARKER, "a test", now, now + timedelta(minutes=3))


@pytest.mark.timeout(60)
async def test_alertmanager_takes_it_says_whom_it_tells_and_lets_it_end(session):
    drill = a_drill()
    async with Monitors.open(targets={}, webhook_url="http://127.0.0.1:1/x", token="t") as monitors:
        http = JsonClient(session, monitors.alertmanager_url, source="alertmanager")
        ground = AlertmanagerGround(http)

        await ground.begin(drill)
        (alert,) = await http.get("api/v2/alerts")
        told = await ground.whereabouts(drill)
        now = datetime.now(UTC)
        matcher = {"name": DRILL_LABEL, "value": MARKER, "isRegex": False}
        silence = {"matchers": [matcher], "createdBy": "x", "comment": "y"}
        silence |= {"startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
        await http.post("api/v2/silences", json_body=silence)
        silenced = await ground.whereabouts(drill)
        await ground.end(drill, now)
        left = await http.get("api/v2/alerts")

    assert alert["labels"] == {"alertname": "BongsuVerify-012345", "severity": "info", DRILL_LABEL: MARKER}
    assert alert["annotations"] == {"summary": "a test"}
    assert list(told) == ["bongsu"]
    assert list(silenced) == []
    assert left == []


async def test_an_alertmanager_that_does_not_take_it_says_so(server, session):
    server.on("POST /api/v2/alerts", '"bad"', 400)

    with pytest.raises(QueryRejected, match="bad"):
        await AlertmanagerGround(JsonClient(session, server.url, source="alertmanager")).begin(a_drill())


@pytest.mark.parametrize(("version", "organisation"), [(12, 1), (13, 1), (13, 7)])
async def test_grafana_sends_it_through_its_contact_point_with_its_own_secrets(
    database, session, version, organisation
):
    async with (
        door_of(database) as door,
        grafana_on_loopback(f"{door.url}/webhooks/grafana", TOKEN, version) as grafana,
    ):
        grafana.organisation = organisation
        door.to = "received"
        http = JsonClient(session, grafana.url, source="grafana", token=GRAFANA_TOKEN)
        ground = GrafanaGround(http, "bongsu")

        await ground.begin(a_drill())
        await ground.end(a_drill(), datetime.now(UTC))
        (body,) = await door.bodies()
        told = await ground.whereabouts(a_drill())

    assert body["alerts"][0]["labels"] == a_drill().labels
    assert list(told) == ["bongsu"]
    assert len(grafana.tested) == 1


@pytest.mark.parametrize("version", [12, 13])
async def test_what_the_webhook_answered_is_passed_on(database, session, version):
    async with (
        door_of(database) as door,
        grafana_on_loopback(f"{door.url}/webhooks/grafana", "wrong", version) as grafana,
    ):
        http = JsonClient(session, grafana.url, source="grafana", token=GRAFANA_TOKEN)

        with pytest.raises(QueryRejected, match="status 401"):
            await GrafanaGround(http, "bongsu").begin(a_drill())

        assert await door.bodies() == []


@pytest.mark.parametrize("version", [12, 13])
async def test_a_webhook_that_does_not_exist_is_not_taken_for_a_newer_grafana(database, session, version):
    async with door_of(database) as door, grafana_on_loopback(f"{door.url}/nowhere", TOKEN, version) as grafana:
        http = JsonClient(session, grafana.url, source="grafana", token=GRAFANA_TOKEN)

        with pytest.raises(QueryRejected, match="webhook response status 404"):
            await GrafanaGround(http, "bongsu").begin(a_drill())

        assert len(grafana.tested) == 1


async def test_a_receiver_that_lost_its_webhook_meanwhile_is_told(server, session):
    server.on("GET /api/v1/provisioning/contact-points", [{"uid": "b", "name": "bongsu", "type": "webhook"}])
    server.on("GET /api/org", {"id": 1})
    name = "apis/notifications.alerting.grafana.app/v1beta1/namespaces/default/receivers/Ym9uZ3N1"
    server.on(f"GET /{name}", {"spec": {"integrations": [{"uid": "c", "type": "discord"}]}})

    with pytest.raises(QueryRejected, match="has no webhook"):
        await GrafanaGround(JsonClient(session, server.url, source="grafana"), "bongsu").begin(a_drill())


@pytest.mark.parametrize("version", [12, 13])
async def test_nobody_but_a_webhook_is_bothered(session, version):
    async with grafana_on_loopback("http://127.0.0.1:1", "t", version) as grafana:
        http = JsonClient(session, grafana.url, source="grafana", token=GRAFANA_TOKEN)

        with pytest.raises(QueryRejected, match="has no webhook"):
            await GrafanaGround(http, "critical").begin(a_drill())

        assert grafana.tested == []


async def test_a_token_that_may_not_test_is_told_so(server, session):
    server.on("GET /api/v1/provisioning/contact-points", [{"uid": "b", "name": "bongsu", "type": "webhook"}])
    server.on("POST /api/alertmanager/grafana/config/api/v1/receivers/test", {"message": "no"}, 403)
    http = JsonClient(session, server.url, source="grafana", token="x")

    with pytest.raises(SourceUnavailable, match="do not allow this"):
        await GrafanaGround(http, "bongsu").begin(a_drill())


def test_its_labels_call_nobody():
    assert a_drill().labels["severity"] == "info"
