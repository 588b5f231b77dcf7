"""Discord's gateway: hello, heartbeats, identify, resume with replay, and events in order, compressed as asked for."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from playground import world
from playground.state import PlaygroundState, public

Json = dict[str, Any]

_HEARTBEAT_MS = 41_250
# What a bot must ask for to hear of it; the last is privileged, and ours does not have it.
_GUILD_MESSAGES, _DIRECT_MESSAGES, _MESSAGE_CONTENT = 1 << 9, 1 << 12, 1 << 15
_DISPATCH, _HEARTBEAT, _IDENTIFY, _RESUME, _RECONNECT, _INVALID, _HELLO, _ACK = 0, 1, 2, 6, 7, 9, 10, 11


@dataclass
class Session:
    """One identified bot; it outlives its sockets, so that it can be resumed."""

    id: str
    intents: int = 0
    events: list[Json] = field(default_factory=list[Json])
    socket: Wire | None = None

    async def send(self, event: str, data: Json) -> None:
        """Send an event if somebody listens, and keep it for a resume either way."""
        frame = {"op": _DISPATCH, "t": event, "s": len(self.events) + 1, "d": data}
        self.events.append(frame)
        if self.socket:
            await self.socket.send(frame)


class Wire:
    """One WebSocket, with or without compression; `url` is where the bot has found us."""

    def __init__(self, socket: web.WebSocketResponse, compress: str, url: str) -> None:
        self.socket = socket
        self.url = url
        self.silent = False
        self._zlib = zlib.compressobj() if compress == "zlib-stream" else None

    async def send(self, frame: Json) -> None:
        """Send a frame; a socket that has just been lost is no error, the session keeps the event."""
        if self.silent:
            return
        data = json.dumps(frame).encode()
        try:
            if self._zlib:
                await self.socket.send_bytes(self._zlib.compress(data) + self._zlib.flush(zlib.Z_SYNC_FLUSH))
            else:
                await self.socket.send_str(data.decode())
        except (ConnectionError, RuntimeError):
            return


class Gateway:
    """All sessions of the bot."""

    def __init__(self, state: PlaygroundState, token: str) -> None:
        self._state = state
        self._token = token
        self.sessions: dict[str, Session] = {}
        self.refusing = False
        self.forgetting = False
        # A code to close with whoever identifies, such as 4014.
        self.closing = 0
        state.listeners.append(self._hear)

    @property
    def online(self) -> bool:
        """Whether a bot is connected."""
        return any(session.socket for session in self.sessions.values())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        if self.refusing:
            return web.Response(status=503)
        socket = web.WebSocketResponse(compress=False, max_msg_size=4096)
        await socket.prepare(request)
        wire = Wire(socket, request.query.get("compress", ""), f"ws://{request.host}/gateway")
        await wire.send({"op": _HELLO, "d": {"heartbeat_interval": _HEARTBEAT_MS}, "s": None, "t": None})
        session: Session | None = None
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                session = await self._answer(json.loads(message.data), wire, session)
        finally:
            if session and session.socket is wire:
                session.socket = None
                await self._state.tell("_BOT", {"online": self.online})
        return socket

    async def drop(self, code: int = 1001) -> None:
        """Cut every connection without a word."""
        for session in self.sessions.values():
            if session.socket:
                await session.socket.socket.close(code=code)

    def stall(self) -> None:
        """Say nothing more on any connection there is, answers to heartbeats included, and leave it open."""
        for session in self.sessions.values():
            if session.socket:
                session.socket.silent = True

    async def reconnect(self) -> None:
        """Ask every bot to reconnect (op 7)."""
        for session in self.sessions.values():
            if session.socket:
                await session.socket.send({"op": _RECONNECT, "d": None, "s": None, "t": None})

    async def _answer(self, frame: Json, wire: Wire, session: Session | None) -> Session | None:
        if frame["op"] == _HEARTBEAT:
            await wire.send({"op": _ACK, "d": None, "s": None, "t": None})
        elif frame["op"] == _IDENTIFY:
            return await self._identify(frame["d"], wire)
        elif frame["op"] == _RESUME:
            return await self._resume(frame["d"], wire)
        return session

    async def _identify(self, data: Json, wire: Wire) -> Session | None:
        if data.get("token") != self._token:
            await wire.socket.close(code=4004, message=b"Authentication failed.")
            return None
        if self.closing:
            await wire.socket.close(code=self.closing, message=b"Refused.")
            return None
        self.sessions = {name: each for name, each in self.sessions.items() if each.socket}
        session = Session(secrets.token_hex(8), int(data.get("intents") or 0), socket=wire)
        self.sessions[session.id] = session
        ready: Json = {
            "v": 10,
            "user": world.BOT.user(),
            "guilds": [{"id": str(world.GUILD_ID), "unavailable": True}],
            "session_id": session.id,
            "resume_gateway_url": wire.url,
            "application": {"id": str(world.APPLICATION_ID), "flags": 0, "flags_new": "0"},
            "shard": data.get("shard") or [0, 1],
        }
        await session.send("READY", ready)
        await session.send("GUILD_CREATE", self._guild())
        await self._state.tell("_BOT", {"online": True})
        return session

    async def _resume(self, data: Json, wire: Wire) -> Session | None:
        session = self.sessions.get(data.get("session_id", ""))
        if session is None or self.forgetting or data.get("token") != self._token:
            await wire.send({"op": _INVALID, "d": False, "s": None, "t": None})
            return None
        session.socket = wire
        for frame in session.events[int(data.get("seq") or 0) :]:
            await wire.send(frame)
        # null instead of an object kills discord.py.
        await session.send("RESUMED", {})
        await self._state.tell("_BOT", {"online": True})
        return session

    def _guild(self) -> Json:
        members = [person.member() for person in world.EVERYONE.values()]
        return {
            **world.guild(),
            "unavailable": False,
            "large": False,
            "joined_at": "2024-02-01T00:00:00+00:00",
            "channels": list(self._state.channels.values()),
            "threads": self._state.active_threads(),
            "members": members,
            "member_count": len(members),
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    async def _hear(self, event: str, data: Json, only: set[int] | None) -> None:
        if event.startswith("_") or (only is not None and world.BOT.id not in only):
            return
        if event == "INTERACTION_CREATE" and not self.online:
            return
        for session in list(self.sessions.values()):
            told = _told(event, public(data), session.intents)
            if told is not None:
                await session.send(event, told)


def _told(event: str, data: Json, intents: int) -> Json | None:
    """Return what a bot with these intents hears of an event, None for nothing."""
    if not event.startswith("MESSAGE_"):
        return data
    in_guild = "guild_id" in data
    if not intents & (_GUILD_MESSAGES if in_guild else _DIRECT_MESSAGES):
        return None
    if not in_guild:
        return data
    if event in ("MESSAGE_DELETE", "MESSAGE_DELETE_BULK"):
        return data
    ours = str(world.BOT.id)
    if not intents & _MESSAGE_CONTENT and ours not in (
        data["author"]["id"],
        *(user["id"] for user in data["mentions"]),
    ):
        # What is said to others is none of the bot's business.
        data = {**data, "content": "", "embeds": [], "attachments": [], "components": []}
    mentions = [{**user, "member": _member(user)} for user in data["mentions"]]
    return {**data, "member": _member(data["author"]), "mentions": mentions}


def _member(user: Json) -> Json:
    """Return a member without its user, as it stands beside one."""
    return {key: value for key, value in world.EVERYONE[int(user["id"])].member().items() if key != "user"}


async def quiet(gateway: Gateway) -> None:
    """Close all sockets, so that the server can end at once."""
    await asyncio.gather(*(s.socket.socket.close() for s in gateway.sessions.values() if s.socket))
