"""Everything that changes: messages, threads, commands, interactions, files; and who is told of a change."""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from playground import world
from playground.errors import Refusal, unknown

Json = dict[str, Any]
Listener = Callable[[str, Json, set[int] | None], Awaitable[None]]

EPHEMERAL, LOADING, HAS_THREAD = 1 << 6, 1 << 7, 1 << 5
# The first message of a thread: it stands for the message that the thread began at.
STARTER = 21
_EPOCH_MS = 1_420_070_400_000
_PRIVATE = ("_pinged", "_visible_to", "_nonce")


@dataclass
class Interaction:
    """One use of a command, button, menu or form, from being sent to being answered."""

    id: int
    token: str
    kind: int
    user_id: int
    channel_id: int
    nonce: str
    body: Json
    sent_at: float
    answered: bool = False
    original: int | None = None


@dataclass
class PlaygroundState:
    """The world as it is now; `clock` gives seconds since the epoch."""

    clock: Callable[[], float] = time.time
    channels: dict[int, Json] = field(default_factory=dict[int, Json])
    threads: dict[int, Json] = field(default_factory=dict[int, Json])
    private: dict[int, Json] = field(default_factory=dict[int, Json])
    messages: dict[int, dict[int, Json]] = field(default_factory=dict[int, dict[int, Json]])
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict[str, tuple[str, bytes]])
    commands: dict[int, list[Json]] = field(default_factory=dict[int, list[Json]])
    interactions: dict[str, Interaction] = field(default_factory=dict[str, Interaction])
    denied: set[int] = field(default_factory=set[int])
    # Who takes no direct messages, by name.
    unwilling: set[str] = field(default_factory=set[str])
    listeners: list[Listener] = field(default_factory=list[Listener])
    url: str = ""
    _counter: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """Put the channels in their places."""
        for place, (name, channel_id) in enumerate(world.CHANNELS.items()):
            self.channels[channel_id] = world.channel(channel_id, name, place)
            self.messages[channel_id] = {}
        self.commands = {0: [], world.GUILD_ID: []}

    def snowflake(self) -> int:
        """Return a new id that carries the time."""
        return (int(self.clock() * 1000) - _EPOCH_MS) << 22 | next(self._counter) & 0x3FFFFF

    def now(self) -> str:
        """Return the time as Discord writes it."""
        return datetime.fromtimestamp(self.clock(), UTC).isoformat()

    def place(self, channel_id: int) -> Json:
        """Return a channel or thread the bot may use, or its conversation with one person. Raises Refusal."""
        found = self.known(channel_id)
        if found is None:
            raise unknown("Channel", 10003)
        if {channel_id, int(found.get("parent_id") or 0)} & self.denied:
            raise Refusal(403, 50001, "Missing Access")
        return found

    def known(self, channel_id: int) -> Json | None:
        """Return a channel, thread or conversation."""
        return self.channels.get(channel_id) or self.threads.get(channel_id) or self.private.get(channel_id)

    def reader(self, channel_id: int) -> int | None:
        """Return who reads a conversation with the bot; None for what the guild reads."""
        conversation = self.private.get(channel_id)
        return int(conversation["recipients"][0]["id"]) if conversation else None

    def check_open(self, channel_id: int) -> None:
        """Refuse to say anything in a thread that a moderator has locked. Raises Refusal."""
        thread = self.threads.get(channel_id)
        if thread and thread["thread_metadata"]["locked"]:
            raise Refusal(400, 160005, "Thread is locked")

    def active_threads(self) -> list[Json]:
        """Return the threads that are not archived, newest first."""
        active = [each for each in self.threads.values() if not each["thread_metadata"]["archived"]]
        return sorted(active, key=lambda thread: int(thread["id"]), reverse=True)

    def message(self, channel_id: int, message_id: int) -> Json:
        """Return a message. Raises Refusal."""
        found = self.messages.get(channel_id, {}).get(message_id)
        if found is None:
            raise unknown("Message", 10008)
        return found

    def interaction(self, token: str, interaction_id: int | None = None) -> Interaction:
        """Return an interaction whose token still lives (15 minutes). Raises Refusal."""
        found = self.interactions.get(token)
        if found is None or (interaction_id is not None and found.id != interaction_id):
            raise unknown("interaction", 10062) if interaction_id is not None else unknown("Webhook", 10015)
        if self.clock() - found.sent_at > 15 * 60:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return found

    async def tell(self, event: str, data: Json, only: set[int] | None = None) -> None:
        """Tell everyone who listens; `only` these people, for what is ephemeral."""
        for listener in list(self.listeners):
            await listener(event, data, only)

    async def add_message(self, message: Json, visible_to: set[int] | None = None) -> Json:
        """Store a message and tell of it."""
        channel_id, message_id = int(message["channel_id"]), int(message["id"])
        place, reader = self.known(channel_id), self.reader(channel_id)
        if place and not visible_to:
            place["last_message_id"] = message["id"]
        if reader is not None:
            visible_to = {reader, world.BOT.id}
        message["_visible_to"] = sorted(visible_to) if visible_to else None
        self.messages.setdefault(channel_id, {})[message_id] = message
        await self._wake(channel_id, message)
        await self.tell("MESSAGE_CREATE", message, visible_to)
        return message

    async def changed(self, message: Json) -> Json:
        """Tell of an edited message."""
        visible = message.get("_visible_to")
        await self.tell("MESSAGE_UPDATE", message, set(visible) if visible else None)
        return message

    async def remove_message(self, channel_id: int, message_id: int) -> None:
        """Delete a message and tell of it. Raises Refusal."""
        message = self._taken_away(channel_id, message_id)
        data = {"id": str(message_id), "channel_id": str(channel_id)}
        data |= {"guild_id": message["guild_id"]} if "guild_id" in message else {}
        visible = message.get("_visible_to")
        await self.tell("MESSAGE_DELETE", data, set(visible) if visible else None)

    async def remove_messages(self, channel_id: int, message_ids: Collection[int]) -> None:
        """Delete messages of a channel of the guild all at once, and tell of it once. Raises Refusal."""
        for message_id in message_ids:
            self._taken_away(channel_id, message_id)
        data = {"ids": [str(each) for each in message_ids], "channel_id": str(channel_id)}
        await self.tell("MESSAGE_DELETE_BULK", {**data, "guild_id": str(world.GUILD_ID)})

    async def remove_channel(self, channel_id: int) -> None:
        """Delete a channel with its messages; of these Discord tells nothing."""
        channel = self.channels.pop(channel_id)
        del self.messages[channel_id]
        await self.tell("CHANNEL_DELETE", channel)

    def _taken_away(self, channel_id: int, message_id: int) -> Json:
        message = self.message(channel_id, message_id)
        del self.messages[channel_id][message_id]
        if channel_id in self.threads:
            self.threads[channel_id]["message_count"] -= 1
        # Its thread outlives it.
        for starter in self.messages.get(message_id, {}).values():
            if starter["type"] == STARTER:
                starter["referenced_message"] = None
        return message

    async def remove_thread(self, thread_id: int) -> None:
        """Delete a thread with its messages, and tell of it."""
        thread = self.threads.pop(thread_id)
        del self.messages[thread_id]
        await self.tell("THREAD_DELETE", {key: thread[key] for key in ("id", "guild_id", "parent_id", "type")})
        starter = self.messages.get(int(thread["parent_id"]), {}).get(thread_id)
        if starter:
            starter["flags"] &= ~HAS_THREAD
            del starter["thread"]
            await self.changed(starter)

    async def _wake(self, channel_id: int, message: Json) -> None:
        """Count a message of a thread; a thread in which something is said is archived no longer."""
        thread = self.threads.get(channel_id)
        if thread is None or message["type"] == STARTER:
            return
        thread["message_count"] += 1
        thread["total_message_sent"] += 1
        if thread["thread_metadata"]["archived"]:
            thread["thread_metadata"] |= {"archived": False, "archive_timestamp": self.now()}
            await self.tell("THREAD_UPDATE", thread)


def public(message: Json) -> Json:
    """Return a message without what only the playground knows of it."""
    shown = {key: value for key, value in message.items() if key not in _PRIVATE}
    if shown.get("referenced_message"):
        shown["referenced_message"] = public(shown["referenced_message"])
    return shown
