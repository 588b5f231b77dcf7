"""Discord's REST API for a bot: who am I, the guild, its channels, messages, commands."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from aiohttp import web

from playground import world
from playground.command_checks import check_commands
from playground.direct import check_willing, notify
from playground.errors import Refusal, answer, invalid, nothing, unknown
from playground.messages import fill, id_in, new_message, read_body
from playground.state import EPHEMERAL, STARTER, PlaygroundState, public

Json = dict[str, Any]


class Rest:
    """The routes that need the bot's token."""

    def __init__(self, state: PlaygroundState, token: str) -> None:
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
            web.get(f"{channel}/messages", self.history),
            web.post(f"{channel}/messages", self.post),
            web.post(f"{channel}/typing", self.typing),
            web.get(message, self.fetch),
            web.patch(message, self.edit),
            web.delete(message, self.delete),
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

    async def gateway_bot(self, request: web.Request) -> web.Response:
        """Say where the gateway is: where the bot has found us, which need not be where a browser does."""
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        url = f"ws://{request.host}/gateway"
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
        return answer(self._state.place(id_in(request, "channel")))

    async def history(self, request: web.Request) -> web.Response:
        """List messages, newest first: the newest, those before one, the next after one, or those around one."""
        channel_id = id_in(request, "channel")
        self._state.place(channel_id)
        limit = int(request.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise invalid("limit", "NUMBER_TYPE_BAD_RANGE", "Must be between 1 and 100.")
        found = [m for m in self._state.messages[channel_id].values() if not m["flags"] & EPHEMERAL]
        found.sort(key=lambda message: int(message["id"]), reverse=True)
        before, after, around = (int(request.query.get(name, 0)) for name in ("before", "after", "around"))
        if after:
            # The next ones, not the newest ones.
            found = [m for m in found if int(m["id"]) > after][-limit:]
        elif around:
            older = [m for m in found if int(m["id"]) <= around][: limit - limit // 2]
            found = [m for m in found if int(m["id"]) > around][-(limit // 2) :] + older if limit > 1 else older
        elif before:
            found = [m for m in found if int(m["id"]) < before]
        return answer([public(message) for message in found[:limit]])

    async def post(self, request: web.Request) -> web.Response:
        """Post a message; the same nonce again is the same message again."""
        channel_id = id_in(request, "channel")
        self._state.place(channel_id)
        self._state.check_open(channel_id)
        check_willing(self._state, channel_id)
        body, files = await read_body(request)
        nonce = body.get("nonce")
        for known in reversed(self._state.messages[channel_id].values()):
            if nonce is not None and body.get("enforce_nonce") and known.get("_nonce") == nonce:
                return answer(public(known))
        if nonce is not None and len(str(nonce)) > 25:
            raise invalid("nonce", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
        message = self._fresh(channel_id, body.get("message_reference"))
        fill(self._state, message, body, files, fresh=True)
        message |= {"nonce": nonce, "_nonce": nonce}
        notify(self._state, message)
        return answer(public(await self._state.add_message(message)))

    async def fetch(self, request: web.Request) -> web.Response:
        """Return one message."""
        return answer(public(self._message(request)))

    async def edit(self, request: web.Request) -> web.Response:
        """Edit a message; an edit calls nobody."""
        message = self._message(request, active=True)
        body, files = await read_body(request)
        fill(self._state, message, body, files, fresh=False)
        return answer(public(await self._state.changed(message)))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a message."""
        message = self._message(request)
        if message["type"] == STARTER:
            raise Refusal(403, 50021, "Cannot execute action on a system message")
        await self._state.remove_message(int(message["channel_id"]), int(message["id"]))
        return nothing()

    async def typing(self, request: web.Request) -> web.Response:
        """Show that the bot types."""
        self._state.place(id_in(request, "channel"))
        return nothing()

    async def react(self, request: web.Request) -> web.Response:
        """Add the bot's reaction."""
        return await self._reaction(request, add=True)

    async def unreact(self, request: web.Request) -> web.Response:
        """Remove the bot's reaction."""
        return await self._reaction(request, add=False)

    async def pin(self, request: web.Request) -> web.Response:
        """Pin a message."""
        message = self._message(request, active=True)
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
        message = self._message(request, active=True)
        name = unquote(request.match_info["emoji"])
        others = [each for each in message["reactions"] if each["emoji"]["name"] != name]
        mine = {"emoji": {"id": None, "name": name}, "count": 1, "me": True}
        message["reactions"] = [*others, mine] if add else others
        await self._state.changed(message)
        return nothing()

    def _fresh(self, channel_id: int, reply: Json | None) -> Json:
        """Return an empty message of the bot, perhaps one that answers another. Raises Refusal."""
        message = new_message(self._state, channel_id, world.BOT.user(), kind=19 if reply else 0)
        if reply:
            answered = self._state.messages[channel_id].get(int(reply["message_id"]))
            if answered is None and reply.get("fail_if_not_exists", True):
                raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            place = {"message_id": str(reply["message_id"]), "channel_id": str(channel_id)}
            guild = {key: message[key] for key in ("guild_id",) if key in message}
            message["message_reference"] = {"type": 0, **place, **guild}
            message["referenced_message"] = public(answered) if answered else None
        return message

    def _message(self, request: web.Request, *, active: bool = False) -> Json:
        """Return a message; nothing but deleting is done to one in an archived thread."""
        place = self._state.place(id_in(request, "channel"))
        if active and (place.get("thread_metadata") or {}).get("archived"):
            raise Refusal(400, 50083, "Thread is archived")
        return self._state.message(int(place["id"]), id_in(request, "message"))

    def _in_guild(self, request: web.Request) -> None:
        if id_in(request, "guild") != world.GUILD_ID:
            raise unknown("Guild", 10004)
