"""What is refused for good is said once, whatever it is sent."""

from __future__ import annotations

import pytest

from bot.core.refusals import Refusals, WebhookRefusal
from bot.errors import DeliveryDelayed, DeliveryRefused
from tests.fakes import FakeWarner

UNREADABLE = WebhookRefusal("grafana", 400, "alerts is empty", b"{}")
STRANGER = WebhookRefusal("grafana", 401, "is missing or wrong")


@pytest.fixture
def warner():
    return FakeWarner()


@pytest.fixture
def refusals(database, clock, warner):
    return Refusals(inbox=database.inbox, keepsakes=database.keepsakes, warner=warner, clock=clock)


async def settle(refusals):
    while await refusals.step():
        pass


async def test_the_same_mistake_is_said_once_and_its_body_kept_once(refusals, database, warner, clock):
    for _ in range(3):
        refusals.note(UNREADABLE)
        refusals.note(STRANGER)
        await settle(refusals)
        clock.forward(minutes=5)

    assert warner.said == [
        ("refused.400", {"source": "grafana", "problem": "alerts is empty"}),
        ("refused.401", {"source": "grafana", "problem": "is missing or wrong"}),
    ]
    [kept] = await database.inbox.refused(10)
    assert (kept.source, kept.body) == ("grafana", b"{}")
    assert await database.inbox.pending(10) == []


async def test_it_is_said_once_although_bongsu_was_started_anew(refusals, database, warner, clock):
    refusals.note(STRANGER)
    await settle(refusals)

    again = Refusals(inbox=database.inbox, keepsakes=database.keepsakes, warner=warner, clock=clock)
    again.note(STRANGER)
    await settle(again)

    assert len(warner.said) == 1


async def test_the_next_day_it_is_said_again(refusals, warner, clock):
    refusals.note(STRANGER)
    await settle(refusals)
    clock.forward(hours=25)
    refusals.note(STRANGER)
    await settle(refusals)

    assert len(warner.said) == 2


async def test_while_discord_is_away_it_waits(refusals, warner):
    warner.fail = [DeliveryDelayed("no answer")]
    refusals.note(STRANGER)
    with pytest.raises(DeliveryDelayed):
        await refusals.step()

    await settle(refusals)

    assert len(warner.said) == 1


async def test_what_discord_will_never_take_is_given_up(refusals, warner):
    warner.fail = [DeliveryRefused("no channel")]
    refusals.note(STRANGER)

    await settle(refusals)

    assert warner.said == []
    assert not await refusals.step()
