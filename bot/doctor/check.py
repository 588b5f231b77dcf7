"""Tries everything that is configured, one line each: ok, or what is wrong and how to mend it: `bongsu check`."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from functools import partial
from typing import TextIO

import aiohttp
from aiohttp import web

from bot.app.extras import installed
from bot.app.guild import GuildProbe
from bot.app.loading import misspelt_variables
from bot.app.oncall import load_roster
from bot.app.premises import missing, require_identity
from bot.app.settings import Settings
from bot.app.words import vocabulary_of
from bot.cameras.browser.chromium import found
from bot.doctor.lines import CheckFinding, LineWriter, Probe, joined, told
from bot.doctor.probes import grafana_rights, own_url
from bot.doctor.proxies import by_proxy, proxy_of, set_proxies
from bot.doctor.schedules import schedules
from bot.domain.owners import Catalogue
from bot.errors import ConfigurationError, NoPicture, QueryRejected, SourceError, SourceUnavailable
from bot.i18n import Phrase, text
from bot.store.database import Database
from bot.telemetry.grafana import grafana_alerts
from bot.telemetry.http import JsonClient
from bot.telemetry.prometheus import Prometheus
from bot.telemetry.shapes import obj
from bot.web.connections import listening


async def check(settings: Settings, out: TextIO, catalogue: Catalogue | None = None) -> int:
    """Print one line for each thing, as it is found; return 0 if Bongsu is fit to run, else 1."""
    speaker = LineWriter(settings.language)
    async with aiohttp.ClientSession() as session:
        checker = Checker(settings, session, speaker, catalogue or Catalogue())
        wrong = 0
        # One after the other: the lines stand in the order in which one would mend them.
        for probe in checker.probes():
            wrong += told(await speaker.tried(probe.__name__.replace("_", " "), probe), out)
    print(text(settings.language, "check.unfit" if wrong else "check.fit", count=wrong), file=out)
    return 1 if wrong else 0


class Checker:
    """The probes, each of which answers with its lines or raises what went wrong."""

    def __init__(
        self, settings: Settings, session: aiohttp.ClientSession, speaker: LineWriter, catalogue: Catalogue
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._session = session
        self._say = speaker

    def probes(self) -> list[Probe]:
        """Return the probes in the order in which one would mend what they find."""
        return [
            self.environment,
            self.database,
            self.discord,
            self.oncall,
            self.permissions,
            self.webhook,
            self.grafana,
            self.alertmanager,
            self.prometheus,
            self.severities,
            self.loki,
            self.tempo,
            self.chromium,
            self.anthropic,
            self.openai,
            self.model,
        ]

    async def environment(self) -> list[CheckFinding]:
        """Name variables that look like ours and are not read, and proxies, which only language models use."""
        note = self._say.note
        misspelt = [note(name, "check.misspelt", name=name, near=meant) for name, meant in misspelt_variables()]
        return [*misspelt, *(note(name, "check.no_proxy", name=name) for name in set_proxies())]

    async def database(self) -> list[CheckFinding]:
        """Open, migrate and write."""
        async with Database.open(self._settings.database_url.get_secret_value()) as store:
            await store.keepsakes.remember("check", "written")
        return [self._say.ok("database", "check.database")]

    async def discord(self) -> list[CheckFinding]:
        """Log in, find the guild, and what we may do in each channel."""
        settings = self._settings
        require_identity(settings)
        probe = GuildProbe(self._session, settings)
        _, name = await probe.login()
        guild = await probe.guild()
        findings = [self._say.ok("discord", "check.discord_login", name=name)]
        urgent, normal = settings.channels.urgent, settings.channels.normal
        # `missing` below tells of the urgent one.
        for wanted in dict.fromkeys((urgent, normal)):
            subject, channel = f"discord #{wanted}", guild.channel(wanted)
            if channel is None:
                if wanted != urgent:
                    findings.append(self._say.note(subject, "check.no_normal_channel", name=wanted, urgent=urgent))
            elif lacking := guild.missing_permissions(channel):
                findings.append(self._say.wrong(subject, "check.missing_permissions", names=", ".join(lacking)))
            else:
                findings.append(self._say.ok(subject, "check.channel"))
        roster = load_roster(self._catalogue, settings.timezone)
        absent, _ = await missing(probe, settings, self._catalogue, roster)
        return [*findings, *(self._say.wrong(each.where, each.problem.key, **each.problem.values) for each in absent)]

    async def oncall(self) -> list[CheckFinding]:
        """Try the schedules: their channels and roles, their calendars, and whether they have gaps."""
        roster = load_roster(self._catalogue, self._settings.timezone)
        try:
            guild = await GuildProbe(self._session, self._settings).guild()
        except (ConfigurationError, SourceError):
            # Said by the line of Discord itself.
            return []
        return await schedules(roster, guild, self._session, self._say)

    async def permissions(self) -> list[CheckFinding]:
        """Say who may acknowledge and silence."""
        granted = self._settings.permissions
        return [
            self._say.ok(name, "check.roles", count=len(roles)) if roles else self._say.note(name, "check.no_roles")
            for name, roles in (("permissions.ack", granted.ack), ("permissions.silence", granted.silence))
        ]

    async def webhook(self) -> list[CheckFinding]:
        """Say whether anybody but this machine may post, and whether there is a port to listen at."""
        settings = self._settings
        basic = settings.webhook_user and settings.webhook_password.get_secret_value()
        secured = settings.webhook_token.get_secret_value() or basic or settings.webhook_hmac_secret.get_secret_value()
        host = settings.webhook_host or ("0.0.0.0" if secured else "127.0.0.1")  # noqa: S104 - only tried
        try:
            async with listening(web.Application(), host, settings.webhook_port):
                pass
        except ConfigurationError as error:
            # Bongsu may well be running already.
            if error.key != "errors.port_taken" or not await self._runs_there():
                raise
        return [
            self._say.ok("webhook", "check.webhook") if secured else self._say.note("webhook", "check.webhook_open")
        ]

    async def _runs_there(self) -> bool:
        try:
            answer = await JsonClient(self._session, own_url(self._settings), source="bongsu").get("healthz")
        except SourceError:
            return False
        return obj(answer).get("status") == "ok"

    async def grafana(self) -> list[CheckFinding]:
        """Reach Grafana, and ask what our token may do."""
        settings = self._settings
        token = settings.grafana_token.get_secret_value()
        if not settings.grafana_url:
            return [self._say.note("grafana", "check.not_configured")]
        if not token and os.environ.get("GRAFANA_TOKEN_FILE"):
            return [self._say.note("grafana", "check.token_awaited")]
        if not token:
            raise ConfigurationError("errors.configuration", mistakes=Phrase("mistake.grafana_alone"))
        http = JsonClient(self._session, settings.grafana_url, source="grafana", token=token)
        try:
            facts = await grafana_rights(http)
        except QueryRejected as error:
            detail = Phrase("reach.not_there", name="grafana", detail=error.detail)
            raise SourceUnavailable("grafana", detail) from error
        findings = [self._say.ok("grafana", "check.reached")]
        findings += [self._say.wrong("grafana", "check.missing_right", name=name) for name in facts.missing]
        if facts.root_url_is_local:
            findings.append(self._say.note("grafana", "check.root_url"))
        return findings

    async def alertmanager(self) -> list[CheckFinding]:
        """Reach Alertmanager."""
        return await self._reached("alertmanager", self._settings.alertmanager_url, "api/v2/status", {}, "versionInfo")

    async def prometheus(self) -> list[CheckFinding]:
        """Reach Prometheus."""
        return await self._reached(
            "prometheus", self._settings.prometheus_url, "api/v1/query", {"query": "1"}, "status"
        )

    async def severities(self) -> list[CheckFinding]:
        """Say how bad the rules say they are in words that nobody knows; these count as P2."""
        settings = self._settings
        words = vocabulary_of(settings, Catalogue())
        http = partial(JsonClient, self._session)
        if settings.alerts_from == "grafana":
            token = settings.grafana_token.get_secret_value()
            source = grafana_alerts(http(settings.grafana_url, source="grafana", token=token), words)
        elif settings.prometheus_url:
            source = Prometheus(http(settings.prometheus_url, source="prometheus"), words)
        else:
            return []
        try:
            unread = [rule for rule in await source.rules() if rule.severity is None and "{{" not in rule.severity_word]
        except SourceError:
            # Said by the line of the source itself.
            return []
        unknown = Counter(rule.severity_word for rule in unread if rule.severity_word)
        without = [rule.name for rule in unread if not rule.severity_word]
        said = joined(f"{word} ({count}×)" for word, count in unknown.most_common())
        findings = [self._say.note("severities", "check.severity_unknown", words=said)] if said else []
        if without:
            findings.append(
                self._say.note("severities", "check.severity_missing", count=len(without), names=joined(without))
            )
        return findings

    async def loki(self) -> list[CheckFinding]:
        """Reach Loki."""
        return await self._reached("loki", self._settings.loki_url, "loki/api/v1/labels", {}, "status")

    async def tempo(self) -> list[CheckFinding]:
        """Reach Tempo."""
        return await self._reached(
            "tempo", self._settings.tempo_url, "api/search", {"q": "{}", "limit": "1"}, "metrics"
        )

    async def chromium(self) -> list[CheckFinding]:
        """Find the browser that will take pictures."""
        if not installed("pictures"):
            return [self._say.note("chromium", "check.no_pictures_extra")]
        if self._settings.browser_ws_endpoint:
            return [self._say.ok("chromium", "check.remote_browser")]
        try:
            program = self._settings.chromium or found()
        except NoPicture:
            program = "none"
        if program == "none":
            return [self._say.note("chromium", "check.no_chromium")]
        try:
            process = await asyncio.create_subprocess_exec(
                program, "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
            )
        except OSError:
            return [self._say.wrong("chromium", "check.chromium_fails", path=program)]
        version, _ = await process.communicate()
        if process.returncode:
            return [self._say.wrong("chromium", "check.chromium_fails", path=program)]
        return [self._say.ok("chromium", "check.version", version=version.decode("utf-8", "replace").strip())]

    async def anthropic(self) -> list[CheckFinding]:
        """Have Anthropic say whether it accepts our key, by listing its models, which costs nothing."""
        key = self._settings.anthropic_api_key.get_secret_value()
        base = self._settings.anthropic_base_url
        return await self._key("anthropic", key, base, {"x-api-key": key, "anthropic-version": "2023-06-01"})

    async def openai(self) -> list[CheckFinding]:
        """Have OpenAI, or who speaks as it does, say whether it accepts our key."""
        key = self._settings.openai_api_key.get_secret_value()
        return await self._key("openai", key, self._settings.openai_base_url, {"Authorization": f"Bearer {key}"})

    async def model(self) -> list[CheckFinding]:
        """Say that there is no language model, if there is none."""
        settings = self._settings
        if settings.model_wanted and not installed("ai"):
            return [self._say.note("model", "check.no_ai_extra")]
        if settings.anthropic_api_key.get_secret_value() or settings.openai_api_key.get_secret_value():
            return []
        return [self._say.note("model", "check.no_model")]

    async def _key(self, name: str, key: str, base_url: str, headers: dict[str, str]) -> list[CheckFinding]:
        if not key:
            return []
        # People write the address with and without its version.
        base = base_url.rstrip("/").removesuffix("/v1")
        proxy = proxy_of(base)
        try:
            # By the way that a question to it would take.
            async with aiohttp.ClientSession(proxy=proxy) as session:
                await JsonClient(session, base, source=name, headers=headers).get("v1/models")
        except SourceUnavailable as error:
            raise by_proxy(proxy, error) from error
        except QueryRejected as error:
            # Its own words may repeat what we sent.
            raise QueryRejected(name, error.detail.replace(key, "…")) from error
        return [self._say.ok(name, "check.key_accepted")]

    async def _reached(self, name: str, url: str, path: str, asked: dict[str, str], key: str) -> list[CheckFinding]:
        """Ask what only this kind of server answers, with our tenant: others are ready, too, and so is one without it."""
        if not url:
            return [self._say.note(name, "check.not_configured")]
        http = JsonClient(self._session, url, source=name, headers=self._settings.tenant_headers(name))
        try:
            answer = await http.get(path, asked)
        except QueryRejected as error:
            raise SourceUnavailable(name, Phrase("reach.not_there", name=name, detail=error.detail)) from error
        if not isinstance(answer, dict) or key not in answer:
            raise SourceUnavailable(name, Phrase("reach.not_there", name=name, detail=Phrase("reach.unknown_shape")))
        return [self._say.ok(name, "check.reached")]
