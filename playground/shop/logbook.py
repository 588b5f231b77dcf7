"""The shop's newest log entries, kept in memory as a collector would have sent them to Loki."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_KEPT_S = 30 * 60
_NS = 1_000_000_000
# A microsecond: entries of one service that are written at once keep their order.
_APART_NS = 1000


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry, with its stack trace: when (epoch nanoseconds), of whom, and what it belongs to.

    `level` is lower case, nothing in nginx' access log; the ids are nothing where there is no trace.
    """

    at_ns: int
    service: str
    line: str
    level: str = ""
    trace_id: str = ""
    span_id: str = ""

    @property
    def stream(self) -> dict[str, str]:
        """Return the labels of its stream, as the collector sets them."""
        job = "spring" if self.level else "nginx"
        labels = {"env": "demo", "host": "shop-1", "job": job, "service": self.service}
        return labels | ({"level": self.level} if self.level else {})


class LogBook:
    """What each service wrote in the last half hour; less if that is more than it can keep.

    Every service has its own limit, so that a loud one does not push out what the others said.
    """

    def __init__(self, most_entries: int = 40_000, most_characters: int = 12_000_000) -> None:
        self._most_entries, self._most_characters = most_entries, most_characters
        self._kept: dict[str, deque[LogEntry]] = {}
        self._characters: dict[str, int] = {}

    def add(self, at: float, service: str, line: str, level: str = "", trace_id: str = "", span_id: str = "") -> None:
        """Keep an entry; `at` is in epoch seconds."""
        kept = self._kept.setdefault(service, deque())
        at_ns = int(at * _NS)
        if kept:
            at_ns = max(at_ns, kept[-1].at_ns + _APART_NS)
        kept.append(LogEntry(at_ns, service, line, level, trace_id, span_id))
        self._characters[service] = self._characters.get(service, 0) + len(line)
        while self._too_much(service, kept, at_ns):
            self._characters[service] -= len(kept.popleft().line)

    def between(self, start_ns: int, end_ns: int) -> Iterator[LogEntry]:
        """Yield what was written from `start_ns` until before `end_ns`, of one service after the other, newest first."""
        for kept in self._kept.values():
            for entry in reversed(kept):
                if entry.at_ns < start_ns:
                    break
                if entry.at_ns < end_ns:
                    yield entry

    def _too_much(self, service: str, kept: deque[LogEntry], now_ns: int) -> bool:
        return (
            len(kept) > self._most_entries
            or self._characters[service] > self._most_characters
            or kept[0].at_ns < now_ns - _KEPT_S * _NS
        )


def newest_first(entries: Iterable[LogEntry]) -> list[LogEntry]:
    """Sort entries of several services."""
    return sorted(entries, key=lambda entry: -entry.at_ns)
