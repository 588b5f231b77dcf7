"""Names what is asked of annotations in Grafana, and what is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.incidents import Entry, Incident
from bot.domain.notes import Note
from bot.domain.telemetry import Change
from bot.domain.views import SilenceRow


@dataclass(frozen=True, slots=True)
class Written:
    """What has become of an annotation: with `attempts` and without `number` it may be there or not."""

    number: int | None = None
    attempts: int = 0
    digest: str = ""
    version: int = 0


class Annotations(Protocol):
    """Grafana's annotations, to be written."""

    async def create(self, note: Note) -> int:
        """Write one and return its id, for the whole organisation if its dashboard does not take it. Raises SourceError."""
        ...

    async def update(self, number: int, note: Note) -> None:
        """Change one in place. Raises SourceError, QueryRejected if it is gone."""
        ...

    async def find(self, note: Note) -> int | None:
        """Return the id of one that was written before, by its moment and its tags. Raises SourceError."""
        ...


class AnnotationBook(Protocol):
    """Which of our things have an annotation; `kind` and `item` name the thing."""

    async def incidents(self, since: datetime, limit: int) -> Sequence[tuple[Incident, Written]]:
        """Return the incidents that have changed since they were written, and those that began since then."""
        ...

    async def entries(self, since: datetime, limit: int) -> Sequence[tuple[int, int, Entry, Written]]:
        """Return the lines of timelines since then that are to be marked: id, incident, line."""
        ...

    async def changes(self, since: datetime, limit: int) -> Sequence[tuple[int, Change, Written]]:
        """Return the changes since then that are to be marked."""
        ...

    async def silences(self, since: datetime, at: datetime, limit: int) -> Sequence[tuple[SilenceRow, int, Written]]:
        """Return the silences that have begun and not ended before `since`, and are new or have changed, with their versions."""
        ...

    async def begin(self, kind: str, item: int, attempts: int) -> None:
        """Write down that it is about to be written: from now on it may exist."""
        ...

    async def done(self, kind: str, item: int, number: int, digest: str, version: int) -> None:
        """Write down that Grafana has it as annotation `number`, with this content and version; attempts begin anew."""
        ...

    async def give_up(self, kind: str, item: int, reason: str) -> None:
        """Leave it for good: Grafana does not take it, or a person has deleted it."""
        ...
