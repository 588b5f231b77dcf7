"""`bongsu verify`: a line for each thing, and an exit code that is 0 only if all of it works."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.app.settings import Settings
from bot.doctor.probes import own_url
from bot.doctor.verify import verify
from bot.domain.owners import Catalogue, Service
from playground.monitors import Monitors
from tests.doctor.bongsu import TOKEN, door_of
from tests.doctor.grafana import TOKEN as GRAFANA_TOKEN
from tests.doctor.grafana import grafana_on_loopback
from tests.telemetry.local import local_server

CATALOGUE = Catalogue({"api": Service("api", "API")})
SECRETS = (TOKEN, GRAFANA_TOKEN, "hunter2")


async def run(catalogue=CATALOGUE, *, test_alert=True, wait_s=30.0, **changes):
    out = io.StringIO()
    # As it is in the environment of a person who asks.
    changes.setdefault("webhook_token", TOKEN)
    code = await verify(Settings(**changes), catalogue, out, test_alert=test_alert, wait_s=wait_s)
    said = out.getvalue()
    assert not [secret for secret in SECRETS if secret in said]
    assert {line[0] for line in said.splitlines()[:-1]} <= {"✅", "➖", "❌"}
    # The exit code is what the lines say.
    assert code == (1 if "❌" in said else 0)
    return code, said


@pytest.fixture
async def door(database):
    async with door_of(database) as opened:
        yield opened


@pytest.fixture
async def grafana(door):
    async with grafana_on_loopback(f"{door.url}/webhooks/grafana", TOKEN) as opened:
        yield opened


@pytest.fixture
def configured(door, grafana):
    return {
        "grafana_url": grafana.url,
        "grafana_token": GRAFANA_TOKEN,
        "webhook_port": door.port,
        "webhook_token": TOKEN,
    }


async def test_a_grafana_in_order_is_said_to_be_so(configured, grafana):
    code, said = await run(**configured)

    assert code == 0
    assert "✅ bongsu: runs; store and Discord answer" in said
    assert "✅ data source Prometheus: healthy" in said
    assert "➖ data source Alertmanager: its plugin cannot tell how it is" in said
    assert "✅ rules of grafana: 2 loaded, none in error" in said
    assert "✅ contact points: bongsu (webhook), critical (discord)" in said
    assert "✅ test alert: sent through grafana; its card was on Discord" in said
    assert "➖ loki: not configured" in said
    assert said.endswith("Everything that is configured works.\n")
    assert [alert["labels"]["severity"] for alert in grafana.tested] == ["info"]


async def test_korean_is_spoken(configured):
    code, said = await run(**configured, bongsu_language="ko")

    assert code == 0
    assert "✅ 봉수: 실행 중" in said
    assert "✅ 테스트 알림: grafana 경유로 전송" in said
    assert said.endswith("설정된 모든 항목이 정상입니다.\n")


async def test_a_grafana_13_is_asked_in_its_own_way(configured, grafana):
    grafana.version = 13

    code, said = await run(**configured)

    assert (code, len(grafana.tested)) == (0, 1)
    assert "✅ test alert" in said


BROKEN = {
    "no data sources": (lambda g: g.sources.clear(), "Grafana has none"),
    "an ill data source": (
        lambda g: g.health.update(loki=(400, {"status": "ERROR", "message": "connection refused"})),
        "❌ data source Loki: Grafana does not reach it: connection refused",
    ),
    "no rules": (lambda g: g.rules.clear(), "No rule is loaded"),
    "a rule in error": (
        lambda g: g.rules[0].update(health="error", lastError="no such data source"),
        "❌ rules of grafana: app / ServiceDown cannot be evaluated: no such data source",
    ),
    "no contact point": (lambda g: g.stored.pop(0), "There is none called bongsu, only: critical."),
    "no way to it": (lambda g: g.policies.update(routes=[]), "No notification policy sends to bongsu"),
    "a contact point that never says resolved": (
        lambda g: g.stored[0].update(disableResolveMessage=True),
        "bongsu does not tell what is resolved",
    ),
    "a contact point that cuts off": (
        lambda g: g.stored[0]["settings"].update(maxAlerts=5),
        "bongsu sends at most 5 alerts",
    ),
    "a wrong secret": (
        lambda g: g.stored[0]["settings"].update(authorization_credentials="hunter2"),
        "❌ test alert: grafana refused the question: webhook response status 401",
    ),
    "a wrong address": (
        lambda g: g.stored[0]["settings"].update(url="http://127.0.0.1:1/x?token=hunter2"),
        '❌ test alert: grafana refused the question: Post "http://127.0.0.1:1/x": dial tcp: connection refused',
    ),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_wrong_with_grafana_is_said(configured, grafana, name):
    break_it, words = BROKEN[name]
    break_it(grafana)

    code, said = await run(**configured)

    assert code == 1
    assert words in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"grafana_token": ""}, "❌ grafana: GRAFANA_URL is set without GRAFANA_TOKEN"),
        ({"grafana_token": "wrong"}, "❌ rules of grafana: grafana answers with an error: HTTP 401"),
        ({"grafana_url": "http://127.0.0.1:1"}, "❌ data sources: grafana did not answer"),
        ({"receiver": "other"}, "There is none called other, only: bongsu, critical."),
        ({"webhook_port": 1}, "❌ bongsu: Bongsu does not answer at"),
        ({"webhook_port": 1}, "❌ test alert: bongsu did not answer"),
        ({"prometheus_url": "http://127.0.0.1:1"}, "❌ prometheus targets: prometheus did not answer"),
        ({"prometheus_url": "http://127.0.0.1:1"}, "❌ metrics of api: prometheus did not answer"),
        ({"loki_url": "http://127.0.0.1:1"}, "❌ logs of api: loki did not answer"),
        ({"tempo_url": "http://127.0.0.1:1"}, "❌ traces of api: tempo did not answer"),
        (
            {"grafana_url": "", "alertmanager_url": "http://127.0.0.1:1"},
            "❌ receivers of alertmanager: alertmanager did not answer",
        ),
    ],
)
async def test_a_server_that_is_not_there_is_said(configured, changes, words):
    code, said = await run(**{**configured, **changes})

    assert code == 1
    assert words in said


async def test_no_alert_is_sent_when_nobody_would_hear_it(configured, grafana):
    await run(**{**configured, "webhook_port": 1})

    assert grafana.tested == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("rejected", "It reached Bongsu, which could not read it."),
        ("received", "It reached Bongsu, but was not taken in within 0 s."),
        ("applied", "It reached Bongsu, but its card was not on Discord within 0 s."),
    ],
)
async def test_where_the_test_alert_stuck_is_said(configured, door, state, words):
    door.to = state

    code, said = await run(**configured, wait_s=0.3)

    assert code == 1
    assert f"❌ test alert: {words}" in said


async def test_a_message_that_another_bongsu_gets_is_lost(configured, grafana):
    async with local_server() as other:
        other.on("POST /x", {})
        grafana.stored[0]["settings"]["url"] = f"{other.url}/x"

        code, said = await run(**configured, wait_s=0.3)

    assert code == 1
    assert "❌ test alert: grafana took it for bongsu, but Bongsu has not heard of it within 0 s" in said


async def test_a_bongsu_that_is_not_ready_is_told_from_one_that_does_not_run(configured, door):
    door.down.add("discord")

    code, said = await run(**configured)

    assert code == 1
    assert "❌ bongsu: runs, but is not ready" in said


async def test_without_a_test_alert_none_is_sent(configured, grafana):
    code, said = await run(**configured, test_alert=False)

    assert (code, grafana.tested) == (0, [])
    assert "➖ test alert: not sent (--no-test-alert)" in said


async def test_nothing_configured_is_nothing_verified():
    code, said = await run()

    assert code == 1
    assert "❌ stack: Nothing is configured that could be verified." in said


async def test_what_a_service_does_not_send_is_not_missed(configured):
    async with local_server() as silent:
        silent.on("GET /loki/api/v1/query_range", {"data": {"resultType": "streams", "result": []}})
        urls = {"loki_url": silent.url, "tempo_url": silent.url}
        service = Service("nginx", "nginx", without=("logs", "traces"))

        code, said = await run(Catalogue({"nginx": service}), **configured, **urls)
        missed, blamed = await run(Catalogue({"nginx": Service("nginx", "nginx")}), **configured, **urls)

    assert (code, missed) == (0, 1)
    assert "➖ logs of nginx: not expected" in said
    assert '❌ logs of nginx: No line within 5 min for {service="nginx"}.' in blamed


async def test_an_empty_catalogue_is_worth_a_note(configured):
    async with local_server() as loki:
        code, said = await run(Catalogue(), **configured, loki_url=loki.url)

    assert code == 0
    assert "➖ logs of –: no services are listed in config/services.yml" in said


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:8085"),
        ("0.0.0.0", "http://127.0.0.1:8085"),
        ("::", "http://127.0.0.1:8085"),
        ("10.0.0.5", "http://10.0.0.5:8085"),
        ("fd00::5", "http://[fd00::5]:8085"),
    ],
)
def test_bongsu_is_looked_for_where_it_listens(host, url):
    assert own_url(Settings(webhook_host=host)) == url


RULES = """
groups:
  - name: broken
    rules:
      - {alert: ManyToMany, expr: '{__name__=~"prometheus_build_info|up"} + on () {__name__=~"prometheus_build_info|up"}'}
      - {alert: Fine, expr: vector(0) > 1}
