"""Tells whether everything around Bongsu works, one line each, with a test alert: `bongsu verify`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple, TextIO

import aiohttp

from bot.app.plans import plan_of
from bot.app.settings import Settings
from bot.doctor.arrivals import ServiceArrivals
from bot.doctor.drills import AlertmanagerGround, DrillGround, GrafanaGround
from bot.doctor.grafana_state import dashboards, deliveries
from bot.doctor.lines import DEADLINE_S, CheckFinding, LineWriter, Probe, joined, told
from bot.doctor.probes import own_credential, own_url
from bot.doctor.servers import Servers
from bot.doctor.targets import GRAFANA_RULES, PROMETHEUS_RULES
from bot.doctor.test_alert import DrillOutcome, asking, drill
from bot.domain.owners import Catalogue
from bot.errors import ConfigurationError
from bot.i18n import Phrase, text
from bot.telemetry.http import JsonClient
from bot.telemetry.loki import Loki
from bot.telemetry.prometheus import Prometheus
from bot.telemetry.tempo import Tempo

DRILL_WAIT_S = 90.0
_AT_ONCE = 12
_SOURCE_TIMEOUT_S = 10.0
# Grafana sends the test message while we wait, and gives its receiver half a minute.
_DRILL_TIMEOUT_S = 35.0


class Check(NamedTuple):
    """One thing to find out; `subject` is what its line is called if it fails altogether."""

    subject: str
    probe: Probe
    deadline_s: float = DEADLINE_S


async def verify(
    settings: Settings,
    catalogue: Catalogue,
    out: TextIO,
    *,
    test_alert: bool = True,
    wait_s: float = DRILL_WAIT_S,
) -> int:
    """Print one line for each thing; return 0 if all that is configured works, else 1."""
    speaker = LineWriter(settings.language)
    async with aiohttp.ClientSession() as session:
        verifier = Verifier(settings, catalogue, session, speaker)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(check: Check) -> list[CheckFinding]:
            async with gate:
                return await speaker.tried(*check)

        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(one(each)) for each in verifier.checks(test_alert=test_alert, wait_s=wait_s)]
            # Whoever watches sees each line as soon as those above it are known.
            wrong = sum([told(await answer, out) for answer in asked])
    print(text(settings.language, "verify.wrong" if wrong else "verify.fine", count=wrong), file=out)
    return 1 if wrong else 0


class Verifier:
    """Chooses what to ask, by what is configured."""

    def __init__(
        self, settings: Settings, catalogue: Catalogue, session: aiohttp.ClientSession, speaker: LineWriter
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._session = session
        self._say = speaker
        self._servers = Servers(speaker, settings.receiver)
        self._arrivals = ServiceArrivals(speaker, catalogue, plan_of(settings), _now)
        token = settings.grafana_token.get_secret_value()
        self._grafana = self._http(settings.grafana_url, "grafana", token) if settings.grafana_url and token else None

    def checks(self, *, test_alert: bool, wait_s: float) -> list[Check]:
        """Return everything to find out, in the order in which one would mend it."""
        settings = self._settings
        addresses = (settings.grafana_url, settings.alertmanager_url, settings.prometheus_url)
        if not any((*addresses, settings.loki_url, settings.tempo_url)):
            return [self._line("stack", self._say.wrong, "verify.nothing")]
        everything = [self._bongsu(), *self._metrics(), *self._logs(), *self._traces()]
        return [*everything, *self._of_grafana(), *self._of_alertmanager(), self._drill(test_alert, wait_s)]

    def _bongsu(self) -> Check:
        return Check(
            self._say.subject("bongsu"), lambda: self._servers.bongsu(self._http(own_url(self._settings), "bongsu"))
        )

    def _metrics(self) -> Iterator[Check]:
        settings = self._settings
        url = settings.prometheus_url
        if not url:
            yield self._line("prometheus", self._say.note, "check.not_configured")
            return
        http = self._http(url, "prometheus")
        yield Check(self._say.subject("targets"), lambda: self._servers.targets(http))
        needed = settings.alerts_from != "grafana"
        rules = self._say.subject("rules", source="prometheus")
        yield Check(rules, lambda: self._servers.rules(http, PROMETHEUS_RULES, needed=needed))
        if settings.alerts_from == "alertmanager":
            yield Check(self._say.subject("alertmanagers"), lambda: self._servers.alertmanagers(http))
        source = Prometheus(http)
        yield from self._of_each("metrics", lambda service: self._arrivals.metrics(source, service))

    def _logs(self) -> Iterator[Check]:
        if not self._settings.loki_url:
            yield self._line("loki", self._say.note, "check.not_configured")
            return
        source = Loki(self._http(self._settings.loki_url, "loki"))
        yield from self._of_each("logs", lambda service: self._arrivals.logs(source, service))

    def _traces(self) -> Iterator[Check]:
        if not self._settings.tempo_url:
            yield self._line("tempo", self._say.note, "check.not_configured")
            return
        source = Tempo(self._http(self._settings.tempo_url, "tempo"))
        yield from self._of_each("traces", lambda service: self._arrivals.traces(source, service))

    def _of_each(self, kind: str, ask: Callable[[str], Awaitable[list[CheckFinding]]]) -> Iterator[Check]:
        if not self._catalogue.services:
            yield self._line(kind, self._say.note, "verify.no_services", service="–")
        for name, service in self._catalogue.services.items():
            if kind in service.without:
                yield self._line(kind, self._say.note, "verify.without", service=name)
            else:
                yield Check(self._say.subject(kind, service=name), lambda name=name: ask(name))

    def _of_grafana(self) -> Iterator[Check]:
        http = self._grafana
        if not self._settings.grafana_url:
            yield self._line("grafana", self._say.note, "check.not_configured")
        elif http is None:
            yield Check(self._say.subject("grafana"), _no_token)
        else:
            yield Check(self._say.subject("data_sources"), lambda: self._servers.data_sources(http))
            if self._settings.alerts_from == "grafana":
                rules = self._say.subject("rules", source="grafana")
                yield Check(rules, lambda: self._servers.rules(http, GRAFANA_RULES, needed=True))
                yield Check(self._say.subject("contact_points"), lambda: self._servers.contact_points(http))
                yield Check(self._say.subject("deliveries"), lambda: deliveries(self._say, http))
            yield Check(self._say.subject("dashboards"), lambda: dashboards(self._say, http))

    def _of_alertmanager(self) -> Iterator[Check]:
        url = self._settings.alertmanager_url
        if not url:
            yield self._line("alertmanager", self._say.note, "check.not_configured")
            return
        if self._settings.alerts_from == "grafana":
            yield self._line("alertmanager", self._say.note, "verify.not_used")
            return
        http = self._http(url, "alertmanager")
        yield Check(self._say.subject("receivers"), lambda: self._servers.receivers(http))

    def _drill(self, wanted: bool, wait_s: float) -> Check:
        if not wanted:
            return self._line("drill", self._say.note, "verify.drill_off")
        ground = self._ground()
        if ground is None:
            return self._line("drill", self._say.note, "verify.drill_nowhere")
        return Check(self._say.subject("drill"), lambda: self._drilled(ground, wait_s), wait_s + 2 * _DRILL_TIMEOUT_S)

    def _ground(self) -> DrillGround | None:
        """Choose the alert source that Bongsu itself uses."""
        settings = self._settings
        if settings.alerts_from == "grafana":
            http = self._http(
                settings.grafana_url, "grafana", settings.grafana_token.get_secret_value(), _DRILL_TIMEOUT_S
            )
            return GrafanaGround(http, settings.receiver)
        if settings.alerts_from == "alertmanager":
            return AlertmanagerGround(self._http(settings.alertmanager_url, "alertmanager"))
        return None

    async def _drilled(self, ground: DrillGround, wait_s: float) -> list[CheckFinding]:
        own = JsonClient(
            self._session, own_url(self._settings), source="bongsu", headers=own_credential(self._settings)
        )
        state = asking(own)
        # Asked first, because an alert that nobody waits for would only be noise.
        await state("0" * 16)
        summary = text(self._settings.language, "verify.drill_summary")
        return [self._judged(ground, await drill(ground, state, clock=_now, summary=summary, wait_s=wait_s), wait_s)]

    def _judged(self, ground: DrillGround, outcome: DrillOutcome, wait_s: float) -> CheckFinding:
        subject, seconds = self._say.subject("drill"), f"{outcome.seconds:.1f}"
        if outcome.state == "shown":
            return self._say.ok(subject, "verify.drill_shown", source=ground.name, seconds=seconds)
        waited = f"{wait_s:.0f}"
        if outcome.state != "unknown":
            return self._say.wrong(subject, f"verify.drill_{outcome.state}", seconds=waited)
        if not outcome.receivers:
            return self._say.wrong(subject, "verify.drill_silenced", source=ground.name)
        names = joined(outcome.receivers)
        return self._say.wrong(subject, "verify.drill_lost", source=ground.name, seconds=waited, names=names)

    def _line(self, subject: str, say: Callable[..., CheckFinding], key: str, **values: str) -> Check:
        finding = say(self._say.subject(subject, **values), key)

        async def known() -> list[CheckFinding]:
            return [finding]

        return Check(finding.subject, known)

    def _http(self, url: str, source: str, token: str = "", timeout_s: float = _SOURCE_TIMEOUT_S) -> JsonClient:
        tenant = self._settings.tenant_headers(source)
        return JsonClient(self._session, url, source=source, token=token, headers=tenant, timeout_s=timeout_s)


async def _no_token() -> list[CheckFinding]:
    raise ConfigurationError("errors.configuration", mistakes=Phrase("mistake.grafana_alone"))


def _now() -> datetime:
    return datetime.now(UTC)
