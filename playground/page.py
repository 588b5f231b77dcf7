"""What the page and the server say to one another; the contract stands in playground/README.md."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from playground import interactions, world
from playground.errors import Refusal
from playground.gateway import Gateway
from playground.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interactions
from playground.messages import fill, new_message
from playground.state import PlaygroundState, public

Json = dict[str, Any]

_LAST_MESSAGES = 100
_FAULTS_EVERY_S = 2.0


class Shop(Protocol):
    """Something that can be broken on purpose."""

    async def faults(self) -> list[Json]:
        """Return the faults as the page shows them."""
        ...

    async def switch(self, name: str, on: bool) -> None:
        """Switch one on or off."""
        ...


class NoShop:
    """Nothing to break."""

    async def faults(self) -> list[Json]:
        """Return nothing."""
        return []

    async def switch(self, name: str, on: bool) -> None:
        """Do nothing."""


class Visitor:
    """One open page: a person, a locale, a socket."""

    def __init__(self, socket: web.WebSocketResponse, person: world.Inhabitant, locale: str) -> None:
        self.socket = socket
        self.person = person
        self.locale = locale
        self.faults: list[Json] = []

    async def send(self, kind: str, **fields: Any) -> None:
        """Send a frame; a page that was just closed is no error."""
        try:
            await self.socket.send_str(json.dumps({"type": kind, **fields}))
        except (ConnectionError, RuntimeError):
            return


class Pages:
    """All open pages."""

    def __init__(self, state: PlaygroundState, gateway: Gateway, interactions: Interactions, shop: Shop) -> None:
        self._state = state
        self._gateway = gateway
        self._interactions = interactions
        self._shop = shop
        self._visitors: set[Visitor] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._actions: dict[str, Callable[[Visitor, Json], Awaitable[None]]] = {
            "command": self._command,
            "autocomplete": self._autocomplete,
            "component": self._component,
            "modal": self._modal,
            "say": self._say,
            "locale": self._locale,
            "fault": self._fault,
        }
        state.listeners.append(self._hear)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one page."""
        wanted = request.query.get("as", "")
        person = next((p for p in world.PEOPLE.values() if wanted in (p.name, str(p.id))), world.PEOPLE["minji"])
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=256 * 1024)
        await socket.prepare(request)
        visitor = Visitor(socket, person, request.query.get("locale", "ko"))
        await visitor.send("hello", **(await self._hello(visitor)))
        self._visitors.add(visitor)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._receive(visitor, message.data)
        finally:
            self._visitors.discard(visitor)
        return socket

    async def watch_shop(self) -> None:
        """Tell the pages when the shop's faults change, for ever."""
        while True:
            if self._visitors:
                await self._tell_faults()
            await asyncio.sleep(_FAULTS_EVERY_S)

    async def close(self) -> None:
        """Close all pages, so that the server can end at once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(visitor.socket.close() for visitor in self._visitors))

    async def _tell_faults(self) -> None:
        faults = await self._shop.faults()
        for visitor in list(self._visitors):
            if visitor.faults != faults:
                visitor.faults = faults
                await visitor.send("faults", faults=faults)

    async def _hello(self, visitor: Visitor) -> Json:
        people = [
            {
                "id": str(person.id),
                "name": person.name,
                "display_name": person.display_name,
                "roles": list(person.roles),
                "bot": person.bot,
                "colour": person.colour,
            }
            for person in world.EVERYONE.values()
        ]
        visitor.faults = await self._shop.faults()
        return {
            "me": str(visitor.person.id),
            "people": people,
            "roles": [{"id": str(role_id), "name": name, "colour": "#5b6ee1"} for name, role_id in world.ROLES.items()],
            "guild": {"id": str(world.GUILD_ID), "name": world.guild()["name"]},
            "channels": [*self._state.channels.values(), *self._private(visitor)],
            "threads": list(self._state.threads.values()),
            "commands": self._commands(),
            "messages": {
                str(channel_id): [public(m) for m in list(messages.values())[-_LAST_MESSAGES:] if _sees(visitor, m)]
                for channel_id, messages in self._state.messages.items()
            },
            "faults": visitor.faults,
            "bot_online": self._gateway.online,
        }

    def _private(self, visitor: Visitor) -> list[Json]:
        """Return what the bot has opened with this person."""
        conversations = self._state.private
        return [each for key, each in conversations.items() if self._state.reader(key) == visitor.person.id]

    def _commands(self) -> list[Json]:
        return [*self._state.commands[0], *self._state.commands[world.GUILD_ID]]

    async def _receive(self, visitor: Visitor, data: str) -> None:
        frame: Json = {}
        try:
            frame = json.loads(data)
            await self._actions[frame["type"]](visitor, frame)
        except Refusal as refusal:
            await visitor.send("error", reason=str(refusal), nonce=frame.get("nonce"))
        except (KeyError, ValueError, TypeError) as error:
            await visitor.send("error", reason=f"{type(error).__name__}: {error}", nonce=frame.get("nonce"))

    async def _command(self, visitor: Visitor, frame: Json) -> None:
        data = self._invocation(frame)
        await self._send(visitor, COMMAND, frame, data)

    async def _autocomplete(self, visitor: Visitor, frame: Json) -> None:
        await self._send(visitor, AUTOCOMPLETE, frame, self._invocation(frame))

    async def _component(self, visitor: Visitor, frame: Json) -> None:
        channel_id, message_id = int(frame["channel_id"]), int(frame["message_id"])
        message = self._state.messages[channel_id][message_id]
        data = {"custom_id": frame["custom_id"], "component_type": int(frame["component_type"])}
        if frame.get("values") is not None:
            data["values"] = frame["values"]
        await self._send(visitor, COMPONENT, frame, data, message)

    async def _modal(self, visitor: Visitor, frame: Json) -> None:
        asked = next(i for i in self._state.interactions.values() if str(i.id) == str(frame["interaction_id"]))
        data = {"custom_id": frame["custom_id"], "components": frame["components"]}
        original = self._state.messages[asked.channel_id].get(asked.original or 0)
        message = original if asked.kind == COMPONENT else None
        await self._send(visitor, MODAL, {**frame, "channel_id": asked.channel_id}, data, message)

    async def _say(self, visitor: Visitor, frame: Json) -> None:
        channel_id, content = int(frame["channel_id"]), str(frame["content"])[:2000]
        answered = self._state.message(channel_id, int(frame["reply_to"])) if frame.get("reply_to") else None
        self._state.check_open(channel_id)
        message = new_message(self._state, channel_id, visitor.person.user(), kind=19 if answered else 0)
        fill(self._state, message, {"content": content}, {}, fresh=True)
        message["nonce"] = frame.get("nonce")
        if answered:
            place = {"channel_id": str(channel_id), "message_id": answered["id"]}
            place |= {"guild_id": message["guild_id"]} if "guild_id" in message else {}
            message |= {"message_reference": {"type": 0, **place}, "referenced_message": answered}
            # A reply calls whom it answers, unless its writer switches that off.
            if answered["author"] not in message["mentions"]:
                message["mentions"].append(answered["author"])
        await self._state.add_message(message)

    async def _locale(self, visitor: Visitor, frame: Json) -> None:
        visitor.locale = str(frame["locale"])

    async def _fault(self, _: Visitor, frame: Json) -> None:
        await self._shop.switch(str(frame["name"]), bool(frame["on"]))
        await self._tell_faults()

    def _invocation(self, frame: Json) -> Json:
        command = next(each for each in self._commands() if each["name"] == frame["name"])
        options: list[Json] = frame.get("options") or []
        about = {"id": command["id"], "name": command["name"], "type": 1, "options": options}
        if command.get("guild_id"):
            about["guild_id"] = command["guild_id"]
        return about

    async def _send(self, visitor: Visitor, kind: int, frame: Json, data: Json, message: Json | None = None) -> None:
        nonce = str(frame.get("nonce") or "")
        sent = await self._interactions.send(
            kind, visitor.person, int(frame["channel_id"]), data, nonce=nonce, locale=visitor.locale, message=message
        )
        await visitor.send("interaction", nonce=nonce, state="sent")
        task = asyncio.create_task(self._expire(visitor, sent.token, nonce))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _expire(self, visitor: Visitor, token: str, nonce: str) -> None:
        await asyncio.sleep(interactions.FIRST_ANSWER_S + 0.2)
        if not self._state.interactions[token].answered:
            await visitor.send("interaction", nonce=nonce, state="failed", reason="no answer within 3 seconds")

    async def _hear(self, event: str, data: Json, only: set[int] | None) -> None:
        if event == "MESSAGE_DELETE_BULK":
            for each in data["ids"]:
                await self._hear("MESSAGE_DELETE", {"channel_id": data["channel_id"], "id": each}, only)
            return
        kind, fields = _frame(event, data)
        if not kind:
            return
        for visitor in list(self._visitors):
            if only is None or visitor.person.id in only:
                await visitor.send(kind, **fields)


def _sees(visitor: Visitor, message: Json) -> bool:
    return not message.get("_visible_to") or visitor.person.id in message["_visible_to"]


def _frame(event: str, data: Json) -> tuple[str, Json]:
    """Translate an event of the gateway, or one of the playground's own, to a frame for pages."""
    if event in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
        return "message", {"message": public(data)}
    if event == "MESSAGE_DELETE":
        return "message_delete", {"channel_id": data["channel_id"], "id": data["id"]}
    if event in ("THREAD_CREATE", "THREAD_UPDATE"):
        return "thread", {"channel": data}
    if event == "THREAD_DELETE":
        return "thread_delete", {"id": data["id"]}
    if event in ("CHANNEL_UPDATE", "_PRIVATE_CHANNEL"):
        return "channel", {"channel": data}
    own = {"_COMMANDS": "commands", "_INTERACTION": "interaction", "_AUTOCOMPLETE": "autocomplete", "_MODAL": "modal"}
    return (own.get(event) or {"_BOT": "bot"}.get(event, "")), data
