"""Turns: few at a time, and nobody keeps the others out."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.core.pictures.turns import Turns

MINJI, JUN, SORA = 1, 2, 3


def begun(*turns) -> list[bool]:
    return [turn.begun.done() and not turn.begun.cancelled() for turn in turns]


async def test_at_most_so_many_begin_and_the_next_when_one_ends():
    turns = Turns(2)
    first, second, third = (turns.ask(MINJI) for _ in range(3))
    assert begun(first, second, third) == [True, True, False]

    first.end()

    assert begun(third) == [True]


async def test_who_asks_for_ten_does_not_keep_out_who_asks_for_one():
    turns = Turns(1)
    running = turns.ask(MINJI)
    many = [turns.ask(MINJI) for _ in range(10)]
    one = turns.ask(JUN)

    running.end()
    many[0].end()

    assert begun(one) == [True]


async def test_each_person_goes_once_in_every_round():
    turns = Turns(1)
    running = turns.ask(SORA)
    queue = {turns.ask(person): person for person in (MINJI, MINJI, MINJI, JUN, SORA, JUN)}
    order = []

    while queue:
        running.end()
        running = next(turn for turn in queue if begun(turn) == [True])
        order.append(queue.pop(running))

    assert order == [MINJI, JUN, SORA, MINJI, JUN, MINJI]


async def test_the_place_told_is_the_place_kept():
    turns = Turns(1)
    running = turns.ask(SORA)
    queue = [turns.ask(person) for person in (MINJI, MINJI, JUN, MINJI, JUN)]
    told = {turn: turn.place for turn in queue}
    order = []

    while queue:
        running.end()
        running = next(turn for turn in queue if begun(turn) == [True])
        queue.remove(running)
        order.append(running)

    assert [told[turn] for turn in order] == [1, 2, 3, 4, 5]


async def test_who_leaves_the_queue_is_not_called():
    turns = Turns(1)
    running, gone, waiting = turns.ask(MINJI), turns.ask(JUN), turns.ask(SORA)

    gone.end()
    gone.end()
    running.end()

    assert begun(gone, waiting) == [False, True]
    assert turns.waiting(JUN) == 0


@given(st.integers(1, 3), st.lists(st.tuples(st.sampled_from("aer"), st.integers(0, 3)), max_size=40))
def test_places_are_never_lost_nor_given_twice(most, moves):
    async def play() -> None:
        turns = Turns(most)
        alive = []
        for move, number in moves:
            if move == "a":
                alive.append(turns.ask(number))
            elif alive:
                alive.pop(number % len(alive)).end()
            running = sum(begun(*alive))
            assert running == min(most, len(alive))
            places = sorted(turn.place for turn in alive if begun(turn) == [False])
            assert places == list(range(1, len(places) + 1))

    asyncio.run(play())
