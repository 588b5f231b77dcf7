"""One policy for all that is in the outbox: how long each failure waits, and what is worth it no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.attempts import Attempts, backoff, is_refused, retry_after
from bot.domain.views import MessageRef
from bot.errors import ChannelClosed, DeliveryDelayed, DeliveryRefused, NoPicture, SourceUnavailable
from bot.ports import Task, TaskKind
from tests.builders import NOW
from tests.fakes import OneTask

CARD = MessageRef(77, 9000)


@pytest.mark.parametrize(
    ("error", "attempts", "seconds"),
    [
        (DeliveryDelayed("busy", 0.5), 0, 1),
        (DeliveryDelayed("busy", 30), 0, 30),
        (DeliveryDelayed("busy", 30), 6, 64),
        (DeliveryDelayed("busy", 600), 99, 600),
        (ChannelClosed("deleted"), 1, 2),
        (DeliveryRefused("no permission"), 0, 300),
        (NoPicture("ladder.blank"), 3, 8),
    ],
)
def test_what_fails_waits_as_long_as_its_failure_asks_for(error, attempts, seconds):
    assert retry_after(error, attempts) == timedelta(seconds=seconds)


def test_however_long_discord_is_away_the_pause_is_two_minutes_at_most():
    waits = [backoff(attempts) for attempts in range(2000)]

    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("error", "refused"),
    [(DeliveryRefused("no"), True), (ChannelClosed("gone"), False), (DeliveryDelayed("busy"), False), (None, False)],
)
def test_only_what_people_have_to_mend_is_refused(error, refused):
    assert is_refused(error) is refused


@pytest.mark.parametrize(
    ("kind", "hours", "tried"),
    [
        (TaskKind.CARD, 240, True),
        (TaskKind.CALL, 240, True),
        (TaskKind.REPORT, 6, True),
        (TaskKind.REPORT, 6.1, False),
        (TaskKind.PICTURE, 0.1, True),
        (TaskKind.PICTURE, 0.2, False),
    ],
)
async def test_each_kind_is_tried_as_long_as_it_is_worth_showing(clock, kind, hours, tried):
    outbox = OneTask(Task(1, 42, kind, 0, NOW, CARD))
    shown = []
    clock.forward(hours=hours)

    await Attempts(outbox, clock).make(outbox.task, _into(shown))

    assert [task.id for task in shown] == ([1] if tried else [])
    assert outbox.ended == ("" if tried else "stale")


@pytest.mark.parametrize("kind", list(TaskKind))
async def test_a_store_that_does_not_answer_is_nobodys_failed_attempt(clock, kind):
    outbox = OneTask(Task(1, 42, kind, 0, NOW, CARD))
    attempts, shown = Attempts(outbox, clock), []

    with pytest.raises(SourceUnavailable):
        await attempts.make(outbox.task, _failing(SourceUnavailable("store")))
    await attempts.make(outbox.task, _into(shown))

    assert [task.attempts for task in shown] == [0]


@pytest.mark.parametrize("kind", list(TaskKind))
async def test_whatever_we_stumble_over_is_put_off_and_tried_again(clock, kind):
    outbox = OneTask(Task(1, 42, kind, 0, NOW, CARD))
    attempts, shown = Attempts(outbox, clock), []

    with pytest.raises(ZeroDivisionError):
        await attempts.make(outbox.task, _failing(ZeroDivisionError()))
    await attempts.make(outbox.task, _into(shown))
    assert (shown, outbox.due_at) == ([], NOW + timedelta(seconds=2))
    await attempts.make(outbox.task, _into(shown))

    assert [task.attempts for task in shown] == [1]


def _into(shown):
    async def show(task):
        shown.append(task)

    return show


def _failing(error):
    async def show(task):
        raise error

    return show
