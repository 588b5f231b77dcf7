"""A listener over the store of a test; what a test is about it says, the rest is as usual."""

from __future__ import annotations

from typing import Any

from bot.ports import Clock
from bot.store.database import Database
from bot.web.credentials import Credentials
from bot.web.own_metrics import OwnMetrics
from bot.web.webhook import Listener


def own_metrics_of(database: Database, clock: Clock) -> OwnMetrics:
    """Count what the store of a test holds."""
    return OwnMetrics(
        inbox=database.inbox,
        incidents=database.incidents,
        outbox=database.outbox,
        changes=database.changes,
        clock=clock,
    )


def listener_of(database: Database, clock: Clock, **options: Any) -> Listener:
    """Make a listener that wakes nobody; `options` are those of `Listener`."""
    own_metrics = own_metrics_of(database, clock)
    usual: dict[str, Any] = {
        "inbox": database.inbox,
        "changes": database.changes,
        "credentials": Credentials(),
        "wake": lambda: None,
        "pings": {},
        "registry": own_metrics.registry,
        "measure": own_metrics.measure,
        "clock": clock,
    }
    return Listener(**(usual | options))
