"""What was deleted on Discord while nobody listened: found with few questions, the worst first, and never guessed."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from bot.core.absences import Absences
from bot.core.deletions import Deletions
from bot.domain.messages import MessageRef
from bot.errors import ChannelClosed, DeliveryDelayed, MessageGone
from bot.ports.posted import ChannelPage, Lost

URGENT, NORMAL = 501, 502
EVERY = timedelta(minutes=3)


class Channels:
    """Messages by channel, as Discord lists them: a hundred at a time, the newest first; and what was asked."""

    def __init__(self):
        self.messages = {URGENT: set(), NORMAL: set()}
        self.unreadable = set()
        self.failing = None
        self.asked = Counter()
        self.order = []

    async def page(self, last):
        self.asked["page"] += 1
        self.order.append(last.message_id)
        if self.failing:
            raise self.failing
        if last.channel_id not in self.messages:
            raise MessageGone
        found = sorted((each for each in self.messages[last.channel_id] if each <= last.message_id), reverse=True)[:100]
        if last.channel_id in self.unreadable:
            found = []
        return ChannelPage(frozenset(found), found[-1] if len(found) == 100 else 0)

    async def is_there(self, ref):
        self.asked["message"] += 1
        if ref.channel_id in self.unreadable:
            raise ChannelClosed("the bot may not read there")
        return ref.message_id in self.messages[ref.channel_id]


class Store:
    """Where the cards are, the worst first."""

    def __init__(self, channels):
        self.channels = channels
        self.cards = []
        self.lost = []

    def post(self, channel, number):
        self.channels.messages[channel].add(number)
        self.cards.append(MessageRef(channel, number))

    async def placed(self, most):
        return list(self.cards)

    async def lose(self, channel, messages, at, most):
        gone = [
            each
            for each in self.cards
            if each.channel_id == channel and (messages is None or each.message_id in messages)
        ]
        self.lost += [each.message_id for each in gone]
        self.cards = [each for each in self.cards if each not in gone]
        return Lost([each.message_id for each in gone], [])


@pytest.fixture
def discord():
    return Channels()


@pytest.fixture
def cards(discord):
    return Store(discord)


@pytest.fixture
def absences(discord, cards, clock):
    deletions = Deletions(cards=cards, clock=clock, changed=lambda: None)
    return Absences(cards=cards, posted=discord, deletions=deletions, clock=clock, every=EVERY)


async def test_with_one_question_a_hundred_messages_are_looked_at(discord, cards, absences):
    for number in range(100, 1, -2):
        cards.post(URGENT, number)
    discord.messages[URGENT] -= {4, 98}
    await absences.look()

    assert sorted(cards.lost) == [4, 98]
    assert discord.asked == {"page": 1}


async def test_what_stands_far_above_is_asked_for_by_itself_and_the_worst_first(discord, cards, absences):
    cards.post(URGENT, 7)
    cards.post(NORMAL, 1000)
    discord.messages[URGENT] |= set(range(500, 700))
    discord.messages[URGENT].discard(7)
    discord.messages[NORMAL].discard(1000)
    await absences.look()

    assert cards.lost == [7, 1000]
    assert discord.order == [7, 1000]


async def test_no_more_is_asked_at_a_time_than_is_polite_and_the_rest_comes_next(discord, cards, absences, clock):
    for number in range(900, 915):
        discord.messages[number] = set()
        cards.post(number, number)
    discord.messages[914].clear()
    await absences.look()
    assert (discord.asked["page"], cards.lost) == (10, [])

    # However long ago it began: what was not looked at comes before anything is looked at again.
    clock.forward(hours=1)
    await absences.look()
    assert (discord.asked["page"], cards.lost) == (15, [914])


async def test_it_is_looked_again_after_a_period_and_at_once_after_a_new_session(discord, cards, absences, clock):
    cards.post(URGENT, 7)
    for forward in (0, 60, 119):
        clock.forward(seconds=forward)
        await absences.look()
    assert discord.asked["page"] == 1
    clock.forward(seconds=1)
    await absences.look()
    assert discord.asked["page"] == 2

    absences.channels_changed()
    await absences.look()
    assert discord.asked["page"] == 3
    # What has come since is looked at, and nothing else.
    cards.post(URGENT, 9)
    await absences.look()
    assert discord.order == [7, 7, 7, 9]


async def test_a_channel_whose_past_we_may_not_read_is_no_channel_without_cards(discord, cards, absences):
    cards.post(URGENT, 7)
    discord.unreadable.add(URGENT)
    await absences.look()

    assert cards.lost == []
    assert discord.asked == {"page": 1, "message": 1}


async def test_an_empty_channel_has_lost_all_of_them(discord, cards, absences):
    for number in (9, 8, 7):
        cards.post(URGENT, number)
    discord.messages[URGENT].clear()
    await absences.look()

    assert cards.lost == [9, 8, 7]
    assert discord.asked == {"page": 1, "message": 1}


async def test_a_channel_that_is_gone_has_lost_all_of_them(discord, cards, absences):
    for channel, number in ((URGENT, 7), (NORMAL, 8), (URGENT, 3)):
        cards.post(channel, number)
    del discord.messages[URGENT]
    await absences.look()

    assert cards.lost == [7, 3]
    assert discord.asked == {"page": 2}


async def test_of_what_discord_does_not_answer_nothing_is_concluded_and_it_is_asked_again(discord, cards, absences):
    cards.post(URGENT, 7)
    discord.messages[URGENT].clear()
    discord.failing = DeliveryDelayed("rate limited", 5)
    await absences.look()
    assert (cards.lost, discord.asked["page"]) == ([], 1)

    discord.failing = None
    await absences.look()
    assert cards.lost == [7]


async def test_a_channel_that_is_closed_to_us_is_not_asked_again_and_again(discord, cards, absences, clock):
    for number in (9, 8):
        cards.post(URGENT, number)
    discord.failing = ChannelClosed("the bot cannot see the channel")
    for _ in range(3):
        await absences.look()
        clock.forward(seconds=30)

    assert (cards.lost, discord.asked["page"]) == ([], 1)
