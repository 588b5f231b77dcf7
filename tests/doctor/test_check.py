"""`bongsu check`: one line each, and an exit code that tells whether it is fit to run."""

from __future__ import annotations

import io
import re

import pytest

from bot.app.settings import Settings
from bot.doctor.check import check
from bot.doctor.proxies import proxy_of
from playground import world
from playground.process import free_port
from playground.server import Playground
from tests.telemetry.local import local_server


@pytest.fixture
async def playground():
    async with Playground.open(limited=False) as opened:
        yield opened


async def run(**changes):
    out = io.StringIO()
    code = await check(Settings(**changes), out)
    return code, out.getvalue()


@pytest.fixture
def configured(playground, tmp_path):
    return {
        "discord_token": playground.token,
        "discord_guild_id": world.GUILD_ID,
        "discord_api_url": playground.url,
        "database_url": f"sqlite:///{tmp_path}/x.db",
        "webhook_token": "t",
    }


async def test_a_good_configuration_is_fit_to_run(configured):
    code, out = await run(**configured, permissions={"ack": [world.ROLES["oncall"]]})

    assert code == 0
    assert "✅ database" in out
    assert "✅ discord #alert-urgent" in out
    assert "1 role" in out
    assert "fit to run" in out


async def test_korean_is_spoken(configured):
    _, out = await run(**configured, bongsu_language="ko")

    assert "봉수를 실행할 수 있습니다" in out


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"discord_token": "wrong"}, "refused the token"),
        ({"discord_token": ""}, "DISCORD_TOKEN"),
        ({"discord_guild_id": 7}, "cannot be seen"),
        ({"channels": {"urgent": "nowhere"}}, "There is no channel nowhere"),
        ({"database_url": "mysql://x"}, "DATABASE_URL"),
        ({"prometheus_url": "http://127.0.0.1:1"}, "prometheus did not answer"),
        ({"alertmanager_url": "http://127.0.0.1:1"}, "alertmanager did not answer"),
        ({"grafana_url": "http://127.0.0.1:1"}, "GRAFANA_TOKEN"),
        ({"grafana_url": "http://127.0.0.1:1", "grafana_token": "x"}, "grafana did not answer"),
        ({"chromium": "/bin/false"}, "does not start"),
    ],
)
async def test_what_is_wrong_is_said_with_how_to_mend_it(configured, changes, words):
    code, out = await run(**{**configured, **changes})

    assert code == 1
    assert words in out
    assert "Not fit to run: 1" in out


async def test_missing_permissions_are_named(playground, configured):
    place = playground.state.channels[world.CHANNELS["alert-urgent"]]
    place["permission_overwrites"] = [
        {"id": str(world.GUILD_ID), "type": 0, "allow": "0", "deny": str(0x800 | 0x20000)}
    ]

    code, out = await run(**configured)

    assert code == 1
    assert "send_messages, mention_everyone" in out


async def test_what_is_not_configured_is_worth_a_note_only(configured):
    code, out = await run(**{**configured, "webhook_token": ""}, browser_ws_endpoint="ws://b")

    assert code == 0
    assert "➖ webhook" in out
    assert "➖ loki: not configured" in out
    assert "remote browser" in out
    assert "➖ model" in out


async def test_the_browser_that_check_finds_is_the_one_that_takes_the_pictures(configured, tmp_path, monkeypatch):
    shell = tmp_path / "chromium-headless-shell"
    shell.write_text("#!/bin/sh\necho Chromium 156\n")
    shell.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    _, out = await run(**configured)
    assert "chromium: Chromium 156" in out

    shell.unlink()
    _, out = await run(**configured)
    assert "chromium: not found" in out


async def test_each_model_provider_is_asked_whether_it_accepts_the_key(configured):
    async with local_server() as provider:
        provider.on("GET /v1/models", {"data": []})
        keys = {"anthropic_api_key": "a-key", "openai_api_key": "o-key"}
        urls = {"anthropic_base_url": provider.url, "openai_base_url": provider.url}
        good, accepted = await run(**configured, **keys, **urls)
        sent = [headers.get("x-api-key") or headers.get("Authorization") for _, headers, _ in provider.asked]
        provider.on("GET /v1/models", {"error": "no"}, 401)
        bad, refused = await run(**configured, **keys, **urls)

    assert (good, bad) == (0, 1)
    assert "✅ anthropic" in accepted
    assert "✅ openai" in accepted
    assert sent == ["a-key", "Bearer o-key"]
    assert "credentials are not accepted" in refused
    assert "a-key" not in refused


async def test_one_provider_that_refuses_does_not_hide_the_other(configured):
    async with local_server() as good, local_server() as bad:
        good.on("GET /v1/models", {"data": []})
        bad.on("GET /v1/models", {"error": {"message": "invalid x-api-key a-key"}}, 401)
        keys = {"anthropic_api_key": "a-key", "openai_api_key": "o-key"}

        code, out = await run(**configured, **keys, anthropic_base_url=bad.url, openai_base_url=f"{good.url}/v1/")

    assert code == 1
    assert "❌ anthropic: anthropic answers with an error: HTTP 401" in out
    assert "✅ openai: the key is accepted" in out
    assert "➖ model" not in out
    assert "a-key" not in out


async def test_a_provider_that_repeats_the_key_does_not_have_it_printed(configured):
    async with local_server() as provider:
        provider.on("GET /v1/models", {"error": "the key o-key-1234 is malformed"}, 400)

        code, out = await run(**configured, openai_api_key="o-key-1234", openai_base_url=provider.url)

    assert code == 1
    assert "the key … is malformed" in out
    assert "o-key-1234" not in out


