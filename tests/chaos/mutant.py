"""Mistakes that are planted in the outbox of a running bot, from outside; the product is unchanged."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from bot.core.deliver import CardDelivery
from bot.ports import Taken
from bot.store import outbox
from bot.store.inbox import StoredInbox
from bot.store.incidents import StoredIncidents
from bot.store.outbox import StoredOutbox
from bot.store.tables import cards
from bot.ui import announcer
from bot.ui.announcer import DiscordAnnouncer
from bot.ui.digests import DiscordDigests


def body_is_not_stored() -> None:
    async def keep(*_: Any, **__: Any) -> int:
        return 1

    async def receive_at_once(*_: Any, **__: Any) -> Taken:
        return Taken()

    StoredInbox.keep = keep  # type: ignore[method-assign]
    StoredIncidents.receive_at_once = receive_at_once  # type: ignore[method-assign]


def a_failure_is_given_up() -> None:
    async def failed(self: Any, task: Any, reason: str, retry_at: Any) -> None:
        await original(self, task, reason, None)

    original, StoredOutbox.failed = StoredOutbox.failed, failed  # type: ignore[method-assign]


def what_failed_is_never_due() -> None:
    async def due(self: Any, *rest: Any, **more: Any) -> Any:
        return [task for task in await original(self, *rest, **more) if not task.attempts]

    original, StoredOutbox.due = StoredOutbox.due, due  # type: ignore[method-assign]


def a_card_is_forgotten() -> None:
    async def due(self: Any, *rest: Any, **more: Any) -> Any:
        return [replace(task, card=None, attempts=0) for task in await original(self, *rest, **more)]

    original, StoredOutbox.due = StoredOutbox.due, due  # type: ignore[method-assign]
    numbers = itertools.count()
    announcer.nonce = lambda *_: f"never-the-same-{next(numbers)}"  # type: ignore[assignment]


def a_change_is_not_drawn() -> None:
    def queue(connection: Any, number: int, *rest: Any, **more: Any) -> None:
        if not connection.execute(select(cards.c.incident).where(cards.c.incident == number)).first():
            original(connection, number, *rest, **more)

    original = outbox.queue_card
    # By whatever name it was imported.
    for module in [each for name, each in sys.modules.items() if name.startswith("bot.store")]:
        for name, value in list(vars(module).items()):
            if value is original:
                setattr(module, name, queue)


def edits_are_dropped() -> None:
    async def edit(*_: Any) -> None:
        return None

    DiscordAnnouncer.edit = edit  # type: ignore[method-assign]


def a_digest_is_not_drawn_again() -> None:
    async def edit(_self: Any, ref: Any, *_: Any, **__: Any) -> Any:
        return ref

    DiscordDigests._edit = edit  # type: ignore[method-assign]


def everything_is_said_twice() -> None:
    numbers = itertools.count()

    async def post(self: Any, view: Any, replaces: int = 0) -> Any:
        announcer.nonce = lambda *_: f"another-{next(numbers)}"  # type: ignore[assignment]
        await original(self, view, replaces)
        return await original(self, view, replaces)

    original, DiscordAnnouncer.post = DiscordAnnouncer.post, post  # type: ignore[method-assign]


def nothing_is_posted() -> None:
    async def post(*_: Any) -> None:
        return None

    CardDelivery._post = post  # type: ignore[method-assign]


def nobody_is_called() -> None:
    original = announcer.allowed_mentions
    announcer.allowed_mentions = lambda *_, **__: original([], everyone=False)  # type: ignore[assignment]


def done_is_not_written_down() -> None:
    async def delivered(*_: Any, **__: Any) -> list[Any]:
        return []

    StoredOutbox.delivered = delivered  # type: ignore[method-assign]


# Each with the kinds of problems that are its own; another kind would be the mistake of a mistake.
MUTANTS: dict[str, tuple[Callable[[], None], frozenset[str]]] = {
    plant.__name__: (plant, frozenset(kinds))
    for plant, *kinds in (
        (body_is_not_stored, "lost"),
        (a_failure_is_given_up, "lost", "stale"),
        (what_failed_is_never_due, "waiting"),
        (a_card_is_forgotten, "twice"),
        (a_change_is_not_drawn, "stale"),
        (edits_are_dropped, "stale"),
        (a_digest_is_not_drawn_again, "digest"),
        (everything_is_said_twice, "twice"),
        (nothing_is_posted, "lost"),
        (nobody_is_called, "uncalled"),
        (done_is_not_written_down, "waiting"),
    )
}
