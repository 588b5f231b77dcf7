"""Names what answering a question in a thread needs: somebody who finds the answer, and a place to say it."""

from __future__ import annotations

from typing import Protocol

from bot.domain.asking import Answered, Asked
from bot.domain.postmortems import Summary
from bot.domain.views import MessageRef


class Answerer(Protocol):
    """A question into an answer."""

    async def answer(self, asked: Asked) -> Answered:
        """Look things up and answer. Never raises for a model or a source that does not answer; takes a minute at most."""
        ...


class Speaker(Protocol):
    """The thread of a card, as the place where answers are; nobody is ever called by them."""

    async def say(self, thread: int, text: str, reply_to: int | None) -> MessageRef:
        """Say something. Raises MessageGone, DeliveryDelayed or DeliveryRefused."""
        ...

    async def answer(self, ref: MessageRef, answered: Answered) -> None:
        """Put an answer in the place of what was said before. Raises MessageGone, DeliveryDelayed or DeliveryRefused."""
        ...

    async def change(self, ref: MessageRef, text: str) -> None:
        """Say something else in its place. Raises MessageGone, DeliveryDelayed or DeliveryRefused."""
        ...


class Summarizer(Protocol):
    """What was found out about an incident into a few sentences."""

    async def summarise(self, asked: Asked) -> Summary | None:
        """Word it; None if there is nothing to word, or no model that does. Never raises for a model."""
        ...
