"""Shares what the providers' clients have in common: opened late, one deadline, answers read without trust in their shape.

Standard library only. An SDK and all that it needs (`wire` too) is loaded when a model is asked for the first time,
because it takes tens of megabytes that a bot without an incident can do without.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, cast

from bot.errors import ModelUnavailable
from bot.ports import Answer, Question, ToolCall

Json = dict[str, Any]

# One retry: the second try of two is worth waiting for while people wait, the third is not.
RETRIES = 1
# An endpoint of one's own may need no key, but the SDKs insist on one.
_NO_KEY = "none"


class Closable(Protocol):
    """A client of an SDK."""

    async def close(self) -> None:
        """Close its connections."""
        ...


C = TypeVar("C", bound=Closable)


class Provider(ABC, Generic[C]):
    """A model behind an SDK; adapters say how to connect, what to send and how to read the answer."""

    name: ClassVar[str]

    def __init__(self, api_key: str, base_url: str, timeout_s: float) -> None:
        # A key that was pasted with its line break would be an illegal header.
        self._key = api_key.strip() or _NO_KEY
        self._base_url = base_url
        self._timeout_s = timeout_s
        self._client: C | None = None
        self._connecting = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, api_key: str, base_url: str = "", timeout_s: float = 45.0) -> AsyncGenerator[Self]:
        """Yield a model that connects when it is first asked; without `base_url` it is the provider's own address."""
        provider = cls(api_key, base_url, timeout_s)
        try:
            yield provider
        finally:
            if provider._client is not None:
                await provider._client.close()

    async def ask(self, question: Question) -> Answer:
        """Ask once, within the deadline, the retry included. Raises ModelUnavailable."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._exchange(await self._connected(), question)
        except TimeoutError:
            raise ModelUnavailable("timeout", f"no answer within {self._timeout_s:g} s") from None

    async def _connected(self) -> C:
        async with self._connecting:
            if self._client is None:
                # Loading an SDK takes about a second: in a thread, so that Discord's three seconds are not lost to it.
                self._client = await asyncio.to_thread(self._connect)
            return self._client

    @abstractmethod
    def _connect(self) -> C:
        """Load the SDK and make its client."""

    @abstractmethod
    async def _exchange(self, client: C, question: Question) -> Answer:
        """Send the question and read the answer. Raises ModelUnavailable or TimeoutError."""


def clean(text: str) -> str:
    """Replace what no encoder takes: telemetry may hold halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode("utf-8")


def obj(raw: Any) -> Json:
    """Return an object, or an empty one for anything else."""
    return cast("Json", raw) if isinstance(raw, dict) else {}


def objects(raw: Any) -> list[Json]:
    """Return the objects of a list, none for anything else."""
    return [cast("Json", item) for item in cast("list[Any]", raw) if isinstance(item, dict)] if _is_list(raw) else []


def words(raw: Any) -> str:
    """Return a text, or an empty one for anything else."""
    return clean(raw) if isinstance(raw, str) else ""


def count(*raw: Any) -> int:
    """Add up counts of tokens; what is no count counts as none."""
    return sum(number for number in raw if type(number) is int and number > 0)


def call(raw_id: Any, name: Any, arguments: Any) -> ToolCall:
    """Return a call with arguments that are an object at least."""
    return ToolCall(words(raw_id), words(name), obj(arguments))


def stopped(reason: Any, reasons: Mapping[str, str], calls: tuple[ToolCall, ...]) -> str:
    """Translate why the model stopped; not every server that answers with calls also says so."""
    found = reasons.get(words(reason), "end")
    return "tools" if calls and found == "end" else found


def _is_list(raw: Any) -> bool:
    return isinstance(raw, list)