async def test_each_right_the_token_lacks_is_named(configured):
    granted = {
        name: ["*"]
        for name in (
            "alert.instances:read",
            "alert.silences:create",
            "alert.instances:write",
            "alert.rules:read",
            "dashboards:read",
        )
    }
    async with local_server() as grafana:
        grafana.on("GET /api/access-control/user/permissions", granted)
        grafana.on("GET /api/frontend/settings", {"appUrl": "http://localhost:3000/"})
        grafana.on("GET /loki/api/v1/labels", {"status": "success", "data": ["service"]})
        grafana.on("GET /api/search", {"traces": [], "metrics": {"completedJobs": 1}})

        code, out = await run(
            **configured, grafana_url=grafana.url, grafana_token="x", loki_url=grafana.url, tempo_url=grafana.url
        )

    assert code == 1
    assert "lacks `annotations:create`" in out
    assert "root_url is localhost" in out
    assert "✅ loki: reached" in out
    assert "✅ tempo: reached" in out


async def test_severities_that_nobody_knows_are_named(configured):
    def rule(name: str, severity: str) -> dict[str, object]:
        return {"type": "alerting", "name": name, "labels": {"severity": severity} if severity else {}, "alerts": []}

    rules = [rule("A", "purple"), rule("B", "purple"), rule("C", "page"), rule("D", ""), rule("E", "{{ $labels.sev }}")]
    async with local_server() as prometheus:
        prometheus.on("GET /api/v1/query", {"status": "success", "data": {"resultType": "scalar", "result": [0, "1"]}})
        prometheus.on("GET /api/v1/rules", {"data": {"groups": [{"rules": rules}]}})

        code, out = await run(**configured, prometheus_url=prometheus.url)
        _, taught = await run(**configured, prometheus_url=prometheus.url, severities={"P1": ["Purple"]})

    assert code == 0
    assert "count as P2: purple (2×)." in out
    assert "1 rule does not say how bad it is" in out
    assert "purple" not in taught


async def test_what_is_ready_but_another_kind_of_server_is_told(configured):
    async with local_server() as stranger:
        # As Alertmanager answers whoever takes it for Prometheus, and a page whoever takes it for Alertmanager.
        stranger.on("GET /-/ready", "OK", content_type="text/plain")
        stranger.on("GET /api/v2/status", {"hello": 1})
        stranger.on("GET /loki/api/v1/labels", ["a"])

        code, out = await run(
            **configured, prometheus_url=stranger.url, alertmanager_url=stranger.url, loki_url=stranger.url
        )

    assert code == 1
    assert "not prometheus (" in out
    assert "not alertmanager (the answer has an unknown shape)" in out
    assert "not loki (the answer has an unknown shape)" in out


async def test_a_server_with_tenants_is_told_which(configured):
    async with local_server() as loki:
        loki.on("GET /loki/api/v1/labels", "no org id\n", 401, content_type="text/plain")
        _, out = await run(**configured, loki_url=loki.url)
        assert "set LOKI_TENANT to the one" in out

        loki.on("GET /loki/api/v1/labels", {"status": "success", "data": []})
        _, out = await run(**configured, loki_url=loki.url, loki_tenant="team-a")

        assert "✅ loki: reached" in out
        assert loki.asked[-1][1]["X-Scope-OrgID"] == "team-a"


async def test_an_alertmanager_with_tenants_is_told_which(configured):
    async with local_server() as mimir:
        address = f"{mimir.url}/alertmanager"
        mimir.on("GET /alertmanager/api/v2/status", "no org id", 401, content_type="text/plain")
        _, out = await run(**configured, alertmanager_url=address)
        assert "set ALERTMANAGER_TENANT to the one" in out

        mimir.on("GET /alertmanager/api/v2/status", {"versionInfo": {}, "config": {"original": ""}})
        _, out = await run(**configured, alertmanager_url=address, alertmanager_tenant="team-a")

        assert "✅ alertmanager: reached" in out
        assert mimir.asked[-1][1]["X-Scope-OrgID"] == "team-a"


async def test_a_proxy_that_is_not_used_is_named(configured, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://user:s3cret@proxy:3128")

    _, out = await run(**configured)

    assert "➖ https_proxy: https_proxy is read for language models only" in out
    assert "s3cret" not in out


async def test_a_key_is_tried_through_the_proxy_that_models_are_asked_through(configured, monkeypatch):
    async with local_server() as proxy:
        proxy.on("GET /v1/models", {"data": []})
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")

        _, out = await run(**configured, openai_api_key="o-key", openai_base_url="http://models.example/v1")

        assert "✅ openai" in out
        assert [headers["Host"] for _, headers, _ in proxy.asked] == ["models.example"]


async def test_a_proxy_that_does_not_answer_is_named(configured, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://user:s3cret@127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    code, out = await run(**configured, openai_api_key="o-key", openai_base_url="http://models.example/v1")

    assert code == 1
    assert re.search("❌ openai: .*asked through the proxy 127.0.0.1:[0-9]+ .*nobody listens there", out), out
    assert "s3cret" not in out


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"https_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ({"http_proxy": "http://proxy:3128"}, None),
        ({"all_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ({"all_proxy": "socks5://proxy:1080"}, None),
        ({"https_proxy": "http://proxy:3128", "no_proxy": "models.example"}, None),
    ],
)
def test_the_proxy_is_the_one_of_the_environment(monkeypatch, variables, proxy):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert proxy_of("https://models.example/v1") == proxy
