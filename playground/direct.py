"""Discord's direct messages: one conversation for each person, whom a message calls unless they take none.

Source: Discord's developer documentation, "Create DM" and error codes 50007 and 50033, August 2026.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from playground import world
from playground.errors import Refusal, answer
from playground.messages import read_body
from playground.state import PlaygroundState

Json = dict[str, Any]

DIRECT = 1


class Direct:
    """The route that opens a conversation; those of the messages in it are the ones of every channel."""

    def __init__(self, state: PlaygroundState) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Return the routes below /api/v10."""
        return [web.post("/users/@me/channels", self.open)]

    async def open(self, request: web.Request) -> web.Response:
        """Open the conversation with a person; there is one, so the second time it is the same."""
        body, _ = await read_body(request)
        person = world.EVERYONE.get(int(body.get("recipient_id") or 0))
        if person is None or person.bot:
            raise Refusal(400, 50033, "Invalid Recipient(s)")
        known = (each for key, each in self._state.private.items() if self._state.reader(key) == person.id)
        return answer(next(known, None) or await self._begin(person))

    async def _begin(self, person: world.Inhabitant) -> Json:
        channel_id = self._state.snowflake()
        opened: Json = {"id": str(channel_id), "type": DIRECT, "last_message_id": None, "flags": 0}
        opened["recipients"] = [person.user()]
        self._state.private[channel_id] = opened
        self._state.messages[channel_id] = {}
        await self._state.tell("_PRIVATE_CHANNEL", opened, {person.id})
        return opened


def check_willing(state: PlaygroundState, channel_id: int) -> None:
    """Refuse to write to who takes no messages; their conversation can be opened all the same. Raises Refusal."""
    reader = state.reader(channel_id)
    if reader is not None and world.EVERYONE[reader].name in state.unwilling:
        raise Refusal(403, 50007, "Cannot send messages to this user")


def notify(state: PlaygroundState, message: Json) -> None:
    """Have a message to a single person call that person, whomever it mentions."""
    reader = state.reader(int(message["channel_id"]))
    if reader is not None:
        message["_pinged"] = [world.EVERYONE[reader].name]
