"""Finds the first card that is due when an incident begins, and what it shows, in the transaction in which it begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.digests import LANES
from bot.domain.events import Outcome
from bot.ports.views import FirstCard
from bot.store.outbox import due_tasks
from bot.store.views import kept_of


def first_card(connection: Connection, outcomes: Sequence[Outcome], at: datetime) -> FirstCard | None:
    """Return the card of the one incident that begins; None if it has to wait, or anything else for its channel does.

    With what waits it would have to be compared, and the worker of its channel does that.
    """
    if len(outcomes) != 1 or not outcomes[0].begins or outcomes[0].incident is None:
        return None
    incident = outcomes[0].incident
    lane = next(severities for severities in LANES.values() if incident.severity in severities)
    waiting = due_tasks(connection, at, 2, lane, unseen=True)
    if [each.incident for each in waiting] != [incident.number]:
        return None
    return FirstCard(waiting[0], kept_of(connection, incident.number, at))
