"""A Grafana on loopback, as far as `verify` asks one: its answers, and a test message that is really sent.

Written after Grafana's source (11.6 to 12.4) and what 13.2 answers; secrets are redacted and put back as Grafana does it.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

BODY = Path(__file__).parents[1] / "fixtures/webhooks/grafana/test_button.json"
TOKEN = "glsa_secret"
REDACTED = "[REDACTED]"
RECEIVERS = "/apis/notifications.alerting.grafana.app/v1beta1/namespaces/{namespace}/receivers/{name}"


class GrafanaOnLoopback:
    """What is set up in it; tests change the parts."""

    def __init__(self, webhook_url: str, webhook_token: str, version: int = 12) -> None:
        self.version = version
        self.url = ""
        self.organisation = 1
        self.tested: list[dict] = []
        self.sources = [
            {"uid": "prom", "name": "Prometheus", "type": "prometheus"},
            {"uid": "loki", "name": "Loki", "type": "loki"},
            {"uid": "am", "name": "Alertmanager", "type": "alertmanager"},
        ]
        self.health = {
            "prom": (200, {"status": "OK", "message": "Successfully queried the Prometheus API."}),
            "loki": (200, {"status": "OK", "message": "Data source successfully connected."}),
            "am": (404, {"message": "Plugin not found", "messageId": "plugin.notRegistered"}),
        }
        self.rules = [
            {"name": "ServiceDown", "type": "alerting", "health": "ok", "state": "inactive"},
            {"name": "HighErrorRate", "type": "alerting", "health": "ok", "state": "inactive"},
        ]
        self.stored = [
            {
                "uid": "bongsu-webhook",
                "name": "bongsu",
                "type": "webhook",
                "disableResolveMessage": False,
                "settings": {
                    "url": webhook_url,
                    "authorization_scheme": "Bearer",
                    "authorization_credentials": webhook_token,
                },
            },
            {"uid": "c", "name": "critical", "type": "discord", "settings": {"url": "https://discord.example/x"}},
        ]
        self.policies = {
            "receiver": "critical",
            "routes": [{"receiver": "critical"}, {"routes": [{"receiver": "bongsu"}]}],
        }

        self.receivers = [{"name": "bongsu", "integrations": [{"name": "webhook", "lastNotifyAttempt": "…"}]}]
        self.dashboards = [{"uid": "overview", "type": "dash-db"}]
        self.folders = [{"uid": "bongsu", "title": "Bongsu", "managedBy": "classic-file-provisioning"}]
        # Whether the files' provider allows no update in the browser.
        self.locked = False

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._signed_in])
        app.router.add_get("/api/datasources", _answers(lambda: self.sources))
        app.router.add_get("/api/datasources/uid/{uid}/health", self._health)
        app.router.add_get("/api/prometheus/grafana/api/v1/rules", self._rules)
        app.router.add_get("/api/v1/provisioning/contact-points", _answers(lambda: self._redacted()))
        app.router.add_get("/api/v1/provisioning/policies", _answers(lambda: self.policies))
        app.router.add_get("/api/org", _answers(lambda: {"id": self.organisation, "name": "Main Org."}))
        app.router.add_get("/api/alertmanager/grafana/api/v2/alerts", _answers(list))
        app.router.add_get("/api/alertmanager/grafana/api/v2/silences", _answers(list))
        app.router.add_get("/api/search", _answers(lambda: self.dashboards))
        app.router.add_get("/api/folders", _answers(lambda: self.folders))
        app.router.add_get("/api/dashboards/uid/overview", _answers(lambda: {"meta": {"provisioned": self.locked}}))
        app.router.add_get("/api/alertmanager/grafana/config/api/v1/receivers", _answers(lambda: self.receivers))
        app.router.add_post("/api/alertmanager/grafana/config/api/v1/receivers/test", self._legacy_test)
        app.router.add_get(RECEIVERS, self._receiver)
        app.router.add_post(f"{RECEIVERS}/test", self._modern_test)
        return app

    @web.middleware
    async def _signed_in(self, request: web.Request, handler) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"message": "Unauthorized"}, status=401)
        return await handler(request)

    async def _health(self, request: web.Request) -> web.Response:
        status, body = self.health[request.match_info["uid"]]
        return web.json_response(body, status=status)

    async def _rules(self, _: web.Request) -> web.Response:
        groups = [{"name": "app", "file": "Prod", "rules": self.rules}] if self.rules else []
        return web.json_response({"status": "success", "data": {"groups": groups}})

    def _redacted(self) -> list[dict]:
        shown = copy.deepcopy(self.stored)
        for point in shown:
            for name in {"authorization_credentials", "url"} & point["settings"].keys():
                if name == "authorization_credentials" or point["type"] == "discord":
                    point["settings"][name] = REDACTED
        return shown

    async def _legacy_test(self, request: web.Request) -> web.Response:
        if self.version >= 13:
            return web.json_response({"message": "Gone"}, status=410)
        asked = await request.json()
        results = []
        for receiver in asked["receivers"]:
            configs = [
                await self._tested(each, asked["alert"]) for each in receiver["grafana_managed_receiver_configs"]
            ]
            results.append({"name": receiver["name"], "grafana_managed_receiver_configs": configs})
        failed = any(
            each["status"] != "ok" for result in results for each in result["grafana_managed_receiver_configs"]
        )
        body = {"alert": asked["alert"], "receivers": results, "notified_at": "2026-11-25T10:00:00Z"}
        return web.json_response(body, status=207 if failed else 200)

    async def _tested(self, sent: dict, alert: dict) -> dict:
        stored = next(each for each in self.stored if each["uid"] == sent["uid"])
        # A secret that is left out is the stored one; one that is sent, also a redacted one, is taken as it stands.
        error = await self._send({**stored["settings"], **sent["settings"]}, alert)
        return {"name": sent["name"], "uid": sent["uid"], "status": "failed" if error else "ok", "error": error}

    async def _receiver(self, request: web.Request) -> web.Response:
        named = self._named(request)
        integrations = [{"uid": e["uid"], "type": e["type"], "version": "v1", "settings": {}} for e in named]
        return web.json_response({"spec": {"title": "bongsu", "integrations": integrations}})

    async def _modern_test(self, request: web.Request) -> web.Response:
        asked = await request.json()
        stored = next(each for each in self._named(request) if each["uid"] == asked["integration"]["uid"])
        error = await self._send(stored["settings"], asked["alert"])
        return web.json_response({"status": "failure" if error else "success", "duration": "5ms", "error": error})

    def _named(self, request: web.Request) -> list[dict]:
        if self.version < 13 or request.match_info["namespace"] != (
            "default" if self.organisation == 1 else f"org-{self.organisation}"
        ):
            raise web.HTTPNotFound
        name = request.match_info["name"]
        title = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
        return [each for each in self.stored if each["name"] == title]

    async def _send(self, settings: dict, alert: dict) -> str:
        """Send it as the webhook notifier does; return what went wrong."""
        self.tested.append(alert)
        body = json.loads(BODY.read_text("utf-8"))
        body["alerts"][0] |= {"labels": alert["labels"], "annotations": alert["annotations"]}
        body["groupKey"] = f"test-{alert['labels']['alertname']}"
        headers = {"Authorization": f"Bearer {settings['authorization_credentials']}"}
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(settings["url"], json=body, headers=headers) as response,
            ):
                return "" if response.status < 300 else f"webhook response status {response.status}"
        except aiohttp.ClientError:
            return f'Post "{settings["url"]}": dial tcp: connection refused'


def _answers(body):
    async def handler(_: web.Request) -> web.Response:
        return web.json_response(body())

    return handler


@asynccontextmanager
async def grafana_on_loopback(
    webhook_url: str, webhook_token: str, version: int = 12
) -> AsyncIterator[GrafanaOnLoopback]:
    grafana = GrafanaOnLoopback(webhook_url, webhook_token, version)
    runner = web.AppRunner(grafana.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        grafana.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield grafana
    finally:
        await runner.cleanup()
