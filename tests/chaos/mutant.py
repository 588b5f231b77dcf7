"""`python -m tests.chaos.mutant NAME`: the bot with a mistake planted in its outbox, from outside; the product is unchanged."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.core.deliver import CardDelivery
from bot.store import outbox, transitions
from bot.store.inbox import StoredInbox
from bot.store.outbox import StoredOutbox
from bot.ui import announcer
from bot.ui.announcer import DiscordAnnouncer


def wrap(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    setattr(owner, name, make(getattr(owner, name)))


def body_is_not_stored() -> None:
    async def keep(*_: Any, **__: Any) -> int:
        return 1

    StoredInbox.keep = keep  # type: ignore[method-assign]


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
    def queue(connection: Any, number: int, at: Any, **more: Any) -> None:
        known = connection.exec_driver_sql(f"SELECT count(*) FROM cards WHERE incident = {number}").scalar_one()
        if not known:
            original(connection, number, at, **more)

    original = outbox.queue_card
    for module in (outbox, transitions):
        module.queue_card = queue  # type: ignore[attr-defined]


def edits_are_dropped() -> None:
    async def edit(*_: Any) -> None:
        return None

    DiscordAnnouncer.edit = edit  # type: ignore[method-assign]


def everything_is_said_twice() -> None:
    numbers = itertools.count()

    async def post(self: Any, view: Any, replaces: int = 0) -> Any:
        announcer.nonce = lambda *_: f"another-{next(numbers)}"  # type: ignore[assignment]
        await original(self, view, replaces)
        return await original(self, view, replaces)

    original, DiscordAnnouncer.post = DiscordAnnouncer.post, post  # type: ignore[method-assign]


def nothing_is_posted() -> None:
    async def show(*_: Any) -> None:
        return None

    CardDelivery._show = show  # type: ignore[method-assign]


def nobody_is_called() -> None:
    wrap(announcer, "_allowed", lambda original: lambda owners, everyone: original([], everyone=False))


def everybody_is_called() -> None:
    announcer.everyone_called = lambda _: True  # type: ignore[assignment]
    wrap(announcer, "_allowed", lambda original: lambda owners, everyone: original(owners, everyone=True))
    from bot.ui import cards

    cards.everyone_called = announcer.everyone_called  # type: ignore[assignment]


def done_is_not_written_down() -> None:
    async def delivered(*_: Any, **__: Any) -> list[Any]:
        return []

    StoredOutbox.delivered = delivered  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        body_is_not_stored, a_failure_is_given_up, what_failed_is_never_due, a_card_is_forgotten, a_change_is_not_drawn,
        edits_are_dropped, everything_is_said_twice, nothing_is_posted, nobody_is_called, done_is_not_written_down,
    )
}  # fmt: skip

if __name__ == "__main__":
    from bot.__main__ import main

    MUTANTS[sys.argv[1]]()
    sys.exit(main(["run"]))
