"""The answer to "how are we?": services, incidents, silences and our own connections, with what could not be asked."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.domain.owners import Catalogue
from bot.domain.views import Connection, ServiceHealth, StatusReport
from bot.errors import BongsuError, SourceError
from bot.ports import Clock, Incidents, Metrics, Sample, SilenceBook

# The reply has to come within three seconds even when everything hangs.
_DEADLINE_S = 2.0

Pings = Mapping[str, Callable[[], Awaitable[None]]]


class StatusDesk:
    """Asks everybody at once and reports what came back in time."""

    def __init__(
        self,
        *,
        metrics: Metrics,
        incidents: Incidents,
        book: SilenceBook,
        catalogue: Catalogue,
        queries: Mapping[str, str],
        service_label: str,
        clock: Clock,
    ) -> None:
        self._metrics = metrics
        self._incidents = incidents
        self._book = book
        self._catalogue = catalogue
        self._queries = queries
        self._label = service_label
        self._pings: Pings = {}
        self._clock = clock

    def watch(self, pings: Pings) -> None:
        """Report on these connections as well; the gateway is one of them, and is made after us."""
        self._pings = pings

    def services(self, typed: str) -> Sequence[str]:
        """Return the configured services that what was typed may mean."""
        return [name for name in self._catalogue.services if typed.strip().lower() in name.lower()]

    async def report(self, service: str | None = None) -> StatusReport:
        """Report on one service or on all; a source that does not answer is named in `missing`."""
        at = self._clock()
        names = list(self._queries)
        answers, connections = await asyncio.gather(
            asyncio.gather(*(self._ask(self._queries[name]) for name in names)),
            self._connections(),
        )
        found: dict[str, dict[str, float]] = {}
        for name, samples in zip(names, answers, strict=True):
            for sample in samples or ():
                if sample.labels.get(self._label):
                    found.setdefault(sample.labels[self._label], {})[name] = sample.value
        incidents = [i for i in await self._incidents.open() if service is None or i.service == service]
        return StatusReport(
            at=at,
            services=tuple(self._health(name, found.get(name, {})) for name in self._named(service, found)),
            incidents=tuple(incidents),
            silences=tuple(await self._book.active(at)),
            connections=connections,
            missing=(self._metrics.name,) if names and any(answer is None for answer in answers) else (),
        )

    def _named(self, service: str | None, found: Mapping[str, object]) -> Sequence[str]:
        if service is not None:
            return [service]
        return [*self._catalogue.services, *sorted(found.keys() - self._catalogue.services.keys())]

    def _health(self, name: str, numbers: Mapping[str, float]) -> ServiceHealth:
        def number(query: str) -> float | None:
            value = numbers.get(query, math.nan)
            return None if math.isnan(value) else value

        up = number("up")
        return ServiceHealth(
            service=self._catalogue.find(name),
            up=None if up is None else up > 0,
            rate=number("rate"),
            errors=number("errors"),
            p99_s=number("p99"),
        )

    async def _ask(self, query: str) -> Sequence[Sample] | None:
        try:
            async with asyncio.timeout(_DEADLINE_S):
                return await self._metrics.query(query)
        except (SourceError, TimeoutError):
            return None

    async def _connections(self) -> tuple[Connection, ...]:
        return tuple(await asyncio.gather(*(_try(name, ping) for name, ping in self._pings.items())))


async def _try(name: str, ping: Callable[[], Awaitable[None]]) -> Connection:
    try:
        async with asyncio.timeout(_DEADLINE_S):
            await ping()
    except BongsuError as error:
        return Connection(name, error.values.get("detail") or str(error))
    except TimeoutError:
        return Connection(name, f"no answer within {_DEADLINE_S:.0f} s")
    return Connection(name)
