"""Asks what each server says of itself: targets, rules, data sources, contact points, whether Bongsu is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.doctor.grafana_setup import ContactPoint, GrafanaSource, contact_points, data_sources, healthy, routed
from bot.doctor.lines import CheckFinding, LineWriter, joined, without_secrets
from bot.doctor.targets import (
    PROMETHEUS_RULES,
    ScrapeTarget,
    alertmanagers,
    evaluated_elsewhere,
    rule_health,
    targets,
)
from bot.errors import QueryRejected, SourceError, SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.readings import listed, plain
from bot.ui.limits import one_line, shorten

# Whoever sees ten broken targets needs no eleventh.
_SHOWN = 10
_WORDS = 300


class Servers:
    """Asks the servers; every answer is a list of lines, or raises what went wrong."""

    def __init__(self, speaker: LineWriter, receiver: str) -> None:
        self._say = speaker
        self._receiver = receiver

    async def bongsu(self, http: JsonClient) -> list[CheckFinding]:
        """Ask whether Bongsu runs, and whether it is ready."""
        subject = self._say.subject("bongsu")
        try:
            await http.get("healthz")
        except SourceUnavailable as error:
            return [self._say.wrong(subject, "verify.not_running", url=http.url, problem=error.detail)]
        try:
            await http.get("readyz")
        except SourceUnavailable as error:
            if "503" not in error.detail:
                raise
            return [self._say.wrong(subject, "verify.not_ready")]
        return [self._say.ok(subject, "verify.ready")]

    async def targets(self, http: JsonClient) -> list[CheckFinding]:
        """Ask Prometheus whether all that it scrapes is up."""
        subject = self._say.subject("targets")
        known = await targets(http)
        if not known:
            return [self._say.wrong(subject, "verify.no_targets")]
        troubled = [each for each in known if each.health != "up"]
        if not troubled:
            return [self._say.ok(subject, "verify.targets_up", count=len(known))]
        return self._few(subject, [self._troubled(subject, each) for each in troubled])

    async def rules(self, http: JsonClient, path: str, *, needed: bool) -> list[CheckFinding]:
        """Ask whether rules are loaded, and whether each can be evaluated."""
        subject = self._say.subject("rules", source=http.source)
        known = await rule_health(http, path)
        if not known and needed and path == PROMETHEUS_RULES and await evaluated_elsewhere(http):
            return [self._say.note(subject, "verify.rules_evaluated_elsewhere")]
        if not known:
            say = self._say.wrong if needed else self._say.note
            return [say(subject, "verify.no_rules" if needed else "verify.rules_elsewhere")]
        broken = [each for each in known if each.health == "error"]
        silent = [_safe(each.name) for each in known if each.health == "nodata"]
        notes = [self._say.note(subject, "verify.rules_without_data", names=joined(silent))] if silent else []
        if not broken:
            return [self._say.ok(subject, "verify.rules", count=len(known)), *notes]
        lines = [
            self._say.wrong(subject, "verify.rule_error", name=_safe(each.name), problem=_safe(each.error))
            for each in broken
        ]
        return [*self._few(subject, lines), *notes]

    async def alertmanagers(self, http: JsonClient) -> list[CheckFinding]:
        """Ask Prometheus whether it sends its alerts to anybody."""
        subject = self._say.subject("alertmanagers")
        try:
            count = await alertmanagers(http)
        except QueryRejected:
            # Whoever evaluates the rules sends the alerts: vmalert, or a ruler of Mimir's or Thanos'.
            return [self._say.note(subject, "verify.alertmanagers_untold")]
        if not count:
            return [self._say.wrong(subject, "verify.no_alertmanagers")]
        return [self._say.ok(subject, "verify.alertmanagers", count=count)]

    async def data_sources(self, http: JsonClient) -> list[CheckFinding]:
        """Have Grafana ask each of its data sources."""
        known = await data_sources(http)
        if not known:
            return [self._say.wrong(self._say.subject("data_sources"), "verify.no_data_sources")]
        return list(await asyncio.gather(*(self._data_source(http, each) for each in known)))

    async def contact_points(self, http: JsonClient) -> list[CheckFinding]:
        """Ask Grafana whether a contact point leads to Bongsu, as it should be set, and whether a policy sends to it."""
        subject = self._say.subject("contact_points")
        known = await contact_points(http)
        ours = [each for each in known if each.name == self._receiver and each.kind == "webhook"]
        if not ours:
            return [self._missing(subject, [each.name for each in known])]
        wrong = [finding for each in ours for finding in self._settings_of(subject, each)]
        if self._receiver not in await routed(http):
            wrong.append(self._say.wrong(subject, "verify.not_routed", name=_safe(self._receiver)))
        names = dict.fromkeys(f"{each.name} ({each.kind})" for each in known)
        return wrong or [self._say.ok(subject, "verify.contact_points", names=_safe(joined(names)))]

    async def receivers(self, http: JsonClient) -> list[CheckFinding]:
        """Ask Alertmanager whether it has a receiver for Bongsu."""
        subject = self._say.subject("receivers")
        known = [plain(raw.get("name")) for raw in listed(await http.get("api/v2/receivers"), http.source)]
        if self._receiver not in known:
            return [self._missing(subject, known)]
        return [self._say.ok(subject, "verify.contact_points", names=_safe(joined(known)))]

    def _troubled(self, subject: str, target: ScrapeTarget) -> CheckFinding:
        name = _safe(target.name)
        if target.health != "down":
            return self._say.wrong(subject, "verify.target_unknown", name=name)
        if target.pushed:
            return self._say.wrong(subject, "verify.target_down_at_agent", name=name)
        return self._say.wrong(subject, "verify.target_down", name=name, problem=_safe(target.error))

    async def _data_source(self, http: JsonClient, source: GrafanaSource) -> CheckFinding:
        subject = self._say.subject("data_source", name=_safe(source.name))
        try:
            found = await healthy(http, source)
        except SourceError as error:
            return self._say.wrong(subject, "verify.unhealthy", problem=_safe(error.detail))
        return self._say.ok(subject, "verify.healthy") if found else self._say.note(subject, "verify.no_health")

    def _settings_of(self, subject: str, point: ContactPoint) -> list[CheckFinding]:
        name = _safe(point.name)
        wrong = [] if point.tells_resolved else [self._say.wrong(subject, "verify.no_resolved", name=name)]
        if point.most_alerts != "0":
            wrong.append(self._say.wrong(subject, "verify.max_alerts", name=name, count=_safe(point.most_alerts)))
        return wrong

    def _missing(self, subject: str, known: Sequence[str]) -> CheckFinding:
        names = _safe(joined(dict.fromkeys(known))) or "–"
        return self._say.wrong(subject, "verify.no_contact_point", name=_safe(self._receiver), names=names)

    def _few(self, subject: str, lines: list[CheckFinding]) -> list[CheckFinding]:
        left = len(lines) - _SHOWN
        more = [self._say.wrong(subject, "verify.more", count=left)] if left > 0 else []
        return [*lines[:_SHOWN], *more]


def _safe(words: str) -> str:
    """Write somebody else's words so that they control no terminal and tell no secret."""
    return shorten(one_line(without_secrets(words)), _WORDS)
