"""A person of the playground, for tests and benches: says, types, presses and reads as the page does."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from playground import world
from playground.checks import walk

Json = dict[str, Any]
# The machine may be busy: what is asserted is what is answered, not how fast.
PATIENCE_S = 60.0
EPHEMERAL, LOADING = 1 << 6, 1 << 7


class Person:
    """Somebody who is in the guild; what they see is in `messages`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._news = asyncio.Condition()
        self._nonces = itertools.count(1)
        self.messages: dict[str, Json] = {}
        self.order: list[str] = []
        self.commands: list[Json] = []
        self.states: dict[str, str] = {}
        self.choices: dict[str, list[Json]] = {}
        self.modals: list[Json] = []
        self.faults: list[Json] = []
        self.bot_online = False
        self.me = ""
        self.threads: dict[str, Json] = {}
        self.refusals: dict[str, str] = {}

    @classmethod
    @asynccontextmanager
    async def join(cls, url: str, name: str, locale: str = "ko") -> AsyncGenerator[Person]:
        """Open a page as this person."""
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{url}/page/ws", params={"as": name, "locale": locale}, max_msg_size=0) as socket,
        ):
            person = cls(socket)
            reading = asyncio.create_task(person.read())
            try:
                async with asyncio.timeout(60):
                    await person.until(lambda: "hello" in person.states)
                yield person
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def read(self) -> None:
        """Take in what the server says, for ever."""
        async for message in self._socket:
            frame = json.loads(message.data)
            async with self._news:
                self._take(frame)
                self._news.notify_all()

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Wait until something is so, and return it."""
        async with self._news:
            await self._news.wait_for(condition)
        return condition()

    async def wait_message(self, wanted: Callable[[Json], bool], timeout_s: float = PATIENCE_S) -> Json:
        """Wait for a message that is as wanted. Raises TimeoutError, telling what was seen instead."""

        def found() -> Json | None:
            return next(
                (self.messages[i] for i in reversed(self.order) if i in self.messages and wanted(self.messages[i])),
                None,
            )

        try:
            async with asyncio.timeout(timeout_s):
                return await self.until(found)
        except TimeoutError as error:
            seen = "\n---\n".join(text_of(message) for message in self.messages.values())
            raise TimeoutError(f"no such message within {timeout_s} s; there are:\n{seen}") from error

    async def command(
        self, name: str, /, *, timeout_s: float = PATIENCE_S, channel: str = "alert-urgent", **options: Any
    ) -> Json:
        """Use a slash command and return its answer."""
        channel_id = world.CHANNELS[channel]
        return await self._do(
            timeout_s, type="command", name=name, options=self._options(name, options), channel_id=str(channel_id)
        )

    async def autocomplete(self, name: str, /, *, timeout_s: float = PATIENCE_S, **options: str) -> list[Json]:
        """Type into the last of the options and return what is offered."""
        channel_id = str(world.CHANNELS["alert-urgent"])
        written = self._options(name, options)
        written[-1]["focused"] = True
        nonce = await self._send(type="autocomplete", name=name, options=written, channel_id=channel_id)
        async with asyncio.timeout(timeout_s):
            await self.until(lambda: nonce in self.choices)
        return self.choices[nonce]

    async def press(self, message: Json, label: str, timeout_s: float = PATIENCE_S) -> Json:
        """Press a button, by its label or id, and return the answer (or the pressed message)."""
        button = next(
            each
            for each in walk(message["components"])
            if each["type"] == 2 and label in (each.get("label"), each.get("custom_id"))
        )
        return await self._touch(message, button, None, timeout_s)

    async def choose(self, message: Json, custom_id: str, values: list[str], timeout_s: float = PATIENCE_S) -> Json:
        """Choose in a menu, by the beginning of its id, and return the answer."""
        menu = next(
            each for each in walk(message["components"]) if str(each.get("custom_id", "")).startswith(custom_id)
        )
        return await self._touch(message, menu, values, timeout_s)

    async def fault(self, name: str, on: bool) -> None:
        """Break or mend the shop."""
        await self._send(type="fault", name=name, on=on)

    async def say(
        self, place: str, content: str, *, reply_to: Json | None = None, timeout_s: float = PATIENCE_S
    ) -> Json:
        """Say something in a channel, by its name, or in a thread, by its id; return the message.

        `<@id>` mentions somebody (`playground.world.BOT.id` the bot). Raises AssertionError if it is refused.
        """
        channel_id = str(world.CHANNELS.get(place, place))
        more = {"reply_to": reply_to["id"]} if reply_to else {}
        before = set(self.messages)
        nonce = await self._send(type="say", channel_id=channel_id, content=content, **more)

        def said() -> Json | None:
            fresh = (message for key, message in self.messages.items() if key not in before)
            return next((m for m in fresh if m["author"]["id"] == self.me and m.get("nonce") == nonce), None)

        async with asyncio.timeout(timeout_s):
            await self.until(lambda: nonce in self.refusals or said())
        message = said()
        assert message is not None, f"refused: {self.refusals[nonce]}"
        return message

    async def _touch(self, message: Json, component: Json, values: list[str] | None, timeout_s: float) -> Json:
        return await self._do(
            timeout_s,
            pressed=message["id"],
            type="component",
            channel_id=message["channel_id"],
            message_id=message["id"],
            custom_id=component["custom_id"],
            component_type=component["type"],
            values=values,
        )

    async def _do(self, timeout_s: float, *, pressed: str = "", **frame: Any) -> Json:
        """Do something and wait until it is answered; return the newest message it made or changed."""
        before = {key: json.dumps(message) for key, message in self.messages.items()}
        nonce = await self._send(**frame)
        async with asyncio.timeout(timeout_s):
            await self.until(lambda: self.states.get(nonce) in ("answered", "failed"))
            if self.states[nonce] == "failed":
                raise AssertionError("the interaction failed: no answer within 3 seconds")
            return await self.until(lambda: self._newest(before, pressed))

    def _newest(self, before: dict[str, str], pressed: str) -> Json | None:
        for key in reversed(self.order):
            message = self.messages.get(key)
            if message is None or before.get(key) == json.dumps(message) or message["flags"] & LOADING:
                continue
            # What somebody else asked at the same time may be answered for all to see.
            asked_by = (message.get("interaction_metadata") or {}).get("user", {}).get("id")
            if key == pressed or asked_by == self.me:
                return message
        return None

    def _options(self, name: str, options: dict[str, Any]) -> list[Json]:
        command = next(each for each in self.commands if each["name"] == name)
        kinds = {option["name"]: option["type"] for option in command.get("options") or []}
        # `for` is a word of Python.
        named = {key.removesuffix("_"): value for key, value in options.items()}
        return [{"name": key, "type": kinds[key], "value": value} for key, value in named.items()]

    async def _send(self, **frame: Any) -> str:
        nonce = str(next(self._nonces))
        await self._socket.send_str(json.dumps({**frame, "nonce": nonce}))
        return nonce

    def _take(self, frame: Json) -> None:
        kind = frame["type"]
        if kind == "hello":
            self.states["hello"], self.me = "answered", frame["me"]
            self.threads = {thread["id"]: thread for thread in frame["threads"]}
            self.commands, self.faults, self.bot_online = frame["commands"], frame["faults"], frame["bot_online"]
            for messages in frame["messages"].values():
                for message in messages:
                    self._keep(message)
        elif kind == "message":
            self._keep(frame["message"])
        elif kind == "message_delete":
            self.messages.pop(frame["id"], None)
        elif kind == "interaction":
            self.states[frame["nonce"]] = frame["state"]
        else:
            self._take_more(kind, frame)

    def _take_more(self, kind: str, frame: Json) -> None:
        if kind == "autocomplete":
            self.choices[frame["nonce"]] = frame["choices"]
        elif kind == "modal":
            self.modals.append(frame)
        elif kind in ("commands", "faults"):
            setattr(self, kind, frame[kind])
        elif kind == "bot":
            self.bot_online = frame["online"]
        elif kind == "thread":
            self.threads[frame["channel"]["id"]] = frame["channel"]
        elif kind == "thread_delete":
            self.threads.pop(frame["id"], None)
        elif kind == "error" and frame.get("nonce"):
            self.refusals[frame["nonce"]] = frame["reason"]

    def _keep(self, message: Json) -> None:
        if message["id"] not in self.messages:
            self.order.append(message["id"])
        self.messages[message["id"]] = message


def text_of(message: Json) -> str:
    """Return all words of a message: content, embeds, components."""
    words = [message.get("content") or ""]
    words += [str(embed.get(key) or "") for embed in message["embeds"] for key in ("title", "description")]
    for component in walk(message["components"]):
        words += [str(component.get(key) or "") for key in ("content", "label", "placeholder")]
    return "\n".join(word for word in words if word)
