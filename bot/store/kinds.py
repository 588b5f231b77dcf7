"""Tells rows of the outbox apart: what they show, and why somebody is called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column

from bot.domain.incidents import PageReason
from bot.ports import TaskKind
from bot.store.tables import outbox


def written(values: Iterable[str | int]) -> list[ColumnElement[Any]]:
    """Return constants of ours as they stand in a statement: a list of values would be written anew each time it is run."""
    return [literal_column(repr(value)) for value in values]


# A program of schema 0011 may go on writing beside us: it says both in `page`, and nothing there is a card.
_REASONS = written(each.value for each in PageReason)
_OLD_KIND = case(
    (outbox.c.page.is_(None), TaskKind.CARD.value),
    (outbox.c.page.in_(_REASONS), TaskKind.CALL.value),
    else_=outbox.c.page,
)
KIND = func.coalesce(outbox.c.kind, _OLD_KIND)
REASON = func.coalesce(outbox.c.reason, case((outbox.c.page.in_(_REASONS), outbox.c.page)))

IS_CARD, IS_CALL, IS_REPORT, IS_PICTURE = (KIND.in_(written([kind.value])) for kind in TaskKind)


def old_name(kind: TaskKind, reason: PageReason | None = None) -> str | None:
    """Return what a program of schema 0011 finds in the column `page`."""
    if kind is TaskKind.CALL and reason is not None:
        return reason.value
    return None if kind is TaskKind.CARD else kind.value
