"""Interactions: what a person does, sent to the bot; what the bot answers, under Discord's rules of 3 s and 15 min."""

from __future__ import annotations

import secrets
from typing import Any

from aiohttp import web

from playground import world
from playground.checks import check_modal
from playground.errors import Refusal, answer, invalid, nothing, unknown
from playground.messages import Files, fill, new_message, read_body
from playground.state import EPHEMERAL, LOADING, Interaction, PlaygroundState, public

Json = dict[str, Any]

# As Discord; whoever tests on a busy machine lets it be more.
FIRST_ANSWER_S = 3.0
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
# What a bot may do alone with somebody: embeds, files, mentions, foreign emoji.
_PRIVATE_PERMISSIONS = str(0x4000 | 0x8000 | 0x20000 | 0x40000)
_MESSAGE, _DEFER, _DEFER_UPDATE, _UPDATE, _CHOICES, _FORM = 4, 5, 6, 7, 8, 9


class Interactions:
    """The routes whose authorization is the interaction's own token."""

    def __init__(self, state: PlaygroundState) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Return the routes below /api/v10."""
        hook = "/webhooks/{application}/{token}"
        return [
            web.post("/interactions/{interaction}/{token}/callback", self.callback),
            web.post(hook, self.follow_up),
            web.get(f"{hook}/messages/{{message}}", self.fetch),
            web.patch(f"{hook}/messages/{{message}}", self.edit),
            web.delete(f"{hook}/messages/{{message}}", self.delete),
        ]

    async def send(
        self,
        kind: int,
        person: world.Inhabitant,
        channel_id: int,
        data: Json,
        *,
        nonce: str,
        locale: str,
        message: Json | None = None,
    ) -> Interaction:
        """Send an interaction of a person to the bot."""
        body: Json = {
            "id": str(self._state.snowflake()),
            "application_id": str(world.APPLICATION_ID),
            "type": kind,
            "token": secrets.token_urlsafe(24),
            "version": 1,
            "data": data,
            "channel_id": str(channel_id),
            **self._whence(person, channel_id),
            "locale": locale,
            "entitlements": [],
            "attachment_size_limit": 10_485_760,
            **({"message": public(message)} if message else {}),
        }
        sent = Interaction(
            int(body["id"]), body["token"], kind, person.id, channel_id, nonce, body, self._state.clock()
        )
        if message and kind == COMPONENT:
            sent.original = int(message["id"])
        self._state.interactions[sent.token] = sent
        await self._state.tell("INTERACTION_CREATE", body)
        return sent

    def _whence(self, person: world.Inhabitant, channel_id: int) -> Json:
        """Tell who did it and where: in the guild as a member with roles, alone with the bot as a mere user."""
        place = self._state.place(channel_id)
        if channel_id in self._state.private:
            owner = {"authorizing_integration_owners": {"0": "0"}, "context": 1}
            return {"channel": place, "user": person.user(), "app_permissions": _PRIVATE_PERMISSIONS, **owner}
        permissions = {"permissions": str(world.BASE_PERMISSIONS)}
        return {
            "guild_id": str(world.GUILD_ID),
            "guild": {"id": str(world.GUILD_ID), "locale": "ko", "features": []},
            "channel": {**place, **permissions},
            "member": {**person.member(), **permissions},
            "guild_locale": "ko",
            "app_permissions": str(world.BASE_PERMISSIONS),
            "authorizing_integration_owners": {"0": str(world.GUILD_ID)},
            "context": 0,
        }

    async def callback(self, request: web.Request) -> web.Response:
        """Take the bot's first answer."""
        interaction = self._state.interaction(request.match_info["token"], int(request.match_info["interaction"]))
        if interaction.answered:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        if self._state.clock() - interaction.sent_at > FIRST_ANSWER_S:
            raise unknown("interaction", 10062)
        body, files = await read_body(request)
        kind, data = int(body["type"]), body.get("data") or {}
        message = await self._respond(interaction, kind, data, files)
        interaction.answered = True
        await self._report(interaction, "deferred" if kind in (_DEFER, _DEFER_UPDATE) else "answered")
        resource: Json = {"type": kind, **({"message": public(message)} if message else {})}
        about: Json = {"id": str(interaction.id), "type": interaction.kind}
        if message:
            about |= {
                "response_message_id": message["id"],
                "response_message_loading": bool(message["flags"] & LOADING),
                "response_message_ephemeral": bool(message["flags"] & EPHEMERAL),
            }
        # 200 with a body: discord.py reads the interaction out of it.
        return answer({"interaction": about, "resource": resource})

    async def follow_up(self, request: web.Request) -> web.Response:
        """Take a further message; the first one after a deferral takes the place of "thinking"."""
        interaction = self._state.interaction(request.match_info["token"])
        if not interaction.answered:
            raise unknown("Webhook", 10015)
        body, files = await read_body(request)
        original = self._original(interaction)
        if original and original["flags"] & LOADING:
            return answer(public(await self._finish(interaction, original, body, files)))
        message = await self._new(interaction, body, files, int(body.get("flags") or 0))
        await self._report(interaction, "answered")
        return answer(public(message))

    async def fetch(self, request: web.Request) -> web.Response:
        """Return an answer."""
        return answer(public(self._answer(request)[1]))

    async def edit(self, request: web.Request) -> web.Response:
        """Edit an answer."""
        interaction, message = self._answer(request)
        body, files = await read_body(request)
        return answer(public(await self._finish(interaction, message, body, files)))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete an answer."""
        interaction, message = self._answer(request)
        await self._state.remove_message(interaction.channel_id, int(message["id"]))
        return nothing()

    async def _respond(self, interaction: Interaction, kind: int, data: Json, files: Files) -> Json | None:
        if kind == _MESSAGE:
            return await self._new(interaction, data, files, int(data.get("flags") or 0), original=True)
        if kind == _DEFER:
            flags = int(data.get("flags") or 0) & EPHEMERAL
            return await self._new(interaction, None, {}, flags | LOADING, original=True)
        if kind in (_DEFER_UPDATE, _UPDATE) and interaction.kind not in (COMPONENT, MODAL):
            raise invalid("type", "BASE_TYPE_CHOICES", "Only for components.")
        if kind == _UPDATE:
            original = self._original(interaction)
            return await self._finish(interaction, original, data, files) if original else None
        if kind == _CHOICES:
            await self._choices(interaction, data)
        elif kind == _FORM:
            check_modal(data)
            about = {"nonce": interaction.nonce, "interaction_id": str(interaction.id)}
            await self._state.tell("_MODAL", {**about, **data}, {interaction.user_id})
        return None

    async def _choices(self, interaction: Interaction, data: Json) -> None:
        choices = data.get("choices") or []
        if len(choices) > 25 or any(not 1 <= len(choice["name"]) <= 100 for choice in choices):
            raise invalid("data.choices", "BASE_TYPE_BAD_LENGTH", "25 choices of 1 to 100.")
        if any(isinstance(each["value"], str) and len(each["value"]) > 100 for each in choices):
            raise invalid("data.choices", "BASE_TYPE_BAD_LENGTH", "A value must be 100 or fewer in length.")
        found = {"nonce": interaction.nonce, "choices": choices}
        await self._state.tell("_AUTOCOMPLETE", found, {interaction.user_id})

    async def _new(
        self, interaction: Interaction, body: Json | None, files: Files, flags: int, *, original: bool = False
    ) -> Json:
        message = new_message(self._state, interaction.channel_id, world.BOT.user(), kind=20)
        person = world.EVERYONE[interaction.user_id]
        message |= {
            "flags": flags & (EPHEMERAL | LOADING),
            "webhook_id": str(world.APPLICATION_ID),
            "application_id": str(world.APPLICATION_ID),
            "interaction_metadata": {
                "id": str(interaction.id),
                "type": interaction.kind,
                "user": person.user(),
                "authorizing_integration_owners": {"0": str(world.GUILD_ID)},
                "name": interaction.body["data"].get("name"),
            },
        }
        if body is not None:
            fill(self._state, message, body, files, fresh=True)
        if original:
            interaction.original = int(message["id"])
        private = {interaction.user_id, world.BOT.id} if message["flags"] & EPHEMERAL else None
        return await self._state.add_message(message, private)

    async def _finish(self, interaction: Interaction, message: Json, body: Json, files: Files) -> Json:
        loading = message["flags"] & LOADING
        message["flags"] &= ~LOADING
        try:
            fill(self._state, message, body, files, fresh=bool(loading))
        except Refusal:
            message["flags"] |= loading
            raise
        await self._state.changed(message)
        await self._report(interaction, "answered")
        return message

    async def _report(self, interaction: Interaction, state: str) -> None:
        await self._state.tell("_INTERACTION", {"nonce": interaction.nonce, "state": state}, {interaction.user_id})

    def _original(self, interaction: Interaction) -> Json | None:
        if interaction.original is None:
            return None
        return self._state.messages.get(interaction.channel_id, {}).get(interaction.original)

    def _answer(self, request: web.Request) -> tuple[Interaction, Json]:
        interaction = self._state.interaction(request.match_info["token"])
        wanted = request.match_info["message"]
        message = self._original(interaction) if wanted == "@original" else None
        if wanted != "@original":
            message = self._state.messages.get(interaction.channel_id, {}).get(int(wanted))
        if message is None:
            raise unknown("Message", 10008)
        return interaction, message
