"""Limits how much happens at once, by turns: who asks for ten does not keep out who asks for one."""

from __future__ import annotations

import asyncio
from collections import deque


class QueueTurn:
    """A place in the queue, later permission to go on; it is given back by `end`, whatever became of it."""

    def __init__(self, turns: Turns, person: int) -> None:
        self._turns = turns
        self.person = person
        self.begun = asyncio.get_running_loop().create_future()

    @property
    def place(self) -> int:
        """How many go before this one, and itself: 1 is the next; 0 has begun."""
        return self._turns.place(self)

    async def wait(self) -> None:
        """Wait for the turn to begin."""
        await self.begun

    def end(self) -> None:
        """Free the place that it has, or leave the queue if it still waits; a second time does nothing."""
        self._turns.end(self)


class Turns:
    """The queue: of each person the oldest wish first, one of each in every round."""

    def __init__(self, most_at_once: int) -> None:
        self._free = max(1, most_at_once)
        self._running: set[QueueTurn] = set()
        self._waiting: dict[int, deque[QueueTurn]] = {}

    def ask(self, person: int) -> QueueTurn:
        """Queue up; who finds a free place begins at once."""
        turn = QueueTurn(self, person)
        self._waiting.setdefault(person, deque()).append(turn)
        self._go_on()
        return turn

    def waiting(self, person: int) -> int:
        """Count the wishes of a person that wait."""
        return len(self._waiting.get(person, ()))

    def place(self, turn: QueueTurn) -> int:
        """Tell how many turns begin before this one, and itself: 1 is the next; 0 has begun or has ended."""
        queue = self._waiting.get(turn.person, deque())
        if turn not in queue:
            return 0
        rounds = queue.index(turn)
        people = list(self._waiting)
        mine = people.index(turn.person)
        others = (
            min(len(self._waiting[person]), rounds + (position < mine))
            for position, person in enumerate(people)
            if position != mine
        )
        return sum(others) + rounds + 1

    def end(self, turn: QueueTurn) -> None:
        """Give a turn back; ending it twice does nothing."""
        queue = self._waiting.get(turn.person, deque())
        if turn in self._running:
            self._running.discard(turn)
            self._free += 1
        elif turn in queue:
            queue.remove(turn)
            if not queue:
                del self._waiting[turn.person]
        if not turn.begun.done():
            turn.begun.cancel()
        self._go_on()

    def _go_on(self) -> None:
        while self._free and self._waiting:
            person, queue = next(iter(self._waiting.items()))
            turn = queue.popleft()
            # Behind everybody else for the next round.
            del self._waiting[person]
            if queue:
                self._waiting[person] = queue
            self._free -= 1
            self._running.add(turn)
            turn.begun.set_result(None)
