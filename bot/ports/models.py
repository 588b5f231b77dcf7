"""Names what language models are asked, and what they have cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants used, with arguments of any shape: they are hostile until checked."""

    id: str
    name: str
    arguments: dict[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation with a model: what a person or a tool said to it, or what it said.

    `role` is user or assistant. A tool's result is a user turn with `result_of` set to the id of its call.
    """

    role: str
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    result_of: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool offered to the model; `schema` is the JSON schema of its arguments."""

    name: str
    description: str
    schema: dict[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a model: instructions, the turns so far, and either a schema for the answer or tools."""

    model: str
    system: str
    turns: tuple[Turn, ...]
    most_tokens_out: int
    schema: dict[str, object] | None = None
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said: text (JSON if a schema was given), calls, and why it stopped.

    `stopped` is end, tools, length (cut off) or refusal; the tokens are what the provider counts.
    """

    text: str
    stopped: str
    tokens_in: int
    tokens_out: int
    calls: tuple[ToolCall, ...] = ()


class Model(Protocol):
    """A language model of one provider."""

    name: str

    async def ask(self, question: Question) -> Answer:
        """Ask once. Raises ModelUnavailable with the key of a text that says why."""
        ...


class Payer(Protocol):
    """Whoever asks a model and pays for it."""

    async def ask(self, question: Question, incident: int | None) -> tuple[Answer, float]:
        """Ask, and return the answer with what it cost in USD. Raises ModelUnavailable."""
        ...

    def most_usd(self, question: Question) -> float:
        """Return what asking it can cost at most, in USD."""
        ...


class Ledger(Protocol):
    """What models have cost, kept in the store."""

    async def spend(self, at: datetime, incident: int | None, model: str, usd: float, tokens: tuple[int, int]) -> None:
        """Write down what a call has cost; tokens in and out."""
        ...

    async def spent(self, since: datetime, incident: int | None = None) -> float:
        """Return what was spent since then in USD, of one incident if given."""
        ...