"""


@pytest.fixture
async def monitors(tmp_path, monkeypatch):
    """Prometheus with a target that is down and a rule that cannot be evaluated; Alertmanager tells somebody else."""
    rules = tmp_path / "rules.yml"
    rules.write_text(RULES, "utf-8")
    monkeypatch.setattr("playground.monitors._RULES", rules)
    targets = {"api": "127.0.0.1:1"}
    async with Monitors.open(targets=targets, webhook_url="http://127.0.0.1:1/x", token="hunter2") as opened:
        yield opened


async def until(url, words):
    """Wait until a server says so."""
    async with aiohttp.ClientSession() as session:
        for _ in range(300):
            async with session.get(url) as response:
                if words in await response.text():
                    return
            await asyncio.sleep(0.1)
    raise AssertionError(f"{url} never said {words}")


@pytest.mark.timeout(120)
async def test_real_servers_say_what_is_wrong_with_them(door, monitors):
    await until(f"{monitors.prometheus_url}/api/v1/targets", '"health":"down"')
    await until(f"{monitors.prometheus_url}/api/v1/rules", '"health":"err"')
    await until(f"{monitors.prometheus_url}/api/v1/alertmanagers", "/api/v2/alerts")
    urls = {"prometheus_url": monitors.prometheus_url, "alertmanager_url": monitors.alertmanager_url}

    code, said = await run(**urls, webhook_port=door.port, wait_s=2)

    assert code == 1
    assert "❌ prometheus targets: spring 127.0.0.1:1 is down: Get " in said
    assert "❌ rules of prometheus: broken / ManyToMany cannot be evaluated: " in said
    assert '❌ metrics of api: Prometheus has no series for {service="api"}.' in said
    assert "✅ alertmanagers of prometheus: 1 found" in said
    assert "✅ receivers of alertmanager: bongsu, nobody" in said
    assert "❌ test alert: alertmanager took it for bongsu, but Bongsu has not heard of it within 2 s." in said
    # It was ended at once, whatever came of it.
    assert not await firing(monitors)


async def firing(monitors):
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{monitors.alertmanager_url}/api/v2/alerts") as response,
    ):
        names = [alert["labels"]["alertname"] for alert in await response.json()]
    return [name for name in names if name.startswith("BongsuVerify")]


@pytest.mark.timeout(120)
async def test_an_alert_that_a_silence_covers_is_told_from_a_lost_one(door, monitors):
    now = datetime.now(UTC)
    matcher = {"name": "severity", "value": "info", "isRegex": False}
    silence = {
        "matchers": [matcher],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "x",
        "comment": "y",
    }
    async with aiohttp.ClientSession() as session:
        await session.post(f"{monitors.alertmanager_url}/api/v2/silences", json=silence)

    code, said = await run(alertmanager_url=monitors.alertmanager_url, webhook_port=door.port, wait_s=1, receiver="me")

    assert code == 1
    assert "❌ test alert: alertmanager sends it to nobody" in said
    assert "❌ receivers of alertmanager: There is none called me, only: bongsu, nobody." in said


async def test_an_alertmanager_beside_grafana_is_not_asked_as_bongsu_does_not_ask_it(configured):
    code, said = await run(**configured, alertmanager_url="http://127.0.0.1:1")

    assert code == 0
    assert "➖ alertmanager: not asked" in said


async def test_a_prometheus_that_tells_no_alertmanager_is_wrong(door):
    async with local_server() as prometheus:
        prometheus.play("prometheus/targets_all_up")
        prometheus.play("prometheus/rules_healthy")
        prometheus.on("GET /api/v1/alertmanagers", {"data": {"activeAlertmanagers": [], "droppedAlertmanagers": []}})
        prometheus.play("alertmanager/receivers")
        count = {"resultType": "vector", "result": [{"metric": {}, "value": [1, "5"]}]}
        prometheus.on("POST /api/v1/query", {"data": count})
        urls = {"prometheus_url": prometheus.url, "alertmanager_url": prometheus.url}

        code, said = await run(**urls, webhook_port=door.port, receiver="chatops-single", test_alert=False)

    assert code == 1
    assert "❌ alertmanagers of prometheus: Prometheus sends its alerts to nobody." in said
    assert said.count("❌") == 1


async def test_a_victoriametrics_whose_rules_another_program_evaluates_is_in_order(door):
    async with local_server() as victoria:
        victoria.play("prometheus/targets_all_up")
        victoria.on("GET /api/v1/rules", {"status": "success", "data": {"groups": []}})
        victoria.play("victoriametrics/alertmanagers")
        victoria.play("alertmanager/receivers")
        count = {"resultType": "vector", "result": [{"metric": {}, "value": [1, "5"]}]}
        victoria.on("POST /api/v1/query", {"data": count})
        urls = {"prometheus_url": victoria.url, "alertmanager_url": victoria.url}
        asked = {**urls, "webhook_port": door.port, "receiver": "chatops-single", "test_alert": False}

        code, said = await run(**asked)
        victoria.on("POST /api/v1/query", {"data": {"resultType": "vector", "result": []}})
        _, without = await run(**asked)

    assert code == 0
    assert "➖ rules of prometheus: none here, though alerts of some fire" in said
    assert "➖ alertmanagers of prometheus: this server does not tell to whom alerts are sent" in said
    assert "❌ rules of prometheus: No rule is loaded" in without


async def test_a_server_that_scrapes_nothing_itself_is_asked_for_what_was_pushed_to_it(door):
    async with local_server() as mimir:
        up = [{"metric": {"job": "api", "instance": "a"}, "value": [1, "1"]}]
        mimir.on("POST /api/v1/query", {"data": {"resultType": "vector", "result": up}})

        _, said = await run(prometheus_url=mimir.url, webhook_port=door.port, test_alert=False)

    assert "✅ prometheus targets: 1 up, none down" in said
