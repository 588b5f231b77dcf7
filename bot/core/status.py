"""Answers "how are we?": services, incidents, silences and our own connections, with what could not be asked."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime

from bot.core.directory import Directory, nearest
from bot.core.muting import Muting
from bot.domain.alerts import Alert, Severity
from bot.domain.incidents import Incident
from bot.domain.looks import Notice
from bot.domain.owners import Catalogue
from bot.domain.proposals import worst_first
from bot.domain.views import ConnectionStatus, ServiceHealth, StatusReport
from bot.errors import BongsuError, InvalidTarget, SourceError
from bot.ports import Clock, Incidents, Metrics, Sample

Ping = Callable[[], Awaitable[None]]
# What was tried in vain and waits, by the reason: how many, and for how many seconds the oldest.
Waiting = Callable[[datetime], Awaitable[Mapping[str, tuple[int, float]]]]


class StatusDesk:
    """Asks everybody at once and reports what came back in time."""

    def __init__(
        self,
        *,
        metrics: Metrics | None,
        incidents: Incidents,
        muting: Muting,
        directory: Directory,
        catalogue: Catalogue,
        queries: Mapping[str, str],
        service_label: str,
        clock: Clock,
        receiver: str,
        pings: Mapping[str, Ping] | None = None,
        notices: Callable[[], tuple[Notice, ...]] = lambda: (),
        patience_s: float = 2.0,
        waiting: Waiting | None = None,
    ) -> None:
        self._waiting = waiting
        self._metrics = metrics
        self._incidents = incidents
        self._muting = muting
        self._directory = directory
        self._receiver = receiver
        self._catalogue = catalogue
        self._queries = queries
        self._label = service_label
        self._pings = {} if pings is None else pings
        # What the alert source did that people must know.
        self._notices = notices
        self._clock = clock
        self._known = list(catalogue.services)
        # The reply has to come within three seconds even when everything hangs.
        self._patience_s = patience_s

    def services(self, typed: str) -> Sequence[str]:
        """Return the services, configured or measured by the last report, that what was typed may mean."""
        wanted = typed.strip().lower()
        return [name for name in self._known if wanted in f"{name} {self._catalogue.find(name).display}".lower()]

    def knows(self, service: str) -> bool:
        """Tell whether there is such a service, as far as we know without asking anybody."""
        return self.named(service) is not None

    def named(self, typed: str) -> str | None:
        """Return the name of the service that was typed, in any case, if there is such a service as far as we know."""
        wanted = typed.strip().lower()
        return next((name for name in self._known if name.lower() == wanted), None)

    async def report(self, service: str | None = None) -> StatusReport:
        """Report on one service or on all; a source that does not answer is named in `missing`. Raises InvalidTarget."""
        at = self._clock()
        (found, missing), connections, _ = await asyncio.gather(
            self._numbers(), self._connections(), self._directory.alerts_now(self._patience_s)
        )
        incidents = sorted(await self._incidents.open(), key=lambda incident: incident.severity.value)
        hidden = self._hidden(incidents)
        if found:
            self._known = [*self._catalogue.services, *sorted(found.keys() - self._catalogue.services.keys())]
        known = self._known
        if service is not None:
            firing = [name for incident in incidents for name in _services(incident)]
            known = [_find(service, dict.fromkeys([*known, *firing]), certain=not missing)]
            incidents = [incident for incident in incidents if known[0] in _services(incident)]
            hidden = tuple(alert for alert in hidden if alert.service in known)
        worst = _worst([*hidden, *(alert for incident in incidents for alert in incident.firing)])
        # In a storm there are thousands; a look at the silences for each took longer than people wait.
        muted = await self._muting.of_each(incidents)
        return StatusReport(
            at=at,
            services=tuple(self._health(name, found.get(name, {}), worst.get(name.lower())) for name in known),
            incidents=tuple(incidents),
            silences=tuple(await self._muting.active()),
            connections=connections,
            notices=self._notices(),
            missing=missing,
            hidden=hidden,
            waiting=await self._waiting(at) if self._waiting else {},
            muted={n: len({a.fingerprint for each in found for a in each.alerts}) for n, found in muted.items()},
        )

    def _hidden(self, incidents: Sequence[Incident]) -> tuple[Alert, ...]:
        """Return what fires and is silenced so that no card tells of it, the worst first."""
        shown = {alert.fingerprint for incident in incidents for alert in incident.alerts}
        return worst_first(
            alert
            for alert in self._directory.alerts
            if alert.silenced_by
            and alert.fingerprint not in shown
            and (not alert.receivers or self._receiver in alert.receivers)
        )

    async def _numbers(self) -> tuple[dict[str, dict[str, float]], tuple[str, ...]]:
        """Ask every query; return what was found by service and query, and the sources that did not answer all."""
        metrics, names = self._metrics, list(self._queries)
        if metrics is None:
            return {}, ()
        answers = await asyncio.gather(*(self._ask(metrics, self._queries[name]) for name in names))
        found: dict[str, dict[str, float]] = {}
        for name, samples in zip(names, answers, strict=True):
            for sample in samples or ():
                if sample.labels.get(self._label):
                    found.setdefault(sample.labels[self._label], {})[name] = sample.value
        return found, (metrics.name,) if any(answer is None for answer in answers) else ()

    def _health(self, name: str, numbers: Mapping[str, float], firing: Severity | None) -> ServiceHealth:
        def number(query: str) -> float | None:
            # 0/0 requests is NaN; a quantile beyond the last bucket is +Inf. Neither is a number to show.
            value = numbers.get(query, math.nan)
            return value if math.isfinite(value) else None

        up = number("up")
        return ServiceHealth(
            service=self._catalogue.find(name),
            up=up,
            firing=firing,
            rate=number("rate"),
            errors=number("errors"),
            p99_s=number("p99"),
        )

    async def _ask(self, metrics: Metrics, query: str) -> Sequence[Sample] | None:
        try:
            async with asyncio.timeout(self._patience_s):
                return await metrics.query(query)
        except (SourceError, TimeoutError):
            return None

    async def _connections(self) -> tuple[ConnectionStatus, ...]:
        return tuple(await asyncio.gather(*(self._try(name, ping) for name, ping in self._pings.items())))

    async def _try(self, name: str, ping: Ping) -> ConnectionStatus:
        try:
            async with asyncio.timeout(self._patience_s):
                await ping()
        except BongsuError as error:
            return ConnectionStatus(name, error.values.get("detail") or str(error))
        except TimeoutError:
            return ConnectionStatus(name, f"no answer within {self._patience_s:g} s")
        return ConnectionStatus(name)


def _services(incident: Incident) -> set[str]:
    named = (*(alert.service for alert in incident.firing), incident.service)
    return {name for name in named if name}


def _worst(alerts: Iterable[Alert]) -> dict[str, Severity]:
    """Return the worst severity that fires, by the name of the service in lower case."""
    worst: dict[str, Severity] = {}
    for alert in alerts:
        name, severity = (alert.service or "").lower(), alert.severity or Severity.P2
        worst[name] = worst.get(name, severity).worse_of(severity)
    return worst


def _find(typed: str, known: Iterable[str], *, certain: bool) -> str:
    """Find the service by its name; while Prometheus is silent an unknown one may well exist. Raises InvalidTarget."""
    wanted = typed.strip()
    names = list(known)
    found = next((name for name in names if name.lower() == wanted.lower()), None)
    if found is None and certain:
        raise InvalidTarget("errors.unknown_service", typed=wanted[:80], near=nearest(wanted, names))
    return found or wanted
