"""The door: what is kept, what is refused, what it tells about itself."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from bot.domain.alerts import Severity
from bot.domain.bodies import KEPT_BYTES, READ_BYTES, read_body
from bot.domain.incidents import PageReason
from bot.domain.telemetry import Window
from bot.errors import ConfigurationError, SourceUnavailable
from bot.web.connections import listening
from bot.web.credentials import Credentials
from tests.builders import alertmanager_body
from tests.fakes import FakeChanges
from tests.web.doors import listener_of, own_metrics_of

HEADERS = {"Authorization": "Bearer t0ken"}


class Rung:
    def __init__(self):
        self.times = 0
        self.down: set[str] = set()

    def ring(self):
        self.times += 1

    def ping(self, name):
        async def ping():
            if name in self.down:
                raise SourceUnavailable(name, "no answer")

        return ping


@pytest.fixture
def rung():
    return Rung()


@pytest.fixture
def refusals():
    return []


@pytest.fixture
def own_metrics(database, clock):
    return own_metrics_of(database, clock)


@pytest.fixture
async def door(database, clock, rung, refusals, own_metrics):
    listener = listener_of(
        database,
        clock,
        credentials=Credentials(token="t0ken"),
        wake=rung.ring,
        pings={name: rung.ping(name) for name in ("store", "discord", "grafana")},
        registry=own_metrics.registry,
        measure=own_metrics.measure,
        refused=refusals.append,
        answered=own_metrics.deliveries.count_answer,
    )
    async with listening(listener.application(), "127.0.0.1", 0) as port, aiohttp.ClientSession() as session:
        yield lambda method, path, **more: session.request(method, f"http://127.0.0.1:{port}{path}", **more)


async def test_what_is_taken_at_once_is_read_by_who_takes_it_alone(database, clock, rung, monkeypatch):
    taken = []

    async def take(posted):
        taken.append(posted)
        return len(taken) < 2

    listener = listener_of(database, clock, credentials=Credentials(token="t0ken"), wake=rung.ring, take_at_once=take)
    async with (
        listening(listener.application(), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(headers=HEADERS) as asker,
    ):
        address = f"http://127.0.0.1:{port}/webhooks/alertmanager"
        with monkeypatch.context() as patch:
            patch.delattr("bot.web.webhook.admit")
            async with asker.post(address, data=alertmanager_body()) as response:
                assert response.status == 202
        async with asker.post(address, data=b'{"alerts": [{"status": "odd"}]}') as response:
            assert response.status == 400

    assert [each.glance.severity.name for each in taken] == ["P2", "P2"]
    assert (await database.inbox.counts())["received"] == rung.times == 0


async def test_a_good_body_is_on_disk_before_it_is_answered(door, database, rung):
    async with door("POST", "/webhooks/alertmanager", data=alertmanager_body(), headers=HEADERS) as response:
        assert response.status == 202

    (delivery,) = await database.inbox.pending(5)
    assert (delivery.source, delivery.body) == ("alertmanager", alertmanager_body())
    assert rung.times == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "field"),
    [
        (alertmanager_body(), {}, 401, "Authorization"),
        (alertmanager_body(), {"Authorization": "Bearer wrong"}, 401, "Authorization"),
        (b"{", HEADERS, 400, "body"),
        (b'{"alerts": [{"status": "odd"}]}', HEADERS, 400, "alerts[0].status"),
        (b" " * (READ_BYTES + 1), HEADERS, 413, "body"),
    ],
)
async def test_a_refusal_names_the_field_and_stores_nothing(
    door, database, rung, refusals, body, headers, status, field
):
    async with door("POST", "/webhooks/grafana", data=io.BytesIO(body), headers=headers) as response:
        answer = await response.json()

    assert (response.status, answer["field"]) == (status, field)
    assert await database.inbox.pending(5) == []
    assert rung.times == 0
    assert [(each.source, each.status) for each in refusals] == [("grafana", status)]
    assert refusals[0].body == (body if status == 400 else b"")


class FullDisk:
    async def keep(self, source, body, at, glance, signature):
        raise SourceUnavailable("store", "disk full")


async def test_what_cannot_be_stored_is_never_answered_202(database, clock, rung):
    listener = listener_of(database, clock, inbox=FullDisk(), changes=FakeChanges(), wake=rung.ring)
    async with (
        listening(listener.application(), "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}/webhooks/alertmanager", data=alertmanager_body()) as response,
    ):
        answer = await response.json()

    assert (response.status, answer["field"]) == (503, "store")
    assert rung.times == 0


class NoTables(FullDisk, FakeChanges):
    async def record(self, change):
        raise SourceUnavailable("store", "disk full")

    async def progress(self, marker, since):
        raise SourceUnavailable("store", "disk full")


@pytest.mark.parametrize(("method", "path"), [("POST", "/webhooks/deploy"), ("GET", f"/seen/{'0' * 16}")])
async def test_what_the_store_cannot_do_is_said(database, clock, rung, method, path):
    listener = listener_of(database, clock, inbox=NoTables(), changes=NoTables(), wake=rung.ring)
    deploy = {"service": "api", "id": "v2"} if method == "POST" else None
    async with (
        listening(listener.application(), "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as session,
        session.request(method, f"http://127.0.0.1:{port}{path}", json=deploy) as response,
    ):
        answer = await response.json()

    assert (response.status, answer["field"]) == (503, "store")


@pytest.mark.parametrize(
    ("body", "headers", "status", "field"),
    [
        (b'{"service": "api", "id": "v2"}', {}, 401, "Authorization"),
        (b"{", HEADERS, 400, "body"),
        (b'{"service": 7, "id": "v2"}', HEADERS, 400, "service"),
        (b" " * (1024 * 1024 + 1), HEADERS, 413, "body"),
    ],
)
async def test_a_deploy_that_is_refused_names_the_field_and_is_not_kept(
    door, database, clock, body, headers, status, field
):
    async with door("POST", "/webhooks/deploy", data=io.BytesIO(body), headers=headers) as response:
        answer = await response.json()

    assert (response.status, answer["field"]) == (status, field)
    assert await database.changes.between(Window(clock() - timedelta(days=1), clock() + timedelta(days=1))) == []


@pytest.mark.parametrize(("secret", "status", "kept"), [("s3cret", 202, 1), ("guessed", 401, 0)])
async def test_only_who_knows_the_secret_signs_what_is_kept(database, clock, rung, secret, status, kept):
    listener = listener_of(database, clock, credentials=Credentials(hmac_secret="s3cret"), wake=rung.ring)
    headers = {"X-Grafana-Alerting-Timestamp": str(int(clock().timestamp()))}
    signer = Credentials(hmac_secret=secret).signer(headers)
    signer.update(alertmanager_body())
    headers["X-Grafana-Alerting-Signature"] = signer.hexdigest()
    async with (
        listening(listener.application(), "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as session,
        session.post(
            f"http://127.0.0.1:{port}/webhooks/grafana", data=alertmanager_body(), headers=headers
        ) as response,
    ):
        assert response.status == status

    assert len(await database.inbox.pending(5)) == kept


async def test_a_port_that_is_taken_is_a_sentence(clock):
    app = web.Application()
    async with listening(app, "127.0.0.1", 0) as port:
        with pytest.raises(ConfigurationError) as caught:
            async with listening(web.Application(), "127.0.0.1", port):
                pass

    assert (caught.value.key, caught.value.values["port"]) == ("errors.port_taken", str(port))


async def test_a_source_that_hangs_does_not_hold_readiness_up(database, clock, rung):
    async def hang():
        await asyncio.Event().wait()

    pings = {"store": rung.ping("store"), "discord": rung.ping("discord"), "grafana": hang}
    listener = listener_of(database, clock, pings=pings)
    async with (
        listening(listener.application(), "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/readyz") as response,
    ):
        answer = await response.json()

    assert (response.status, answer["connections"]["grafana"]) == (200, "no answer within 1 s")


async def test_health_needs_nothing_but_the_process(door, rung):
    rung.down = {"store", "discord", "grafana"}

    async with door("GET", "/healthz") as response:
        assert response.status == 200


@pytest.mark.parametrize(("down", "status"), [(set(), 200), ({"grafana"}, 200), ({"store"}, 503), ({"discord"}, 503)])
async def test_readiness_is_store_and_gateway_and_tells_of_the_sources(door, rung, down, status):
    rung.down = down

    async with door("GET", "/readyz") as response:
        answer = await response.json()

    assert response.status == status
    assert {name for name, state in answer["connections"].items() if state != "ok"} == down


async def test_metrics_count_what_came_in(door):
    async with door("POST", "/webhooks/alertmanager", data=alertmanager_body(), headers=HEADERS):
        pass

    async with door("GET", "/metrics") as response:
        text = await response.text()

    assert 'bongsu_notifications{state="received"} 1.0' in text
    assert "bongsu_outbox_lag_seconds 0.0" in text


MARKER = "0123456789abcdef"


async def test_whoever_sent_a_test_alert_can_ask_how_far_it_has_come(door, database, clock):
    async def state():
        async with door("GET", f"/seen/{MARKER}", headers=HEADERS) as response:
            return (await response.json())["state"]

    before = await state()
    body = alertmanager_body("BongsuVerify", marker=MARKER)
    async with door("POST", "/webhooks/alertmanager", data=body, headers=HEADERS):
        pass
    received = await state()
    (delivery,) = await database.inbox.pending(5)
    await database.inbox.reject(delivery.id, "unreadable", clock())
    rejected = await state()
    clock.forward(minutes=31)

    assert (before, received, rejected, await state()) == ("unknown", "received", "rejected", "unknown")


@pytest.mark.parametrize("path", ["/seen/", "/seen/0123", "/seen/%25%25%25%25%25%25%25%25", "/seen/" + "g" * 16])
async def test_only_a_whole_marker_may_be_asked_about(door, path):
    async with door("GET", path) as response:
        assert response.status == 404


async def test_metrics_tell_how_long_a_body_has_waited_and_when_a_service_was_deployed(door, database, clock):
    await database.inbox.keep("grafana", b"{}", clock() - timedelta(seconds=90))
    await database.inbox.keep("grafana", b"{}", clock())
    deploy = {"service": 'api "1"', "id": "v2", "at": (clock() - timedelta(minutes=5)).isoformat()}
    async with door("POST", "/webhooks/deploy", json=deploy, headers=HEADERS) as response:
        assert response.status == 202

    async with door("GET", "/metrics", headers=HEADERS) as response:
        text = await response.text()

    families = {family.name: family.samples for family in text_string_to_metric_families(text)}
    assert [sample.value for sample in families["bongsu_inbox_lag_seconds"]] == [90]
    (deployed,) = families["bongsu_last_deploy_timestamp_seconds"]
    assert deployed.labels == {"service": 'api "1"'}
    assert deployed.value == (clock() - timedelta(minutes=5)).timestamp()


@pytest.mark.parametrize(("method", "path"), [("GET", "/webhooks/grafana"), ("POST", "/webhooks/other"), ("GET", "/")])
async def test_anything_else_is_not_there(door, method, path):
    async with door(method, path, headers=HEADERS) as response:
        assert response.status in (404, 405)


async def test_a_body_with_a_thousand_alerts_is_taken(door):
    body = json.dumps(
        {"alerts": [{"status": "firing", "labels": {"alertname": f"a{n}"}} for n in range(1000)]}
    ).encode()

    async with door("POST", "/webhooks/grafana", data=body, headers=HEADERS) as response:
        assert response.status == 202


@pytest.mark.parametrize("size", [KEPT_BYTES + 1, 3 * KEPT_BYTES])
async def test_of_a_body_beyond_all_bounds_the_first_alerts_are_kept_and_the_others_counted(door, database, size):
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "Storm", "instance": f"web-{number}"},
            "annotations": {"description": "x" * 4000},
            "startsAt": "2026-11-27T12:00:00Z",
        }
        for number in range(size // 4000)
    ]
    body = {"status": "firing", "alerts": alerts, "groupKey": "k", "truncatedAlerts": 7, "commonAnnotations": {}}

    async with door(
        "POST", "/webhooks/grafana", data=io.BytesIO(json.dumps(body).encode()), headers=HEADERS
    ) as response:
        assert response.status == 202

    (delivery,) = await database.inbox.pending(5)
    kept = read_body(delivery.body, 10_000)
    assert len(delivery.body) <= KEPT_BYTES
    assert kept.alerts == alerts[: len(kept.alerts)]
    assert len(kept.alerts) > 1000
    assert kept.top["groupKey"] == "k"
    # An alert that was cut in two is counted once or twice, never not at all.
    assert 0 <= kept.top["truncatedAlerts"] - 7 - (len(alerts) - len(kept.alerts)) <= 2


async def test_a_signature_covers_what_is_not_kept(clock):
    credentials = Credentials(hmac_secret="s3cret")
    headers = {"X-Grafana-Alerting-Timestamp": str(int(clock().timestamp()))}
    signed, broken = credentials.signer(headers), credentials.signer(headers)
    for part in (b"a", b"b"):
        signed.update(part)
    broken.update(b"a")
    headers["X-Grafana-Alerting-Signature"] = signed.hexdigest()

    assert credentials.signature_problem(headers, broken, clock()) == "has a wrong signature"
    assert credentials.signature_problem(headers, signed, clock()) is None


async def test_metrics_tell_what_became_of_notifications_and_calls(door, own_metrics, database, clock):
    await database.inbox.keep("grafana", b"{}", clock() - timedelta(seconds=40))
    async with door("POST", "/webhooks/alertmanager", data=alertmanager_body(), headers=HEADERS):
        pass
    async with door("POST", "/webhooks/alertmanager", data=b"{", headers=HEADERS):
        pass
    own_metrics.deliveries.count_shown(Severity.P1, 1.5)
    own_metrics.deliveries.count_page(PageReason.REOPENED)

    async with door("GET", "/metrics") as response:
        text = await response.text()

    families = {family.name: family.samples for family in text_string_to_metric_families(text)}
    results = {each.labels["result"]: each.value for each in families["bongsu_notifications_total"]}
    assert results == {"accepted": 1, "refused": 1, "unavailable": 0, "shown": 1}
    assert 'bongsu_delivery_seconds_bucket{le="2.0",severity="P1"} 1.0' in text
    assert 'bongsu_delivery_seconds_bucket{le="1.0",severity="P1"} 0.0' in text
    assert "bongsu_oldest_waiting_seconds 40.0" in text
    assert 'bongsu_pages_total{reason="reopened"} 1.0' in text
    assert 'bongsu_outbox_waiting{reason="rate_limited"} 0.0' in text
