"""Discord's public threads: opened from a message whose id they take, renamed, archived, locked, deleted.

Source: Discord's developer documentation, "Threads", August 2026.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from playground import world
from playground.errors import Refusal, answer, invalid
from playground.messages import id_in, new_message, read_body
from playground.state import HAS_THREAD, STARTER, PlaygroundState

Json = dict[str, Any]

# Minutes without a message after which a thread leaves the list of channels.
_LISTED_MIN = (60, 1440, 4320, 10080)
_TEXT, _PUBLIC_THREAD = 0, 11


class ThreadRoutes:
    """The routes of threads; those of the messages in them are the ones of every channel."""

    def __init__(self, state: PlaygroundState) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Return the routes below /api/v10."""
        return [
            web.post("/channels/{channel}/messages/{message}/threads", self.open_from),
            web.post("/channels/{channel}/threads", self.open),
            web.patch("/channels/{channel}", self.edit),
            web.delete("/channels/{channel}", self.delete),
            web.get("/guilds/{guild}/threads/active", self.active),
        ]

    async def open_from(self, request: web.Request) -> web.Response:
        """Open the thread of a message; it has the message's id, so there can be one only."""
        parent = self._parent(request)
        message = self._state.message(int(parent["id"]), id_in(request, "message"))
        thread_id = int(message["id"])
        if thread_id in self._state.threads:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        body, _ = await read_body(request)
        thread = self._thread(thread_id, body, _PUBLIC_THREAD, parent)
        await self._state.tell("THREAD_CREATE", {**thread, "newly_created": True})
        message["flags"] |= HAS_THREAD
        message["thread"] = thread
        await self._state.changed(message)
        starter = new_message(self._state, thread_id, world.BOT.user(), kind=STARTER)
        place = {"guild_id": str(world.GUILD_ID), "channel_id": parent["id"], "message_id": message["id"]}
        starter |= {"message_reference": {"type": 0, **place}, "referenced_message": message}
        await self._state.add_message(starter)
        return answer(thread, 201)

    async def open(self, request: web.Request) -> web.Response:
        """Open a thread without a message."""
        body, _ = await read_body(request)
        kind = int(body.get("type") or _PUBLIC_THREAD)
        thread = self._thread(self._state.snowflake(), body, kind, self._parent(request))
        await self._state.tell("THREAD_CREATE", {**thread, "newly_created": True})
        return answer(thread, 201)

    async def edit(self, request: web.Request) -> web.Response:
        """Rename, archive or lock a thread; of a channel only its name and topic change."""
        place = self._state.place(id_in(request, "channel"))
        body, _ = await read_body(request)
        _check(body, fresh=False)
        metadata = place.get("thread_metadata")
        if metadata:
            if metadata["archived"] and body.get("archived") is not False:
                raise Refusal(400, 50083, "Thread is archived")
            wanted = {key: body[key] for key in ("archived", "locked", "auto_archive_duration") if key in body}
            if {"archived", "auto_archive_duration"} & wanted.keys():
                wanted["archive_timestamp"] = self._state.now()
            metadata |= wanted
        place |= {key: body[key] for key in ("name", "topic", "rate_limit_per_user") if key in body}
        await self._state.tell("THREAD_UPDATE" if metadata else "CHANNEL_UPDATE", place)
        return answer(place)

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a thread with all that was said in it; channels stay."""
        place = self._state.place(id_in(request, "channel"))
        if "thread_metadata" not in place:
            raise Refusal(403, 50013, "Missing Permissions")
        await self._state.remove_thread(int(place["id"]))
        return answer(place)

    async def active(self, _: web.Request) -> web.Response:
        """List the threads that are not archived, newest first."""
        return answer({"threads": self._state.active_threads(), "members": []})

    def _parent(self, request: web.Request) -> Json:
        parent = self._state.place(id_in(request, "channel"))
        if parent["type"] != _TEXT:
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        return parent

    def _thread(self, thread_id: int, body: Json, kind: int, parent: Json) -> Json:
        _check(body, fresh=True)
        thread: Json = {
            "id": str(thread_id),
            "guild_id": str(world.GUILD_ID),
            "parent_id": parent["id"],
            "owner_id": str(world.BOT.id),
            "name": body["name"],
            "type": kind,
            "last_message_id": None,
            "message_count": 0,
            "total_message_sent": 0,
            "member_count": 1,
            "rate_limit_per_user": body.get("rate_limit_per_user") or 0,
            "flags": 0,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": body.get("auto_archive_duration") or 1440,
                "archive_timestamp": self._state.now(),
                "create_timestamp": self._state.now(),
                "locked": False,
            },
        }
        self._state.threads[thread_id] = thread
        self._state.messages.setdefault(thread_id, {})
        return thread


def _check(body: Json, *, fresh: bool) -> None:
    if (fresh or "name" in body) and not 1 <= len((body.get("name") or "").strip()) <= 100:
        raise invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    listed = body.get("auto_archive_duration")
    if listed is not None and listed not in _LISTED_MIN:
        raise invalid("auto_archive_duration", "BASE_TYPE_CHOICES", "Value must be one of {60, 1440, 4320, 10080}.")
    if not 0 <= (body.get("rate_limit_per_user") or 0) <= 21600:
        raise invalid("rate_limit_per_user", "NUMBER_TYPE_MAX", "Must be 0 to 21600.")
