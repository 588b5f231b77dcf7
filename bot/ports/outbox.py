"""Names what still has to be shown on Discord, and what may be asked of the list of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.alerts import Severity
from bot.domain.incidents import PageReason
from bot.domain.views import MessageRef


class TaskKind(StrEnum):
    """What a row of the outbox is to show of its incident."""

    CARD = "card"
    CALL = "call"
    REPORT = "report"
    PICTURE = "picture"


# A picture takes its time, and none of these waits for it.
MESSAGES = (TaskKind.CARD, TaskKind.CALL, TaskKind.REPORT)


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be shown on Discord; a call has its `reason`, a report the number of its investigation (`inquiry`).

    `card` is where the card is, None if that is not known; with `attempts` > 0 its message may exist all the same.
    `lost` is how many of its cards are gone.
    """

    id: int
    incident: int
    kind: TaskKind
    attempts: int
    created_at: datetime
    card: MessageRef | None = None
    reason: PageReason | None = None
    inquiry: int | None = None
    lost: int = 0
    severity: Severity = Severity.P2


class Outbox(Protocol):
    """What still has to be shown on Discord."""

    async def due(
        self,
        at: datetime,
        limit: int,
        severities: Collection[Severity] = ...,
        *,
        unseen: bool | None = None,
        kinds: Collection[TaskKind] = MESSAGES,
    ) -> Sequence[Task]:
        """Return the tasks of incidents of these severities whose time has come; `unseen`: first cards and calls only.

        All but cards wait for the card.
        Cards and calls come before reports; of these the most severe, then what nobody has seen yet, then the oldest.
        """
        ...

    async def delivered(
        self,
        task: Task,
        version: int,
        ref: MessageRef,
        at: datetime,
        *,
        called: Collection[int] | None = None,
        called_at: datetime | None = None,
        moved: bool = False,
    ) -> Sequence[datetime]:
        """Mark a task as done; a card that is older than its incident by now stays due.

        With `called` its message has called people: these calls are made by it, and all if it shows its incident as it is;
        what was promised since is still to be kept. `called_at` is when what it shows was read, so that it has not called
        for what has come since. With `moved` the card is now where this call is.
        Returns when the notifications came that are shown by now and were not before.
        """
        ...

    async def failed(self, task: Task, reason: str, retry_at: datetime | None) -> None:
        """Try again at `retry_at`, or give up for good if that is None."""
        ...

    async def drop(self, task: Task) -> None:
        """Give a call up, because nobody need come any more; of what got worse nobody has heard then."""
        ...

    async def hurry(self, tasks: Collection[int], at: datetime) -> None:
        """Have tasks that were put off tried again now."""
        ...

    async def forget_card(self, incident: int, at: datetime, card: MessageRef | None = None) -> None:
        """Forget where the card is, because it is gone, and have a new one posted; `card`: only if it is that one."""
        ...

    async def waiting(self, at: datetime) -> Mapping[str, tuple[int, float]]:
        """Return what was tried in vain and waits, by the reason: how many, and for how many seconds the oldest."""
        ...

    async def lag(self, at: datetime) -> float:
        """Return the age of the oldest task that is late, pictures aside, in seconds; 0 when none is."""
        ...
