"""Finds cards on Discord by the ids of their buttons, never by their words."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

import discord
from discord import ui

from bot.domain.alerts import Severity
from bot.domain.messages import DISCORD_CLOCK_SKEW, MessageRef
from bot.domain.views import FoundCard, IncidentView
from bot.errors import MessageGone
from bot.i18n import text
from bot.ports.posted import ChannelPage, PostedCard
from bot.ui import ids
from bot.ui.channels import Channels
from bot.ui.drawing import Drawing
from bot.ui.guild_writer import SEARCHED_MESSAGES, GuildWriter
from bot.ui.mentions import has_called

_OF_CARDS = ids.pattern(ids.ACK, ids.MENU)


class DiscordCards:
    """Implements `bot.ports.posted.PostedCards`; it needs REST only."""

    def __init__(self, writer: GuildWriter, channels: Channels) -> None:
        self._writer = writer
        self._channels = channels

    async def search(self, view: IncidentView, channel_id: int) -> FoundCard | None:
        """Return the card of an incident among the last messages of a channel."""
        incident = view.incident
        # An older card with this number belongs to a database that is no more.
        since = incident.opened_at - DISCORD_CLOCK_SKEW
        async with self._writer.translated():
            async for message, number in self._cards(channel_id, since):
                if number == incident.number:
                    return FoundCard(MessageRef(channel_id, message.id), has_called(message, incident))
        return None

    async def listed(self, severity: Severity) -> Sequence[PostedCard]:
        async with self._writer.translated():
            channel_id = await self._channels.of(severity)
        async with self._channels.closing(channel_id, severity), self._writer.translated():
            return [
                PostedCard(number, MessageRef(channel_id, message.id), message.created_at)
                async for message, number in self._cards(channel_id)
            ]

    async def still(self, ref: MessageRef) -> PostedCard | None:
        try:
            async with self._writer.translated(in_place=True):
                message = await self._writer.place(ref.channel_id).fetch_message(ref.message_id)
        except MessageGone:
            return None
        number = self._number(message)
        return None if number is None else PostedCard(number, ref, message.created_at)

    async def page(self, last: MessageRef) -> ChannelPage:
        async with self._writer.translated(in_place=True):
            # Their ids alone: to make messages of a hundred takes longer than to ask for them.
            told = await self._writer.client.http.logs_from(
                last.channel_id, SEARCHED_MESSAGES, before=last.message_id + 1
            )
            messages = frozenset(int(each["id"]) for each in told)
        return ChannelPage(messages, min(messages) if len(messages) == SEARCHED_MESSAGES else 0)

    async def is_there(self, ref: MessageRef) -> bool:
        try:
            async with self._writer.translated(in_place=True):
                await self._writer.client.http.get_message(ref.channel_id, ref.message_id)
        except MessageGone:
            return False
        return True

    async def remove(self, posted: PostedCard) -> None:
        async with self._writer.translated(in_place=True):
            await self._writer.place(posted.ref.channel_id).get_partial_message(posted.ref.message_id).delete()

    async def point(self, posted: PostedCard, to: MessageRef) -> None:
        address = self._writer.address(to)
        words = text(
            self._writer.language, "card.twice", number=posted.incident, address=address, channel=to.channel_id
        )
        sign = Drawing()
        sign.add_item(ui.TextDisplay(words))
        place = self._writer.place(posted.ref.channel_id)
        async with self._writer.translated(in_place=True):
            message = place.get_partial_message(posted.ref.message_id)
            await message.edit(view=sign, allowed_mentions=discord.AllowedMentions.none())

    async def _cards(
        self, channel_id: int, since: datetime | None = None
    ) -> AsyncGenerator[tuple[discord.Message, int]]:
        """Yield our messages with buttons of incidents, the newest first; what answers a command is no card."""
        place = self._writer.place(channel_id)
        async for message in place.history(limit=SEARCHED_MESSAGES):
            if since and message.created_at < since:
                break
            number = self._number(message)
            if number is not None:
                yield message, number

    def _number(self, message: discord.Message) -> int | None:
        found = next(filter(None, map(_OF_CARDS.fullmatch, ids.carried(message.components))), None)
        is_card = found and self._writer.is_ours(message) and message.interaction_metadata is None
        return int(found["number"]) if found and is_card else None
