"""Names what being on call needs from outside: somebody who calls people, and records of what was agreed and done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.escalations import Webhook
from bot.domain.incidents import Entry
from bot.domain.jobs import Job, Planned
from bot.domain.schedules import Stint
from bot.domain.views import Call, IncidentView, MessageRef
from bot.ports.records import AuditRow


class Caller(Protocol):
    """Discord, as the place where people are called; a call that was made before is looked for with `again`.

    All of it raises DeliveryDelayed or DeliveryRefused.
    """

    async def call(self, card: MessageRef, call: Call, *, again: bool) -> MessageRef:
        """Call people as a reply to a card."""
        ...

    async def call_below(self, card: MessageRef, view: IncidentView, call: Call, *, again: bool) -> MessageRef:
        """Call people in the thread of a card, or as a reply to it where there can be none. Raises MessageGone as well."""
        ...

    async def call_in(self, channel: str | int, call: Call, *, again: bool) -> MessageRef:
        """Call people in a channel, by name or id; nothing means the channel for urgent alerts."""
        ...

    async def message(self, user: int, call: Call, *, again: bool) -> MessageRef:
        """Write to one person alone; `again` means that an earlier try may have reached them."""
        ...


class Messenger(Protocol):
    """Discord, as the way to one person alone. Raises DeliveryDelayed or DeliveryRefused."""

    async def message(self, user: int, call: Call, *, again: bool) -> MessageRef:
        """Write to one person alone; `again` means that an earlier try may have reached them."""
        ...

    async def guild_owner(self) -> int:
        """Return the Discord id of the person who owns the server."""
        ...


class Hooks(Protocol):
    """Somewhere else that is told."""

    async def post(self, webhook: Webhook, values: Mapping[str, str]) -> None:
        """Post the body of a webhook with these values filled in. Raises SourceError."""
        ...


class Escalations(Protocol):
    """Steps that were taken."""

    async def advance(self, job: Job, entries: Sequence[Entry], following: Sequence[Planned], at: datetime) -> None:
        """Write down that a step was taken, plan the next if nobody has it yet, and have the card drawn again."""
        ...

    async def card(self, incident: int) -> MessageRef | None:
        """Return where the card of an incident is, or the digest that shows it in the place of one."""
        ...


class Overrides(Protocol):
    """Who stands in for whom, as people agreed on Discord."""

    async def add(self, team: str, stints: Sequence[Stint], row: AuditRow) -> None:
        """Keep what was agreed, all of it or nothing."""
        ...

    async def all(self, since: datetime) -> Sequence[tuple[str, Stint]]:
        """Return those that had not ended then, with their teams, oldest first."""
        ...
