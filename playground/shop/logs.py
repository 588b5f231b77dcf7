"""Steps of the shop into log lines as Spring Boot (Logback's console pattern) and nginx write them."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

from playground.shop.logbook import LogBook
from playground.shop.model import DISK_TOTAL, ServedRequest, ServiceStep, ShopService
from playground.shop.stories import DONE, OF_EVENT, OF_EXCEPTION, SLOW, Story

_CAP_BYTES = 4 * 1024 * 1024
_SLOW_S = 3.0
# As wide as a trace id, a dash and a span id: what Spring Boot writes where there is no trace.
_NO_TRACE = " " * 49


class Journal:
    """A file that only grows, to a limit; what is older is in the file beside it, what is older still is gone."""

    def __init__(self, path: Path, cap_bytes: int = _CAP_BYTES) -> None:
        self._path, self._cap_bytes = path, cap_bytes
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def write(self, lines: list[str]) -> None:
        """Append lines, so that a reader sees all of them at once."""
        if not lines:
            return
        self._file.write("\n".join(lines) + "\n")
        self._file.flush()
        if self._file.tell() > self._cap_bytes:
            self._file.close()
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
            self._file = self._path.open("a", encoding="utf-8")


class ServiceLog:
    """One service's log, in a file and in the book of all logs; counts entries by level as Logback does."""

    def __init__(self, service: ShopService, journal: Journal, rng: random.Random, book: LogBook | None = None) -> None:
        self._service, self._journal, self._rng = service, journal, rng
        self._book = LogBook() if book is None else book

    def write(self, step: ServiceStep, at: float) -> None:
        """Log what happened."""
        # A process ends after its last words, and starts before its first request.
        entries = [self._entry(story, at) for event in step.events for story in OF_EVENT[event]]
        for request in step.requests:
            entries += [self._entry(story, at, request) for story in self._stories(request)]
        self._journal.write(entries)

    def _stories(self, request: ServedRequest) -> tuple[Story, ...]:
        if request.exception in OF_EXCEPTION:
            return OF_EXCEPTION[request.exception]
        if request.uri == "/api/payments" and request.seconds > _SLOW_S:
            return (SLOW,)
        # One of twenty is enough to look alive.
        return (DONE,) if self._rng.random() < 0.05 else ()

    def _entry(self, story: Story, at: float, request: ServedRequest | None = None) -> str:
        service, level = self._service, story.level
        service.logged[level.lower()] = service.logged.get(level.lower(), 0) + 1
        values = self._values(request)
        if request:
            thread = f"nio-{service.port}-exec-{self._rng.randint(1, service.threads_max)}"
            trace = f"{request.trace_id}-{request.span_id}"
        else:
            thread, trace = (story.thread or "scheduling-1").format_map(values), _NO_TRACE
        moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        logger = story.logger.format_map(values)
        ids = (request.trace_id, request.span_id) if request else ("", "")
        # %d %5p ${PID} --- [app] [%15.15t] [trace-span] %-40.40logger{39} : %m%n
        head = f"{moment} {level:>5} 1 --- [{service.name}] [{thread[-15:]:>15}] [{trace}] {logger[-40:]:<40} : "
        text = "\n".join(part for part in (story.words, story.trace) if part)
        entry = head + text.format_map(values)
        self._book.add(at, service.name, entry, level.lower(), *ids)
        return entry

    def _values(self, request: ServedRequest | None) -> dict[str, str | int]:
        service = self._service
        name = f"{service.name.capitalize()}Application"
        known: dict[str, str | int] = {
            "pool": service.pool,
            "pending": service.pending,
            "version": service.version,
            "port": service.port,
            "class": name,
            "application": f"com.doktori.{service.name}.{name}",
            "disk_free": int(service.disk_free * DISK_TOTAL),
        }
        if request:
            known |= {"method": request.method, "uri": request.uri, "ms": int(request.seconds * 1000)}
        return known


class AccessLog:
    """The log of the nginx in front of both services, which also knows who was turned away."""

    def __init__(self, journal: Journal, rng: random.Random, book: LogBook | None = None) -> None:
        self._journal, self._rng = journal, rng
        self._book = LogBook() if book is None else book

    def write(self, steps: dict[str, ServiceStep]) -> None:
        """Log every request of a step that came from outside."""
        came = [each for step in steps.values() for each in step.requests + step.turned_away if not each.parent_id]
        lines = [self._line(each) for each in came]
        for request, line in zip(came, lines, strict=True):
            self._book.add(request.at, "nginx", line)
        self._journal.write(lines)

    def _line(self, request: ServedRequest) -> str:
        at = datetime.fromtimestamp(request.at, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        path = request.uri.replace("{id}", str(self._rng.randint(1, 9999)))
        client, sent = f"10.8.0.{self._rng.randint(2, 9)}", self._rng.randint(200, 9000)
        return (
            f'{client} - - [{at}] "{request.method} {path} HTTP/1.1" {request.status} {sent} "-" "okhttp/4.12.0" '
            f"rt={request.seconds:.3f} trace={request.trace_id}"
        )
