"""Discord's REST API for a bot: who am I, the guild, its channels, messages, threads, commands."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from aiohttp import web

from playground import world
from playground.command_checks import check_commands
from playground.errors import Refusal, answer, invalid, nothing, unknown
from playground.messages import fill, new_message, read_body
from playground.state import HAS_THREAD, State, public

Json = dict[str, Any]


class Rest:
    """The routes that need the bot's token."""

    def __init__(self, state: State, token: str) -> None:
        self._state = state
        self._token = token

    def routes(self) -> list[web.RouteDef]:
        """Return the routes below /api/v10."""
        channel, message = "/channels/{channel}", "/channels/{channel}/messages/{message}"
        reaction = message + "/reactions/{emoji}/@me"
        commands = "/applications/{application}/guilds/{guild}/commands"
        return [
            web.get("/users/@me", self.me),
            web.get("/oauth2/applications/@me", self.application),
            web.get("/gateway/bot", self.gateway_bot),
            web.get("/guilds/{guild}", self.guild),
            web.get("/guilds/{guild}/channels", self.channels),
            web.get("/guilds/{guild}/members/{member}", self.member),
            web.get("/guilds/{guild}/roles", self.roles),
            web.get(channel, self.channel),
            web.patch(channel, self.edit_channel),
            web.get(f"{channel}/messages", self.history),
            web.post(f"{channel}/messages", self.post),
            web.post(f"{channel}/typing", self.typing),
            web.post(f"{channel}/threads", self.open_thread),
            web.get(message, self.fetch),
            web.patch(message, self.edit),
            web.delete(message, self.delete),
            web.post(f"{message}/threads", self.thread_from),
            web.put(reaction, self.react),
            web.delete(reaction, self.unreact),
            web.put(f"{channel}/messages/pins/{{message}}", self.pin),
            web.get("/applications/{application}/commands", self.commands),
            web.put("/applications/{application}/commands", self.sync),
            web.get(commands, self.commands),
            web.put(commands, self.sync),
        ]

    def authorize(self, request: web.Request) -> None:
        """Refuse who has not the token. Raises Refusal."""
        if request.headers.get("Authorization") != f"Bot {self._token}":
            raise Refusal(401, 0, "401: Unauthorized")

    async def me(self, _: web.Request) -> web.Response:
        """Say who the bot is."""
        return answer(world.BOT.user())

    async def application(self, _: web.Request) -> web.Response:
        """Describe the application."""
        return answer(
            {
                "id": str(world.APPLICATION_ID),
                "name": "Bongsu",
                "description": "",
                "icon": None,
                "bot_public": False,
                "bot_require_code_grant": False,
                "owner": world.PEOPLE["minji"].user(),
                "verify_key": "0" * 64,
                "interactions_endpoint_url": None,
                "flags": 0,
                "flags_new": "0",
                "team": None,
            }
        )

    async def gateway_bot(self, _: web.Request) -> web.Response:
        """Say where the gateway is."""
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        url = self._state.url.replace("http", "ws", 1) + "/gateway"
        return answer({"url": url, "shards": 1, "session_start_limit": limit})

    async def guild(self, request: web.Request) -> web.Response:
        """Describe the guild."""
        self._in_guild(request)
        return answer(world.guild())

    async def channels(self, request: web.Request) -> web.Response:
        """List the channels."""
        self._in_guild(request)
        return answer(list(self._state.channels.values()))

    async def roles(self, request: web.Request) -> web.Response:
        """List the roles."""
        self._in_guild(request)
        return answer(world.roles())

    async def member(self, request: web.Request) -> web.Response:
        """Describe a member."""
        self._in_guild(request)
        found = world.EVERYONE.get(int(request.match_info["member"]))
        if found is None:
            raise unknown("Member", 10007)
        return answer(found.member())

    async def channel(self, request: web.Request) -> web.Response:
        """Describe a channel or thread."""
        return answer(self._state.place(_id(request, "channel")))

    async def edit_channel(self, request: web.Request) -> web.Response:
        """Rename, archive or lock a thread."""
        place = self._state.place(_id(request, "channel"))
        body, _ = await read_body(request)
        if "thread_metadata" in place:
            place["thread_metadata"] |= {key: body[key] for key in ("archived", "locked") if key in body}
        place |= {key: body[key] for key in ("name", "topic", "rate_limit_per_user") if key in body}
        await self._state.tell("THREAD_UPDATE" if "thread_metadata" in place else "CHANNEL_UPDATE", place)
        return answer(place)

    async def history(self, request: web.Request) -> web.Response:
        """List messages, newest first."""
        channel_id = _id(request, "channel")
        self._state.place(channel_id)
        found = [m for m in self._state.messages[channel_id].values() if not m.get("_visible_to")]
        before, after = (int(request.query.get(name, 0)) for name in ("before", "after"))
        found = [m for m in found if (not before or int(m["id"]) < before) and int(m["id"]) > after]
        found.sort(key=lambda message: int(message["id"]), reverse=True)
        return answer([public(message) for message in found[: int(request.query.get("limit", 50))]])

    async def post(self, request: web.Request) -> web.Response:
        """Post a message; the same nonce again is the same message again."""
        channel_id = _id(request, "channel")
        place = self._state.place(channel_id)
        if (place.get("thread_metadata") or {}).get("archived"):
            raise Refusal(400, 50083, "Thread is archived")
        body, files = await read_body(request)
        nonce = body.get("nonce")
        for known in reversed(self._state.messages[channel_id].values()):
            if nonce is not None and body.get("enforce_nonce") and known.get("_nonce") == nonce:
                return answer(public(known))
        if nonce is not None and len(str(nonce)) > 25:
            raise invalid("nonce", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
        reply = body.get("message_reference")
        message = new_message(self._state, channel_id, world.BOT.user(), kind=19 if reply else 0)
        if reply:
            message["message_reference"] = {**reply, "channel_id": str(channel_id), "guild_id": str(world.GUILD_ID)}
            quoted = self._state.messages[channel_id].get(int(reply["message_id"]))
            message["referenced_message"] = public(quoted) if quoted else None
        fill(self._state, message, body, files, fresh=True)
        message |= {"nonce": nonce, "_nonce": nonce}
        return answer(public(await self._state.add_message(message)))

    async def fetch(self, request: web.Request) -> web.Response:
        """Return one message."""
        return answer(public(self._message(request)))

    async def edit(self, request: web.Request) -> web.Response:
        """Edit a message; an edit calls nobody."""
        message = self._message(request)
        body, files = await read_body(request)
        fill(self._state, message, body, files, fresh=False)
        return answer(public(await self._state.changed(message)))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a message."""
        await self._state.remove_message(_id(request, "channel"), _id(request, "message"))
        return nothing()

    async def typing(self, request: web.Request) -> web.Response:
        """Show that the bot types."""
        self._state.place(_id(request, "channel"))
        return nothing()

    async def thread_from(self, request: web.Request) -> web.Response:
        """Open the thread of a message; it has the message's id, so there can be one only."""
        message = self._message(request)
        thread_id = int(message["id"])
        if thread_id in self._state.threads:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        body, _ = await read_body(request)
        thread = await self._open(thread_id, body, 11, _id(request, "channel"))
        message["flags"] |= HAS_THREAD
        message["thread"] = thread
        await self._state.changed(message)
        return answer(thread, 201)

    async def open_thread(self, request: web.Request) -> web.Response:
        """Open a thread without a message."""
        body, _ = await read_body(request)
        channel_id = _id(request, "channel")
        return answer(await self._open(self._state.snowflake(), body, int(body.get("type", 11)), channel_id), 201)

    async def react(self, request: web.Request) -> web.Response:
        """Add the bot's reaction."""
        return await self._reaction(request, add=True)

    async def unreact(self, request: web.Request) -> web.Response:
        """Remove the bot's reaction."""
        return await self._reaction(request, add=False)

    async def pin(self, request: web.Request) -> web.Response:
        """Pin a message."""
        message = self._message(request)
        message["pinned"] = True
        await self._state.changed(message)
        return nothing()

    async def commands(self, request: web.Request) -> web.Response:
        """List the commands of a scope."""
        return answer(self._state.commands[int(request.match_info.get("guild", 0))])

    async def sync(self, request: web.Request) -> web.Response:
        """Replace the commands of a scope."""
        guild_id = int(request.match_info.get("guild", 0))
        if guild_id not in self._state.commands:
            raise unknown("Guild", 10004)
        sent: list[Json] = await request.json()
        check_commands(sent)
        known = {command["name"]: command["id"] for command in self._state.commands[guild_id]}
        self._state.commands[guild_id] = [
            {
                "type": 1,
                "name_localizations": None,
                "description_localizations": None,
                "default_member_permissions": None,
                "nsfw": False,
                **command,
                "id": known.get(command["name"]) or str(self._state.snowflake()),
                "application_id": str(world.APPLICATION_ID),
                "version": str(self._state.snowflake()),
                **({"guild_id": str(guild_id)} if guild_id else {}),
            }
            for command in sent
        ]
        await self._state.tell("_COMMANDS", {"commands": self._state.commands[guild_id]})
        return answer(self._state.commands[guild_id])

    async def _reaction(self, request: web.Request, *, add: bool) -> web.Response:
        message = self._message(request)
        name = unquote(request.match_info["emoji"])
        others = [each for each in message["reactions"] if each["emoji"]["name"] != name]
        mine = {"emoji": {"id": None, "name": name}, "count": 1, "me": True}
        message["reactions"] = [*others, mine] if add else others
        await self._state.changed(message)
        return nothing()

    async def _open(self, thread_id: int, body: Json, kind: int, parent: int) -> Json:
        if not 1 <= len(body.get("name") or "") <= 100:
            raise invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        metadata = {"archived": False, "auto_archive_duration": body.get("auto_archive_duration") or 1440}
        thread: Json = {
            "id": str(thread_id),
            "guild_id": str(world.GUILD_ID),
            "parent_id": str(parent),
            "owner_id": str(world.BOT.id),
            "name": body["name"],
            "type": kind,
            "last_message_id": None,
            "message_count": 0,
            "member_count": 1,
            "rate_limit_per_user": 0,
            "flags": 0,
            "thread_metadata": {**metadata, "archive_timestamp": self._state.now(), "locked": False},
        }
        self._state.threads[thread_id] = thread
        self._state.messages.setdefault(thread_id, {})
        await self._state.tell("THREAD_CREATE", {**thread, "newly_created": True})
        return thread

    def _message(self, request: web.Request) -> Json:
        channel_id = _id(request, "channel")
        self._state.place(channel_id)
        return self._state.message(channel_id, _id(request, "message"))

    def _in_guild(self, request: web.Request) -> None:
        if _id(request, "guild") != world.GUILD_ID:
            raise unknown("Guild", 10004)


def _id(request: web.Request, name: str) -> int:
    try:
        return int(request.match_info[name])
    except ValueError as error:
        raise invalid(name, "NUMBER_TYPE_COERCE", "Not a snowflake.") from error
